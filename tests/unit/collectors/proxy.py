"""A proxy between the client and a real agent that changes what the agent answers, and ways to forge SNMPv3."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from collectors.codec import ber
from collectors.snmp import Target, V3User
from tests.unit.collectors.agents import Agent, agent, silent
from tests.unit.collectors.snmpd import Snmpd


class Proxy:
    """Between client and a real agent: what the agent answers goes through ``change``."""

    def __init__(self, front: Agent, change: Callable[[bytes], Iterable[bytes]]) -> None:
        self.front, self.address, self.change = front, front.address, change

    def target(self, user: V3User, timeout_s: float = 0.5, retries: int = 0) -> Target:
        return Target(*self.address, user, timeout_s, retries)


@asynccontextmanager
async def proxy(behind: Snmpd, change: Callable[[bytes], Iterable[bytes]]) -> AsyncIterator[Proxy]:
    async with agent(silent) as front, agent(silent) as back:
        middle = Proxy(front, change)

        def forward(datagram: bytes) -> Iterable[bytes]:
            back.transport.sendto(datagram, ("127.0.0.1", behind.port))
            return []

        def backward(datagram: bytes) -> Iterable[bytes]:
            for changed in middle.change(datagram):
                front.transport.sendto(changed, front.askers[-1])
            return []

        front.behaviour, back.behaviour = forward, backward
        yield middle


def fields(message: bytes) -> tuple[int, int]:
    """Where a v3 message's authentication code starts and stops, found by hand."""

    def head(at: int) -> tuple[int, int]:
        length = message[at + 1]
        if length < 0x80:
            return at + 2, at + 2 + length
        octets = length & 0x7F
        start = at + 2 + octets
        return start, start + int.from_bytes(message[at + 2 : start], "big")

    at, _ = head(0)
    for _ in range(2):
        _, at = head(at)
    at, _ = head(at)
    at, _ = head(at)
    for _ in range(4):
        _, at = head(at)
    return head(at)


def corrupted(message: bytes) -> list[bytes]:
    start, stop = fields(message)
    return [message[:start] + bytes(octet ^ 0x5A for octet in message[start:stop]) + message[stop:]]


def one_bit(message: bytes) -> list[bytes]:
    """One bit of the encrypted part."""
    return [message[:-1] + bytes((message[-1] ^ 1,))] if fields(message)[0] != fields(message)[1] else [message]


def zeroed(message: bytes) -> list[bytes]:
    start, stop = fields(message)
    return [message[:start] + bytes(stop - start) + message[stop:]]


def emptied(message: bytes) -> list[bytes]:
    """An authentication code of no octets, and all the lengths around it right."""
    start, stop = fields(message)
    if start == stop:
        return [message]
    at, end = ber.expect(message, 0, len(message), ber.SEQUENCE)
    _, after_version = ber.read_integer(message, at, end)
    _, after_header = ber.expect(message, after_version, end, ber.SEQUENCE)
    security, data = ber.expect(message, after_header, end, ber.OCTETS)
    inner, _ = ber.expect(message, security, data, ber.SEQUENCE)
    parameters = message[inner : start - 2] + b"\x04\x00" + message[stop:data]
    wrapped = ber.field(ber.OCTETS, ber.field(ber.SEQUENCE, parameters))
    return [ber.field(ber.SEQUENCE, message[at:after_header] + wrapped + message[data:])]
