"""spokesman request: the catalogue, a request's life, and what is charged."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.charge_commands import charge_commands, charges
from agent.cli.command import REFUSED, ROLLED_BACK, UNCERTAIN, Json, app_of, fail, speaking, who
from agent.cli.output import Output, short
from agent.errors import Refused
from agent.requests.asking import read_pairs, read_wishes, submission_of
from agent.requests.kind import Kind
from agent.requests.model import Request, State
from inventory.described import descriptions

request_commands = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Simple service requests: predefined changes of routers."
)
request_commands.command(name="charges")(charges)
request_commands.add_typer(charge_commands, name="charge")

Reference = Annotated[str, typer.Argument(help="The request, as SSR-000001.")]
#: The most that a file of parameters may hold, in bytes.
MAX_FILE = 64 * 1024


@request_commands.command()
def catalogue(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="One kind, with its parameters; all without.")] = "",
    as_json: Json = False,
) -> None:
    """What can be asked for: parameters, whether a person approves it, and what needs an order instead."""
    with speaking(as_json) as output:
        from agent.app.requests import requests_of

        desk = requests_of(app_of(context, output))
        found = [one for one in desk.catalogue() if kind in ("", one.name)]
        if not found:
            raise Refused(f"there is no kind of request {kind!r}", remedy="spokesman request catalogue lists them")
        output.result([_kind_document(one, desk.approval(one)) for one in found])
        if kind:
            _say_kind(output, found[0], desk.approval(found[0]))
            return
        rows = [
            (one.name, one.title, f"needs an order: {one.order}" if one.order else _approval(desk.approval(one)))
            for one in found
        ]
        output.table(("kind", "what it does", "how"), rows)
        output.say("\nThe parameters of one: spokesman request catalogue KIND")


@request_commands.command()
def submit(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="A kind of the catalogue; with --file it may stand there.")] = "",
    site: Annotated[str, typer.Argument(help="customer/site, or the site's name where it is the only one.")] = "",
    parameters: Annotated[list[str] | None, typer.Argument(help="Parameters as name=value; a,b is a list.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="The request as one JSON document.")] = None,
    key: Annotated[str, typer.Option(help="Repeating a request with the same key changes nothing.")] = "",
    wishes: Annotated[
        list[str] | None,
        typer.Option("--wish", help="not_before=2026-12-01T22:00+00:00, expedite=yes or reference=TEXT; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask for a predefined change. It is judged at once, planned by the daemon, and applied in its window."""
    with speaking(as_json) as output:
        from agent.app.requests import requests_of

        app = app_of(context, output)
        document: dict[str, Any] = _document_in(file) if file else {}
        place = app.inventory.site(site).key if site else ""
        document |= {"kind": kind} if kind else {}
        document |= dict(zip(("customer", "site"), place.split("/"), strict=True)) if place else {}
        document |= {"parameters": read_pairs(parameters)} if parameters else {}
        document |= read_wishes(wishes or ())
        document["key"] = key or document.get("key") or f"cli-{secrets.token_hex(8)}"
        request = requests_of(app).submit(submission_of(document), who())
        _tell(output, request)
        if request.state is State.SUBMITTED:
            output.say("The daemon plans it next; without one: spokesman request work", style="dim")


@request_commands.command(name="list")
def list_(
    context: typer.Context,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    as_json: Json = False,
) -> None:
    """All requests, newest first."""
    with speaking(as_json) as output:
        from agent.app.requests import requests_of

        found = requests_of(app_of(context, output)).list(customer, state)
        output.result([public(one) for one in found])
        output.table(
            ("request", "kind", "site", "state", "since", "by", "note"),
            [(one.reference, one.submission.kind, one.submission.place, shown_state(one), one.changed_at, one.who,
              short(one.reason)) for one in found],
            empty="There is no request.",
        )  # fmt: skip


@request_commands.command()
def show(context: typer.Context, reference: Reference, as_json: Json = False) -> None:
    """One request: what it asks for, its plan, and its history."""
    with speaking(as_json) as output:
        from agent.app.requests import requests_of

        request = requests_of(app_of(context, output)).get(reference)
        output.result(public(request))
        _say(output, request)


@request_commands.command()
def approve(
    context: typer.Context,
    reference: Reference,
    plan: Annotated[str, typer.Option(help="Approve this plan and no later one, as `request show` names it.")] = "",
    as_json: Json = False,
) -> None:
    """Approve what the plan of a request shows."""
    with speaking(as_json) as output:
        from agent.app.requests import requests_of

        _tell(output, requests_of(app_of(context, output)).approve(reference, who(), plan))


@request_commands.command()
def cancel(
    context: typer.Context,
    reference: Reference,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    as_json: Json = False,
) -> None:
    """Take a request back, as long as nothing of it is being applied."""
    with speaking(as_json) as output:
        from agent.app.requests import requests_of

        _tell(output, requests_of(app_of(context, output)).cancel(reference, who(), reason))


@request_commands.command()
def withdraw(
    context: typer.Context,
    reference: Reference,
    reason: Annotated[str, typer.Option(help="Why, for the audit.")],
    as_json: Json = False,
) -> None:
    """Take what an ended request changed out of the intent; routers keep it until their site is planned again."""
    with speaking(as_json) as output:
        from agent.app.requests import requests_of

        request = requests_of(app_of(context, output)).withdraw(reference.upper(), who(), reason)
        output.say(f"{request.reference} is no longer part of the intent.")
        output.say(f"What the routers run now: spokesman plan {request.submission.place}")
        output.result(public(request))


@request_commands.command()
def work(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(help="Only this request; all without.")] = "",
    as_json: Json = False,
) -> None:
    """Do now what the daemon does: plan what is submitted, apply what is due, settle what was interrupted."""
    with speaking(as_json) as output:
        from agent.app.requests import requests_of, work_of

        app = app_of(context, output)
        wanted = requests_of(app).get(reference).reference if reference else ""
        moved = work_of(app).advance(wanted)
        for one in moved:
            output.say(_line(one))
        if not moved:
            output.say("Nothing can move now.")
        output.result([public(one) for one in moved])
        if any(one.needs_person for one in moved):
            fail(UNCERTAIN)
        if any(one.state is State.ROLLED_BACK for one in moved):
            fail(ROLLED_BACK)
        if any(one.state is State.REFUSED for one in moved):
            fail(REFUSED)


def public(request: Request) -> dict[str, Any]:
    """A request as programs read it: everything but what only the agent itself needs."""
    return request.model_dump(
        mode="json", exclude={"owner", "held_until", "leaving", "ending", "edits", "subject", "version"}
    )


def shown_state(request: Request) -> str:
    """The state, and that a person is needed."""
    return f"{request.state} (needs a person)" if request.needs_person else str(request.state)


def _document_in(file: Path) -> dict[str, Any]:
    """The JSON document in a file; Refused where there is none."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_FILE + 1)
        if len(content) > MAX_FILE:
            raise Refused(f"holds more than {MAX_FILE // 1024} KiB", where=str(file))
        document = json.loads(content)
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}", where=str(file)) from None
    except (ValueError, RecursionError):
        raise Refused("is no JSON document", where=str(file), remedy="see docs/requests.md") from None
    if not isinstance(document, dict):
        raise Refused("is no JSON object", where=str(file), remedy="see docs/requests.md")
    return document


def _tell(output: Output, request: Request) -> None:
    """How a request stands after an act; refused ends with the exit code that says so."""
    output.say(_line(request))
    output.result(public(request))
    if request.state is State.REFUSED:
        fail(REFUSED)


def _line(request: Request) -> str:
    note = f": {request.reason}" if request.reason else ""
    due = f", due {_moment(request.due)}" if request.state is State.SCHEDULED and request.due else ""
    return f"{request.reference} is {shown_state(request)}{due}{note}"


def _say(output: Output, request: Request) -> None:
    asked = request.submission
    output.say(f"{request.reference}: {asked.kind} at {asked.place}, {shown_state(request)}", style="bold")
    for name, value in asked.parameters.items():
        output.say(f"  {name}: {value if isinstance(value, str) else json.dumps(value)}")
    for label, text in (
        ("reference", asked.reference), ("not before", _moment(asked.not_before)), ("expedite", "yes" * asked.expedite),
        ("due", _moment(request.due)), ("approved by", request.approved_by), ("note", request.reason),
        ("needs an order", request.order), ("a person should run", "; ".join(request.commands)),
    ):  # fmt: skip
        if text:
            output.say(f"  {label}: {text}")
    if request.plan_text:
        output.say("\n" + "\n".join(request.plan_text))
    output.say()
    output.table(("when", "state", "by", "note"), [(one.at, one.state, one.who, one.text) for one in request.steps])
    if request.state is State.WAITING_APPROVAL:
        output.say(f"\nspokesman request approve {request.reference} --plan {request.plan}", style="bold")


def _say_kind(output: Output, kind: Kind, approval: bool) -> None:
    output.say(f"{kind.name}: {kind.title} [{', '.join(kind.clauses)}]", style="bold")
    if kind.order:
        output.say(f"It needs an order: {kind.order}.")
        return
    output.say(f"{_approval(approval).capitalize()}. Applied in the customer's window for changes.")
    words = descriptions(kind.parameters)
    required = {name for name, field in kind.parameters.model_fields.items() if field.is_required()}
    output.table(
        ("parameter", "", "what it means"),
        [
            (name, "required" if name in required else "optional", words.get(name, ""))
            for name in kind.parameters.model_fields
        ],
    )
    pairs = " ".join(
        f"{name}={','.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in kind.example.items()
    )
    output.say(f"\nspokesman request submit {kind.name} SITE {pairs}")


def _kind_document(kind: Kind, approval: bool) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "title": kind.title,
        "clauses": kind.clauses,
        "order": kind.order,
        "approval": approval,
        "example": dict(kind.example),
        "parameters": kind.parameters.model_json_schema(),
    }


def _approval(needed: bool) -> str:
    return "a person approves it" if needed else "no approval is needed"


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}Z" if moment else ""
