"""A TLS port of a virtual server: open, shut, or swallowing every connection as a server does that is not there."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum

from agent.lab.errors import LabError

#: Serves one connection; whatever it raises ends the connection.
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

#: Connections that fill a queue of length 0, so that Linux drops every further attempt.
_FILLERS = 3
#: Real seconds that one connection may last.
_LONGEST_S = 60.0


class Way(StrEnum):
    """What becomes of a connection."""

    OPEN = "open"
    SHUT = "shut"
    SILENT = "silent"


class Door:
    """One port; ``context`` may be changed while it is open: it counts for the next connection."""

    def __init__(self, host: str, port: int, context: Callable[[], ssl.SSLContext], talk: Talk) -> None:
        self._place = (host, port)
        self._context = context
        self._talk = talk
        self._way = Way.SHUT
        self._socket: socket.socket | None = None
        self._fillers: list[socket.socket] = []
        self._visits: set[asyncio.Task[None]] = set()

    def turn(self, way: Way) -> None:
        """Open, shut or silence the port in the running loop; LabError where the address is taken."""
        if way is self._way:
            return
        self._release()
        self._way = way
        if way is Way.OPEN:
            self._socket = self._bound(16)
            asyncio.get_running_loop().add_reader(self._socket.fileno(), self._accept)
        elif way is Way.SILENT:
            self._socket = self._bound(0)
            self._fillers = [self._filler() for _ in range(_FILLERS)]

    async def close(self) -> None:
        """Give the address back and end every connection."""
        self._release()
        self._way = Way.SHUT
        visits = tuple(self._visits)
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)

    def _bound(self, backlog: int) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(self._place)
            bound.listen(backlog)
        except OSError as problem:
            bound.close()
            raise LabError(f"TCP {self._place[0]}:{self._place[1]} cannot be used: {problem.strerror}") from problem
        return bound

    def _filler(self) -> socket.socket:
        filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        filler.setblocking(False)
        filler.connect_ex(self._place)
        return filler

    def _release(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None
        for filler in self._fillers:
            filler.close()
        self._fillers = []
        for visit in self._visits:
            visit.cancel()

    def _accept(self) -> None:
        if self._socket is None:
            return
        try:
            connection, _ = self._socket.accept()
        except OSError:
            return
        connection.setblocking(False)
        visit = asyncio.get_running_loop().create_task(self._serve(connection))
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)

    async def _serve(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        with suppress(OSError, EOFError, ValueError, asyncio.LimitOverrunError, TimeoutError):
            async with asyncio.timeout(_LONGEST_S):
                transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=self._context())
                writer = asyncio.StreamWriter(transport, protocol, reader, loop)
                try:
                    await self._talk(reader, writer)
                    await writer.drain()
                finally:
                    writer.close()
