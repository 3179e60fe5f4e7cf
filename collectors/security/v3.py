"""One target under SNMPv3: discovery, time, and what is believed of what comes back (RFC 3412, RFC 3414). Pure.

What is stricter or looser than the RFC, and why:

- The boots and time in an unauthenticated discovery report are only used to address the next message. The window for
  incoming messages rests on authenticated ones alone.
- A device may come back with lower boots or time than before (memory lost, chassis replaced, engine restarted). The RFC
  would leave us deaf to it for good. An authenticated notInTimeWindow report that carries the unpredictable identifier
  of a message under way cannot be a replay, so it may set the clock back.
- Unauthenticated reports never change what is known of an authenticated engine and never end an exchange before its
  time-out, so a forger gains nothing over dropping packets.
"""

from __future__ import annotations

from collections.abc import Callable

from collectors.codec import answer, pdu
from collectors.codec.pdu import NOTHING, Kind, Pdu, Request
from collectors.security import v3message
from collectors.security.credentials import V3User
from collectors.security.known import KnownEngine
from collectors.security.session import Again, Failure, Hint, Ignored, Sent, Verdict
from collectors.security.usm import KeyChain
from collectors.security.v3message import AUTH, PRIV, Engine, Scope, V3Message

_STATISTICS = (1, 3, 6, 1, 6, 3, 15, 1, 1)
#: The machine's own number where this is compiled (v3.pxd).
_REPORT_TAG = int(Kind.REPORT)

_NOT_IN_TIME = (*_STATISTICS, 2, 0)
_UNKNOWN_ENGINE = (*_STATISTICS, 4, 0)

#: What reports say by counting it (RFC 3414, section 5; RFC 3412; RFC 3413).
_REFUSALS: dict[tuple[int, ...], tuple[Failure, str]] = {
    (*_STATISTICS, 1, 0): (Failure.WRONG_LEVEL, "the agent does not take authPriv from this user"),
    (*_STATISTICS, 3, 0): (Failure.UNKNOWN_USER, "the agent does not know this SNMPv3 user"),
    (*_STATISTICS, 5, 0): (Failure.WRONG_DIGEST, "the agent says that the authentication code is wrong"),
    (*_STATISTICS, 6, 0): (Failure.WRONG_PRIVACY, "the agent cannot decrypt the request"),
    (1, 3, 6, 1, 6, 3, 11, 2, 1, 1, 0): (Failure.REFUSED, "the agent does not have the user-based security model"),
    (1, 3, 6, 1, 6, 3, 11, 2, 1, 2, 0): (Failure.REFUSED, "the agent calls the message invalid"),
    (1, 3, 6, 1, 6, 3, 11, 2, 1, 3, 0): (Failure.REFUSED, "the agent does not handle this kind of request"),
    (1, 3, 6, 1, 6, 3, 12, 1, 4, 0): (Failure.REFUSED, "the context is unavailable"),
    (1, 3, 6, 1, 6, 3, 12, 1, 5, 0): (Failure.REFUSED, "the context is unknown"),
}


class V3Session:
    """What is known of one target's engine, and a possible other engine until it has authenticated itself."""

    __slots__ = ("_candidate", "_chain", "_clock", "_engine", "_name", "_probe", "_user")

    def __init__(self, user: V3User, chain: KeyChain, clock: Callable[[], float]) -> None:
        self._user = user
        self._name = user.name.encode()
        self._chain = chain
        self._clock = clock
        self._engine: KnownEngine | None = None
        self._candidate: KnownEngine | None = None
        self._probe = True

    @property
    def engine(self) -> Engine | None:
        """The engine that has authenticated itself, its clock as it should be now; None: none has yet."""
        return None if self._engine is None else self._engine.clock(self._clock())

    def seal(self, request: Request, identifier: int) -> Sent:
        """A probe if the engine is unknown or in doubt, else the request as secure as the user's keys make it."""
        known = self._candidate or self._engine
        if known is None or self._probe:
            return Sent(identifier, v3message.encode_probe(identifier, NOTHING.encode(identifier)), None, request)
        engine = known.clock(self._clock())
        pdu = request.encode(identifier)
        datagram = v3message.encode_sealed(identifier, engine, self._name, known.keys, self._chain.salt(), pdu)
        return Sent(identifier, datagram, known, request)

    def judge(self, datagram: bytes, sent: Sent) -> Verdict:
        """A response that is authentic, encrypted, recent and ours; or what a report teaches."""
        message = V3Message(datagram)
        if not isinstance(sent.context, KnownEngine):
            return self._discover(message)
        known = sent.context
        keys = known.keys
        if keys.auth and not message.flags & AUTH:
            return self._unauthenticated(message)
        if message.identity != known.identity or message.user != self._name:
            return Ignored("the answer is from another engine or user")
        if keys.auth and not message.verified(keys):
            return Ignored("the answer's authentication code is missing or wrong")
        plain = message.plain(keys)
        scope = Scope(plain)
        head = pdu.head(plain, scope.at, scope.end)
        if head.kind == _REPORT_TAG:
            return self._report(message.engine, pdu.decode(plain, scope.at, scope.end), known)
        now = self._clock()
        if keys.auth and not known.in_window(message.boots, message.time, now):
            return Ignored("the answer is outside the time window: delayed or replayed")
        if keys.priv and not message.flags & PRIV:
            return Ignored("the answer is not encrypted")
        if scope.context_engine != known.identity or scope.context_name:
            return Ignored("the answer is about another context")
        if head.request_id != sent.identifier:
            return Ignored("the answer is to another request")
        known.follow(message.boots, message.time, now)
        self._trust(known)
        return answer.read(plain, head.at, scope.end, head.error_status, head.error_index, sent.request.names)

    def gave_up(self) -> None:
        """Silence may mean another engine behind the address: ask again next time, with one small probe."""
        self._candidate = None
        self._probe = True

    def _discover(self, message: V3Message) -> Verdict:
        heard = message.engine
        if _reported(message) != _UNKNOWN_ENGINE or not 5 <= len(heard.identity) <= 32:
            return Ignored("not an answer to discovery")
        self._probe = False
        if self._engine is not None and self._engine.identity == heard.identity:
            self._candidate = None
        else:
            keys = self._chain.localise(self._user, heard.identity)
            self._candidate = KnownEngine(heard, keys, self._clock())
        return Again("the agent's engine keeps changing", Failure.UNUSABLE)

    def _unauthenticated(self, message: V3Message) -> Verdict:
        cause = _reported(message)
        if cause == _UNKNOWN_ENGINE:
            self._probe = True
            return Again("the agent disowns its engine identifier", Failure.UNUSABLE)
        if cause in _REFUSALS:
            return Hint(*_REFUSALS[cause])
        return Ignored("the answer is not authenticated")

    def _report(self, heard: Engine, report: Pdu, known: KnownEngine) -> Verdict:
        """A report that is as authentic as the user's keys can tell."""
        cause = report.varbinds[0][0] if report.varbinds else ()
        if cause == _NOT_IN_TIME:
            known.set(heard.boots, heard.time, self._clock())
            self._trust(known)
            return Again("the agent keeps calling the time wrong", Failure.NOT_IN_TIME)
        if cause == _UNKNOWN_ENGINE and not known.keys.auth:
            self._probe = True
            return Again("the agent disowns its engine identifier", Failure.UNUSABLE)
        if cause in _REFUSALS and known.in_window(heard.boots, heard.time, self._clock()):
            return Hint(*_REFUSALS[cause])
        return Ignored("a report of something else")

    def _trust(self, known: KnownEngine) -> None:
        self._engine = known
        if self._candidate is known:
            self._candidate = None


def _reported(message: V3Message) -> tuple[int, ...]:
    """What an unauthenticated report counts; () if the message is none."""
    if message.flags & (AUTH | PRIV):
        return ()
    report = v3message.scoped(message.data).pdu
    return report.varbinds[0][0] if report.kind is Kind.REPORT and report.varbinds else ()
