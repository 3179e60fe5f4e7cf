"""SSH in front of a router: a listening address and its connections; silent while management does not reach it."""

from __future__ import annotations

import asyncio
import socket

from agent.lab.errors import LabError
from agent.lab.faults.conditions import Draws
from agent.lab.router import VirtualRouter
from agent.lab.ssh.connection import LOGIN_SECONDS, Connection

POLL_SECONDS = 0.1  # how often a stalled connection looks whether it may go on
RESET_SECONDS = 600.0  # after which a stalled connection is reset
CHUNK = 65536
PIECES = 64  # that are on their way at once


class SshServer:
    """Serves one router on one address. ``await start()``, ``await close()``."""

    def __init__(self, router: VirtualRouter, address: str, port: int) -> None:
        self.router = router
        self.address = address
        self.port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: set[Connection] = set()
        self._chance = Draws(router.name)

    async def start(self) -> None:
        """Listen; port 0 picks one. Raises LabError where the address cannot be used."""
        try:
            self._server = await asyncio.start_server(self._accepted, self.address, self.port)
        except OSError as error:
            raise LabError(f"{self.router.name}: cannot listen on {self.address}:{self.port}: {error}") from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self._connections):
            await connection.ended()
        self._connections.clear()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Stand between the client's socket and the SSH server, and let nothing through while unreachable."""
        await self._passable(reader)
        boots = self.router.boots
        ours, theirs = socket.socketpair()
        inner_reader, inner_writer = await asyncio.open_connection(sock=ours)
        connection = Connection(self.router, theirs)
        self._connections.add(connection)
        ways = [
            asyncio.create_task(self._pump(reader, inner_writer, reader)),
            asyncio.create_task(self._pump(inner_reader, writer, reader)),
            asyncio.create_task(self._until_reboot(boots)),
        ]
        try:
            done, _ = await asyncio.wait(ways, timeout=LOGIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not done and connection.logged_in:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            elif not done:
                await self._passable(reader)
        finally:
            inner_writer.transport.abort()
            for task in ways:
                task.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await connection.ended()
            self._connections.discard(connection)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, client: asyncio.StreamReader
    ) -> None:
        """Carry one way, each piece as late as the line and the router make it, in the order they were sent."""
        way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(PIECES)
        both = [asyncio.create_task(self._take(source, way)), asyncio.create_task(self._carry(way, sink, client))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def _take(self, source: asyncio.StreamReader, way: asyncio.Queue[tuple[float, bytes]]) -> None:
        due, loop, world = 0.0, asyncio.get_running_loop(), self.router.world
        while data := await source.read(CHUNK):
            conditions = world.conditions(self.router)
            due = max(due, loop.time() + conditions.lag_s(len(data), self._chance) + conditions.turn_s / 2)
            await way.put((due, data))
        await way.put((due, b""))

    async def _carry(
        self, way: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter, client: asyncio.StreamReader
    ) -> None:
        while True:
            due, data = await way.get()
            late = due - asyncio.get_running_loop().time()
            if late > 0:
                await asyncio.sleep(late)
            await self._passable(client)
            if not data:
                return
            sink.write(data)
            await sink.drain()

    async def _passable(self, reader: asyncio.StreamReader) -> None:
        waited = 0.0
        while not self._open():
            if waited >= RESET_SECONDS or reader.at_eof():
                raise ConnectionResetError
            await asyncio.sleep(POLL_SECONDS)
            waited += POLL_SECONDS

    async def _until_reboot(self, boots: int) -> None:
        """A session does not outlive the boot it began in; the client learns of it when the router is back."""
        while self.router.boots == boots or not self._open():
            await asyncio.sleep(POLL_SECONDS)

    def _open(self) -> bool:
        """Whether packets come through and the router's SSH does not hang."""
        world = self.router.world
        return world.management_reachable(self.router) and not world.conditions(self.router).ssh_hangs
