"""spokesman status: where every router and Lync server stands; of a large fleet how many, and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.app.app import utc_now
from agent.app.fleet import FleetReading, FleetStatus
from agent.cli.command import Json, app_of, speaking
from agent.cli.output import Output
from agent.errors import Refused
from agent.monitoring.reach import Reach
from agent.monitoring.views import Selection

if TYPE_CHECKING:
    from agent.monitoring.views import Counts, StatusRow

#: How a backup can be, the best first.
BACKUPS = ("ok", "overdue", "failed", "never")


def status(
    context: typer.Context,
    state: Annotated[list[Reach] | None, typer.Option(help="Only routers in this state; may be given again.")] = None,
    wrong: Annotated[
        bool, typer.Option("--wrong", help="Only what is not up, has an alarm or is partly down; newest first.")
    ] = False,
    customer: Annotated[str, typer.Option(help="Only this customer's.")] = "",
    site: Annotated[str, typer.Option(help="Only this site, as CUSTOMER/SITE.")] = "",
    all_: Annotated[bool, typer.Option("--all", help="List every router of a large fleet.")] = False,
    as_json: Json = False,
) -> None:
    """Show every router and Lync server: up, down or unknown, since when, alarms, and the routers' last backup."""
    with speaking(as_json) as output:
        selection = Selection(_places(customer, site), frozenset(state or ()), wrong)
        app = app_of(context)
        found = FleetReading(app.root, app.engine, lambda: app.inventory, utc_now).status(selection, whole=all_)
        output.say(found.daemon.text, style="" if found.daemon.running else "yellow")
        if found.inventory:
            output.note(found.inventory)
        _show(output, found, asked=selection != Selection())
        output.result(found)


def _places(customer: str, site: str) -> tuple[str, tuple[str, ...]] | None:
    """The places asked for; Refused for a site that is not written with its customer."""
    if not site:
        return (customer, ()) if customer else None
    owner, _, name = site.rpartition("/")
    if (owner or customer) != (customer or owner) or not (owner or customer):
        raise Refused("which customer's site is asked for?", where=f"--site {site}", remedy="--site CUSTOMER/SITE")
    return owner or customer, (name,)


def _show(output: Output, found: FleetStatus, *, asked: bool) -> None:
    """The fleet; ``asked``: only some of it was asked for."""
    if not found.complete:
        _sum_up(output, found.counts)
    if found.complete or found.devices:
        output.table(
            ("router", "site", "state", "since", "last poll", "alarms", "incident", "backup", "why"),
            [_cells(row) for row in found.devices],
            empty="There is none like that." if asked else "No site is managed yet.",
        )
    left = found.counts.wrong - len(found.devices)
    if not found.complete and left > 0:
        output.say(f"… and {left:,} more: spokesman status --wrong")
    if found.servers:
        from agent.cli.server_tables import show_servers

        output.say()
        show_servers(output, found.servers)


def _sum_up(output: Output, counts: Counts) -> None:
    """A large fleet in three lines."""
    states = ", ".join(f"{many:,} {name}" for name, many in counts.states.items() if many)
    backups = ", ".join(f"{counts.backups[name]:,} {name}" for name in BACKUPS if counts.backups.get(name))
    output.say(f"{counts.routers:,} routers: {states}")
    output.say(f"backups: {backups}")
    if counts.wrong:
        output.say(f"{counts.wrong:,} with something wrong, the newest first:")
        output.say()
    else:
        output.say("Nothing is wrong.")


def _cells(row: StatusRow) -> tuple[object, ...]:
    why = "; ".join((*([row.reason] if row.reason else ()), *row.broken))
    return (
        row.router, row.site, row.reach, row.since, row.polled_at, row.alarms, row.incident or None, row.backup,
        why or None,
    )  # fmt: skip
