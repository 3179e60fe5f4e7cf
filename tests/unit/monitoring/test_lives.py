"""Restarts are called only on evidence that agrees: lives of simulated routers, with wraps, silences and clones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.monitoring.reboots import WRAP_S, Life, Restart, judge

pytestmark = pytest.mark.property

T0 = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
UP = st.floats(60, 4 * WRAP_S)
GAP = st.floats(60, 3600)


def life(at_s: float, up_s: float, boots: int | None, engine_s: float | None) -> Life:
    """What a router tells that has been up for ``up_s``, its engine for ``engine_s``."""
    engine = None if engine_s is None else int(engine_s)
    return Life(T0 + timedelta(seconds=at_s), up_s % WRAP_S, "80aa", boots, engine)


@given(UP, GAP, st.booleans(), st.booleans(), st.floats(-20, 20))
def test_a_router_that_stays_up_has_not_rebooted(up: float, gap: float, silent: bool, v3: bool, drift: float) -> None:
    boots = 7 if v3 else None
    before, after = life(0, up, boots, up), life(gap, up + gap + drift, boots, up + gap)
    assert judge(before, after, silent_between=silent).restart in (Restart.NONE, Restart.WRAPPED)


@given(UP, GAP, st.booleans())
def test_an_agent_that_restarts_is_no_reboot(up: float, gap: float, silent: bool) -> None:
    before, after = life(0, up, 7, up), life(gap, up + gap, 8, gap / 2)
    assert judge(before, after, silent_between=silent).restart is Restart.ENGINE_RESTARTED


@given(st.floats(8000, WRAP_S - 8000), GAP, st.floats(0.05, 0.9), st.booleans())
def test_a_reboot_is_seen_when_its_engine_says_the_same(up: float, gap: float, part: float, silent: bool) -> None:
    before, after = life(0, up, 7, up), life(gap, gap * part, 8, gap * part)
    assert judge(before, after, silent_between=silent).restart is Restart.REBOOTED


@given(st.floats(8000, WRAP_S - 8000), GAP, st.floats(0.05, 0.9))
def test_an_uptime_that_falls_alone_is_no_reboot(up: float, gap: float, part: float) -> None:
    before = life(0, up, 7, up)
    after = replace(life(gap, gap * part, 7, up + gap))
    assert judge(before, after, silent_between=True).restart is Restart.INCONSISTENT


@given(st.floats(0, 3.9 * WRAP_S), st.floats(-500, 500))
def test_the_engines_time_proves_how_often_uptime_wrapped(up: float, apart: float) -> None:
    one = life(0, up, 7, max(0.0, up + apart))
    assert abs(one.whole_uptime_s - up) < 1


def test_an_engine_that_started_at_another_time_proves_nothing() -> None:
    assert Life(T0, 34_447_809.08, engine_time_s=184_955_241).whole_uptime_s == 34_447_809.08
    assert Life(T0, 1000.0, engine_time_s=100).whole_uptime_s == 1000.0
    assert Life(T0, 1000.0).whole_uptime_s == 1000.0
