"""SNMP protocol data units (RFC 3416)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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


_NO_ERROR: Final = ber.integer(0) * 2
_NULL: Final = bytes((ber.NULL, 0))
#: The machine's own numbers where this is compiled (pdu.pxd).
_GET, _GET_BULK, _SEQUENCE = int(Kind.GET), int(Kind.GET_BULK), ber.SEQUENCE
_FOUR: Final = bytes((ber.INTEGER, 4))


class Request:
    """A GET (``repetitions`` 0) or a GETBULK with that many repetitions, encoded once, here. Not to be changed.

    ``fields`` are those of the object identifiers; ``names`` are those that the answer must hold: () if the agent
    chooses them. ``variables`` are the octets of what is asked.
    """

    __slots__ = ("_after", "_before", "fields", "names", "repetitions", "variables")

    def __init__(self, fields: tuple[bytes, ...], variables: bytes, repetitions: int) -> None:
        self.fields = fields
        self.names = () if repetitions else fields
        self.repetitions = repetitions
        self.variables = variables
        numbers = ber.integer(0) + ber.integer(repetitions) if repetitions else _NO_ERROR
        self._after = numbers + ber.opening(_SEQUENCE, len(variables)) + variables
        self._before = ber.opening(_GET_BULK if repetitions else _GET, 6 + len(self._after)) + _FOUR

    @classmethod
    def of(cls, oids: Iterable[Oid], repetitions: int = 0) -> Request:
        """Asks for ``oids``."""
        fields = tuple(map(ber.oid_field, oids))
        return cls(fields, b"".join(map(_variable, fields)), repetitions)

    @property
    def oids(self) -> tuple[Oid, ...]:
        """What is asked."""
        return tuple(ber.object_id(field[ber.header(field, 0, len(field))[1] :]) for field in self.fields)

    def joined(self, variables: bytes) -> Request:
        """A GET that asks for the same, and for what is in another one's ``variables``."""
        return Request(self.fields + fields(variables), self.variables + variables, 0)

    def encode(self, request_id: int) -> bytes:
        """The PDU; ``request_id`` is 0 to 2**31 - 1."""
        return self._before + request_id.to_bytes(4, "big") + self._after


def fields(variables: bytes) -> tuple[bytes, ...]:
    """The fields of the object identifiers in a request's ``variables``."""
    found, at, end = list[bytes](), 0, len(variables)
    while at < end:
        start, at = ber.expect(variables, at, end, ber.SEQUENCE)
        found.append(variables[start : at - len(_NULL)])
    return tuple(found)


def _variable(name: bytes) -> bytes:
    return ber.field(_SEQUENCE, name + _NULL)


#: Asks for nothing; an SNMPv3 engine that does not know us tells who it is.
NOTHING: Final = Request.of(())


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
