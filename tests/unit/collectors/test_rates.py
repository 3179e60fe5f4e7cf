"""Rates are true or not told: over wraps, resets, reboots, clocks that step and rows that move."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.modules import modules_of
from collectors.rates import WRAP_S, Gap, Taken, elapsed, growth, rates
from collectors.reading import Reading, Row
from collectors.taking import Cell

pytestmark = pytest.mark.property

T0 = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
MODULES = modules_of("cisco")
IN = ("interfaces", "Tunnel10", "in_octets")


def taken(at_s: float, uptime_s: float | None, octets: int, **further: Cell) -> Taken:
    """A reading ``at_s`` after the start: one interface that has counted ``octets``."""
    row: Row = {"in_octets": octets, "discontinuity_s": further.pop("discontinuity_s", 0.0)}
    scalars: dict[str, Cell] = {"engine_id": "80", "engine_boots": 3, **further}
    if uptime_s is not None:
        scalars["uptime_s"] = uptime_s % WRAP_S
    return Taken(T0 + timedelta(seconds=at_s), Reading(scalars, {"interfaces": {"Tunnel10": row}}))


@given(
    up=st.floats(0, 4 * WRAP_S),
    start=st.integers(0, 2**64 - 1),
    per_s=st.integers(0, 10**10),
    seconds=st.integers(10, 1200),
)
def test_a_rate_is_true_over_wraps_of_counters_and_of_uptime(up: float, start: int, per_s: int, seconds: int) -> None:
    before = taken(0, up, start)
    after = taken(seconds, up + seconds, (start + per_s * seconds) % 2**64)
    found = rates(MODULES, before, after)[IN]
    assert isinstance(found, float)
    assert abs(found - per_s) <= 0.001 * per_s + 0.001


@given(
    up=st.floats(0, 4 * WRAP_S),
    counted=st.integers(0, 2**62),
    booted=st.floats(0, 1200),
    fresh=st.integers(0, 10**12),
    gap=st.integers(10, 1200),
)
def test_a_reboot_gives_no_rate(up: float, counted: int, booted: float, fresh: int, gap: int) -> None:
    """Whatever it was up before and since, unless its new uptime looks as if nothing had happened."""
    alive_s = min(booted, gap)
    if abs((up + gap - alive_s) % WRAP_S) < 70 or abs((up + gap - alive_s) % WRAP_S - WRAP_S) < 70:
        return
    assert rates(MODULES, taken(0, up, counted), taken(gap, alive_s, fresh))[IN] in (Gap.CLOCKS, Gap.ENGINE)


@given(st.integers(10**15, 2**63), st.floats(0, 0.99), st.integers(10, 1200))
def test_a_counter_that_was_reset_without_a_word_gives_no_rate(counted: int, part: float, seconds: int) -> None:
    after = taken(seconds, 1000.0 + seconds, int(counted * part))
    assert rates(MODULES, taken(0, 1000.0, counted), after)[IN] is Gap.RESET


def test_why_there_is_no_rate() -> None:
    before, after = taken(0, 1000.0, 5), taken(240, 1240.0, 10)
    assert rates(MODULES, before, after)[IN] == pytest.approx(5 / 240)
    assert rates(MODULES, before, taken(240, 1240.0, 10, discontinuity_s=1100.0))[IN] is Gap.DISCONTINUITY
    assert rates(MODULES, before, taken(240, 1240.0, 10, engine_boots=4))[IN] is Gap.ENGINE
    assert rates(MODULES, before, taken(240, None, 10))[IN] is Gap.NO_TIME
    assert rates(MODULES, before, replace(after, at=T0 + timedelta(hours=2)))[IN] is Gap.CLOCKS
    assert rates(MODULES, before, after, {IN[:2]})[IN] is Gap.MOVED
    assert rates(MODULES, before, replace(after, reading=Reading({"uptime_s": 1240.0}))) == {}
    assert elapsed(before, before) is Gap.CLOCKS


def test_a_small_counter_wraps_once_and_not_more() -> None:
    assert growth(2**32 - 100, 200, 32, 10) == 30.0
    assert growth(2**32 - 100, 200, 32, 5000) is Gap.AMBIGUOUS
