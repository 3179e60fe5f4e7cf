"""The schedule: spread, the same each cycle, never more than 300 s between two polls, nobody twice at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.monitoring.schedule import JUST_POLLED, LIMIT_S, MARGIN_S, SPREAD, next_start, offset, plan

START = 1_000_000.0
NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{1,20}", fullmatch=True), min_size=1, max_size=30, unique=True)
#: Schedules of spokesman.toml allow no longer one [WV-10].
PERIODS = st.integers(2, 240)


@given(names=NAMES, period=PERIODS, overruns=st.lists(st.floats(0, LIMIT_S - MARGIN_S - 240), max_size=12))
def test_at_most_300_s_between_polls_however_cycles_overrun(
    names: list[str], period: int, overruns: list[float]
) -> None:
    """A cycle may begin as late as the margin carries, each time anew, and no router waits longer than the limit."""
    start, gaps = START, []
    last: dict[str, float] = {}
    for overrun in [0.0, *overruns, 0.0]:
        start = next_start(start, period, start + period + overrun) if last else start
        for slot in plan(names, start, period, last):
            if slot.router in last:
                gaps.append(slot.at - last[slot.router])
            last[slot.router] = slot.at
    assert max(gaps, default=0) <= LIMIT_S


@given(names=NAMES, period=PERIODS, held_up=st.floats(0, 5000), age=st.floats(1, 400))
def test_after_any_hold_up_what_is_due_is_polled_at_once(
    names: list[str], period: int, held_up: float, age: float
) -> None:
    """No poll is started later than 300 s after the last one, unless the whole cycle began later than that."""
    start = START + held_up
    last = dict.fromkeys(names, START - age)
    for slot in plan(names, start, period, last):
        assert start <= slot.at <= max(start, last[slot.router] + LIMIT_S)


@given(names=NAMES, period=PERIODS, ages=st.lists(st.floats(0, 300), min_size=30, max_size=30))
def test_who_was_just_polled_waits_for_the_next_cycle_and_no_longer_than_300_s(
    names: list[str], period: int, ages: list[float]
) -> None:
    last = {name: START - age for name, age in zip(names, ages, strict=False)}
    slots = {slot.router: slot.at for slot in plan(names, START, period, last)}
    for name in names:
        usual = START + offset(name, period)
        if name not in slots:
            assert usual - last[name] <= JUST_POLLED * period or last[name] >= START
            assert plan([name], START + period, period, last)[0].at - last[name] <= LIMIT_S
        else:
            assert slots[name] - last[name] > 0


@given(names=NAMES, period=PERIODS, after=st.floats(0, 1))
def test_a_cycle_that_is_begun_again_leaves_out_who_was_polled_in_it(
    names: list[str], period: int, after: float
) -> None:
    """A worker that died is replaced in the middle of a cycle."""
    done = {slot.router: slot.at for slot in plan(names, START, period, {}) if slot.at <= START + after * period}
    left = plan(names, START, period, done)
    assert {slot.router for slot in left} == set(names) - set(done)


@given(names=NAMES, period=PERIODS)
def test_the_last_turn_lies_before_the_next_cycle(names: list[str], period: int) -> None:
    slots = plan(names, START, period, {})
    assert {slot.router for slot in slots} == set(names)
    assert all(START <= slot.at < START + period * SPREAD for slot in slots)
    assert slots == plan(reversed(names), START, period, {}), "the same whatever the order"


@given(names=NAMES, age=st.floats(0, 240))
def test_one_that_is_new_is_polled_within_300_s_of_its_coming(names: list[str], age: float) -> None:
    came = dict.fromkeys(names, START - age)
    assert all(slot.at - came[slot.router] <= LIMIT_S for slot in plan(names, START, 240, {}, came))


def test_routers_are_spread_over_the_cycle() -> None:
    turns = [offset(f"customer-{number}-r1", 240) for number in range(1000)]
    tenth = 240 * SPREAD / 10
    counts = [sum(low * tenth <= turn < (low + 1) * tenth for turn in turns) for low in range(10)]
    assert min(counts) > 60
    assert max(counts) < 140
