"""spokesman service-level: the proof that every router was polled at least every five minutes, or the gaps."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import typer

from agent.cli.command import Json, app_of, speaking
from agent.monitoring.service_level.shown import LevelRow, level_rows

#: Routers that are shown to people where the level was held for all.
MOST = 20
_UNITS = {"h": "hours", "d": "days", "m": "minutes"}

Since = Annotated[str, typer.Option("--since", help="How far back: 90m, 24h or 7d; polls are counted by whole days.")]


def service_level(context: typer.Context, since: Since = "24h", as_json: Json = False) -> None:
    """Prove from what is kept that every router was polled at least every 300 s, or show the gaps [WV-10]."""
    span = _span(since)
    with speaking(as_json) as output:
        from agent.app.app import utc_now
        from agent.store.service_level import ServiceLevels
        from agent.store.states import States

        app, now = app_of(context), utc_now()
        kept, routers = ServiceLevels(app.engine), app.inventory.router_names
        last = States(app.engine).last_polls()
        rows = level_rows(routers, kept.since(now - span), kept.gaps(now - span), last, now)
        missed = [row for row in rows if not row.held]
        output.table(
            ("router", "polls", "longest s", "until", "last poll", "gaps", "why"),
            [_cells(row) for row in (missed or rows[:MOST])],
            empty="No router is managed.",
        )
        held = f"All {len(rows)} routers were polled at least every 300 s."
        told = f"{len(missed)} of {len(rows)} routers were not, or are not proved to have been, polled every 300 s."
        output.say(told if missed else held)
        output.result(rows)


def _cells(row: LevelRow) -> tuple[object, ...]:
    longest = None if row.longest_s is None else f"{row.longest_s:.0f}"
    why = ", ".join(sorted({gap.reason for gap in row.gaps})) or None
    return row.router, row.polls, longest, row.longest_at, row.polled_at, len(row.gaps), why


def _span(text: str) -> timedelta:
    found = re.fullmatch(r"([1-9]\d{0,4})([mhd])", text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no time: write 90m, 24h or 7d", param_hint="--since")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
