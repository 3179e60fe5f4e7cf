"""Threads that serve an SSH connection, and their way into the event loop in which the router lives."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import TypeVar

LOOP_SECONDS = 60.0  # in which the loop answers a thread, or the connection is given up
LOOK_SECONDS = 0.01  # between two looks whether the threads of a connection have ended

T = TypeVar("T")


class Threads:
    """The threads of one connection. Made in the loop; nothing of the router is touched outside ``call``."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._threads: list[threading.Thread] = []

    def add(self, thread: threading.Thread) -> None:
        """Know of a thread that was started elsewhere."""
        thread.name = self._name
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]

    def start(self, *works: Callable[[], None]) -> None:
        """Run each work in a thread of its own. Called by a thread that is known already."""
        for work in works:
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            self.add(thread)

    def call(self, step: Callable[[], T]) -> T:
        """Do a step in the loop, from a thread, and wait for it. Raises OSError where the loop does not answer."""
        try:
            return asyncio.run_coroutine_threadsafe(_once(step), self._loop).result(LOOP_SECONDS)
        except CancelledError:
            raise ConnectionAbortedError("the lab ends") from None

    async def ended(self) -> None:
        """Wait until no thread is left."""
        while any(thread.is_alive() for thread in self._threads):
            await asyncio.sleep(LOOK_SECONDS)


async def _once(step: Callable[[], T]) -> T:
    return step()
