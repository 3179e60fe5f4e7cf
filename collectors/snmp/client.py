"""An SNMP manager by futures, for those who ask a few agents and wait: a layer upon ``collectors.snmp.asker``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing

from collectors.codec.ber import Oid
from collectors.codec.pdu import Request
from collectors.codec.values import Value, typed
from collectors.errors import CollectorError
from collectors.security.credentials import Community, V3User
from collectors.security.session import Session
from collectors.security.v2c import V2cSession
from collectors.security.v3 import V3Session
from collectors.snmp.exchange import Outcome
from collectors.snmp.port import Address
from collectors.snmp.reading import DEFAULT_REPETITIONS, MAX_ROWS, Columns, Instances, Reading, packets
from collectors.snmp.station import RECEIVE_BUFFER, Station
from collectors.snmp.target import Answer, PollAnswer, PollRequest, Target
from collectors.stream import as_they_come

#: Requests under way at once, if they find room.
IN_FLIGHT = 1000


class SnmpClient(Station):
    """An SNMP manager for v2c and v3 that lives as long as its ``async with`` block.

    What SNMPv3 has learned of a target (engine, time, keys) lasts as long as the client: keep one client.
    """

    def __init__(self, *, receive_buffer: int = RECEIVE_BUFFER, in_flight: int = IN_FLIGHT) -> None:
        super().__init__(receive_buffer, in_flight)
        self._sessions: dict[tuple[Address, Community | V3User], Session] = {}

    async def get(self, target: Target, oids: Iterable[Oid]) -> Answer:
        """Read instances; more than fit one packet are read in several."""
        asked = tuple(oids)
        reading = Instances(packets(asked))

        def values() -> dict[Oid, Value]:
            return dict(zip(asked, map(typed, reading.kinds, reading.values), strict=False))

        return await self._read(target, reading, values)

    async def bulk(
        self,
        target: Target,
        columns: Iterable[Oid],
        *,
        repetitions: int = DEFAULT_REPETITIONS,
        max_rows: int = MAX_ROWS,
    ) -> Answer:
        """Walk ``columns`` side by side until each has ended; more than ``max_rows`` rows are a failure."""
        reading = Columns(tuple(columns), repetitions, max_rows)
        return await self._read(target, reading, lambda: reading.values)

    async def poll(self, requests: Iterable[PollRequest]) -> AsyncGenerator[PollAnswer, None]:
        """Ask all at once and give the answers as they come; close the iterator early to drop the rest."""
        async with aclosing(as_they_come(self._poll_one(request) for request in requests)) as answers:
            async for answer in answers:
                yield answer

    async def exchange(self, target: Target, request: Request) -> Outcome:
        """One request, its retries, and the reply that answers it or why there is none."""
        if self._port is None:
            raise CollectorError("the SNMP client is not open: use it in an `async with` block")
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        address = (target.address, target.port)
        patience = (target.timeout_s,) * (target.retries + 1)
        exchange = self._asker.ask(address, self._session(target), request, patience, outcome.set_result)
        try:
            return await outcome
        finally:
            exchange.drop()

    async def _read(self, target: Target, reading: Reading, values: Callable[[], dict[Oid, Value]]) -> Answer:
        round_trip_s, requests, lost = None, 0, 0
        while (request := reading.request) is not None:
            outcome = await self.exchange(target, request)
            if outcome.reply is None:
                return Answer(target, values(), outcome.failure, outcome.detail)
            requests, lost, round_trip_s = requests + 1, lost + outcome.lost, outcome.round_trip_s
            if (problem := reading.take(outcome.reply)) is not None:
                return Answer(target, values(), problem.failure, problem.detail)
        return Answer(target, values(), None, "", round_trip_s, requests, lost)

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
                session = V2cSession(credentials)
            else:
                session = V3Session(credentials, self._keys, time.monotonic)
            self._sessions[key] = session
        return session
