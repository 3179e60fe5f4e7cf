"""spokesman token: who may use the API."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.app.app import utc_now
from agent.app.tokens import Wish, lasting, tokens_of
from agent.cli.command import Json, speaking, who, workspace_of
from agent.tokens import Role, Token, expiry
from inventory import load_workspace

token_commands = typer.Typer(no_args_is_help=True, add_completion=False, help="Who may use the API, and for what.")

Name = Annotated[str, typer.Argument(help="The token's name, as the audit shows it: erp-2026.")]


@token_commands.command()
def add(
    context: typer.Context,
    name: Name,
    role: Annotated[Role, typer.Option(help="What it may do.")],
    customer: Annotated[str, typer.Option(help="Limit it to this customer; needed for the role customer.")] = "",
    site: Annotated[list[str] | None, typer.Option(help="Limit it to this site; may be given again.")] = None,
    expires: Annotated[str, typer.Option(help="Days (90d), a day (2027-01-31), or never.")] = "365d",
    as_json: Json = False,
) -> None:
    """Make a token and show it, this once: only its digest is kept."""
    with speaking(as_json) as output:
        root = workspace_of(context)
        wish = Wish(name, role, customer, tuple(site or ()), expiry(expires, utc_now()))
        token, secret = tokens_of(root).add(wish, load_workspace(root), who())
        output.note(f"{name}: {role}, {limits(token)}, {lasting(token)}. It is not shown again; keep it as a secret.")
        output.say(secret)
        output.result({**_document(token), "token": secret})


@token_commands.command(name="list")
def list_(context: typer.Context, as_json: Json = False) -> None:
    """Show all tokens, never their secrets; revoked and expired ones too."""
    with speaking(as_json) as output:
        now = utc_now()
        found = tokens_of(workspace_of(context)).list()
        output.table(
            ("token", "role", "limited to", "made", "by", "expires", "last used", "usable"),
            [(one.name, one.role, limits(one), one.created_at, one.created_by, one.expires_at, one.last_used_at,
              one.refusal(now) or "yes") for one in found],
            empty="There is no token yet: spokesman token add NAME --role ROLE",
        )  # fmt: skip
        output.result([{**_document(one), "usable": not one.refusal(now)} for one in found])


@token_commands.command()
def revoke(
    context: typer.Context,
    name: Name,
    reason: Annotated[str, typer.Option(help="Why, for the audit.")] = "",
    as_json: Json = False,
) -> None:
    """Refuse a token from now on, requests on open connections too."""
    with speaking(as_json) as output:
        tokens_of(workspace_of(context)).revoke(name, who(), reason)
        output.say(f"{name} is revoked.")
        output.result({"name": name, "revoked": True})


def limits(token: Token) -> str:
    """What a token is limited to, in words."""
    if not token.customer:
        return "everything"
    return ", ".join(f"{token.customer}/{site}" for site in token.sites) or token.customer


def _document(token: Token) -> dict[str, object]:
    shown = (
        "name",
        "role",
        "customer",
        "sites",
        "created_at",
        "created_by",
        "expires_at",
        "revoked_at",
        "last_used_at",
    )
    return {name: getattr(token, name) for name in shown}
