"""How values become cells: by their object's type, each with the tags that it may have, its length and its range. Pure.

Values are taken flat, a tag and a number or octets, as answers bring them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from ipaddress import IPv4Address
from typing import Any, Final

from collectors.codec import ber, values
from collectors.modules.module import Object, Type
from collectors.snmp import Counter32, Counter64, Gauge32, Missing, Opaque, TimeTicks, Value

#: Numbers in their unit (seconds where our name ends in ``_s``), states and texts as words.
Cell = int | float | str

#: Longest text that is kept: DisplayString's and SnmpAdminString's limit.
MAX_TEXT = 255

#: The tags that say that there is no value, in words.
MISSING: Final[Mapping[int, str]] = {
    values.REFUSED: "a refusal",
    ber.NULL: "nothing",
    values.NO_SUCH_OBJECT: Missing.NO_SUCH_OBJECT.value,
    values.NO_SUCH_INSTANCE: Missing.NO_SUCH_INSTANCE.value,
    values.END_OF_MIB: Missing.END_OF_MIB.value,
}
#: What the others are called.
TITLES: Final[Mapping[int, str]] = {
    ber.INTEGER: "INTEGER",
    ber.OCTETS: "OCTET STRING",
    ber.OBJECT_ID: "OBJECT IDENTIFIER",
    values.IP_ADDRESS: "IpAddress",
    values.COUNTER32: "Counter32",
    values.GAUGE32: "Gauge32",
    values.TIME_TICKS: "TimeTicks",
    values.OPAQUE: "Opaque",
    values.COUNTER64: "Counter64",
}
_TAGS: Final[Mapping[Type, tuple[int, ...]]] = {
    Type.INTEGER: (ber.INTEGER,),
    Type.GAUGE32: (values.GAUGE32,),
    Type.COUNTER32: (values.COUNTER32,),
    Type.COUNTER64: (values.COUNTER64,),
    Type.TICKS: (values.TIME_TICKS,),
    Type.TEXT: (ber.OCTETS,),
    Type.NAME: (ber.OCTETS,),
    Type.OCTETS: (ber.OCTETS,),
    Type.ADDRESS: (ber.OCTETS, values.IP_ADDRESS),
    Type.FIXED: (ber.OCTETS,),
    Type.IDENTIFIER: (ber.OBJECT_ID,),
}
_OF_CLASS: Final[Mapping[type, int]] = {
    int: ber.INTEGER,
    bytes: ber.OCTETS,
    tuple: ber.OBJECT_ID,
    Counter32: values.COUNTER32,
    Gauge32: values.GAUGE32,
    TimeTicks: values.TIME_TICKS,
    Opaque: values.OPAQUE,
    Counter64: values.COUNTER64,
}
_OF_MISSING: Final[Mapping[Missing, int]] = {
    Missing.NO_SUCH_OBJECT: values.NO_SUCH_OBJECT,
    Missing.NO_SUCH_INSTANCE: values.NO_SUCH_INSTANCE,
    Missing.END_OF_MIB: values.END_OF_MIB,
}

#: What makes a cell of a flat value; None where it is out of its object's range.
Read = Callable[[Any], Cell | None]


@cache
def taking(one: Object) -> tuple[tuple[int, ...], Read | None]:
    """The tags that the values of ``one`` may have, and what makes a cell of them; None: they are cells themselves."""
    tags = _TAGS[one.type]
    if one.states is not None:
        return tags, one.states.get if one.type is not Type.IDENTIFIER else partial(_kind, one.states)
    if one.type in _BY_TYPE:
        return tags, _BY_TYPE[one.type]
    if one.type is Type.OCTETS:
        return tags, partial(_octets, one.low or 0, one.high or MAX_TEXT)
    if one.low is None and one.high is None and one.scale is None:
        return tags, None
    return tags, partial(_number, one.low, one.high, one.scale)


def flattened(value: Value) -> tuple[int, object]:
    """The tag and flat value of a typed one; an object identifier stays a tuple."""
    if isinstance(value, Missing):
        return _OF_MISSING[value], None
    if isinstance(value, IPv4Address):
        return values.IP_ADDRESS, value.packed
    return (ber.NULL, None) if value is None else (_OF_CLASS[type(value)], value)


def wanted(one: Object) -> str:
    """What a value of ``one`` may be, in words."""
    if one.states is not None:
        return f"one of {', '.join(map(str, one.states))}"
    words = {Type.TEXT: "printable text", Type.ADDRESS: "4 octets", Type.FIXED: "4 octets"}
    unit = " octets" if one.type is Type.OCTETS else ""
    return words.get(one.type) or f"{one.low} to {one.high}{unit}"


def shape(flat: object) -> str:
    """What was found, without what it says."""
    if isinstance(flat, bytes):
        return f"{len(flat)} other octets"
    return str(int(flat)) if isinstance(flat, int) else "another one"


def shown(name: str) -> str:
    """At most 255 printable characters of a text from outside."""
    return "".join(char if char.isprintable() else "?" for char in name[:MAX_TEXT])


def _number(low: int | None, high: int | None, scale: float | None, value: int) -> Cell | None:
    if (low is not None and value < low) or (high is not None and value > high):
        return None
    return value if scale is None else value * scale


def _seconds(value: int) -> Cell | None:
    return value / 100


def _text(value: bytes) -> Cell | None:
    if len(value) <= MAX_TEXT and value.isascii() and (found := value.decode("ascii")).isprintable():
        return found
    return None


def _name(value: bytes) -> Cell | None:
    return shown(value.decode("utf-8", "replace").rstrip("\0"))


def _octets(low: int, high: int, value: bytes) -> Cell | None:
    return value.hex() if low <= len(value) <= high else None


def _address(value: bytes) -> Cell | None:
    return "{}.{}.{}.{}".format(*value) if len(value) == 4 else None


def _fixed(value: bytes) -> Cell | None:
    return int.from_bytes(value, "big", signed=True) / 65536 if len(value) == 4 else None


def _last(value: bytes | tuple[int, ...]) -> Cell | None:
    oid = ber.object_id(value) if isinstance(value, bytes) else value
    return oid[-1] if oid else None


def _kind(states: Mapping[int, str], value: bytes | tuple[int, ...]) -> Cell | None:
    last = _last(value)
    return states.get(last) if isinstance(last, int) else None


_BY_TYPE: Final[Mapping[Type, Read]] = {
    Type.TICKS: _seconds,
    Type.TEXT: _text,
    Type.NAME: _name,
    Type.ADDRESS: _address,
    Type.FIXED: _fixed,
    Type.IDENTIFIER: _last,
}
