"""SNMP protocol data units (RFC 3416)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from collectors.codec import answer, ber
from collectors.codec.ber import Oid
from collectors.codec.values import Value, typed
from collectors.errors import MalformedMessage

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


class Head:
    """What stands before the variables of a PDU; those fill the octets from ``at`` to ``end``."""

    __slots__ = ("at", "end", "error_index", "error_status", "kind", "request_id")

    def __init__(self, kind: int, request_id: int, end: int) -> None:
        self.kind = kind
        self.request_id = request_id
        self.error_status = self.error_index = 0
        self.at = self.end = end


@dataclass(frozen=True, slots=True)
class Pdu:
    """What came in, whole. ``error_index`` counts varbinds from 1; 0 points at none."""

    kind: Kind
    request_id: int
    error_status: int
    error_index: int
    varbinds: tuple[VarBind, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A GET (``repetitions`` 0) or a GETBULK of all ``oids`` with that many repetitions; encoded once, here.

    ``names`` are the fields of the object identifiers that the answer must hold; () if the agent chooses them.
    ``before`` and ``after`` stand around the four octets of the request-id.
    """

    oids: tuple[Oid, ...]
    repetitions: int = 0
    names: tuple[bytes, ...] = field(init=False, repr=False, compare=False)
    before: bytes = field(init=False, repr=False, compare=False)
    after: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = tuple(ber.oid_field(oid) for oid in self.oids)
        null = bytes((ber.NULL, 0))
        variables = b"".join(ber.field(ber.SEQUENCE, name + null) for name in names)
        after = ber.integer(0) + ber.integer(self.repetitions) + ber.field(ber.SEQUENCE, variables)
        kind = Kind.GET_BULK if self.repetitions else Kind.GET
        whole = ber.field(kind, bytes((ber.INTEGER, 4)) + bytes(4) + after)
        object.__setattr__(self, "names", () if self.repetitions else names)
        object.__setattr__(self, "before", whole[: len(whole) - len(after) - 4])
        object.__setattr__(self, "after", after)

    def encode(self, request_id: int) -> bytes:
        """The PDU; ``request_id`` is 0 to 2**31 - 1."""
        return self.before + request_id.to_bytes(4, "big") + self.after


_NO_ERROR: Final = ber.integer(0) * 2

#: Asks for nothing; an SNMPv3 engine that does not know us tells who it is.
NOTHING: Final = Request(())


def head(data: bytes, at: int, end: int, kinds: frozenset[Kind] = ANSWERS) -> Head:
    """The beginning of the PDU, one of ``kinds``, that fills ``data[at:end]``.

    Raises:
        MalformedMessage: the bytes are something else.
    """
    tag, at, stop = ber.header(data, at, end)
    if stop != end or tag not in kinds:
        raise MalformedMessage(f"found tag 0x{tag:02x} where {_names(kinds)} belongs")
    request_id, at = ber.read_integer(data, at, end)
    found = Head(tag, request_id, end)
    if data.startswith(_NO_ERROR, at):
        at += len(_NO_ERROR)
    else:
        found.error_status, at = ber.read_integer(data, at, end)
        found.error_index, at = ber.read_integer(data, at, end)
    found.at, stop = ber.expect(data, at, end, ber.SEQUENCE)
    if stop != end:
        raise MalformedMessage("octets follow the variables")
    return found


def _names(kinds: frozenset[Kind]) -> str:
    return " or ".join(sorted(kind.name for kind in kinds))


def decode(data: bytes, at: int, end: int, kinds: frozenset[Kind] = ANSWERS) -> Pdu:
    """The whole PDU, one of ``kinds``, that fills ``data[at:end]``; MalformedMessage where it does not."""
    found = head(data, at, end, kinds)
    read = varbinds(data, found.at, end)
    return Pdu(Kind(found.kind), found.request_id, found.error_status, found.error_index, read)


def varbinds(data: bytes, at: int, end: int) -> tuple[VarBind, ...]:
    """The variables that fill ``data[at:end]``; MalformedMessage where they do not."""
    read = answer.read(data, at, end, 0, 0, ())
    return tuple(zip(read.names or (), map(typed, read.kinds, read.values), strict=True))
