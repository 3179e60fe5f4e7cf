"""How many requests may be under way at once, so that their answers fit the receive buffer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

#: An answer later than this is not part of the burst that the buffer must hold; so a dead device keeps its place no
#: longer than this many seconds, however long its time-out is.
HOLD_S = 0.25


class Place:
    """A place in the window; given up once, by an answer or by time."""

    __slots__ = ("_taken", "_timer", "_window")

    def __init__(self, window: Window) -> None:
        self._window = window
        self._taken = True
        self._timer = asyncio.get_running_loop().call_later(HOLD_S, self.leave)

    def leave(self) -> None:
        """Give the place to the next in line; safe to call twice."""
        if self._taken:
            self._taken = False
            self._timer.cancel()
            self._window.freed()


class Window:
    """``limit`` places, and a line of those who wait, first come first served."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._under_way = 0
        self._line: deque[Callable[[Place], None]] = deque()

    def enter(self, start: Callable[[Place], None]) -> None:
        """Call ``start`` with a place, now or when one is free."""
        if self._under_way < self.limit:
            self._under_way += 1
            start(Place(self))
        else:
            self._line.append(start)

    def freed(self) -> None:
        """A place is free: the next in line gets it, in its own turn of the loop."""
        if self._line:
            asyncio.get_running_loop().call_soon(self._line.popleft(), Place(self))
        else:
            self._under_way -= 1
