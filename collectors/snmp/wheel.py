"""Deadlines of many things at once under one timer of the loop; to set and to drop one costs next to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Protocol

#: Deadlines are kept to this many per second; none is early, none later than a tick.
TICKS = 50
#: How often in a row what lies unread holds deadlines up: all that a receive buffer may hold, and then some.
HELD_UP = 64


class Timed(Protocol):
    """What has a deadline: ``tick`` is the wheel's own, 0 where there is none."""

    tick: int

    def expired(self) -> None:
        """The deadline has come."""


class Wheel:
    """Deadlines on the clock of the running loop.

    ``before`` hears what has come in and lies unread, before anything expires; False: there is more, and nothing
    expires yet, but for who floods us. So a loop that was held up invents no time-outs.
    """

    def __init__(self, before: Callable[[], bool] = lambda: True) -> None:
        self._before = before
        self._held_up = 0
        self._loop = asyncio.get_running_loop()
        #: Seconds on the clock that deadlines are set by.
        self.now = self._loop.time
        self._due: dict[int, set[Timed]] = {}
        self._ticks: list[int] = []
        self._timer: asyncio.TimerHandle | None = None

    def set(self, thing: Timed, at: float) -> None:
        """``thing`` expires at ``at``, and no more at any time that was set before."""
        if thing.tick:
            self._due[thing.tick].discard(thing)
        tick = thing.tick = int(at * TICKS) + 1
        due = self._due.get(tick)
        if due is not None:
            due.add(thing)
            return
        self._due[tick] = {thing}
        heappush(self._ticks, tick)
        if self._ticks[0] == tick:
            self._arm()

    def drop(self, thing: Timed) -> None:
        """``thing`` expires no more."""
        if thing.tick:
            self._due[thing.tick].discard(thing)
            thing.tick = 0

    def stop(self) -> None:
        """Nothing expires any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self.stop()
        self._timer = self._loop.call_at(self._ticks[0] / TICKS, self._turn)

    def _turn(self) -> None:
        now = self.now() * TICKS
        try:
            if not self._before() and self._held_up < HELD_UP:
                self._held_up += 1
                return
            self._held_up = 0
            while self._ticks and self._ticks[0] <= now:
                tick = heappop(self._ticks)
                due = self._due[tick]
                try:
                    while due:
                        thing = due.pop()
                        thing.tick = 0
                        thing.expired()
                finally:
                    if due:  # one of them failed: the others are next
                        heappush(self._ticks, tick)
                    else:
                        del self._due[tick]
        finally:
            if self._ticks:
                self._arm()
