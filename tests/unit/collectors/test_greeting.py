"""How far a connection to SSH gets: real sockets that greet, refuse, hang, babble and cut off."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from collectors.greeting import MOST_OCTETS, Greeting, Stage, greeting

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def says(*pieces: bytes, closes: bool = True) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        if not closes:
            await reader.read()
        writer.close()

    return behave


def met(behaviour: Behaviour) -> Greeting:
    async def run() -> Greeting:
        server = await asyncio.start_server(behaviour, "127.0.0.1", 0)
        async with server:
            return await greeting("127.0.0.1", server.sockets[0].getsockname()[1], 0.5)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("behaviour", "stage"),
    [
        pytest.param(says(b"SSH-2.0-Cisco-1.25\r\n", closes=False), Stage.GREETED, id="greets"),
        pytest.param(says(b"SS", b"H-2.0", b"-Cisco\r\n"), Stage.GREETED, id="in pieces"),
        pytest.param(says(b"Welcome\r\n", b"SSH-2.0-Cisco\r\n"), Stage.GREETED, id="lines before, RFC 4253"),
        pytest.param(says(closes=False), Stage.NO_BANNER, id="hangs"),
        pytest.param(says(), Stage.NO_BANNER, id="closes"),
        pytest.param(says(b"HTTP/1.1 400 Bad Request\r\n"), Stage.NOT_SSH, id="something else"),
        pytest.param(says(b"x" * (4 * MOST_OCTETS), closes=False), Stage.NOT_SSH, id="without end"),
    ],
)
def test_stages(behaviour: Behaviour, stage: Stage) -> None:
    found = met(behaviour)
    assert found.stage is stage
    assert found.detail


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        assert asyncio.run(greeting("127.0.0.1", port, 1.0)).stage is Stage.REFUSED


def test_a_connection_that_never_comes_about_is_unreachable() -> None:
    """A full backlog drops further attempts, as a filter does."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        assert asyncio.run(greeting("127.0.0.1", address[1], 0.5)).stage is Stage.UNREACHABLE
        for one in waiting:
            one.close()
