"""Blocking work beside the event loop, in threads that do not keep a stopping process alive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from multiprocessing.pool import ThreadPool
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """At most ``limit`` pieces of work at a time; the others wait their turn.

    Not the standard executor: its threads are joined when the process ends, and one hung session would hold it.
    """

    def __init__(self, limit: int) -> None:
        self._pool = ThreadPool(limit)

    async def run(self, work: Callable[[], T]) -> T:
        """The result of ``work``, or what it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def tell(act: Callable[[], None]) -> None:
            """In the loop, unless nobody waits there any more."""
            if not loop.is_closed():
                loop.call_soon_threadsafe(lambda: None if future.done() else act())

        self._pool.apply_async(
            work,
            callback=lambda result: tell(lambda: future.set_result(result)),
            error_callback=lambda error: tell(lambda: future.set_exception(error)),
        )
        return await future

    def close(self) -> None:
        """Take no more work; what runs is left to itself."""
        self._pool.close()
