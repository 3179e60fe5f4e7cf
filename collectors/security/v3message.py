"""SNMPv3 messages under the user-based security model, as bytes and as fields (RFC 3412, RFC 3414)."""

from __future__ import annotations

import hmac
from typing import NamedTuple

from collectors.codec import ber, pdu
from collectors.codec.pdu import ANSWERS, Kind, Pdu
from collectors.errors import MalformedMessage
from collectors.security.usm import SALT_OCTETS, Keys

VERSION = 3
USM = 3

AUTH, PRIV, REPORTABLE = 1, 2, 4

#: What we take in one message: agents then keep answers to GETBULK within one packet (RFC 3412, section 6.3).
MAX_SIZE = 1472

MAX_INT = 2**31 - 1

_EMPTY = ber.field(ber.OCTETS, b"")
_VERSION, _MODEL = ber.integer(VERSION), ber.integer(USM)
_SIZE = ber.integer(MAX_SIZE) + bytes((ber.OCTETS, 1))


class Engine(NamedTuple):
    """What a message says of the authoritative engine: who it is, and its clock in boots and seconds."""

    identity: bytes
    boots: int
    time: int


class V3Message:
    """A message taken apart, nothing in it verified yet. ``data`` is encrypted if the flags say so.

    ``boots`` and ``time`` are what it says of the clock of the engine ``identity``.

    Raises:
        MalformedMessage: the datagram is none, or of another security model.
    """

    __slots__ = (
        "boots", "data", "datagram", "flags", "identifier", "identity", "mac", "mac_at", "salt", "time", "user",
    )  # fmt: skip

    def __init__(self, datagram: bytes) -> None:
        self.datagram = datagram
        at, end = ber.expect(datagram, 0, len(datagram), ber.SEQUENCE)
        version, at = ber.read_integer(datagram, at, end)
        if version != VERSION or end != len(datagram):
            raise MalformedMessage("not an SNMPv3 message, or octets follow it")
        at = self._header(at, end)
        stop = self._security(at, end)
        tag, start, data_end = ber.header(datagram, stop, end)
        if data_end != end or tag != (ber.OCTETS if self.flags & PRIV else ber.SEQUENCE):
            raise MalformedMessage("the scoped PDU is not what the flags say")
        self.data = datagram[start:end] if self.flags & PRIV else datagram[stop:end]

    def _header(self, at: int, end: int) -> int:
        """Take the header at ``at``; where it stops."""
        at, stop = ber.expect(self.datagram, at, end, ber.SEQUENCE)
        self.identifier, at = ber.read_integer(self.datagram, at, stop)
        _, at = ber.read_integer(self.datagram, at, stop)
        flags, at = ber.read_octets(self.datagram, at, stop)
        model, at = ber.read_integer(self.datagram, at, stop)
        if at != stop or len(flags) != 1 or model != USM or flags[0] & (AUTH | PRIV) == PRIV or self.identifier < 0:
            raise MalformedMessage("the header has a wrong number, flags or security model")
        self.flags = flags[0]
        return stop

    def _security(self, at: int, end: int) -> int:
        """Take the security parameters at ``at``; where they stop."""
        at, end = ber.expect(self.datagram, at, end, ber.OCTETS)
        at, stop = ber.expect(self.datagram, at, end, ber.SEQUENCE)
        self.identity, at = ber.read_octets(self.datagram, at, stop)
        self.boots, at = ber.read_integer(self.datagram, at, stop)
        self.time, at = ber.read_integer(self.datagram, at, stop)
        self.user, at = ber.read_octets(self.datagram, at, stop)
        self.mac_at, _ = ber.expect(self.datagram, at, stop, ber.OCTETS)
        self.mac, at = ber.read_octets(self.datagram, at, stop)
        self.salt, at = ber.read_octets(self.datagram, at, stop)
        numbers = self.boots >= 0 and self.time >= 0
        if at != stop or stop != end or not numbers or len(self.identity) > 32 or len(self.user) > 32:
            raise MalformedMessage("security parameters are out of range")
        return stop

    @property
    def engine(self) -> Engine:
        """The engine, and what the message says of its clock."""
        return Engine(self.identity, self.boots, self.time)

    def verified(self, keys: Keys) -> bool:
        """Whether the code is there, whole and right."""
        length = keys.mac_octets
        if not self.flags & AUTH or len(self.mac) != length:
            return False
        bare = self.datagram[: self.mac_at] + bytes(length) + self.datagram[self.mac_at + length :]
        return hmac.compare_digest(self.mac, keys.mac(bare))

    def plain(self, keys: Keys | None) -> bytes:
        """The scoped PDU, decrypted with ``keys`` if it is encrypted."""
        if not self.flags & PRIV:
            return self.data
        if keys is None or not keys.priv or len(self.salt) != SALT_OCTETS:
            raise MalformedMessage("an encrypted message without a salt, or that nobody has a key for")
        return keys.decrypt(self.data, self.boots, self.time, self.salt)


class Scope:
    """The context that a scoped PDU is about; the PDU fills its octets from ``at`` to ``end``, and nothing follows it.

    Raises:
        MalformedMessage: the octets are no scoped PDU.
    """

    __slots__ = ("at", "context_engine", "context_name", "end")

    def __init__(self, data: bytes) -> None:
        at, self.end = ber.expect(data, 0, len(data), ber.SEQUENCE)
        if self.end != len(data):
            raise MalformedMessage("octets follow the scoped PDU")
        self.context_engine, at = ber.read_octets(data, at, self.end)
        self.context_name, self.at = ber.read_octets(data, at, self.end)


class ScopedPdu(NamedTuple):
    """A PDU, also as octets, and the context it is about."""

    context_engine: bytes
    context_name: bytes
    pdu: Pdu
    octets: bytes


def identifier(datagram: bytes, at: int, end: int) -> int:
    """The msgID of a message; ``at`` is where its header starts."""
    at, end = ber.expect(datagram, at, end, ber.SEQUENCE)
    return ber.read_integer(datagram, at, end)[0]


def scoped(data: bytes, kinds: frozenset[Kind] = ANSWERS) -> ScopedPdu:
    """Take a scoped PDU of one of ``kinds`` apart."""
    found = Scope(data)
    read = pdu.decode(data, found.at, found.end, kinds)
    return ScopedPdu(found.context_engine, found.context_name, read, data[found.at : found.end])


def encode_scoped(context_engine: bytes, request: bytes) -> bytes:
    """A scoped PDU in the default context."""
    return ber.field(ber.SEQUENCE, ber.field(ber.OCTETS, context_engine) + _EMPTY + request)


def encode_probe(message_id: int, request: bytes) -> bytes:
    """A message that asks an agent for its engine: no user, no security (RFC 3414, section 4)."""
    return _bare(message_id, REPORTABLE, Engine(b"", 0, 0), b"", encode_scoped(b"", request))


def encode_sealed(message_id: int, engine: Engine, user: bytes, keys: Keys, salt: bytes, request: bytes) -> bytes:
    """A message as secure as ``keys`` make it, for ``engine`` at its present boots and time."""
    return _sealed(message_id, REPORTABLE, engine, user, keys, salt, encode_scoped(engine.identity, request))


def encode_response(
    message_id: int, engine: Engine, user: bytes, keys: Keys, salt: bytes, context: bytes, response: bytes
) -> bytes:
    """What we, being ``engine``, answer a sealed message with; ``context`` is the engine that it was about."""
    return _sealed(message_id, 0, engine, user, keys, salt, encode_scoped(context, response))


def encode_report(message_id: int, engine: Engine, user: bytes, keys: Keys | None, report: bytes) -> bytes:
    """What we, being ``engine``, refuse a message with: authenticated where there are ``keys``, never encrypted."""
    plain = encode_scoped(engine.identity, report)
    if keys is None:
        return _bare(message_id, 0, engine, user, plain)
    return _signed(message_id, AUTH, engine, user, keys, _EMPTY, plain)


def _sealed(message_id: int, flags: int, engine: Engine, user: bytes, keys: Keys, salt: bytes, plain: bytes) -> bytes:
    if not keys.auth:
        return _bare(message_id, flags, engine, user, plain)
    if not keys.priv:
        return _signed(message_id, AUTH | flags, engine, user, keys, _EMPTY, plain)
    data = ber.field(ber.OCTETS, keys.encrypt(plain, engine.boots, engine.time, salt))
    return _signed(message_id, AUTH | PRIV | flags, engine, user, keys, ber.field(ber.OCTETS, salt), data)


def _bare(message_id: int, flags: int, engine: Engine, user: bytes, data: bytes) -> bytes:
    before, behind = _around(message_id, flags, engine, user, 0, _EMPTY, data)
    return before + behind


def _signed(message_id: int, flags: int, engine: Engine, user: bytes, keys: Keys, salt: bytes, data: bytes) -> bytes:
    length = keys.mac_octets
    before, behind = _around(message_id, flags, engine, user, length, salt, data)
    return before + keys.mac(before + bytes(length) + behind) + behind


def _around(
    message_id: int, flags: int, engine: Engine, user: bytes, mac: int, salt: bytes, data: bytes
) -> tuple[bytes, bytes]:
    """What stands before and behind the ``mac`` octets of a message's code; ``salt`` and ``data`` are fields."""
    head = ber.integer(message_id) + _SIZE + bytes((flags,)) + _MODEL
    front = ber.field(ber.OCTETS, engine.identity) + ber.integer(engine.boots) + ber.integer(engine.time)
    front += ber.field(ber.OCTETS, user) + bytes((ber.OCTETS, mac))
    rest = mac + len(salt)
    front = ber.opening(ber.SEQUENCE, len(front) + rest) + front
    front = _VERSION + ber.field(ber.SEQUENCE, head) + ber.opening(ber.OCTETS, len(front) + rest) + front
    return ber.opening(ber.SEQUENCE, len(front) + rest + len(data)) + front, salt + data
