"""spokesman request charges and charge add: chargeable events and in-flight order changes [WV-24, WV-25]."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from agent.cli.command import Json, app_of, speaking, who
from agent.requests.charges import ChangeType, Charge, ChargeKind

charge_commands = typer.Typer(no_args_is_help=True, add_completion=False, help="Record what is charged once.")


@charge_commands.command()
def add(
    context: typer.Context,
    kind: Annotated[ChargeKind, typer.Argument(help="What happened.")],
    site: Annotated[str, typer.Argument(help="customer/site, or the site's name where it is the only one.")],
    on: Annotated[str, typer.Option(help="When it happened: 2026-11-30, or 2026-11-30T21:00+00:00; now without.")] = "",
    note: Annotated[str, typer.Option(help="What was done, and who asked for it.")] = "",
    about: Annotated[
        list[str] | None, typer.Option(help="order=…, incident=… or request=…; a cancellation needs its order.")
    ] = None,
    change: Annotated[ChangeType | None, typer.Option(help="The type of an order_change.")] = None,
    as_json: Json = False,
) -> None:
    """Record a chargeable event; of a cancellation the band is computed from the order's dates."""
    with speaking(as_json) as output:
        from agent.app.charges import Happened, read_about, record

        happened = Happened(kind, site, on, note, change, **read_about(about or ()))
        charge = record(app_of(context, output), happened, who())
        output.say(f"{charge.reference}: {charge.kind} at {charge.customer}/{charge.site}, charged: {charge.basis}")
        output.result(_document(charge))


def charges(
    context: typer.Context,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    since: Annotated[datetime | None, typer.Option(help="From this day on.", formats=["%Y-%m-%d"])] = None,
    as_json: Json = False,
) -> None:
    """What is charged once: recorded by the agent where it knows, by people otherwise."""
    with speaking(as_json) as output:
        from agent.app.charges import charged

        found = charged(app_of(context, output), customer, since.replace(tzinfo=UTC) if since else None)
        output.result([_document(one) for one in found])
        output.table(
            ("charge", "when", "site", "what", "by", "charged", "for"),
            [(one.reference, one.occurred_at, f"{one.customer}/{one.site}", one.kind, one.who, one.basis,
              " ".join(filter(None, (one.order, one.request, one.incident, one.change, one.note)))) for one in found],
            empty="Nothing is charged.",
        )  # fmt: skip


def _document(charge: Charge) -> dict[str, Any]:
    return {**charge.model_dump(mode="json", exclude={"source"}), "basis": charge.basis}
