"""Runs looks at Lync servers on an event loop of their own: a slow server holds up neither others nor the duty."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial

from collectors.snmp import SnmpClient

log = logging.getLogger(__name__)

#: A server's turn: looks, with the one SNMP client of all turns, which remembers what it learned of SNMPv3 agents.
Turn = Callable[[SnmpClient], Awaitable[None]]


class Turns:
    """At most one turn of a server at a time; what one raises is logged and stops no other."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: SnmpClient | None = None
        self._opening: asyncio.Lock | None = None
        self._flying: dict[str, Future[None]] = {}

    def flying(self, name: str) -> bool:
        """Whether a server's turn goes on still."""
        return name in self._flying

    def start(self, name: str, turn: Turn) -> None:
        """Begin a server's turn and come back at once."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._opening = asyncio.Lock()
            threading.Thread(target=self._loop.run_forever, name="lync watch", daemon=True).start()
        future = asyncio.run_coroutine_threadsafe(self._run(turn), self._loop)
        self._flying[name] = future
        future.add_done_callback(partial(self._landed, name))

    def close(self) -> None:
        """End what goes on and the loop; for those that outlive their turns."""
        if self._loop is None:
            return
        for future in tuple(self._flying.values()):
            future.cancel()
        if self._client is not None:
            asyncio.run_coroutine_threadsafe(self._client.__aexit__(None, None, None), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._loop = self._client = None

    async def _run(self, turn: Turn) -> None:
        await turn(await self._opened())

    async def _opened(self) -> SnmpClient:
        if self._opening is None:
            raise RuntimeError("no turn was started")
        async with self._opening:
            if self._client is None:
                client = SnmpClient()
                self._client = await client.__aenter__()
            return self._client

    def _landed(self, name: str, done: Future[None]) -> None:
        self._flying.pop(name, None)
        if not done.cancelled() and (error := done.exception()) is not None:
            log.error("looking at %s failed: %s: %s", name, type(error).__name__, error)
