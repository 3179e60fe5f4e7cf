"""Clocks: a steady one that the schedule goes by, the event loop's, and the time of day that is kept with samples.

Nobody sets the steady clock, and it goes on while the machine is suspended: two polls lie as far apart as it says. The
loop's stands still meanwhile. The time of day may be set at any moment, so nothing is scheduled by it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

#: The clock that counts suspension, where the system has it.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
#: How long is waited at most before the steady clock is looked at again, in seconds.
LOOK_S = 5.0
#: A time of day that was set back by no more than this many seconds stands still until it is reached again.
SLEW_S = 60.0


def steady() -> float:
    """Seconds since the machine started, the same in all its processes, suspension included."""
    return time.clock_gettime(_STEADY)


async def until(moment: float) -> None:
    """Wait for a moment of the steady clock; after a suspension, up to ``LOOK_S`` longer."""
    while (left := moment - steady()) > 0:
        await asyncio.sleep(min(left, LOOK_S))


class OrderedTime:
    """The time of day in Unix seconds for samples: small corrections of the clock never put one before another.

    A clock that is set back by more is followed: times that are known to be wrong help nobody.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._latest = float("-inf")

    def __call__(self) -> float:
        now = self._wall()
        if 0 < self._latest - now <= SLEW_S:
            return self._latest
        self._latest = now
        return now


@dataclass(frozen=True, slots=True)
class Times:
    """The steady clock, the loop's, the time of day in Unix seconds; how to wait for a moment of the steady clock, and
    to have something called after seconds of the loop's."""

    steady: Callable[[], float]
    awake: Callable[[], float]
    wall: Callable[[], float]
    until: Callable[[float], Awaitable[None]]
    later: Callable[[float, Callable[[], None]], asyncio.Handle]

    @classmethod
    def real(cls) -> Times:
        """Those of this machine; to be called in the event loop."""
        loop = asyncio.get_running_loop()
        return cls(steady, loop.time, OrderedTime(), until, loop.call_later)

    async def wait(self, moment: float, *ends: asyncio.Future[Any]) -> None:
        """Wait for a moment, or for the first of ``ends``, which stay as they are."""
        timer = asyncio.ensure_future(self.until(moment))
        try:
            await asyncio.wait({timer, *ends}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
