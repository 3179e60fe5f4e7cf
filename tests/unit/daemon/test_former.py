"""How long no daemon ran although the clock was set meanwhile: until the machine starts anew, the steady one tells."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.daemon.former import Former
from agent.monitoring.cycle import Reason
from agent.monitoring.cycle.times import steady
from agent.monitoring.views import Heartbeat

T0 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
BEAT = Heartbeat(1, T0, T0, None, None, 0, "", boot="this", steady_s=1000)


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


@pytest.mark.parametrize("set_by", [0, 86_400, -86_400, -390])
def test_a_clock_that_was_set_neither_hides_nor_invents_a_gap(set_by: float) -> None:
    former = Former(BEAT, 1400, after(400 + set_by), "this")
    assert former.ended == 1000
    assert former.moment(after(-30)) == 970
    assert former.moment(after(3)) == 1003, "a poll that was kept after the last sign of life"


@pytest.mark.parametrize("last", [replace(BEAT, boot="former"), replace(BEAT, boot=""), replace(BEAT, steady_s=5000)])
def test_after_another_start_of_the_machine_only_the_time_of_day_tells(last: Heartbeat) -> None:
    former = Former(last, 1400, after(250), last.boot and "this")
    assert former.ended == 1150
    assert former.moment(after(-30)) == 1120
    assert Former(last, 1400, after(-250), "this").ended == 1400, "no time in the future"
    assert Former(last, 1400, after(-250), "this").moment(T0) is None


def test_a_poll_by_hand_since_is_of_the_clock_as_it_is_now() -> None:
    assert Former(BEAT, 1400, after(400), "this").moment(after(390)) == 1390
    assert Former(BEAT, 1400, after(400), "this").moment(after(500)) is None


def test_nothing_ran_before() -> None:
    former = Former(None, 1400, T0, "this")
    assert former.ended is None
    assert former.moment(after(-30)) == 1370


def test_a_clock_set_back_while_the_daemon_was_down_hides_no_gap(world: Any, wait: Any) -> None:
    async def story(daemon: Any) -> None:
        await wait(lambda: len(world.stores.states.last_polls()) == 3)

    world.play(story)
    kept = world.stores.runs.heartbeat()
    assert steady() - 60 < kept.steady_s <= steady()
    assert kept.boot
    world.stores.runs.beat(replace(kept, steady_s=kept.steady_s - 4000))  # by the time of day it ended just now
    since = datetime.fromtimestamp(time.time() - 60, UTC)

    async def gone_on(daemon: Any) -> None:
        await wait(lambda: len(world.level.gaps(since)) == 3)

    world.play(gone_on)
    gaps = world.level.gaps(since)
    assert {gap.reason for gap in gaps} == {Reason.NOT_RUNNING}
    assert all(4000 <= gap.seconds < 4060 for gap in gaps)
