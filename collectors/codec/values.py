"""The values that SNMP carries, as they come flat from an answer and as typed objects (RFC 2578, section 7.1)."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from ipaddress import IPv4Address

from collectors.codec import ber
from collectors.codec.ber import Oid
from collectors.errors import MalformedMessage


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

#: A value beside its tag: numbers as ``int``, what has octets as ``bytes`` (an object identifier and an address too),
#: None where the tag says it all.
Flat = int | bytes | None

IP_ADDRESS, COUNTER32, GAUGE32, TIME_TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB = 0x80, 0x81, 0x82

#: No tag of SNMP's: stands for the value of an object that an agent answers with an error instead.
REFUSED = 0

#: Octets of the unsigned numbers, by tag; 0 is another type.
WIDTHS = bytes(
    {COUNTER32: 4, GAUGE32: 4, TIME_TICKS: 4, COUNTER64: 8}.get(tag, 0) for tag in range(256)
)  # fmt: skip


#: The machine's own numbers where this is compiled (values.pxd).
_WIDTHS = WIDTHS
_INTEGER, _OCTETS, _OBJECT_ID, _OPAQUE, _IP_ADDRESS = ber.INTEGER, ber.OCTETS, ber.OBJECT_ID, OPAQUE, IP_ADDRESS


def flat(kind: int, content: bytes) -> Flat:
    """The value of tag ``kind`` in ``content``.

    Raises:
        MalformedMessage: the tag is of no SNMP type, or the content no value of it.
    """
    width = _WIDTHS[kind]
    if width:
        return ber.unsigned(content, width)
    if kind == _INTEGER:
        return ber.signed(content)
    if kind in (_OCTETS, _OPAQUE):
        return content
    if kind == _OBJECT_ID:
        ber.object_id(content)
        return content
    if kind == _IP_ADDRESS:
        if len(content) != 4:
            raise MalformedMessage(f"an IP address has {len(content)} octets")
        return content
    if kind not in _MARKERS:
        raise MalformedMessage("a variable has a value of no SNMP type")
    if content:
        raise MalformedMessage("a value that must be empty is not")
    return None


def typed(kind: int, value: Flat) -> Value:
    """The object that a flat value stands for; ``kind`` and ``value`` are what ``flat`` took and gave."""
    if value is None:
        return _MARKERS[kind]
    make = _TYPES.get(kind)
    return value if make is None else make(value)


_MARKERS: dict[int, Missing | None] = {
    ber.NULL: None,
    NO_SUCH_OBJECT: Missing.NO_SUCH_OBJECT,
    NO_SUCH_INSTANCE: Missing.NO_SUCH_INSTANCE,
    END_OF_MIB: Missing.END_OF_MIB,
}

_TYPES: dict[int, Callable[..., Value]] = {
    ber.OBJECT_ID: ber.object_id,
    IP_ADDRESS: IPv4Address,
    COUNTER32: Counter32,
    GAUGE32: Gauge32,
    TIME_TICKS: TimeTicks,
    OPAQUE: Opaque,
    COUNTER64: Counter64,
}
