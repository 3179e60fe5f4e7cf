"""BER, as far as SNMP needs it (X.690, RFC 3416): definite lengths, integers, octet strings, object identifiers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

Oid = tuple[int, ...]

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIME_TICKS, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = 0x80, 0x81, 0x82


class BerError(ValueError):
    """Octets that are not what SNMP sends."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a variable binding: its type and its contents octets."""

    tag: int
    octets: bytes = b""


def integer_octets(value: int) -> bytes:
    """Two's complement in as few octets as possible."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


@lru_cache(maxsize=65536)
def oid_octets(oid: Oid) -> bytes:
    """Contents octets of an object identifier."""
    out = bytearray()
    for arc in (oid[0] * 40 + oid[1], *oid[2:]):
        septets = [arc & 0x7F]
        while arc > 0x7F:
            arc >>= 7
            septets.append(arc & 0x7F | 0x80)
        out.extend(reversed(septets))
    return bytes(out)


def tlv(tag: int, octets: bytes) -> bytes:
    """Type, length and contents."""
    size = len(octets)
    if size < 0x80:
        return bytes((tag, size)) + octets
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + octets


def integer(value: int) -> bytes:
    """An INTEGER."""
    return tlv(INTEGER, integer_octets(value))


def sequence(parts: Iterable[bytes], tag: int = SEQUENCE) -> bytes:
    """A SEQUENCE, or another constructed type."""
    return tlv(tag, b"".join(parts))


class Reader:
    """Takes values off the front of some octets; BerError on everything malformed.

    ``base`` is where the octets stand in the whole message.
    """

    def __init__(self, data: bytes, base: int = 0) -> None:
        self._data = data
        self._at = 0
        self._base = base

    @property
    def done(self) -> bool:
        """Whether everything has been read."""
        return self._at >= len(self._data)

    @property
    def position(self) -> int:
        """Where in the whole message the next value stands."""
        return self._base + self._at

    def peek(self) -> int:
        """The type of what comes next."""
        if self.done:
            raise BerError("the message ends too early")
        return self._data[self._at]

    def take(self, tag: int | None = None) -> tuple[int, bytes]:
        """The next value; it must have the type ``tag`` where one is given."""
        found = self.peek()
        if tag is not None and found != tag:
            raise BerError(f"type 0x{found:02x} where 0x{tag:02x} belongs")
        start = self._at + 2
        if start > len(self._data):
            raise BerError("a length is missing")
        size = self._data[start - 1]
        if size & 0x80:
            count = size & 0x7F
            if not 1 <= count <= 4 or start + count > len(self._data):
                raise BerError("a length that SNMP does not use")
            size = int.from_bytes(self._data[start : start + count], "big")
            start += count
        if start + size > len(self._data):
            raise BerError("a value is longer than the message")
        self._at = start + size
        return found, self._data[start : start + size]

    def integer(self) -> int:
        """An INTEGER."""
        _, octets = self.take(INTEGER)
        if not octets or len(octets) > 9:
            raise BerError("an integer of impossible size")
        return int.from_bytes(octets, "big", signed=True)

    def octets(self) -> bytes:
        """An OCTET STRING."""
        return self.take(OCTETS)[1]

    def oid(self) -> Oid:
        """An OBJECT IDENTIFIER."""
        return read_oid(self.take(OID)[1])

    def inside(self, tag: int = SEQUENCE) -> Reader:
        """A reader for what a constructed value, or an octet string with BER inside, holds."""
        _, octets = self.take(tag)
        return Reader(octets, self.position - len(octets))


@lru_cache(maxsize=65536)
def read_oid(octets: bytes) -> Oid:
    """An object identifier from its contents octets."""
    arcs: list[int] = []
    value = 0
    for octet in octets:
        value = value << 7 | octet & 0x7F
        if value > 0xFFFFFFFF:
            raise BerError("an object identifier with an arc above 32 bits")
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    if not octets or octets[-1] & 0x80:
        raise BerError("an object identifier that does not end")
    first = min(arcs[0] // 40, 2)
    return (first, arcs[0] - first * 40, *arcs[1:])
