"""The history beside the cycle: polls on their way into it, its own work, and whether either fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from agent.daemon.backlog import Backlog
from agent.daemon.ports import History
from agent.daemon.threads import Threads
from agent.events import Clock

#: Between two steps of the history's own work, in seconds.
REST_S = 0.05
#: A lock or a full disk passes. What fails for longer than this leaves hours without their polls, which are summed up
#: a quarter of an hour after their end: then the daemon does not do all of its work.
PASSES_WITHIN_S = 900.0


class Historian:
    """For the event loop alone; ``steady`` is a clock that nobody sets, in seconds."""

    def __init__(self, history: History, clock: Clock, steady: Callable[[], float]) -> None:
        self._history, self._clock, self._steady = history, clock, steady
        self._threads = Threads(1)
        #: Polls on their way into the history.
        self.backlog = Backlog(history.add, self._threads, steady)
        self._unfinished_since: float | None = None

    async def work(self) -> None:
        """Sum the history up and end what is too old, step by step: what polls bring is kept in between."""
        try:
            for step in (self._history.roll_up, self._history.drop_old):
                while await self._threads.run(partial(step, self._clock())):
                    await asyncio.sleep(REST_S)
        except Exception:
            if self._unfinished_since is None:
                self._unfinished_since = self._steady()
            raise
        self._unfinished_since = None

    def trouble(self) -> tuple[str, bool]:
        """What fails, empty where nothing does; and whether it has for so long that it does not pass by itself."""
        told, since = "", []
        for what, began in (
            ("the last polls are not kept in the history", self.backlog.failing_since),
            ("the history is not summed up", self._unfinished_since),
        ):
            if began is not None:
                since.append(began)
                told = told or f"{what}: see the log"
        return told, bool(since) and self._steady() - min(since) > PASSES_WITHIN_S

    def close(self) -> None:
        """Take no more; what was taken is still kept."""
        self._threads.close()
