"""Polls on their way into the history: it may lag behind, and what waits for it is bounded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial

from agent.daemon.threads import Threads
from agent.monitoring.heard import Heard

log = logging.getLogger(__name__)

#: Polls that wait at most: twenty minutes of 10,000 routers. What comes beyond takes the place of the oldest.
MOST_WAITING = 50_000
#: Polls that are added at once, at most.
AT_ONCE = 2_000


class Backlog:
    """For the event loop alone; ``add`` is called in a thread of ``threads``, with one batch at a time."""

    def __init__(self, add: Callable[[Sequence[Heard]], None], threads: Threads, steady: Callable[[], float]) -> None:
        self._add, self._threads, self._steady = add, threads, steady
        self._waiting: list[Heard] = []
        self._adding = False
        #: Polls that are not in the history, since the start: it could not be written, or was too slow.
        self.lost = 0
        #: Since when polls are lost, on the steady clock; None: the last ones were kept.
        self.failing_since: float | None = None
        #: Why, since then; each is told once in the log.
        self._why: set[str] = set()

    async def put(self, batch: Sequence[Heard]) -> None:
        """Let these be kept, with those that wait; one of the calls under way does it for all of them."""
        self._waiting += batch
        if (over := len(self._waiting) - MOST_WAITING) > 0:
            del self._waiting[:over]
            self._lose(over, "it is too slow")
        if self._adding:
            return
        self._adding = True
        try:
            while self._waiting:
                found, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                await self._keep(found)
        finally:
            self._adding = False

    async def _keep(self, batch: Sequence[Heard]) -> None:
        try:
            await self._threads.run(partial(self._add, batch))
        except Exception as error:  # noqa: BLE001 - whatever it is, the next polls are tried, and the log has it
            self._lose(len(batch), f"{type(error).__name__}: {error}")
        else:
            self._why.clear()
            self.failing_since = None

    def _lose(self, polls: int, why: str) -> None:
        self.lost += polls
        if self.failing_since is None:
            self.failing_since = self._steady()
        if why not in self._why:
            self._why.add(why)
            log.error("polls are not kept in the history: %s", why)
