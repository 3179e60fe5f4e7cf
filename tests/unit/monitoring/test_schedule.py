"""The schedule: spread, the same each cycle, never more than 300 s between two polls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.monitoring.schedule import LIMIT_S, MARGIN_S, SPREAD, next_start, offset, plan

START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{1,20}", fullmatch=True), min_size=1, max_size=30, unique=True)
#: Schedules of spokesman.toml allow no longer one [WV-10].
PERIODS = st.integers(2, 240)


@given(names=NAMES, period=PERIODS, overruns=st.lists(st.floats(0, LIMIT_S - MARGIN_S - 240), max_size=12))
def test_at_most_300_s_between_polls_however_cycles_overrun(
    names: list[str], period: int, overruns: list[float]
) -> None:
    """A cycle may begin as late as the margin carries, each time anew, and no router waits longer than the limit."""
    start, gaps = START, []
    last: dict[str, datetime] = {}
    for overrun in [0.0, *overruns, 0.0]:
        start = next_start(start, period, start + timedelta(seconds=period + overrun)) if last else start
        for slot in plan(names, start, period, last):
            if slot.router in last:
                gaps.append((slot.at - last[slot.router]).total_seconds())
            last[slot.router] = slot.at
    assert max(gaps, default=0) <= LIMIT_S


@given(names=NAMES, period=PERIODS, held_up=st.floats(0, 5000), age=st.floats(0, 400))
def test_after_any_hold_up_what_is_due_is_polled_at_once(
    names: list[str], period: int, held_up: float, age: float
) -> None:
    """No poll is started later than 300 s after the last one, unless the whole cycle began later than that."""
    start = START + timedelta(seconds=held_up)
    last = {name: START - timedelta(seconds=age) for name in names}
    for slot in plan(names, start, period, last):
        latest = max(start, last[slot.router] + timedelta(seconds=LIMIT_S))
        assert start <= slot.at <= latest


@given(names=NAMES, period=PERIODS)
def test_the_last_turn_lies_before_the_next_cycle(names: list[str], period: int) -> None:
    slots = plan(names, START, period, {})
    assert {slot.router for slot in slots} == set(names)
    assert all(START <= slot.at < START + timedelta(seconds=period * SPREAD) for slot in slots)
    assert slots == plan(reversed(names), START, period, {}), "the same whatever the order"


def test_routers_are_spread_over_the_cycle() -> None:
    turns = [offset(f"customer-{number}-r1", 240) for number in range(1000)]
    tenth = 240 * SPREAD / 10
    counts = [sum(low * tenth <= turn < (low + 1) * tenth for turn in turns) for low in range(10)]
    assert min(counts) > 60
    assert max(counts) < 140


def test_a_clock_that_was_set_back_moves_no_turn_out_of_the_cycle() -> None:
    future = {"leeds": START + timedelta(hours=1)}
    assert plan(["leeds"], START, 240, future) == plan(["leeds"], START, 240, {})
