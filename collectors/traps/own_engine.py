"""Ourselves as an SNMPv3 engine: the one that informs are addressed to (RFC 3414, section 1.5.1). Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from collectors.codec import ber
from collectors.codec.pdu import Kind
from collectors.security import v3message
from collectors.security.usm import Keys
from collectors.security.v3message import MAX_INT, Engine
from collectors.snmp import Oid

#: RFC 3411: the new form, IANA's enterprise number for examples (RFC 5612), octets of our own.
PREFIX = (0x80000000 | 32473).to_bytes(4, "big") + b"\x05"
#: Seconds of Unix time from which boots are counted: they rise with every start, without a memory.
EPOCH = 1_577_836_800
#: How far a message's time may be from ours, in seconds.
WINDOW_S = 150

UNKNOWN_ENGINES: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0)
NOT_IN_TIME: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1, 2, 0)
_COUNTER32 = 0x41


@dataclass(frozen=True, slots=True)
class OwnEngine:
    """Our identity, and our clock: ``boots``, and ``started`` on the clock of this process."""

    identity: bytes
    boots: int
    started: float

    @classmethod
    def of(cls, installation: str, unix_time: float, now: float) -> OwnEngine:
        """The same identity for the same ``installation`` at every start."""
        digest = hashlib.sha256(installation.encode()).digest()
        return cls(PREFIX + digest[:12], min(max(int(unix_time) - EPOCH, 1), MAX_INT - 1), now)

    def at(self, now: float) -> Engine:
        """What others have to address us with at ``now``."""
        return Engine(self.identity, self.boots, int(now - self.started))

    def in_window(self, heard: Engine, now: float) -> bool:
        """Whether a message to us is of the present."""
        return heard.boots == self.boots and abs(heard.time - self.at(now).time) <= WINDOW_S


def introduction(own: Engine, message_id: int, request_id: int) -> bytes:
    """The answer to who asks for our engine."""
    return v3message.encode_report(message_id, own, b"", None, _report(UNKNOWN_ENGINES, request_id))


def correction(own: Engine, message_id: int, user: bytes, keys: Keys) -> bytes:
    """The answer to who has our clock wrong; authenticated, so that it is believed."""
    return v3message.encode_report(message_id, own, user, keys, _report(NOT_IN_TIME, 0))


def _report(counted: Oid, request_id: int) -> bytes:
    variable = ber.field(ber.SEQUENCE, ber.oid_field(counted) + ber.field(_COUNTER32, b"\x01"))
    number = ber.field(ber.INTEGER, request_id.to_bytes(4, "big", signed=True))
    body = number + ber.integer(0) + ber.integer(0) + ber.field(ber.SEQUENCE, variable)
    return ber.field(Kind.REPORT, body)
