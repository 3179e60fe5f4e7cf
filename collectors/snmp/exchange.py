"""One request to one agent: its attempts, its deadlines, and what becomes of the bytes that come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from collectors.codec.answer import Reply
from collectors.codec.pdu import Request
from collectors.errors import MalformedMessage
from collectors.security.session import Again, Failure, Hint, Ignored, Sent, Session
from collectors.snmp.port import Address

if TYPE_CHECKING:
    from collectors.snmp.asker import Asker

#: How often an agent may make us learn something and send again at once: discovery, time, a new engine, time again.
MAX_LESSONS = 4

#: An answer later than this is not part of the burst that the buffer must hold; so a dead device keeps its place no
#: longer than this many seconds, however long its time-out is.
HOLD_S = 0.25


class Outcome(NamedTuple):
    """The reply, or why there is none; the seconds from sending to answer.

    ``lost`` counts the tries before the answered one: what came late is not lost.
    """

    reply: Reply | None
    failure: Failure | None = None
    detail: str = ""
    round_trip_s: float | None = None
    lost: int = 0


class Attempt:
    """A message that went out, when on the loop's clock, and in which try."""

    __slots__ = ("at", "sent", "tried")

    def __init__(self, sent: Sent, at: float, tried: int) -> None:
        self.sent = sent
        self.at = at
        self.tried = tried


class Exchange:
    """Sends, waits, sends again; all its identifiers stay valid until it ends, so a late answer to it still counts."""

    __slots__ = (
        "_asked", "_asker", "_attempts", "_deadline", "_lessons", "_not_sent", "_patience", "_place", "_reason",
        "_request", "_session", "_told", "_tries", "_wheel", "address", "over", "tick",
    )  # fmt: skip

    def __init__(
        self,
        asker: Asker,
        address: Address,
        session: Session,
        request: Request,
        patience: tuple[float, ...],
        told: Callable[[Outcome], None],
    ) -> None:
        self._asker = asker
        self._wheel = asker.wheel
        self.address = address
        self._session = session
        self._request = request
        self._patience = patience
        self._told = told
        self._attempts: list[Attempt] = []
        self._deadline = 0.0
        self._lessons = 0
        self._tries = 0
        self._place = False
        self._asked = False
        self._not_sent = ""
        self._reason = (Failure.TIMEOUT, "")
        self.over = False
        self.tick = 0

    def attempt(self) -> None:
        """There is a place: the next try."""
        self._place = True
        self._tries += 1
        self._send()

    def hear(self, datagram: bytes, identifier: int) -> None:
        """Bytes from the target that carry an identifier of ours."""
        attempt = self._attempt(identifier)
        try:
            verdict = self._session.judge(datagram, attempt.sent)
        except MalformedMessage as error:
            verdict = Ignored(str(error))
        if isinstance(verdict, Reply):
            took = self._wheel.now() - attempt.at
            self._finish(Outcome(verdict, None, "", took, attempt.tried - 1))
        elif isinstance(verdict, Again):
            self._learn(verdict)
        else:
            self._asker.traffic.refused += 1
            if isinstance(verdict, Hint):
                self._reason = (verdict.failure, verdict.detail)
                self._tries = len(self._patience)
            elif self._reason[0] is Failure.TIMEOUT:
                self._reason = (Failure.UNUSABLE, verdict.reason)

    def expired(self) -> None:
        """A deadline: that of the place, that of the try, or both."""
        self._leave()
        if self._wheel.now() < self._deadline:
            self._wheel.set(self, self._deadline)
        elif self._tries < len(self._patience):
            self._asker.enter(self)
        else:
            self._session.gave_up()
            failure, detail = self._reason if self._asked else (Failure.NOT_SENT, self._not_sent)
            self._finish(Outcome(None, failure, detail))

    def close(self) -> None:
        """End without an answer, and say so."""
        self._finish(Outcome(None, Failure.CLOSED))

    def drop(self) -> None:
        """End without a word."""
        if self.over:
            return
        self.over = True
        wanted = self._asker.wanted
        for attempt in self._attempts:
            del wanted[attempt.sent.identifier]
        self._wheel.drop(self)
        self._leave()

    def _attempt(self, identifier: int) -> Attempt:
        for attempt in reversed(self._attempts):
            if attempt.sent.identifier == identifier:
                return attempt
        raise AssertionError("an identifier is wanted as long as its attempt is known")

    def _send(self) -> None:
        asker = self._asker
        identifier = asker.identifier()
        sent = self._session.seal(self._request, identifier)
        now = self._wheel.now()
        self._attempts.append(Attempt(sent, now, self._tries))
        asker.wanted[identifier] = self
        asker.traffic.sent += 1
        wait = self._patience[min(self._tries, len(self._patience)) - 1]
        self._deadline = now + wait
        self._wheel.set(self, now + HOLD_S if self._place and wait > HOLD_S else self._deadline)
        problem = asker.port.send(sent.datagram, self.address)
        if not problem:
            self._asked = True
        elif not self._asked:
            self._not_sent = problem

    def _learn(self, verdict: Again) -> None:
        self._lessons += 1
        if self._lessons > MAX_LESSONS:
            self._reason = (verdict.failure, verdict.reason)
            self._tries = len(self._patience)
            return
        self._send()

    def _finish(self, outcome: Outcome) -> None:
        if not self.over:
            self.drop()
            self._told(outcome)

    def _leave(self) -> None:
        if self._place:
            self._place = False
            self._asker.leave()
