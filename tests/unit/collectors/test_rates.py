"""Rates are true or not told: over wraps, resets, reboots, clocks that step and counters that count anew."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.codec.ber import INTEGER, OCTETS
from collectors.codec.values import COUNTER64, NO_SUCH_INSTANCE, TIME_TICKS, Flat
from collectors.modules import Type
from collectors.rates import WRAP_S, Gap, growth
from collectors.record import Column, Layout, Role
from collectors.record.clock import Clock
from collectors.record.metrics import Metrics
from collectors.record.summary import Part, Summary

pytestmark = pytest.mark.property

METRICS = Metrics(
    Layout(
        (
            Column("", "", "uptime_s", Type.TICKS, Role.TIME),
            Column("", "", "engine_id", Type.OCTETS, Role.TEXT),
            Column("", "", "engine_boots", Type.INTEGER, Role.GAUGE),
            Column("interfaces", "Tunnel10", "in_octets", Type.COUNTER64, Role.COUNTER),
            Column("interfaces", "Tunnel10", "discontinuity_s", Type.TICKS, Role.SINCE),
        )
    )
)
PARTS = (Part(3, COUNTER64, 0, 64, 4),)


class Told(NamedTuple):
    """What a router tells ``at`` a time of ours, in seconds; uptime None: not told."""

    at: float
    uptime_s: float | None
    octets: int
    boots: int = 3
    since: int = 0


def rate(*polls: Told) -> tuple[float | None, Gap | None]:
    """The mean growth a second over the polls, as an hour is summed up; why the clock began anew last."""
    clock, summary = Clock(), Summary(1)
    for one in polls:
        uptime = None if one.uptime_s is None else round(one.uptime_s * 100) % 2**32
        kinds = bytes((NO_SUCH_INSTANCE if uptime is None else TIME_TICKS, OCTETS, INTEGER, COUNTER64, TIME_TICKS))
        values: list[Flat] = [uptime, b"80", one.boots, one.octets, one.since]
        clock.tell(one.at, METRICS, kinds, values)
        summary.take(PARTS, kinds, values, clock.seconds, clock.life, True)
    (span,) = summary.spans()
    return None if span is None else span[1], clock.ended


@given(
    up=st.floats(0, 4 * WRAP_S),
    start=st.integers(0, 2**64 - 1),
    per_s=st.integers(0, 10**10),
    seconds=st.integers(10, 1200),
)
def test_a_rate_is_true_over_wraps_of_counters_and_of_uptime(up: float, start: int, per_s: int, seconds: int) -> None:
    found, _ = rate(Told(0, up, start), Told(seconds, up + seconds, (start + per_s * seconds) % 2**64))
    assert found is not None
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
    assert rate(Told(0, up, counted), Told(gap, alive_s, fresh)) == (None, Gap.CLOCKS)


@given(st.integers(10**15, 2**63), st.floats(0, 0.99), st.integers(10, 1200))
def test_a_counter_that_was_reset_without_a_word_gives_no_rate(counted: int, part: float, seconds: int) -> None:
    assert rate(Told(0, 1000, counted), Told(seconds, 1000 + seconds, int(counted * part)))[0] is None
    assert growth(counted, int(counted * part), 64, seconds) is Gap.RESET


def test_why_there_is_no_rate() -> None:
    before, after = Told(0, 1000, 5), Told(240, 1240, 10)
    assert rate(before, after)[0] == pytest.approx(5 / 240)
    assert rate(before, after._replace(since=100))[0] is None, "the device says that it counts anew"
    assert rate(before, after._replace(boots=4)) == (None, Gap.ENGINE)
    assert rate(before, after._replace(uptime_s=None)) == (None, Gap.NO_TIME)
    assert rate(before, after._replace(at=7200)) == (None, Gap.CLOCKS)
    assert rate(before, before) == (None, Gap.CLOCKS)


def test_a_small_counter_wraps_once_and_not_more() -> None:
    assert growth(2**32 - 100, 200, 32, 10) == 30.0
    assert growth(2**32 - 100, 200, 32, 5000) is Gap.AMBIGUOUS
