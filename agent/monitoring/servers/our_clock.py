"""Whether this machine's own time of day was set: then a server that now seems to be off may be right."""

from __future__ import annotations

from collections.abc import Callable

#: A time of day that moved by more than this many seconds against the clock that nobody sets was set, not adjusted.
STEP_S = 1.0
#: How many times of day are remembered that the clock was set from.
REMEMBERED = 8


class OurClock:
    """``wall`` and ``steady`` are the time of day and the clock that nobody sets, in seconds."""

    def __init__(self, wall: Callable[[], float], steady: Callable[[], float]) -> None:
        self._wall, self._steady = wall, steady
        #: The time of day at which the steady clock began: by what the clock says now, and by what it said before.
        self._begun = wall() - steady()
        self._former: list[float] = []
        #: How often it was set, as of the last look at it.
        self.steps = 0

    def set_by(self) -> tuple[float, ...]:
        """By how many seconds it is ahead of each clock that it has been since the start; empty: it was never set."""
        begun = self._wall() - self._steady()
        if abs(begun - self._begun) > STEP_S:
            self.steps += 1
            self._former = [*self._former, self._begun][-REMEMBERED:]
        self._begun = begun
        return tuple(ahead for former in self._former if abs(ahead := begun - former) > STEP_S)
