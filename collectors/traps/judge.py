"""What to make of a datagram from a device that may send traps: a notification, an answer to it, or a refusal. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from collectors.codec import ber, pdu
from collectors.codec.pdu import NOTIFICATIONS, Kind
from collectors.errors import MalformedMessage
from collectors.security import v2c, v3message
from collectors.security.usm import KeyChain, Keys
from collectors.security.v3message import AUTH, PRIV, REPORTABLE, V3Message
from collectors.snmp import Community, V3User
from collectors.traps import own_engine
from collectors.traps.notification import Notification, notification, notification_v1
from collectors.traps.own_engine import OwnEngine
from collectors.traps.sender import Sender

#: Octets of a datagram that is looked at; no trap of ours has more.
MAX_OCTETS = 4096
V1 = 0
#: What a datagram is counted as that only asks who we are, before it can inform us.
DISCOVERY = "discovery"

_QUESTIONS = frozenset({Kind.GET, Kind.GET_BULK, Kind.INFORM})
_TRAPS, _INFORMS = frozenset({Kind.TRAP}), frozenset({Kind.INFORM})


class Refusal(StrEnum):
    """Why a datagram is not believed."""

    UNKNOWN_SENDER = "unknown_sender"
    TOO_MANY = "too_many"
    MALFORMED = "malformed"
    NOT_AUTHENTIC = "not_authentic"
    NOT_IN_TIME = "not_in_time"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A notification, or why there is none; neither: the datagram only asked who we are. ``reply`` is sent back."""

    notification: Notification | None = None
    refusal: Refusal | None = None
    reply: bytes = b""


class Judge:
    """Ourselves as a receiver: our engine, the keys that were made, and a clock in seconds."""

    def __init__(self, own: OwnEngine, chain: KeyChain, clock: Callable[[], float]) -> None:
        self._own, self._chain, self._clock = own, chain, clock
        self._own_keys: dict[V3User, Keys] = {}

    def __call__(self, sender: Sender, datagram: bytes) -> Verdict:
        """What ``sender``'s datagram says, if it is proved to be the sender's."""
        if len(datagram) > MAX_OCTETS:
            return Verdict(refusal=Refusal.MALFORMED)
        try:
            at, end = ber.expect(datagram, 0, len(datagram), ber.SEQUENCE)
            version, at = ber.read_integer(datagram, at, end)
            if version == v3message.VERSION:
                return self._v3(sender, v3message.V3Message(datagram))
            if version in (V1, v2c.VERSION) and end == len(datagram):
                return _by_community(sender, datagram, version, at)
        except MalformedMessage:
            pass
        return Verdict(refusal=Refusal.MALFORMED)

    def _v3(self, sender: Sender, message: V3Message) -> Verdict:
        if not message.flags & AUTH:
            return self._introduction(message)
        user = sender.credentials
        if not isinstance(user, V3User) or message.user != user.name.encode() or not message.flags & PRIV:
            return Verdict(refusal=Refusal.NOT_AUTHENTIC)
        if not user.priv.reveal():  # a user whose keys are empty proves nothing; privacy has authentication with it
            return Verdict(refusal=Refusal.NOT_AUTHENTIC)
        if message.engine.identity == self._own.identity:
            return self._inform(user, message)
        return self._trap(sender, user, message)

    def _introduction(self, message: V3Message) -> Verdict:
        """Who wants to inform us asks for our engine first; anything else must be authenticated."""
        if message.engine.identity or not message.flags & REPORTABLE:
            return Verdict(refusal=Refusal.NOT_AUTHENTIC)
        question = v3message.scoped(message.data, _QUESTIONS).pdu
        own = self._own.at(self._clock())
        return Verdict(reply=own_engine.introduction(own, message.identifier, question.request_id))

    def _trap(self, sender: Sender, user: V3User, message: V3Message) -> Verdict:
        now, heard = self._clock(), message.engine
        if not 5 <= len(heard.identity) <= 32:
            return Verdict(refusal=Refusal.MALFORMED)
        if not sender.knows(heard) and not sender.strange.take(now):
            return Verdict(refusal=Refusal.TOO_MANY)
        known = sender.engine(user, heard, self._chain, now)
        if not message.verified(known.keys):
            return Verdict(refusal=Refusal.NOT_AUTHENTIC)
        if not known.in_window(heard.boots, heard.time, now):
            return Verdict(refusal=Refusal.NOT_IN_TIME)
        found = notification(v3message.scoped(message.plain(known.keys), _TRAPS).pdu)
        sender.remember(known, heard, now)
        return Verdict(found)

    def _inform(self, user: V3User, message: V3Message) -> Verdict:
        if user not in self._own_keys:
            self._own_keys[user] = self._chain.localise(user, self._own.identity)
        now, keys = self._clock(), self._own_keys[user]
        if not message.verified(keys):
            return Verdict(refusal=Refusal.NOT_AUTHENTIC)
        own = self._own.at(now)
        if not self._own.in_window(message.engine, now):
            reply = own_engine.correction(own, message.identifier, message.user, keys)
            return Verdict(refusal=Refusal.NOT_IN_TIME, reply=reply)
        scoped = v3message.scoped(message.plain(keys), _INFORMS)
        response, salt = _response(scoped.octets), self._chain.salt()
        reply = v3message.encode_response(
            message.identifier, own, message.user, keys, salt, scoped.context_engine, response
        )
        return Verdict(notification(scoped.pdu), reply=reply)


def _by_community(sender: Sender, datagram: bytes, version: int, at: int) -> Verdict:
    end = len(datagram)
    community, at = ber.read_octets(datagram, at, end)
    expected = sender.credentials
    if not isinstance(expected, Community) or not hmac.compare_digest(community, expected.community.reveal().encode()):
        return Verdict(refusal=Refusal.NOT_AUTHENTIC)
    if version == V1:
        return Verdict(notification_v1(datagram, at, end))
    found = pdu.decode(datagram, at, end, NOTIFICATIONS)
    if found.kind is Kind.TRAP:
        return Verdict(notification(found))
    answer = ber.integer(v2c.VERSION) + ber.field(ber.OCTETS, community) + _response(datagram[at:end])
    return Verdict(notification(found), reply=ber.field(ber.SEQUENCE, answer))


def _response(inform: bytes) -> bytes:
    """The response to an inform has its content (RFC 3416, section 4.2.7)."""
    _, start, stop = ber.header(inform, 0, len(inform))
    return ber.field(Kind.RESPONSE, inform[start:stop])
