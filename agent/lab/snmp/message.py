"""SNMP messages: v2c and v3 as they come in and go out (RFC 3412, 3414, 3416)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from agent.lab.snmp.ber import (
    COUNTER32,
    NULL,
    OCTETS,
    OID,
    BerError,
    Oid,
    Reader,
    Value,
    integer,
    integer_octets,
    oid_octets,
    sequence,
    tlv,
)

GET, GET_NEXT, RESPONSE, SET, GET_BULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5, 0xA8

TOO_BIG, NO_ERROR, GENERIC_ERROR, NO_ACCESS, AUTHORIZATION_ERROR = 1, 0, 5, 6, 16

Binding = tuple[Oid, Value]


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU; for GET_BULK ``status`` is non-repeaters and ``index`` max-repetitions."""

    kind: int
    request_id: int
    status: int
    index: int
    bindings: tuple[Binding, ...]

    def answer(self, bindings: tuple[Binding, ...], status: int = NO_ERROR, index: int = 0) -> Pdu:
        """The response to this request."""
        return Pdu(RESPONSE, self.request_id, status, index, bindings)

    def encoded(self) -> bytes:
        """The octets of the PDU."""
        rows = (sequence((tlv(OID, oid_octets(oid)), tlv(value.tag, value.octets))) for oid, value in self.bindings)
        return sequence(
            (integer(self.request_id), integer(self.status), integer(self.index), sequence(rows)), tag=self.kind
        )


def read_pdu(reader: Reader) -> Pdu:
    """The next PDU."""
    kind = reader.peek()
    if kind not in {GET, GET_NEXT, SET, GET_BULK, RESPONSE, REPORT}:
        raise BerError(f"PDU type 0x{kind:02x}")
    body = reader.inside(kind)
    request_id, status, index = body.integer(), body.integer(), body.integer()
    rows = body.inside()
    bindings = []
    while not rows.done:
        row = rows.inside()
        oid = row.oid()
        tag, octets = row.take()
        bindings.append((oid, Value(tag, octets)))
    return Pdu(kind, request_id, status, index, tuple(bindings))


@dataclass(frozen=True, slots=True)
class Security:
    """The user-based security parameters of a v3 message; ``mac_at`` is where the MAC stands in what was received."""

    engine_id: bytes
    boots: int
    time: int
    user: bytes
    mac: bytes = field(default=b"", repr=False)
    salt: bytes = b""
    mac_at: int = 0

    def encoded(self) -> bytes:
        """The octets inside msgSecurityParameters."""
        return sequence(
            (
                tlv(OCTETS, self.engine_id),
                integer(self.boots),
                integer(self.time),
                tlv(OCTETS, self.user),
                tlv(OCTETS, self.mac),
                tlv(OCTETS, self.salt),
            )
        )


@dataclass(frozen=True, slots=True)
class V3Message:
    """A v3 message; ``data`` is the scoped PDU, encrypted where ``private``."""

    message_id: int
    max_size: int
    authenticated: bool
    private: bool
    reportable: bool
    security: Security
    data: bytes

    def encoded(self) -> bytes:
        """The whole message; the MAC inside is ``security.mac``."""
        flags = self.authenticated | self.private << 1 | self.reportable << 2
        header = sequence((integer(self.message_id), integer(self.max_size), tlv(OCTETS, bytes((flags,))), integer(3)))
        body = tlv(OCTETS, self.data) if self.private else self.data
        return sequence((integer(3), header, tlv(OCTETS, self.security.encoded()), body))


@dataclass(frozen=True, slots=True)
class V2Message:
    """A v1 or v2c message."""

    version: int
    community: bytes = field(repr=False)
    pdu: Pdu

    def encoded(self) -> bytes:
        """The whole message."""
        return sequence((integer(self.version), tlv(OCTETS, self.community), self.pdu.encoded()))


def read_message(data: bytes) -> V2Message | V3Message:
    """A message from the wire; BerError on everything that is none."""
    reader = Reader(data).inside()
    version = reader.integer()
    if version in {0, 1}:
        return V2Message(version, reader.octets(), read_pdu(reader))
    if version != 3:
        raise BerError(f"SNMP version {version}")
    header = reader.inside()
    message_id, max_size, flags, model = header.integer(), header.integer(), header.octets(), header.integer()
    if model != 3 or len(flags) != 1 or flags[0] & 3 == 2:
        raise BerError("a security model or level that does not exist")
    parameters = reader.inside(OCTETS).inside()
    engine_id, boots, time = parameters.octets(), parameters.integer(), parameters.integer()
    user, mac = parameters.octets(), parameters.octets()
    security = Security(engine_id, boots, time, user, mac, mac_at=parameters.position - len(mac))
    security = replace(security, salt=parameters.octets())
    authenticated, private, reportable = bool(flags[0] & 1), bool(flags[0] & 2), bool(flags[0] & 4)
    body = reader.octets() if private else scoped_octets(reader)
    return V3Message(message_id, max_size, authenticated, private, reportable, security, body)


def scoped_octets(reader: Reader) -> bytes:
    """A plain scoped PDU as it stands, type and length included."""
    return tlv(0x30, reader.take(0x30)[1])


def scoped(engine_id: bytes, context: bytes, pdu: Pdu) -> bytes:
    """A scoped PDU."""
    return sequence((tlv(OCTETS, engine_id), tlv(OCTETS, context), pdu.encoded()))


def read_scoped(data: bytes) -> tuple[bytes, bytes, Pdu]:
    """Context engine, context name and PDU."""
    reader = Reader(data).inside()
    return reader.octets(), reader.octets(), read_pdu(reader)


def counter(value: int) -> Value:
    """A Counter32, for reports."""
    return Value(COUNTER32, integer_octets(value & 0xFFFFFFFF))


NOTHING = Value(NULL)
