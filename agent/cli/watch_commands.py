"""spokesman alarms, incident and daemon: what is watched, and what came of it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from agent.app.watching import Watching
from agent.cli.command import Json, app_of, speaking, who
from agent.cli.output import Output, short
from agent.faults.evidence import Evidence
from agent.incidents.incident import Incident
from agent.monitoring.views import alarm_rows, incident_rows

incident_commands = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Incidents: what is wrong, and what was found."
)

Ticket = Annotated[str, typer.Argument(help="As `incident list` shows it: INC-000001.")]
All = Annotated[bool, typer.Option("--all", help="Closed ones too.")]


def watching(context: typer.Context) -> Watching:
    """What is watched in this command's workspace."""
    return Watching(app_of(context))


def alarms(context: typer.Context, all_: All = False, as_json: Json = False) -> None:
    """Show active alarms, and why an incident was opened for them or not."""
    with speaking(as_json) as output:
        rows = alarm_rows(watching(context).alarms(cleared=all_))
        output.table(
            ("subject", "alarm", "severity", "raised", "cleared", "incident", "decision", "why"),
            [(row.subject, f"{row.kind} {row.item}".strip(), row.severity, row.raised_at, row.cleared_at,
              row.incident or None, row.decision or None, row.why) for row in rows],
            empty="No alarm is active." if not all_ else "There was no alarm yet.",
        )  # fmt: skip
        output.result(rows)


def daemon(context: typer.Context, as_json: Json = False) -> None:
    """Watch the fleet until SIGTERM: polls, alarms, incidents, diagnostics, daily backups, /metrics."""
    from agent.daemon import log_to  # the scheduler and the web server are for this command only
    from agent.daemon.launch import launch

    log_to(sys.stdout, as_json=as_json)
    with speaking(as_json):
        launch(watching(context))


@incident_commands.command(name="list")
def list_(context: typer.Context, all_: All = False, as_json: Json = False) -> None:
    """Show incidents that are not closed."""
    with speaking(as_json) as output:
        rows = incident_rows(watching(context).desk.list(closed=all_))
        output.table(
            ("incident", "router", "site", "status", "opened", "what", "cause", "waits for"),
            [(row.reference, row.subject, row.site, row.status, row.opened_at, row.summary,
              short(row.cause) or None, row.next)
             for row in rows],
            empty="No incident is open." if not all_ else "There was no incident yet.",
        )  # fmt: skip
        output.result(rows)


@incident_commands.command()
def show(context: typer.Context, ticket: Ticket, as_json: Json = False) -> None:
    """Show an incident: its timeline, and the evidence that diagnostics found."""
    with speaking(as_json) as output:
        watch = watching(context)
        incident = watch.desk.show(ticket)
        evidence = watch.evidence(incident.reference)
        _show(output, incident, evidence)
        output.result({**_document(incident), "evidence": evidence})


@incident_commands.command()
def contact(
    context: typer.Context,
    ticket: Ticket,
    how: Annotated[str, typer.Argument(help="How the customer was told, or that an attempt was made.")],
    as_json: Json = False,
) -> None:
    """Record that the customer was told that it cleared; the 24 hours for an answer begin [OP-2]."""
    with speaking(as_json) as output:
        _tell(output, watching(context).desk.contact(ticket, who(), how))


@incident_commands.command()
def confirm(
    context: typer.Context,
    ticket: Ticket,
    words: Annotated[str, typer.Option(help="What the customer said.")] = "",
    as_json: Json = False,
) -> None:
    """The customer confirms that it is cleared: the incident is closed."""
    with speaking(as_json) as output:
        _tell(output, watching(context).desk.confirm(ticket, who(), words))


@incident_commands.command()
def clear(
    context: typer.Context,
    ticket: Ticket,
    why: Annotated[str, typer.Argument(help="Why it is believed to be cleared.")],
    as_json: Json = False,
) -> None:
    """Clear an incident by hand, where no poll can: its router has left the inventory, say."""
    with speaking(as_json) as output:
        _tell(output, watching(context).desk.clear(ticket, who(), why))


@incident_commands.command()
def reopen(
    context: typer.Context,
    ticket: Ticket,
    words: Annotated[str, typer.Argument(help="What the customer said.")],
    as_json: Json = False,
) -> None:
    """The customer says that it is not cleared: the incident is open again."""
    with speaking(as_json) as output:
        _tell(output, watching(context).desk.still_broken(ticket, who(), words))


def _tell(output: Output, incident: Incident) -> None:
    output.say(f"{incident.reference} ({incident.subject}) is {incident.status}.")
    output.result(_document(incident))


def _document(incident: Incident) -> dict[str, object]:
    return {name: getattr(incident, name) for name in Incident.__dataclass_fields__}


def _show(output: Output, incident: Incident, evidence: tuple[Evidence, ...]) -> None:
    output.say(f"{incident.reference}: {incident.summary}", style="bold")
    output.say(
        f"{incident.subject}, site {incident.site}, {incident.status}; cause: {incident.cause or 'not known yet'}"
    )
    output.say()
    output.table(("when", "what", "who", ""), [(one.at, one.what, one.who, one.text) for one in incident.timeline])
    output.say()
    output.table(
        ("evidence", "from", "about", "found", ""),
        [(one.probe, one.source, f"{one.target} {one.item}".strip(), one.finding, _first_line(one.text))
         for one in evidence],
        empty="There is no evidence yet.",
    )  # fmt: skip


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return f"{lines[0]} …" if len(lines) > 1 else text.strip()
