"""All workers as one: each router is one worker's, by a hash of its name."""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Protocol

from agent.monitoring.cycle.attention import Attention
from agent.monitoring.cycle.cycle import Cycle
from agent.monitoring.cycle.pace import CycleReport, Pace
from agent.monitoring.cycle.ports import Keep, Poller, Refused, Troubled
from agent.monitoring.cycle.times import Times, steady
from agent.monitoring.garbage import rarely_searched
from agent.monitoring.snmp import RouterOrder
from agent.monitoring.workers.remote import Remote

log = logging.getLogger(__name__)

#: Opens what polls in this process.
OpenPoller = Callable[[], AbstractAsyncContextManager[Poller[RouterOrder]]]


class Worker(Protocol):
    """Polls a shard: a ``Cycle`` in this process, or one in another."""

    def change(
        self,
        orders: Mapping[str, RouterOrder | Refused],
        gone: Collection[str],
        last: Mapping[str, float],
        pace: Pace,
    ) -> None:
        """Orders that are new or changed, routers that are gone, and when former polls began."""

    async def run(self, start: float) -> CycleReport:
        """The cycle that began at ``start``; returns when its last poll has begun."""

    def at_once(self, router: str) -> None:
        """Poll a router out of its turn."""

    def attend(self, router: str) -> None:
        """Bring whole samples of a router."""

    async def stop(self, within_s: float) -> int:
        """Begin nothing more; how many polls were abandoned."""


class Fleet:
    """The same of all routers."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self.workers = tuple(workers)
        self._start = float("-inf")
        self._period_s = float("inf")
        self._running: dict[Worker, asyncio.Task[CycleReport]] = {}

    def change(
        self,
        orders: Mapping[str, RouterOrder | Refused],
        gone: Collection[str],
        last: Mapping[str, float],
        pace: Pace,
    ) -> None:
        """Orders that are new or changed, routers that are gone, and when former polls began."""
        self._period_s = pace.period_s
        for worker in self.workers:
            worker.change(
                {router: order for router, order in orders.items() if self._of(router) is worker},
                [router for router in gone if self._of(router) is worker],
                {router: began for router, began in last.items() if self._of(router) is worker},
                pace,
            )

    async def run(self, start: float) -> CycleReport:
        """One cycle of all; a worker that is not done within the period holds up none but its own routers.

        Where no worker is done there is no next cycle: that shows in how late this one is.
        """
        self._start = start
        for worker in self.workers:
            if worker not in self._running or self._running[worker].done():
                self._running[worker] = asyncio.create_task(self._follow(worker), name="cycles of a worker")
        tasks = self._running.values()
        await asyncio.wait(tasks, timeout=max(start + self._period_s - steady(), 0.0))
        done, late = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if late:
            log.error("%d of %d poll workers are late: the others go on", len(late), len(tasks))
        reports = [task.result() for task in done]
        ended = max(report.ended for report in reports)
        return CycleReport(start, ended, sum(one.polls for one in reports), sum(one.busy for one in reports))

    def at_once(self, router: str) -> None:
        """Poll a router out of its turn."""
        self._of(router).at_once(router)

    def attend(self, router: str) -> None:
        """Bring whole samples of a router."""
        self._of(router).attend(router)

    async def stop(self, within_s: float) -> int:
        """Begin nothing more; how many polls were abandoned."""
        abandoned = sum(await asyncio.gather(*(worker.stop(within_s) for worker in self.workers)))
        for running in self._running.values():
            running.cancel()
        return abandoned

    async def _follow(self, worker: Worker) -> CycleReport:
        """A worker's cycle, and where it took longer than it may, at once the one that the others are in."""
        while True:
            start = self._start
            report = await worker.run(start)
            if start == self._start:
                return report

    def _of(self, router: str) -> Worker:
        return self.workers[zlib.crc32(router.encode()) % len(self.workers)]


@asynccontextmanager
async def open_fleet(processes: int, poller: OpenPoller, keep: Keep, troubled: Troubled) -> AsyncIterator[Fleet]:
    """Workers as long as the block: this process alone with ``poller``, or so many of their own."""
    async with AsyncExitStack() as stack:
        stack.enter_context(rarely_searched())
        if processes > 1:
            remotes = [Remote(f"poll worker {number}", keep, troubled) for number in range(1, processes + 1)]
            yield Fleet([await stack.enter_async_context(remote) for remote in remotes])
            return
        times = Times.real()
        cycle = Cycle(await stack.enter_async_context(poller()), keep, times, troubled)
        await stack.enter_async_context(Attention(times, troubled, cycle.reconsider))
        yield Fleet([cycle])
