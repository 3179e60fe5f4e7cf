"""Servers that hang, break off, drip, or speak something else: always an outcome, in time, never an exception."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from collectors.clocks import ntp
from collectors.errors import BadTarget
from collectors.services import https, sip
from collectors.tls.heads import MAX_HEAD
from collectors.tls.probing import Place, Trust, trust
from collectors.tls.stages import PortProbe, Stage
from tests import leaping
from tests.unit.services.certificates import Authority

NAME = "fe1.lync.test"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def clock() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def server(talk: Talk, authority: Authority | None) -> AsyncIterator[int]:
    """A TLS server, or a plain one without an authority."""
    context = None
    if authority is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.issue(NAME, names=(NAME,)))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    running = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()


def saying(octets: bytes, *, stay: bool = False) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(octets)
        await writer.drain()
        if stay:
            await asyncio.sleep(30)
        writer.close()
        await writer.wait_closed()

    return talk


def both(talk: Talk, authority: Authority, checks: Trust, timeout_s: float = 5.0) -> tuple[PortProbe, PortProbe]:
    async def run() -> tuple[PortProbe, PortProbe]:
        async with server(talk, authority) as port:
            place = Place("127.0.0.1", port, NAME)
            return (await sip.options(place, checks, timeout_s), await https.get(place, checks, clock, timeout_s))

    return leaping.run(run())


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (b"\x00\x01\x02\r\n\r\n", "no SIP answer"),
        (b"SIP/2.0 200 OK\r\n\r\n", "no via"),
        (
            b"SIP/2.0 200 OK\r\nVia: x\r\nFrom: x\r\nTo: x\r\nCall-ID: other\r\nCSeq: 1 OPTIONS\r\n\r\n",
            "another request",
        ),
        (b"SIP/2.0 999 Odd\r\nVia: x\r\n\r\n", "no SIP answer"),
        (b"SIP/2.0 200 OK\r\nno colon here\r\n\r\n", "cannot be read"),
        (b"SIP/2.0 200 OK\r\nVia", "ends in the middle"),
        (b"\xff\xfe\r\n\r\n", "no text"),
        (b"A" * (MAX_HEAD + 100), "longer"),
        (b"", "without an answer"),
    ],
)
def test_what_is_no_answer_is_told(authority: Authority, checks: Trust, said: bytes, problem: str) -> None:
    found, web = both(saying(said), authority, checks)
    assert found.stage is Stage.SECURED
    assert problem in found.problem
    assert web.stage is Stage.SECURED, "nor is it one in HTTP"
    assert found.certificate is not None
    assert not found.wants_certificate


def test_hanging_is_given_up(authority: Authority, checks: Trust) -> None:
    found, web = both(saying(b"", stay=True), authority, checks, timeout_s=0.5)
    assert found.stage is web.stage is Stage.SECURED
    assert "no answer within" in found.problem


def test_dripping_is_given_up(authority: Authority, checks: Trust) -> None:
    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    found, _ = both(drip, authority, checks, timeout_s=0.5)
    assert found.stage is Stage.SECURED
    assert "no answer within" in found.problem


@pytest.mark.parametrize(
    "first", [b"", b"SSH-2.0-x\r\n", b"\x16\x03\x03\xff\xff" + b"\x00" * 60_000, b"\x15\x03\x03\x00\x02\x02\x28"]
)
def test_what_is_no_tls_is_told(checks: Trust, first: bytes) -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await writer.drain()

    async def run() -> PortProbe:
        async with server(talk, None) as port:
            return await sip.options(Place("127.0.0.1", port, NAME), checks, 5.0)

    found = leaping.run(run())
    assert found.stage is Stage.CONNECTED
    assert found.problem
    assert not found.wants_certificate


@pytest.mark.filterwarnings("ignore:.*TLSv1.*:DeprecationWarning")
def test_a_server_of_2010_is_heard(authority: Authority, checks: Trust) -> None:
    """It speaks TLS 1.0 and nothing newer."""

    async def run() -> PortProbe:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(*authority.issue(NAME, names=(NAME,)))

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await writer.drain()
            writer.close()

        running = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        try:
            place = Place("127.0.0.1", running.sockets[0].getsockname()[1], NAME)
            return await https.get(place, checks, clock, 5.0)
        finally:
            running.close()

    found = leaping.run(run())
    assert found.stage is Stage.ANSWERED
    assert found.protocol == "TLSv1"
    assert found.untrusted == ""


def test_an_empty_file_of_authorities_is_refused() -> None:
    for text in ("", " \n", "no certificate"):
        with pytest.raises(BadTarget):
            trust(text)


def test_a_packet_that_nobody_answers_is_silence(checks: Trust) -> None:
    """A full queue drops every attempt to connect, as a machine that is not there does."""
    with socket.socket() as hole, socket.socket() as filler, socket.socket() as second:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        for one in (filler, second):
            one.setblocking(False)
            one.connect_ex(hole.getsockname())
        found = asyncio.run(sip.options(Place("127.0.0.1", hole.getsockname()[1], NAME), checks, 0.5))
    assert found.stage is Stage.SILENT
    assert found.heard is False


class Liar(asyncio.DatagramProtocol):
    """Answers SNTP with what it is told to."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        assert isinstance(self.transport, asyncio.DatagramTransport)
        self.transport.sendto(self.answer(data), address)


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: b"",
        lambda _: b"\x24" * 20,
        lambda _: b"\x24\x02" + b"\x00" * 46,
        lambda data: data,
        lambda data: b"\x24\x02\x06\xec" + b"\x00" * 20 + b"\xff" * 8 + data[40:48] + b"\xff" * 15,
    ],
)
def test_sntp_takes_nothing_for_an_answer_that_is_none(
    answer: Callable[[bytes], bytes],
) -> None:
    async def run() -> ntp.NtpProbe:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: Liar(answer), local_addr=("127.0.0.1", 0))
        try:
            return await ntp.ask("127.0.0.1", transport.get_extra_info("sockname")[1], clock)
        finally:
            transport.close()

    found = leaping.run(run())
    assert found.clock is None
    assert found.problem
