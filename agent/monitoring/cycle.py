"""The poll cycle: starts each router's poll at its turn, asks a doubtful one again soon, keeps what comes back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.events import Clock
from agent.monitoring.ports import Outcome, Poller
from agent.monitoring.sample import Answer, Sample
from agent.monitoring.schedule import plan
from inventory import SiteView

#: How often a doubtful router is asked again within one turn, at most.
EXTRA_POLLS = 3

log = logging.getLogger(__name__)

#: Keeps a sample durably and says what it led to; None where the router has left the inventory meanwhile.
Keep = Callable[[SiteView, Sample], Awaitable[Outcome | None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """The times of a cycle in seconds; a single poll is given up after ``bound_s``.

    A doubtful router is asked again after ``again_after_s``; one that told of a fault itself, and answers that it is
    so, after ``confirm_after_s``: that makes two witnesses.
    """

    period_s: float
    bound_s: float
    again_after_s: float
    confirm_after_s: float = 0.5

    @classmethod
    def of(cls, period_s: float, timeout_s: float, retries: int) -> Pace:
        """From the schedules of spokesman.toml: a poll asks several times, each for ``timeout_s`` per attempt."""
        attempts = timeout_s * (retries + 1)
        return cls(period_s, max(10.0, 5 * attempts), min(15.0, period_s / 4))


@dataclass(frozen=True, slots=True)
class Time:
    """The present, and waiting for a moment of it."""

    now: Clock
    until: Callable[[datetime], Awaitable[None]]


@dataclass(slots=True)
class _Flight:
    """A router's poll under way; ``hurry`` is set when it is to be polled again without delay."""

    view: SiteView
    pace: Pace
    hurry: asyncio.Event
    task: asyncio.Task[None]


@dataclass(frozen=True, slots=True)
class CycleReport:
    """What one cycle did: polls started, and routers whose former poll was still in flight."""

    started: datetime
    ended: datetime
    polls: int
    busy: tuple[str, ...]


class Cycle:
    """Polls the routers of the inventory, one poll of a router at a time."""

    def __init__(self, poller: Poller, keep: Keep, time: Time, last: Mapping[str, datetime]) -> None:
        self._poller = poller
        self._keep = keep
        self._time = time
        self._last: dict[str, datetime] = dict(last)
        self._flying: dict[str, _Flight] = {}
        self._stopping = asyncio.Event()

    async def run(self, current: Callable[[], Mapping[str, SiteView]], pace: Pace) -> CycleReport:
        """One cycle; returns when its last poll has been started, never waits for an answer.

        ``current`` gives the managed routers by name; it is asked again at each turn, so that a reload counts at once.
        """
        start, polls, busy = self._time.now(), 0, []
        for slot in plan(current(), start, pace.period_s, self._last):
            if not await self._wait(slot.at):
                break
            view = current().get(slot.router)
            if view is None:
                continue
            if slot.router in self._flying:
                busy.append(slot.router)
                continue
            self._start(view, pace)
            polls += 1
        return CycleReport(start, self._time.now(), polls, tuple(busy))

    def at_once(self, view: SiteView, pace: Pace) -> None:
        """Poll a router now, out of its turn; one whose poll is under way is polled again when that has ended."""
        flight = self._flying.get(view.router.name)
        if flight is not None:
            flight.hurry.set()
        elif not self._stopping.is_set():
            self._start(view, pace, told=True)

    async def stop(self, within_s: float) -> int:
        """Start nothing more, give polls in flight ``within_s`` to end, abandon the rest; how many were abandoned."""
        self._stopping.set()
        flying = {flight.task for flight in self._flying.values()}
        if not flying:
            return 0
        _, left = await asyncio.wait(flying, timeout=within_s)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return len(left)

    def _start(self, view: SiteView, pace: Pace, *, told: bool = False) -> None:
        name, hurry = view.router.name, asyncio.Event()
        task = asyncio.create_task(self._turn(view, pace, hurry, told=told), name=f"poll {name}")
        flight = self._flying[name] = _Flight(view, pace, hurry, task)
        task.add_done_callback(lambda _done: self._landed(name, flight))

    def _landed(self, name: str, flight: _Flight) -> None:
        self._flying.pop(name, None)
        if not flight.task.cancelled() and (error := flight.task.exception()) is not None:
            log.error("what %s answered could not be kept: %s", name, error)
        if flight.hurry.is_set():
            self.at_once(flight.view, flight.pace)

    async def _turn(self, view: SiteView, pace: Pace, hurry: asyncio.Event, *, told: bool) -> None:
        """Poll, and while the answer leaves a doubt, poll again soon; at once where there is a hurry."""
        for extra in range(EXTRA_POLLS + 1):
            hurry.clear()
            outcome = await self._keep(view, await self._once(view, pace))
            if outcome is None or hurry.is_set() or not outcome.step.again or extra == EXTRA_POLLS:
                return
            after_s = pace.confirm_after_s if told and outcome.step.broke else pace.again_after_s
            if not await self._wait(self._time.now() + timedelta(seconds=after_s), hurry):
                return

    async def _wait(self, moment: datetime, hurry: asyncio.Event | None = None) -> bool:
        """Wait for a moment, or until there is a hurry; False as soon as the cycle is to stop."""
        waits = {asyncio.ensure_future(self._time.until(moment)), asyncio.ensure_future(self._stopping.wait())}
        if hurry is not None:
            waits.add(asyncio.ensure_future(hurry.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return not self._stopping.is_set()

    async def _once(self, view: SiteView, pace: Pace) -> Sample:
        """One bounded poll; whatever goes wrong in it becomes a sample that says so."""
        name, at = view.router.name, self._time.now()
        self._last[name] = at
        poll = asyncio.ensure_future(self._poller.poll(view))
        bound = asyncio.ensure_future(self._time.until(at + timedelta(seconds=pace.bound_s)))
        try:
            await asyncio.wait({poll, bound}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            bound.cancel()
            ended = poll.done()
            poll.cancel()
        if not ended:
            return Sample(name, at, Answer.NOT_ASKED, f"the poll was given up after {pace.bound_s:.0f} s")
        error = poll.exception()
        if error is not None:
            log.error("polling %s failed: %s: %s", name, type(error).__name__, error)
            return Sample(name, at, Answer.NOT_ASKED, f"the poll failed: {error or type(error).__name__}")
        return poll.result()
