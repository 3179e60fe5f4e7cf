"""One request to one agent: its attempts, its deadline, and what becomes of the bytes that come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from collectors.errors import MalformedMessage
from collectors.snmp.pdu import Pdu, Request
from collectors.snmp.port import Address, Sender
from collectors.snmp.session import Again, Hint, Ignored, Sent, Session
from collectors.snmp.target import Failure, Target
from collectors.snmp.window import Place, Window

#: How often an agent may make us learn something and send again at once: discovery, time, a new engine, time again.
MAX_LESSONS = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """The PDU that answers, or why there is none; the seconds from sending to answer.

    ``lost`` counts the tries before the answered one: what came late is not lost.
    """

    pdu: Pdu | None
    failure: Failure | None = None
    detail: str = ""
    round_trip_s: float | None = None
    lost: int = 0


class Exchange:
    """Sends, waits, sends again; all its identifiers stay valid until it ends, so a late answer to it still counts."""

    def __init__(
        self,
        port: Sender,
        window: Window,
        wanted: dict[tuple[Address, int], Exchange],
        session: Session,
        new_identifier: Callable[[], int],
    ) -> None:
        self._port = port
        self._window = window
        self._wanted = wanted
        self._session = session
        self._new_identifier = new_identifier
        self._loop = asyncio.get_running_loop()
        self._outcome: asyncio.Future[Outcome] = self._loop.create_future()
        self._sent: dict[int, tuple[Sent, float, int]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._place: Place | None = None
        self._lessons = 0
        self._tries = 0
        self._asked = False
        self._not_sent = ""
        self._reason = (Failure.TIMEOUT, "")
        self.attempts = 0

    async def run(self, target: Target, request: Request) -> Outcome:
        """Ask until there is an outcome."""
        self._target, self._request = target, request
        self._address = (target.address, target.port)
        try:
            self._window.enter(self._try)
            return await self._outcome
        finally:
            self._end()

    def hear(self, datagram: bytes, identifier: int) -> None:
        """Bytes from the target that carry an identifier of ours."""
        sent, sent_at, tried = self._sent[identifier]
        try:
            verdict = self._session.judge(datagram, sent)
        except MalformedMessage as error:
            verdict = Ignored(str(error))
        match verdict:
            case Pdu():
                self._finish(Outcome(verdict, round_trip_s=self._loop.time() - sent_at, lost=tried - 1))
            case Again():
                self._learn(verdict)
            case Hint():
                self._reason = (verdict.failure, verdict.detail)
                self._tries = self._target.retries + 1
            case Ignored():
                if self._reason[0] is Failure.TIMEOUT:
                    self._reason = (Failure.UNUSABLE, verdict.reason)

    def close(self) -> None:
        """End without an answer."""
        self._finish(Outcome(None, Failure.CLOSED))

    def _try(self, place: Place) -> None:
        if self._outcome.done():
            place.leave()
            return
        self._place = place
        self._tries += 1
        self._timer = self._loop.call_later(self._target.timeout_s, self._expired)
        self._send()

    def _send(self) -> None:
        identifier = self._new_identifier()
        while (self._address, identifier) in self._wanted:
            identifier = self._new_identifier()
        sent = self._session.seal(self._request, identifier)
        self._sent[identifier] = sent, self._loop.time(), self._tries
        self._wanted[self._address, identifier] = self
        self.attempts += 1
        problem = self._port.send(sent.datagram, self._address)
        if not problem:
            self._asked = True
        elif not self._asked:
            self._not_sent = problem

    def _learn(self, verdict: Again) -> None:
        self._lessons += 1
        if self._lessons > MAX_LESSONS:
            self._reason = (verdict.failure, verdict.reason)
            self._tries = self._target.retries + 1
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(self._target.timeout_s, self._expired)
        self._send()

    def _expired(self) -> None:
        if self._place is not None:
            self._place.leave()
        if self._tries <= self._target.retries:
            self._window.enter(self._try)
            return
        self._session.gave_up()
        failure, detail = self._reason if self._asked else (Failure.NOT_SENT, self._not_sent)
        self._finish(Outcome(None, failure, detail))

    def _finish(self, outcome: Outcome) -> None:
        if not self._outcome.done():
            self._outcome.set_result(outcome)
        self._end()

    def _end(self) -> None:
        for identifier in self._sent:
            self._wanted.pop((self._address, identifier), None)
        if self._timer is not None:
            self._timer.cancel()
        if self._place is not None:
            self._place.leave()
