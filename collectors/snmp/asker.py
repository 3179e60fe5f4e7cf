"""Asks many agents at once over one port, by callbacks: no task and no future for a request.

An answer counts only if it comes from the address and port that was asked and carries an unpredictable identifier of
an attempt that is still wanted, and if the target's security model accepts it.
"""

from __future__ import annotations

import os
import struct
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from collectors.codec import ber
from collectors.codec.pdu import Request
from collectors.errors import MalformedMessage
from collectors.security import v2c, v3message
from collectors.security.session import Session
from collectors.snmp.exchange import Exchange, Outcome
from collectors.snmp.port import Address, Sender
from collectors.snmp.wheel import Wheel

#: Random numbers that the system is asked for at once.
DRAWN = 1024

#: The machine's own numbers where this is compiled (asker.pxd).
_V2C, _V3 = v2c.VERSION, v3message.VERSION


@dataclass(slots=True)
class Traffic:
    """Datagrams since the port was opened. ``unmatched`` are late, foreign or replayed; ``unreadable`` no SNMP;
    ``refused`` carry an identifier of ours and are forged, stale or broken."""

    sent: int = 0
    received: int = 0
    unmatched: int = 0
    unreadable: int = 0
    refused: int = 0


class Asker:
    """At most ``limit`` requests are under way, so that their answers fit the receive buffer; others wait in line."""

    def __init__(self, port: Sender, limit: int, identifiers: Iterator[int] | None = None) -> None:
        self.limit = limit
        self.port = port
        self.wheel = Wheel(port.drain)
        self.traffic = Traffic()
        self.wanted: dict[int, Exchange] = {}
        self._identifiers = unpredictable() if identifiers is None else identifiers
        self._under_way = 0
        self._line: deque[Exchange] = deque()
        #: Called when there is a place that nobody waits for.
        self.vacant: Callable[[], None] | None = None

    def ask(
        self,
        address: Address,
        session: Session,
        request: Request,
        patience: tuple[float, ...],
        told: Callable[[Outcome], None],
    ) -> Exchange:
        """Send ``request`` as often as there are seconds in ``patience``, each for one try; ``told`` hears the outcome.

        Nothing is told of an exchange that is dropped.
        """
        exchange = Exchange(self, address, session, request, patience, told)
        self.enter(exchange)
        return exchange

    def enter(self, exchange: Exchange) -> None:
        """Let ``exchange`` try, now or when there is a place."""
        if self._under_way < self.limit:
            self._under_way += 1
            exchange.attempt()
        else:
            self._line.append(exchange)

    def leave(self) -> None:
        """A place is free: it goes to the next in line."""
        while self._line:
            exchange = self._line.popleft()
            if not exchange.over:
                exchange.attempt()
                return
        self._under_way -= 1
        if self.vacant is not None:
            self.vacant()

    @property
    def free(self) -> int:
        """Places that nobody has or waits for."""
        return 0 if self._line else self.limit - self._under_way

    def identifier(self) -> int:
        """A number that no attempt under way carries."""
        for number in self._identifiers:
            if number not in self.wanted:
                return number
        raise AssertionError("identifiers never end")

    def hear(self, datagram: bytes, address: Address) -> None:
        """Take what came in."""
        self.traffic.received += 1
        try:
            identifier = read_identifier(datagram)
        except MalformedMessage:
            self.traffic.unreadable += 1
            return
        exchange = self.wanted.get(identifier)
        if exchange is None or exchange.address != address:
            self.traffic.unmatched += 1
        else:
            exchange.hear(datagram, identifier)

    def close(self) -> None:
        """Tell all that still wait that it is over."""
        self.wheel.stop()
        waiting = {*self.wanted.values(), *self._line}
        self._line.clear()
        for exchange in waiting:
            exchange.close()


def unpredictable() -> Iterator[int]:
    """Random numbers of 31 bits, without end."""
    while True:
        for number in struct.unpack(f"{DRAWN}I", os.urandom(4 * DRAWN)):
            yield number >> 1


def read_identifier(datagram: bytes) -> int:
    """The request-id of a v2c message, the msgID of a v3 one.

    Raises:
        MalformedMessage: it is neither.
    """
    at, end = ber.expect(datagram, 0, len(datagram), ber.SEQUENCE)
    version, at = ber.read_integer(datagram, at, end)
    if version == _V2C:
        return v2c.identifier(datagram, at, end)
    if version == _V3:
        return v3message.identifier(datagram, at, end)
    raise MalformedMessage(f"SNMP version {version} was not asked for")
