"""The service level as it is shown: a row a router, from what is kept. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.monitoring.schedule import LIMIT_S
from agent.monitoring.service_level.gaps import Gap, words
from agent.monitoring.service_level.level import Day


@dataclass(frozen=True, slots=True)
class GapRow:
    """A time without a poll, in seconds, and why."""

    began_at: datetime
    ended_at: datetime
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A router: its polls in the days that are shown, the longest time between two, gaps, and how old the last is."""

    router: str
    polls: int
    longest_s: float | None
    longest_at: datetime | None
    polled_at: datetime | None
    gaps: tuple[GapRow, ...]
    held: bool


def level_rows(
    routers: Collection[str],
    days: Sequence[Day],
    gaps: Sequence[Gap],
    last: Mapping[str, datetime],
    now: datetime,
) -> tuple[LevelRow, ...]:
    """Routers of the inventory, those that the level was not held for first, the worst of them first."""
    of: dict[str, list[Gap]] = {}
    for gap in gaps:
        of.setdefault(gap.router, []).append(gap)
    rows = [_row(router, days, of.get(router, ()), last.get(router), now) for router in routers]
    rows.sort(key=lambda row: (row.held, -(row.longest_s or 0.0), row.router))
    return tuple(rows)


def _row(router: str, days: Sequence[Day], gaps: Sequence[Gap], last: datetime | None, now: datetime) -> LevelRow:
    counted = [day.routers[router] for day in days if router in day.routers]
    worst = max(counted, key=lambda one: one.longest_s, default=None)
    fresh = last is not None and -LIMIT_S <= (now - last).total_seconds() <= LIMIT_S
    return LevelRow(
        router,
        sum(one.polls for one in counted),
        None if worst is None else worst.longest_s,
        None if worst is None else datetime.fromtimestamp(worst.longest_at, UTC),
        last,
        tuple(
            GapRow(
                datetime.fromtimestamp(gap.began, UTC),
                datetime.fromtimestamp(gap.ended, UTC),
                gap.seconds,
                words(gap.reason, gap.detail),
            )
            for gap in gaps
        ),
        held=fresh and not gaps and worst is not None,
    )
