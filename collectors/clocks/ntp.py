"""Asks an SNTP server for the time (RFC 4330, RFC 5905), one datagram, and tells its clock from ours."""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collectors.clocks.reading import Asked, ClockReading, Source
from collectors.errors import MalformedMessage

PORT = 123
SIZE = 48
_FORMAT = struct.Struct(">BBbb3I4Q")
#: Version 4, mode 3 (client); servers of every version answer it.
_QUESTION = 0x23
_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_ERA_S = 2**32
#: How often the question is sent, and how long each waits, in seconds.
TRIES, TRY_S = 2, 1.5


@dataclass(frozen=True, slots=True)
class NtpProbe:
    """What an SNTP server said; ``clock`` is None where nothing usable came, and ``problem`` says why.

    ``synchronised`` is what it says of itself: one that is not may still tell what time it has. ``heard`` is None
    where we could not ask.
    """

    heard: bool | None
    problem: str = ""
    clock: ClockReading | None = None
    synchronised: bool = False
    stratum: int | None = None


def question(nonce: int) -> bytes:
    """A request; its transmit time is 64 random bits, which only the true answer returns."""
    return _FORMAT.pack(_QUESTION, 0, 0, 0, 0, 0, 0, 0, 0, 0, nonce)


def read_answer(octets: bytes, nonce: int, asked: Asked) -> NtpProbe:
    """What an answer says; raises MalformedMessage for what is no answer to the question."""
    if len(octets) < SIZE:
        raise MalformedMessage(f"an SNTP answer has {SIZE} octets at least, this one {len(octets)}")
    first, stratum, _, _, _, _, _, _, origin, receive, transmit = _FORMAT.unpack(octets[:SIZE])
    if first & 0x07 != 4 or not 1 <= first >> 3 & 0x07 <= 4:
        raise MalformedMessage("it is no answer of an SNTP server")
    if origin != nonce:
        raise MalformedMessage("it answers another question")
    if stratum == 0:
        return NtpProbe(True, "it refuses to be asked (kiss of death)")
    if transmit == 0 or receive == 0:
        return NtpProbe(True, "it does not tell its time", stratum=stratum)
    came, went = _moment(receive, asked.middle), _moment(transmit, asked.middle)
    offset = ((came - asked.sent) + (went - asked.received)).total_seconds() / 2
    held = max(0.0, (went - came).total_seconds())
    within = max(0.0, 2 * asked.half_s - held) / 2 + 0.001
    synchronised = first >> 6 != 3 and stratum < 16
    return NtpProbe(True, "", ClockReading(Source.SNTP, offset, within), synchronised, stratum)


def stamp(moment: datetime) -> int:
    """An aware moment as NTP's 64 bits."""
    since = moment - _EPOCH
    seconds = since.days * 86_400 + since.seconds
    return (seconds % _ERA_S) << 32 | since.microseconds * 2**32 // 1_000_000


def _moment(value: int, near: datetime) -> datetime:
    """NTP's seconds begin anew every 136 years: the moment that is nearest to ``near``."""
    since = timedelta(seconds=value >> 32, microseconds=(value & 0xFFFFFFFF) * 1_000_000 // 2**32)
    eras = round((near - _EPOCH - since).total_seconds() / _ERA_S)
    return _EPOCH + since + timedelta(seconds=max(0, eras) * _ERA_S)


async def ask(host: str, port: int, clock: Callable[[], datetime]) -> NtpProbe:
    """Ask; bounded by TRIES times TRY_S seconds, whatever comes back. ``clock`` is this machine's, aware."""
    loop = asyncio.get_running_loop()
    try:
        transport, protocol = await loop.create_datagram_endpoint(_Listener, remote_addr=(host, port))
    except OSError as error:
        return NtpProbe(None, f"could not be asked: {error.strerror or type(error).__name__}")
    try:
        for _ in range(TRIES):
            nonce, sent = secrets.randbits(64), clock()
            transport.sendto(question(nonce))
            with suppress(TimeoutError):
                async with asyncio.timeout(TRY_S):
                    return await _answer(protocol, nonce, sent, clock)
        return NtpProbe(False, "no answer")
    finally:
        transport.close()


async def _answer(protocol: _Listener, nonce: int, sent: datetime, clock: Callable[[], datetime]) -> NtpProbe:
    """The first true answer; what is none is passed over, because the true one may still come."""
    while True:
        octets = await protocol.heard.get()
        if octets is None:
            return NtpProbe(True, "refused: nothing listens")
        with suppress(MalformedMessage):
            return read_answer(octets, nonce, Asked(sent, clock()))


class _Listener(asyncio.DatagramProtocol):
    """Hears what comes from the one address that was asked."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=64)

    def datagram_received(self, data: bytes, _address: object) -> None:
        with suppress(asyncio.QueueFull):
            self.heard.put_nowait(data)

    def error_received(self, _error: Exception) -> None:
        """The machine says that nobody listens there."""
        with suppress(asyncio.QueueFull):
            self.heard.put_nowait(None)
