"""Loss, slowness, load and SSH over many polls: what raises, what does not, and what clears."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.monitoring.quality import USUAL_LIMITS, Quality, advance
from agent.monitoring.sample import Answer, Greets, Sample

T0 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def poll(number: int, **values: Any) -> Sample:
    return Sample("leeds", T0 + timedelta(minutes=4 * number), Answer.ANSWERED, uptime_s=9e6, **values)


def after(samples: list[dict[str, Any]]) -> Quality:
    numbered = [poll(number, **values) for number, values in enumerate(samples)]
    return reduce(lambda seen, one: advance(seen, one, USUAL_LIMITS), numbered, Quality())


def losses(*lost: int) -> Quality:
    return after([{"requests": 2, "lost": one} for one in lost])


@pytest.mark.parametrize(
    ("lost", "bad"),
    [
        ((1,), False),
        ((2, 0, 0), False),
        ((3, 0), False),
        ((1, 1), False),
        ((1, 0, 1, 0, 0, 1), True),
        ((2, 1), True),
        ((0,) * 19 + (1,), False),
        ((2, 1, 0, 0, 0, 0, 0), True),
        ((2, 1, 0, 0, 0, 0, 0, 0), False),
        ((2, 1, 0, 0, 0, 0, 0, 0, 1), False),
    ],
)
def test_loss_needs_several_polls_and_ends_with_clean_ones(lost: tuple[int, ...], bad: bool) -> None:
    assert losses(*lost).loss.bad is bad


def test_one_lost_packet_is_asked_after_soon_and_raises_nothing() -> None:
    seen = losses(0, 1)
    assert seen.doubtful
    assert not losses(0, 1, 0).doubtful
    assert not seen.loss.bad


def test_rare_loss_below_the_threshold_is_no_alarm() -> None:
    often = after([{"requests": 10, "lost": 1 if number % 6 == 0 else 0} for number in range(60)])
    assert not often.loss.bad


def trips(*times: float) -> Quality:
    return after([{"round_trip_ms": one} for one in times])


USUAL = (40.0,) * 6


@pytest.mark.parametrize(
    ("times", "bad"),
    [
        ((900.0,) * 4, False),
        ((*USUAL, 900.0, 900.0), False),
        ((*USUAL, 900.0, 40.0, 900.0, 900.0), False),
        ((*USUAL, 900.0, 900.0, 900.0), True),
        ((*USUAL, 200.0, 200.0, 200.0, 200.0), False),
        ((*USUAL, *(900.0,) * 3, 290.0, 290.0, 290.0), True),
        ((*USUAL, *(900.0,) * 3, 60.0, 60.0), True),
        ((*USUAL, *(900.0,) * 3, 60.0, 60.0, 60.0), False),
        (((620.0,) * 6) + (900.0,) * 6, False),
    ],
    ids=[
        "unknown usual",
        "two",
        "not in a row",
        "three",
        "below the floor",
        "between",
        "two good",
        "over",
        "satellite",
    ],
)
def test_slow_is_against_the_routers_own_usual_and_a_floor(times: tuple[float, ...], bad: bool) -> None:
    assert trips(*times).slow.bad is bad


def test_slow_answers_do_not_become_the_usual_ones() -> None:
    seen = trips(*USUAL, *(900.0,) * 200)
    assert seen.slow.bad
    assert seen.usual_ms == pytest.approx(40.0)


def loads(*pairs: tuple[float, float]) -> Quality:
    return after([{"counters": {"cpu_1_min_percent": one, "cpu_5_min_percent": five}} for one, five in pairs])


@pytest.mark.parametrize(
    ("pairs", "bad"),
    [
        (((95, 95),) * 2, False),
        (((95, 95),) * 3, True),
        (((99, 40),) * 9, False),
        (((95, 95),) * 3 + ((80, 90),) * 9, True),
        (((95, 95),) * 3 + ((20, 60),) * 3, False),
    ],
)
def test_load_needs_both_averages_in_several_polls(pairs: tuple[tuple[float, float], ...], bad: bool) -> None:
    assert loads(*pairs).cpu.bad is bad


def test_a_load_that_is_not_told_clears_nothing() -> None:
    numbered = [poll(number, counters={"cpu_1_min_percent": 95.0, "cpu_5_min_percent": 95.0}) for number in range(3)]
    seen = reduce(lambda known, one: advance(known, one, USUAL_LIMITS), [*numbered, *map(poll, range(3, 9))], Quality())
    assert seen.cpu.bad
    assert seen.cpu_percent is None


def greetings(*stages: Greets | None) -> Quality:
    return after([{"greets": one} for one in stages])


def test_ssh_must_fail_three_times_and_greet_twice_and_what_was_not_tried_counts_for_nothing() -> None:
    hangs = Greets.NO_BANNER
    assert not greetings(hangs, hangs).session.bad
    assert not greetings(hangs, hangs, Greets.GREETED, hangs).session.bad
    assert greetings(hangs, None, hangs, None, Greets.REFUSED).session.bad
    assert greetings(hangs, hangs, hangs, Greets.GREETED).session.bad
    assert not greetings(hangs, hangs, hangs, Greets.GREETED, Greets.GREETED).session.bad


SAMPLES = st.fixed_dictionaries(
    {},
    optional={
        "requests": st.integers(0, 9),
        "lost": st.integers(0, 9),
        "round_trip_ms": st.floats(0, 1e5),
        "greets": st.sampled_from([None, *Greets]),
        "counters": st.dictionaries(st.sampled_from(["cpu_1_min_percent", "cpu_5_min_percent"]), st.floats(0, 100)),
    },
)


@given(st.lists(SAMPLES, max_size=40))
def test_nothing_is_bad_without_enough_readings_that_say_so(samples: list[dict[str, Any]]) -> None:
    seen = after(samples)
    if seen.loss.bad:
        assert sum(one.get("lost", 0) > 0 and one.get("requests", 0) > 0 for one in samples) >= 2
    if seen.session.bad:
        assert sum(one.get("greets") not in (None, Greets.GREETED) for one in samples) >= 3
    for level in (seen.loss, seen.slow, seen.cpu, seen.session):
        assert not level.bad or level.since is not None
