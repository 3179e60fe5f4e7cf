"""Brings what was heard to the keeper in batches, one after the other: soon, and not one by one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from agent.monitoring.cycle.ports import Doubt, Keep, Taken
from agent.monitoring.cycle.times import Times
from agent.monitoring.heard import Attend

log = logging.getLogger(__name__)

#: A batch is handed on after so many seconds, or with so many polls.
BATCH_S, BATCH = 0.25, 500
#: Polls that wait because keeping is slow, at most: what comes beyond is dropped, so that memory stays bounded.
MOST_WAITING = 100_000

#: Hears what became of a batch: who is to be asked again soon.
Kept = Callable[[Sequence[Taken], Mapping[str, Doubt]], None]


class Batches:
    """``keep`` is called with one batch at a time; ``kept`` hears what became of each, also where it failed.

    The routers of polls that were lost are attended: the poller takes for told what it handed on.
    """

    def __init__(self, keep: Keep, kept: Kept, times: Times, attend: Attend) -> None:
        self._keep, self._kept, self._times, self._attend = keep, kept, times, attend
        self._waiting: list[Taken] = []
        self._timer: asyncio.Handle | None = None
        self._keeping: asyncio.Task[None] | None = None

    def add(self, taken: Taken) -> None:
        """A poll was heard."""
        waiting = self._waiting
        waiting.append(taken)
        if len(waiting) >= BATCH:
            self.flush()
        elif self._timer is None and self._keeping is None:
            self._timer = self._times.later(BATCH_S, self.flush)

    def flush(self) -> None:
        """Hand on what there is, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._keeping is None and self._waiting:
            self._keeping = asyncio.create_task(self._all(), name="keeping polls")
        elif len(self._waiting) > MOST_WAITING:
            dropped, self._waiting = self._waiting[:-BATCH], self._waiting[-BATCH:]
            log.error("keeping is too slow: %d polls are dropped", len(dropped))
            self._lost(dropped)
            self._kept(dropped, {})

    async def ended(self) -> None:
        """Everything that was heard is handed on."""
        self.flush()
        while self._keeping is not None:
            await asyncio.wait({self._keeping})

    async def _all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._one(batch)
        finally:
            self._keeping = None

    async def _one(self, batch: Sequence[Taken]) -> None:
        doubts: Mapping[str, Doubt] = {}
        try:
            doubts = await self._keep(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, polling goes on, and the log has it
            routers = batch[0].heard.router if len(batch) == 1 else f"{len(batch)} routers"
            log.error("what %s answered could not be kept: %s: %s", routers, type(error).__name__, error)
            self._lost(batch)
        self._kept(batch, doubts)

    def _lost(self, batch: Sequence[Taken]) -> None:
        for taken in batch:
            if taken.heard.tells:
                self._attend(taken.heard.router)
