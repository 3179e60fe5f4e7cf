"""The part of BER that SNMP uses: strict, bounded, and failing only with MalformedMessage.

Strict means: definite lengths of at most four octets, every field inside the one that holds it, no octets left over
where a reader expects an end. Lengths in more octets than needed are read, because net-snmp writes them (RFC 3417,
section 8 allows it).
"""

from __future__ import annotations

from functools import lru_cache

from collectors.errors import MalformedMessage

#: An object identifier, as numbers: (1, 3, 6, 1, ...).
Oid = tuple[int, ...]

INTEGER, OCTETS, NULL, OBJECT_ID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30

#: RFC 2578, section 3.5: at most 128 sub-identifiers of at most 2**32 - 1.
MAX_ARCS, MAX_ARC = 128, 2**32 - 1

#: Object identifiers kept both ways: more than a fleet has, few enough that a device that invents them fills no memory.
CACHED = 8192

#: Where this is compiled, a loop over a few octets is quicker than a call that takes a copy of them.
PLAIN = __file__.endswith(".py")


#: Each octet by itself: to find one is quicker than to make it.
_OCTET = tuple(bytes((octet,)) for octet in range(256))
_SHORT_INTEGER = bytes((INTEGER, 1))


def header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag of the field at ``at``, and where its content starts and stops; the field must end by ``end``."""
    start = at + 2
    if start > end:
        raise MalformedMessage("a field is cut short")
    length = data[at + 1]
    if length > 0x7F:
        octets = length & 0x7F
        if not 1 <= octets <= 4:
            raise MalformedMessage("a length is indefinite or too long")
        start += octets
        if start > end:
            raise MalformedMessage("a length is cut short")
        length = int.from_bytes(data[at + 2 : start], "big")
    stop = start + length
    if stop > end:
        raise MalformedMessage("a field is longer than what holds it")
    return data[at], start, stop


def expect(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Where the content of the field at ``at`` starts and stops, if its tag is ``tag``."""
    start = at + 2
    if start <= end and data[at] == tag:
        length = data[at + 1]
        if length < 0x80 and start + length <= end:
            return start, start + length
    found, start, stop = header(data, at, end)
    if found != tag:
        raise MalformedMessage(f"found tag 0x{found:02x} where 0x{tag:02x} belongs")
    return start, stop


def read_integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The INTEGER (32 bits, signed) at ``at``, and where it stops."""
    start, stop = expect(data, at, end, INTEGER)
    if not 1 <= stop - start <= 4:
        raise MalformedMessage(f"an integer has {stop - start} octets")
    value, one = number(data, start, stop), 1  # one of the machine's, where it is compiled
    return (value if data[start] < 0x80 else value - (one << 8 * (stop - start))), stop


def read_octets(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """The OCTET STRING at ``at``, and where it stops."""
    start, stop = expect(data, at, end, OCTETS)
    return data[start:stop], stop


def number(data: bytes, at: int, end: int) -> int:
    """The number that at most eight octets are, unsigned; none are 0."""
    if PLAIN:
        return int.from_bytes(data[at:end], "big")
    value = 0
    for place in range(at, end):
        value = value << 8 | data[place]
    return value


def signed(content: bytes) -> int:
    """A signed integer of 32 bits."""
    if not 1 <= len(content) <= 4:
        raise MalformedMessage(f"an integer has {len(content)} octets")
    return int.from_bytes(content, "big", signed=True)


def unsigned(content: bytes, octets: int) -> int:
    """An unsigned integer of ``octets`` octets.

    Agents exist that leave out the leading zero where the highest bit is set: the full width is read as unsigned.
    A shorter one with the highest bit set is negative, which no counter is.
    """
    length = len(content)
    if length == octets + 1 and content[0] == 0:
        return int.from_bytes(content, "big")
    if not 1 <= length <= octets or (content[0] > 0x7F and length < octets):
        raise MalformedMessage(f"an unsigned integer of {octets} octets is out of range")
    return int.from_bytes(content, "big")


@lru_cache(maxsize=CACHED)
def object_id(content: bytes) -> Oid:
    """An object identifier; cached, because devices of one kind answer with the same ones."""
    if not content or content[len(content) - 1] > 0x7F:
        raise MalformedMessage("an object identifier is empty or cut short")
    arcs: list[int] = []
    arc = 0
    for octet in content:
        if arc == 0 and octet == 0x80:
            raise MalformedMessage("an object identifier has a padded number")
        arc = arc << 7 | octet & 0x7F
        if arc > MAX_ARC or len(arcs) >= MAX_ARCS - 1:
            raise MalformedMessage("an object identifier is out of range")
        if octet < 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return first, arcs[0] - 40 * first, *arcs[1:]


def field(tag: int, content: bytes) -> bytes:
    """One field: tag, length, content."""
    return opening(tag, len(content)) + content


def opening(tag: int, length: int) -> bytes:
    """What stands before a content of ``length`` octets: tag and length."""
    if length < 0x80:
        return _OCTET[tag] + _OCTET[length]
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return _OCTET[tag] + _OCTET[0x80 | len(octets)] + octets


def integer(value: int) -> bytes:
    """An INTEGER field of a number that is not negative."""
    if 0 <= value < 0x80:
        return _SHORT_INTEGER + _OCTET[value]
    return field(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


@lru_cache(maxsize=CACHED)
def oid_field(oid: Oid) -> bytes:
    """An OBJECT IDENTIFIER field; raises ValueError if the numbers are none: a fault of the caller."""
    if not 2 <= len(oid) <= MAX_ARCS or not 0 <= oid[0] <= 2 or not all(0 <= arc <= MAX_ARC for arc in oid):
        raise ValueError(f"not an object identifier: {'.'.join(map(str, oid))}")
    if oid[1] > (39 if oid[0] < 2 else MAX_ARC - 80):
        raise ValueError(f"not an object identifier: {'.'.join(map(str, oid))}")
    return field(OBJECT_ID, b"".join(_base128(arc) for arc in (oid[0] * 40 + oid[1], *oid[2:])))


def _base128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(arc & 0x7F | 0x80)
    return bytes(reversed(octets))
