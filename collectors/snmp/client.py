"""Asks many SNMP agents at once over one socket; a dead, slow or lying one affects no other.

An answer counts only if it comes from the address and port that was asked and carries an unpredictable identifier of
an attempt that is still wanted, and if the target's security model accepts it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from collectors.errors import CollectorError, MalformedMessage
from collectors.snmp import ber, v2c, v3message
from collectors.snmp.ber import Oid
from collectors.snmp.exchange import Exchange, Outcome
from collectors.snmp.pdu import Request
from collectors.snmp.port import Address, Port
from collectors.snmp.reading import DEFAULT_REPETITIONS, MAX_ROWS, read_columns, read_instances
from collectors.snmp.session import Session
from collectors.snmp.target import Answer, Community, PollAnswer, PollRequest, Target, V3User
from collectors.snmp.usm import KeyChain
from collectors.snmp.v3 import V3Session
from collectors.snmp.window import Window
from collectors.stream import as_they_come

#: 4 MB lost nothing with 2,000 requests under way; the usual 208 kB overflows at 200.
RECEIVE_BUFFER = 4 << 20

#: Requests under way at once, and what is left of that if the system refuses the buffer.
IN_FLIGHT, IN_FLIGHT_CRAMPED = 1000, 50


@dataclass(slots=True)
class Traffic:
    """Datagrams since the client was opened. ``unmatched`` are late, foreign or forged; ``unreadable`` no SNMP."""

    sent: int = 0
    received: int = 0
    unmatched: int = 0
    unreadable: int = 0


class SnmpClient:
    """An SNMP manager for v2c and v3 that lives as long as its ``async with`` block.

    What SNMPv3 has learned of a target (engine, time, keys) lasts as long as the client: keep one client.
    """

    def __init__(
        self,
        *,
        receive_buffer: int = RECEIVE_BUFFER,
        in_flight: int = IN_FLIGHT,
        randbits: Callable[[int], int] = secrets.randbits,
    ) -> None:
        self._receive_buffer = receive_buffer
        self._in_flight = in_flight
        self._randbits = randbits
        self._keys = KeyChain(randbits(64))
        self._sessions: dict[tuple[Address, Community | V3User], Session] = {}
        self._wanted: dict[tuple[Address, int], Exchange] = {}
        self._exchanges: set[Exchange] = set()
        self._port: Port | None = None
        self.traffic = Traffic()

    async def __aenter__(self) -> Self:
        port = Port(self._hear, self._receive_buffer)
        self._port = port
        limit = self._in_flight if port.roomy else min(self._in_flight, IN_FLIGHT_CRAMPED)
        self._window = Window(limit)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None
        for exchange in tuple(self._exchanges):
            exchange.close()

    @property
    def in_flight_limit(self) -> int:
        """How many requests may be under way at once on this system."""
        return self._window.limit

    async def get(self, target: Target, oids: Iterable[Oid]) -> Answer:
        """Read instances; more than fit one packet are read in several."""
        return await read_instances(self.exchange, target, tuple(oids))

    async def bulk(
        self,
        target: Target,
        columns: Iterable[Oid],
        *,
        repetitions: int = DEFAULT_REPETITIONS,
        max_rows: int = MAX_ROWS,
    ) -> Answer:
        """Walk ``columns`` side by side until each has ended; more than ``max_rows`` rows are a failure."""
        return await read_columns(self.exchange, target, tuple(columns), repetitions, max_rows)

    async def poll(self, requests: Iterable[PollRequest]) -> AsyncGenerator[PollAnswer, None]:
        """Ask all at once and give the answers as they come; close the iterator early to drop the rest."""
        async with aclosing(as_they_come(self._poll_one(request) for request in requests)) as answers:
            async for answer in answers:
                yield answer

    async def exchange(self, target: Target, request: Request) -> Outcome:
        """One request, its retries, and the PDU that answers it or why there is none."""
        if self._port is None:
            raise CollectorError("the SNMP client is not open: use it in an `async with` block")
        exchange = Exchange(self._port, self._window, self._wanted, self._session(target), self._new_identifier)
        self._exchanges.add(exchange)
        try:
            return await exchange.run(target, request)
        finally:
            self._exchanges.discard(exchange)
            self.traffic.sent += exchange.attempts

    async def _poll_one(self, request: PollRequest) -> PollAnswer:
        answer = Answer(request.target)
        if request.oids:
            answer = await self.get(request.target, request.oids)
        if request.columns and answer.failure is None:
            walked = await self.bulk(request.target, request.columns)
            values = {**answer.values, **walked.values}
            answer = Answer(request.target, values, walked.failure, walked.detail)
        return PollAnswer(request.key, answer)

    def _session(self, target: Target) -> Session:
        credentials = target.credentials
        key = ((target.address, target.port), credentials)
        session = self._sessions.get(key)
        if session is None:
            if isinstance(credentials, Community):
                session = v2c.V2cSession(credentials)
            else:
                session = V3Session(credentials, self._keys, time.monotonic)
            self._sessions[key] = session
        return session

    def _new_identifier(self) -> int:
        return self._randbits(31)

    def _hear(self, datagram: bytes, address: Address) -> None:
        self.traffic.received += 1
        try:
            identifier = read_identifier(datagram)
        except MalformedMessage:
            self.traffic.unreadable += 1
            return
        exchange = self._wanted.get((address, identifier))
        if exchange is None:
            self.traffic.unmatched += 1
            return
        exchange.hear(datagram, identifier)


def read_identifier(datagram: bytes) -> int:
    """The request-id of a v2c message, the msgID of a v3 one.

    Raises:
        MalformedMessage: it is neither.
    """
    at, end = ber.expect(datagram, 0, len(datagram), ber.SEQUENCE)
    version, at = ber.read_integer(datagram, at, end)
    if version == v2c.VERSION:
        return v2c.identifier(datagram, at, end)
    if version == v3message.VERSION:
        return v3message.identifier(datagram, at, end)
    raise MalformedMessage(f"SNMP version {version} was not asked for")
