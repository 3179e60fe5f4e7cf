"""Reboots are called only on agreeing evidence: recordings made for each way that counters mislead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.monitoring.reboots import WRAP_S, Life, Restart, judge

T0 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
DAY = 86400.0


def life(after: float, uptime: float, boots: int | None = 7, engine: str | None = "80000009aa", **more: int) -> Life:
    return Life(T0 + timedelta(seconds=after), uptime, engine, boots, more.get("engine_time"))


#: before, after, silent in between, verdict
RECORDINGS = {
    "goes on": (life(0, 1000), life(240, 1240), False, Restart.NONE),
    "goes on, a slow clock": (life(0, 40 * DAY), life(240, 40 * DAY + 215), False, Restart.NONE),
    "goes on, the device's clock jumped ahead": (life(0, 1000), life(240, 9000), False, Restart.NONE),
    "rebooted while we waited": (life(0, 9000), life(240, 100, boots=8), False, Restart.REBOOTED),
    "rebooted, silent in between": (life(0, 9000), life(900, 300, boots=8), True, Restart.REBOOTED),
    "rebooted, v2c without engine values": (
        life(0, 9000, None, None),
        life(900, 300, None, None),
        True,
        Restart.REBOOTED,
    ),
    "replaced by another box": (life(0, 9000), life(900, 300, 1, "80000009bb"), True, Restart.REBOOTED),
    "wrapped after 497 days": (life(0, WRAP_S - 100), life(240, 140), False, Restart.WRAPPED),
    "wrapped, v2c": (life(0, WRAP_S - 100, None, None), life(240, 140, None, None), False, Restart.WRAPPED),
    "wrapped while a poll was lost": (life(0, WRAP_S - 100), life(480, 380), True, Restart.WRAPPED),
    "engine restarted alone": (life(0, 9000), life(240, 9240, boots=8), False, Restart.ENGINE_RESTARTED),
    "engine restarted as it wrapped": (life(0, WRAP_S - 100), life(240, 140, boots=8), False, Restart.ENGINE_RESTARTED),
    "uptime fell, nothing agrees": (life(0, 9000, None, None), life(240, 100, None, None), False, Restart.INCONSISTENT),
    "uptime fell, the engine went on": (life(0, 9000), life(240, 100), True, Restart.INCONSISTENT),
    "uptime fell a little, nothing agrees": (life(0, 40 * DAY), life(240, 39 * DAY), True, Restart.INCONSISTENT),
    "uptime stood still": (life(0, 9000), life(240, 9000, boots=8), True, Restart.INCONSISTENT),
    "booted while its clock ran fast": (life(0, 9000), life(60, 400, boots=8), True, Restart.REBOOTED),
    "engine time fell, boots unreadable": (
        life(0, 9000, None, None, engine_time=9000),
        life(240, 100, None, None, engine_time=90),
        False,
        Restart.REBOOTED,
    ),
}


@pytest.mark.parametrize("name", RECORDINGS)
def test_recording(name: str) -> None:
    before, after, silent, expected = RECORDINGS[name]
    verdict = judge(before, after, silent_between=silent)
    assert verdict.restart is expected, verdict.why
    assert bool(verdict.why) is (expected is not Restart.NONE)


@given(uptime=st.floats(0, WRAP_S), elapsed=st.floats(1, 30 * DAY), drift=st.floats(-20, 20), silent=st.booleans())
def test_a_clock_that_only_runs_and_wraps_is_never_a_reboot(
    uptime: float, elapsed: float, drift: float, silent: bool
) -> None:
    after = (uptime + elapsed + drift) % WRAP_S
    verdict = judge(life(0, uptime), life(elapsed, max(0.0, after)), silent_between=silent)
    assert verdict.restart in (Restart.NONE, Restart.WRAPPED)


@given(uptime=st.floats(3600, WRAP_S - DAY), elapsed=st.floats(60, 3600), booted_ago=st.floats(0, 0.99))
def test_a_reboot_between_two_answers_is_always_seen(uptime: float, elapsed: float, booted_ago: float) -> None:
    """Where the uptime fell; that it stood still, as after a boot just then, is a recording above."""
    after = elapsed * booted_ago
    verdict = judge(life(0, uptime), life(elapsed, after, boots=8), silent_between=False)
    assert verdict.restart is Restart.REBOOTED
