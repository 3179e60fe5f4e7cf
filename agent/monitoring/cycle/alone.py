"""Polls of one router out of its turn: it told of a fault, or what it answered leaves a doubt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from agent.monitoring.cycle.pace import EXTRA_POLLS, Pace
from agent.monitoring.cycle.ports import Doubt
from agent.monitoring.cycle.times import Times

log = logging.getLogger(__name__)

#: Polls a router now and has it kept; the doubt that is left, None: there is none, or it has left the inventory.
Once = Callable[[str], Awaitable[Doubt | None]]


class Alone:
    """``once`` polls a router; ``over`` hears when that is done, and whether it is to be polled again at once."""

    def __init__(self, once: Once, over: Callable[[str, bool], None], times: Times) -> None:
        self._once, self._over, self._times = once, over, times
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._hurries: dict[str, asyncio.Future[None]] = {}
        self._stopping: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __contains__(self, router: object) -> bool:
        return router in self._tasks

    def start(self, router: str, pace: Pace, doubt: Doubt | None = None) -> None:
        """Poll a router now because it told of something; with a ``doubt``, again soon."""
        self._hurries[router] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._turn(router, pace, doubt), name=f"poll {router}")
        self._tasks[router] = task
        task.add_done_callback(lambda done: self._ended(router, done))

    def hurry(self, router: str) -> None:
        """Poll a router that is in here without waiting; again, where a poll of it is under way."""
        hurry = self._hurries[router]
        if not hurry.done():
            hurry.set_result(None)

    async def stop(self, within_s: float) -> int:
        """Begin nothing more, give polls ``within_s`` to end, abandon the rest; how many were abandoned."""
        if not self._stopping.done():
            self._stopping.set_result(None)
        tasks = set(self._tasks.values())
        if not tasks:
            return 0
        _, left = await asyncio.wait(tasks, timeout=within_s)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return len(left)

    async def _turn(self, router: str, pace: Pace, doubt: Doubt | None) -> None:
        told = doubt is None
        for _ in range(EXTRA_POLLS + told):
            if doubt is not None:
                after_s = pace.confirm_after_s if told and doubt is Doubt.BROKE else pace.again_after_s
                await self._times.wait(self._times.steady() + after_s, self._hurries[router], self._stopping)
            if self._stopping.done():
                return
            if self._hurries[router].done():
                self._hurries[router] = asyncio.get_running_loop().create_future()
            doubt = await self._once(router)
            if doubt is None or self._hurries[router].done():
                return

    def _ended(self, router: str, task: asyncio.Task[None]) -> None:
        del self._tasks[router]
        hurry = self._hurries.pop(router)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("polling %s failed: %s: %s", router, type(error).__name__, error)
        self._over(router, hurry.done() and not self._stopping.done())
