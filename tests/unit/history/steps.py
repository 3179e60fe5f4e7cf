"""All steps that a history has to take at a moment, and what tests ask of points."""

from __future__ import annotations

from datetime import timedelta

from agent.store.history import History, Point
from tests.unit.history.fleet import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVER = START + timedelta(days=1000)


def close(found: float | None, wanted: float) -> bool:
    return found is not None and abs(found - wanted) <= wanted * 0.002


def roll(history: History, until: timedelta) -> int:
    """Take all steps that there are."""
    steps = 0
    while history.roll_up(START + until):
        steps += 1
        assert steps < 10_000
    return steps


def drop(history: History, until: timedelta) -> int:
    steps = 0
    while history.drop_old(START + until):
        steps += 1
        assert steps < 10_000
    return steps


def values(points: tuple[Point, ...]) -> list[float | None]:
    return [point.value for point in points]
