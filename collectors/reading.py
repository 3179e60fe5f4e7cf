"""What a device told, typed: numbers, states and texts by our names, tables by what is stable. Pure.

A value of another type, length or range than its object has is left out and told as a problem; nothing stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Final

from collectors.modules.module import Object, Type
from collectors.oids import text
from collectors.snmp import Counter32, Counter64, Gauge32, Missing, Oid, TimeTicks, Value

#: Numbers in their unit (seconds where our name ends in ``_s``), states and texts as words.
Cell = int | float | str
Row = Mapping[str, Cell]

#: Longest text that is kept: DisplayString's and SnmpAdminString's limit.
MAX_TEXT = 255


@dataclass(frozen=True, slots=True)
class WrongType:
    """A value or table that cannot be used: what it is, what belongs there, what was found; ``module`` asked for it."""

    what: str
    oid: str
    expected: str
    found: str
    module: str = ""

    def __str__(self) -> str:
        return f"{self.what} ({self.oid}): expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one poll brought.

    A scalar that is not there was not told. A table that is not there was not read; a row that is missing from a table
    that was read is gone, and ``missing`` names those that were expected. ``figures`` are one number out of many.
    ``moved``: a row was not where it had been found.
    """

    scalars: Row = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    problems: tuple[WrongType, ...] = ()
    moved: bool = False

    def seconds(self, name: str) -> float | None:
        """A scalar that is a time or another fraction."""
        found = self.scalars.get(name)
        return None if found is None or isinstance(found, str) else float(found)

    def number(self, name: str) -> int | None:
        """A scalar that is a whole number."""
        found = self.scalars.get(name)
        return found if isinstance(found, int) else None

    def text(self, name: str) -> str | None:
        """A scalar that is a text or a state."""
        found = self.scalars.get(name)
        return found if isinstance(found, str) else None


class Reader:
    """Takes values for what their objects say they are; ``problems`` collects what was wrong in which ``module``."""

    def __init__(self) -> None:
        self.problems: list[WrongType] = []
        self.module = ""

    def take(self, one: Object, value: Value, oid: Oid, of: str = "") -> Cell | None:
        """The value of ``oid``; None where the device has none, or it is not what its object holds."""
        kind, read = _READERS[one.type]
        if type(value) in kind:
            found = read(one, value)
            if found is not None:
                return found
            self._wrong(one, oid, of, _wanted(one), _shape(value))
        elif value is not None and not isinstance(value, Missing):
            self._wrong(one, oid, of, kind[0].__name__, type(value).__name__)
        elif one.required:
            self._wrong(one, oid, of, "a value", "nothing" if value is None else value.value)
        return None

    def complain(self, what: str, oid: Oid, expected: str, found: str) -> None:
        """Tell a problem that is not a single value's."""
        self.problems.append(WrongType(what, text(oid), expected, found, self.module))

    def _wrong(self, one: Object, oid: Oid, of: str, expected: str, found: str) -> None:
        self.complain(f"{one.mib_name} of {of}" if of else one.mib_name, oid, expected, found)


def shown(name: str) -> str:
    """At most 255 printable characters of a text from outside."""
    return "".join(char if char.isprintable() else "?" for char in name[:MAX_TEXT])


def _wanted(one: Object) -> str:
    if one.states is not None:
        return f"one of {', '.join(map(str, one.states))}"
    lengths = {Type.TEXT: "printable text", Type.ADDRESS: "4 octets", Type.FIXED: "4 octets"}
    unit = " octets" if one.type is Type.OCTETS else ""
    return lengths.get(one.type) or f"{one.low} to {one.high}{unit}"


def _shape(value: object) -> str:
    """What was found, without what it says."""
    if isinstance(value, bytes):
        return f"{len(value)} other octets"
    return str(int(value)) if isinstance(value, int) else type(value).__name__


def _number(one: Object, value: int) -> Cell | None:
    number = int(value)
    if one.states is not None:
        return one.states.get(number)
    if (one.low is not None and number < one.low) or (one.high is not None and number > one.high):
        return None
    return number if one.scale is None else number * one.scale


def _seconds(_: Object, value: int) -> Cell | None:
    return value / 100


def _text(_: Object, value: bytes) -> Cell | None:
    if len(value) <= MAX_TEXT and value.isascii() and (found := value.decode("ascii")).isprintable():
        return found
    return None


def _name(_: Object, value: bytes) -> Cell | None:
    return shown(value.decode("utf-8", "replace").rstrip("\0"))


def _octets(one: Object, value: bytes) -> Cell | None:
    return value.hex() if (one.low or 0) <= len(value) <= (one.high or MAX_TEXT) else None


def _address(_: Object, value: bytes | IPv4Address) -> Cell | None:
    if isinstance(value, IPv4Address):
        return str(value)
    return str(IPv4Address(value)) if len(value) == 4 else None


def _fixed(_: Object, value: bytes) -> Cell | None:
    return int.from_bytes(value, "big", signed=True) / 65536 if len(value) == 4 else None


def _identifier(one: Object, value: Oid) -> Cell | None:
    return _number(one, value[-1]) if value else None


#: By type: the classes of values that it takes, and what makes a cell of one (None: out of its range).
_READERS: Final[Mapping[Type, tuple[tuple[type, ...], Callable[..., Cell | None]]]] = {
    Type.INTEGER: ((int,), _number),
    Type.GAUGE32: ((Gauge32,), _number),
    Type.COUNTER32: ((Counter32,), _number),
    Type.COUNTER64: ((Counter64,), _number),
    Type.TICKS: ((TimeTicks,), _seconds),
    Type.TEXT: ((bytes,), _text),
    Type.NAME: ((bytes,), _name),
    Type.OCTETS: ((bytes,), _octets),
    Type.ADDRESS: ((bytes, IPv4Address), _address),
    Type.FIXED: ((bytes,), _fixed),
    Type.IDENTIFIER: ((tuple,), _identifier),
}
