"""Blocking work beside the event loop, in threads that do not keep a stopping process alive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """At most ``limit`` pieces of work at a time; the others wait their turn.

    Not the standard executor: its threads are joined when the process ends, and one hung session would hold it. Not
    multiprocessing's pool: its locks need shared memory, which a hardened service may not have.
    """

    def __init__(self, limit: int) -> None:
        self._waiting: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._limit = limit
        for _ in range(limit):
            Thread(target=self._work, daemon=True).start()

    async def run(self, work: Callable[[], T]) -> T:
        """The result of ``work``, or what it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def tell(act: Callable[[], None]) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits there any more
                loop.call_soon_threadsafe(lambda: None if future.done() else act())

        def done() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one who waits
                tell(partial(future.set_exception, error))
            else:
                tell(partial(future.set_result, result))

        self._waiting.put(done)
        return await future

    def close(self) -> None:
        """Take no more work; what was taken is still done, and what hangs is left to itself."""
        for _ in range(self._limit):
            self._waiting.put(None)

    def _work(self) -> None:
        while (work := self._waiting.get()) is not None:
            work()
