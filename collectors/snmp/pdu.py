"""SNMP protocol data units and the values they carry (RFC 3416, RFC 2578)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import lru_cache
from ipaddress import IPv4Address

from collectors.errors import MalformedMessage
from collectors.snmp import ber
from collectors.snmp.ber import Oid


class Counter32(int):
    """A counter that wraps at 2**32."""

    __slots__ = ()


class Gauge32(int):
    """A gauge, or an Unsigned32: SNMP cannot tell them apart."""

    __slots__ = ()


class TimeTicks(int):
    """Hundredths of a second; wraps at 2**32, that is after 497 days."""

    __slots__ = ()


class Counter64(int):
    """A counter that wraps at 2**64."""

    __slots__ = ()


class Opaque(bytes):
    """Octets of a type that SNMP does not define; kept as they are."""

    __slots__ = ()


class Missing(Enum):
    """Why there is no value: an answer, not an error."""

    NO_SUCH_OBJECT = "no such object"
    NO_SUCH_INSTANCE = "no such instance"
    END_OF_MIB = "end of MIB"


#: INTEGER is ``int`` itself (``type(value) is int``), the other numbers are subclasses of it; NULL is None.
Value = int | bytes | Oid | IPv4Address | Missing | None

VarBind = tuple[Oid, Value]


class Kind(IntEnum):
    """What a PDU is for: its tag."""

    GET = 0xA0
    RESPONSE = 0xA2
    GET_BULK = 0xA5
    INFORM = 0xA6
    TRAP = 0xA7
    REPORT = 0xA8


#: What comes back to a question, and what comes unasked.
ANSWERS = frozenset({Kind.RESPONSE, Kind.REPORT})
NOTIFICATIONS = frozenset({Kind.TRAP, Kind.INFORM})


class ErrorStatus(IntEnum):
    """error-status of a response, as far as this package acts on it; others keep their number."""

    NO_ERROR = 0
    TOO_BIG = 1


@dataclass(frozen=True, slots=True)
class Pdu:
    """What came in. ``error_index`` counts varbinds from 1; 0 points at none."""

    kind: Kind
    request_id: int
    error_status: int
    error_index: int
    varbinds: tuple[VarBind, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A GET (``repetitions`` 0) or a GETBULK of all ``oids`` with that many repetitions."""

    oids: tuple[Oid, ...]
    repetitions: int = 0

    def encode(self, request_id: int) -> bytes:
        """The PDU; ``request_id`` is 0 to 2**31 - 1. Everything else is encoded once and kept."""
        prefix, rest = _encoded(self)
        return prefix + request_id.to_bytes(4, "big") + rest


@lru_cache(maxsize=4096)
def _encoded(request: Request) -> tuple[bytes, bytes]:
    """What stands before and after the four octets of the request-id."""
    null = bytes((ber.NULL, 0))
    names = b"".join(ber.field(ber.SEQUENCE, ber.oid_field(oid) + null) for oid in request.oids)
    rest = ber.integer(0) + ber.integer(request.repetitions) + ber.field(ber.SEQUENCE, names)
    identifier = bytes((ber.INTEGER, 4))
    kind = Kind.GET_BULK if request.repetitions else Kind.GET
    whole = ber.field(kind, identifier + bytes(4) + rest)
    return whole[: len(whole) - len(rest) - 4], rest


def decode(data: bytes, at: int, end: int, kinds: frozenset[Kind] = ANSWERS) -> Pdu:
    """The PDU, one of ``kinds``, that fills ``data[at:end]``.

    Raises:
        MalformedMessage: the bytes are something else.
    """
    tag, at, stop = ber.header(data, at, end)
    if stop != end or tag not in kinds:
        raise MalformedMessage(
            f"found tag 0x{tag:02x} where {' or '.join(sorted(kind.name for kind in kinds))} belongs"
        )
    request_id, at = ber.read_integer(data, at, end)
    error_status, at = ber.read_integer(data, at, end)
    error_index, at = ber.read_integer(data, at, end)
    at, stop = ber.expect(data, at, end, ber.SEQUENCE)
    if stop != end:
        raise MalformedMessage("octets follow the variables")
    return Pdu(Kind(tag), request_id, error_status, error_index, varbinds(data, at, end))


def varbinds(data: bytes, at: int, end: int) -> tuple[VarBind, ...]:
    """The variables that fill ``data[at:end]``; MalformedMessage where they do not."""
    found: list[VarBind] = []
    while at < end:
        start, at = ber.expect(data, at, end, ber.SEQUENCE)
        name_start, name_stop = ber.expect(data, start, at, ber.OBJECT_ID)
        tag, value_start, value_stop = ber.header(data, name_stop, at)
        read = _READERS.get(tag)
        if read is None or value_stop != at:
            raise MalformedMessage("a variable has a value of no SNMP type")
        found.append((ber.object_id(data[name_start:name_stop]), read(data[value_start:value_stop])))
    return tuple(found)


def _marker(marker: Missing | None) -> Callable[[bytes], Missing | None]:
    def read(content: bytes) -> Missing | None:
        if content:
            raise MalformedMessage("a value that must be empty is not")
        return marker

    return read


def _ip_address(content: bytes) -> IPv4Address:
    if len(content) != 4:
        raise MalformedMessage(f"an IP address has {len(content)} octets")
    return IPv4Address(content)


_READERS: dict[int, Callable[[bytes], Value]] = {
    ber.INTEGER: ber.signed,
    ber.OCTETS: bytes,
    ber.NULL: _marker(None),
    ber.OBJECT_ID: ber.object_id,
    0x40: _ip_address,
    0x41: lambda content: Counter32(ber.unsigned(content, 4)),
    0x42: lambda content: Gauge32(ber.unsigned(content, 4)),
    0x43: lambda content: TimeTicks(ber.unsigned(content, 4)),
    0x44: Opaque,
    0x46: lambda content: Counter64(ber.unsigned(content, 8)),
    0x80: _marker(Missing.NO_SUCH_OBJECT),
    0x81: _marker(Missing.NO_SUCH_INSTANCE),
    0x82: _marker(Missing.END_OF_MIB),
}
