"""The way between the daemon and a worker process: a pair of sockets, octets with their length before them.

Objects are pickled: both ends are this program, started by the same user, and nobody else has the sockets. Secrets go
this way and no other; modules are sent by their names, so that both ends have them once.
"""

from __future__ import annotations

import asyncio
import copyreg
import io
import pickle
import socket
import struct
from functools import cache
from typing import Any

from collectors.modules import Module, modules_of
from inventory import Secret
from inventory.platforms import PLATFORMS

_LENGTH = struct.Struct(">I")


class Wire:
    """One end; to be used in the event loop alone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        #: Octets that went out and came in.
        self.sent = self.received = 0

    @classmethod
    async def on(cls, end: socket.socket) -> Wire:
        """An end of a pair of sockets."""
        return cls(*await asyncio.open_unix_connection(sock=end))

    def send(self, message: object) -> None:
        """Send soon, in order; nothing where the other end is gone."""
        data = packed(message)
        self._writer.writelines((_LENGTH.pack(len(data)), data))
        self.sent += len(data)

    async def receive(self) -> Any:
        """The next message; EOFError where the other end is gone."""
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            data = await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise EOFError("the other end is gone") from error
        self.received += length
        return pickle.loads(data)  # noqa: S301 - it comes from this program, see above

    async def drained(self) -> None:
        """Everything has been handed to the system; EOFError where the other end is gone."""
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise EOFError("the other end is gone") from error

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


def packed(message: object) -> bytes:
    """A message in octets."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCED
    pickler.dump(message)
    return buffer.getvalue()


def _reduce_secret(secret: Secret) -> tuple[Any, ...]:
    return Secret, (secret.reveal(),)


def _reduce_module(module: Module) -> tuple[Any, ...]:
    return _module, _names()[module]


@cache
def _names() -> dict[Module, tuple[str, str]]:
    agents = sorted({platform.agent for platform in PLATFORMS.values()})
    return {module: (agent, module.name) for agent in agents for module in modules_of(agent)}


def _module(agent: str, name: str) -> Module:
    return next(module for module in modules_of(agent) if module.name == name)


_REDUCED = copyreg.dispatch_table | {Secret: _reduce_secret, Module: _reduce_module}
