"""spokesman archive: the three most recent configurations of each router."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.archive import Version
from agent.cli.command import REFUSED, Json, app_of, fail, speaking, who
from agent.errors import AgentError

archive_commands = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The three most recent configurations of each router."
)

Router = Annotated[str, typer.Argument(help="The router's name in the inventory.")]
Routers = Annotated[str, typer.Argument(help="One router; all without.")]
Number = Annotated[
    int | None, typer.Option("--version", help="As `archive list` shows it; the newest by default.", min=1)
]
Reveal = Annotated[bool, typer.Option("--reveal", help="Show secrets; for those whom spokesman.toml allows.")]
COLUMNS = ("router", "version", "taken", "last seen", "digest", "size", "kept as", "reason", "author")


@archive_commands.command()
def take(
    context: typer.Context,
    router: Routers = "",
    reason: Annotated[str, typer.Option(help="Why, for the list and the audit.")] = "asked for",
    as_json: Json = False,
) -> None:
    """Read, prove complete and keep the running configuration; one that fails does not stop the others."""
    with speaking(as_json) as output:
        app = app_of(context, output)
        with app.attempt("archive.take", router or "all", reason) as inventory:
            names = (inventory.router(router).router.name,) if router else inventory.router_names
        taken: list[Version] = []
        failures: dict[str, AgentError] = {}
        for name in names:
            try:
                taken.append(app.take(name, reason=reason))
            except AgentError as error:
                if router:
                    raise
                failures[name] = error
                output.note(str(error), style="red")
        output.table(COLUMNS, [_row(version) for version in taken], empty="Nothing was archived.")
        output.result({"taken": [_document(one) for one in taken],
                       "failed": {name: str(error) for name, error in failures.items()}})  # fmt: skip
        if failures:
            fail(max(error.exit_code for error in failures.values()))


@archive_commands.command(name="list")
def list_(context: typer.Context, router: Routers = "", as_json: Json = False) -> None:
    """Show what is kept."""
    with speaking(as_json) as output:
        app = app_of(context)
        names = (app.inventory.router(router).router.name,) if router else app.archive.versions.routers()
        versions = [version for name in names for version in app.archive.list(name)]
        output.table(COLUMNS, [_row(version) for version in versions], empty="Nothing is archived yet.")
        output.result([_document(version) for version in versions])


@archive_commands.command()
def show(
    context: typer.Context, router: Router, version: Number = None, reveal: Reveal = False, as_json: Json = False
) -> None:
    """Print an archived configuration, secrets hidden unless asked for by somebody allowed."""
    with speaking(as_json) as output:
        app = app_of(context)
        number = version or app.newest_version(router)
        text = app.archive.show(router, number, who=who(), reveal=reveal)
        output.say(text.rstrip("\n"))
        output.result({"router": router, "version": number, "text": text})


@archive_commands.command()
def diff(
    context: typer.Context,
    router: Router,
    older: Annotated[int, typer.Argument(help="A version.")],
    newer: Annotated[int, typer.Argument(help="A later version.")],
    as_json: Json = False,
) -> None:
    """Show what changed from one version to another, secrets as fingerprints."""
    with speaking(as_json) as output:
        text = app_of(context).archive.diff(router, older, newer)
        output.say(text.rstrip("\n") or "The two do not differ.")
        output.result({"router": router, "older": older, "newer": newer, "diff": text})


@archive_commands.command()
def check(context: typer.Context, router: Routers = "", as_json: Json = False) -> None:
    """Decrypt every version again and prove it whole."""
    with speaking(as_json) as output:
        app = app_of(context)
        if router and not app.archive.list(router):
            app.inventory.router(router)
        checked = app.archive.check(router or None)
        output.table(
            ("router", "version", "verdict"),
            [(one.version.router, one.version.number, one.fault or "ok") for one in checked],
            empty="Nothing is archived yet.",
        )
        output.result([{**_document(one.version), "fault": one.fault} for one in checked])
        if any(one.fault for one in checked):
            fail(REFUSED)


@archive_commands.command()
def export(
    context: typer.Context,
    router: Router,
    file: Annotated[Path, typer.Argument(help="A new file; it is made with mode 600.")],
    version: Number = None,
    as_json: Json = False,
) -> None:
    """Write a version with its secrets to a file; for those whom spokesman.toml allows."""
    with speaking(as_json) as output:
        app = app_of(context)
        number = version or app.newest_version(router)
        app.archive.export(router, number, file, who=who())
        output.say(f"{router}: version {number} is in {file}. It holds secrets: remove it when it has served.")
        output.result({"router": router, "version": number, "file": str(file)})


def _row(version: Version) -> tuple[object, ...]:
    kept = "one of the three" if version.ranked else "pinned: " + ", ".join(sorted(version.pins))
    return (
        version.router, version.number, version.taken_at, version.seen_at, version.digest[:12], version.size, kept,
        version.reason, version.author,
    )  # fmt: skip


def _document(version: Version) -> dict[str, object]:
    return {
        "router": version.router, "number": version.number, "taken_at": version.taken_at, "seen_at": version.seen_at,
        "digest": version.digest, "size": version.size, "ranked": version.ranked,
        "pins": sorted(version.pins), "reason": version.reason, "author": version.author,
    }  # fmt: skip
