"""The daemon's own service level: one alarm for the fleet that clears, figures for /metrics, days that are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from agent.daemon.level import KEEP_EVERY, Level
from agent.monitoring.alarms import Kind
from agent.monitoring.cycle import Reason, Taken, Trouble
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer

T0 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
NAMES = tuple(f"r{number}" for number in range(8))


class Time:
    """The time of day and the steady clock."""

    def __init__(self) -> None:
        self.passed = 0.0

    def clock(self) -> datetime:
        return T0 + timedelta(seconds=self.passed)

    def steady(self) -> float:
        return 1000 + self.passed


def polled(time: Time, *routers: str) -> list[Taken]:
    return [Taken(time.steady(), Heard(name, time.clock().timestamp(), Answer.ANSWERED)) for name in routers]


def active(world: Any) -> list[Any]:
    return [one for one in world.stores.states.active_alarms() if one.key.kind is Kind.POLLS_LATE]


def test_one_alarm_tells_of_all_that_are_late_and_clears(world: Any) -> None:
    time = Time()
    level = Level(world.level, world.stores.states.apply, time.clock, time.steady)

    async def story() -> None:
        await level.begin(None, NAMES, {})
        time.passed = 200
        await level.kept(polled(time, "r0"))
        await level.look()
        assert not active(world)
        level.trouble(Trouble(Reason.WORKER_DIED, 1190, 1301))
        time.passed = 301
        await level.look()
        (alarm,) = active(world)
        assert alarm.key.subject == "poller"
        assert alarm.why.startswith("7 routers were not polled for over 300 s: r1 (301 s: the worker died), r2")
        assert alarm.why.endswith("and 2 more")
        assert (level.figures.late, level.figures.oldest_s) == (7, 301)
        await level.kept(polled(time, *NAMES))
        time.passed = 331
        await level.look()
        assert not active(world)
        assert level.figures.gaps["the worker died"] == 7
        await level.close()

    asyncio.run(story())
    kept = world.level.gaps(T0)
    assert [(gap.router, gap.seconds, gap.reason) for gap in kept] == [
        (name, 301.0, Reason.WORKER_DIED) for name in NAMES[1:]
    ]
    (day,) = world.level.since(T0)
    assert {name: one.polls for name, one in day.routers.items()} == {name: 1 + (name == "r0") for name in NAMES}


class Failing:
    """A store that may not be writable."""

    def __init__(self, world: Any) -> None:
        self._world, self.fails = world, False

    def __getattr__(self, name: str) -> Any:
        return partial(self._write, getattr(self._world.level, name))

    def apply(self, verdicts: Any) -> None:
        self._write(self._world.stores.states.apply, verdicts)

    def _write(self, work: Callable[..., Any], *what: Any) -> Any:
        if self.fails:
            raise OSError("database is locked")
        return work(*what)


def test_what_cannot_be_written_fails_no_batch_and_is_written_later(world: Any) -> None:
    time, store = Time(), Failing(world)
    level = Level(store, store.apply, time.clock, time.steady)

    async def failed() -> None:
        with pytest.raises(OSError, match="locked"):
            await level.look()

    async def story() -> None:
        await level.begin(None, ("r0", "r1"), {})
        await level.kept(polled(time, "r0", "r1"))
        time.passed = 301
        await level.look()
        assert active(world)
        store.fails = True
        await level.kept(polled(time, "r0", "r1"))
        await failed()
        time.passed = 16 * 3600 + 1  # another day has begun
        await level.kept(polled(time, "r0", "r1"))
        with pytest.raises(OSError, match="locked"):
            await level.save()
        store.fails = False
        await level.look()
        assert not active(world), "what was not written is not taken for written"
        await level.close()

    asyncio.run(story())
    assert [gap.seconds for gap in world.level.gaps(T0)] == [301, 301, 57300, 57300]
    assert [day.routers["r0"].polls for day in world.level.since(T0)] == [2, 1], "no day that is over is lost"


def test_a_run_goes_on_with_the_former_ones_day_and_explains_the_time_between(world: Any) -> None:
    time = Time()

    async def run(ended: float | None, last: dict[str, float]) -> None:
        level = Level(world.level, world.stores.states.apply, time.clock, time.steady)
        await level.begin(ended, ("r0",), last)
        await level.kept(polled(time, "r0"))
        for _ in range(KEEP_EVERY):
            await level.look()
        assert world.level.since(T0), "kept now and then, not only at the end"
        await level.close()

    asyncio.run(run(None, {}))
    last, time.passed = time.steady(), 4000
    asyncio.run(run(last, {"r0": last}))
    (gap,) = world.level.gaps(T0)
    assert (gap.seconds, gap.reason) == (4000, Reason.NOT_RUNNING)
    assert world.level.since(T0)[0].routers["r0"].polls == 2
