"""Takes values out of an SNMP answer only if they are of the type and range that their objects have. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TypeVar

from collectors.oids import text
from collectors.sample import WrongType
from collectors.snmp import Missing, Oid, TimeTicks, Value

T = TypeVar("T")
E = TypeVar("E", bound=IntEnum)

#: Longest text that is kept: DisplayString's and SnmpAdminString's limit.
MAX_TEXT = 255


class Reader:
    """One answer's values; ``problems`` collects what was wrong with those that were asked for."""

    def __init__(self, values: Mapping[Oid, Value]) -> None:
        self._values = values
        self.problems: list[WrongType] = []

    def missing(self, oid: Oid) -> bool:
        """Whether the device says that it has no such object or instance."""
        return isinstance(self._values.get(oid), Missing)

    def take(self, what: str, oid: Oid, kind: type[T]) -> T | None:
        """The value if it is exactly of ``kind``; None if the device has none."""
        value = self._values.get(oid)
        if type(value) is kind:
            return value
        if value is not None and not isinstance(value, Missing):
            self._wrong(what, oid, kind.__name__, type(value).__name__)
        return None

    def seconds(self, what: str, oid: Oid) -> float | None:
        """TimeTicks as seconds."""
        ticks = self.take(what, oid, TimeTicks)
        return None if ticks is None else ticks / 100

    def number(self, what: str, oid: Oid, kind: type[int], low: int, high: int) -> int | None:
        """A number of exactly ``kind`` in a range."""
        value = self.take(what, oid, kind)
        if value is None or low <= value <= high:
            return None if value is None else int(value)
        self._wrong(what, oid, f"{low} to {high}", str(int(value)))
        return None

    def enum(self, what: str, oid: Oid, kind: type[E]) -> E | None:
        """An INTEGER that names one of ``kind``."""
        value = self.take(what, oid, int)
        if value is None:
            return None
        try:
            return kind(value)
        except ValueError:
            self._wrong(what, oid, kind.__name__, str(value))
            return None

    def text(self, what: str, oid: Oid) -> str | None:
        """Printable ASCII; anything else could forge lines in logs and terminals."""
        octets = self.take(what, oid, bytes)
        if octets is None:
            return None
        if len(octets) <= MAX_TEXT and octets.isascii() and octets.decode("ascii").isprintable():
            return octets.decode("ascii")
        self._wrong(what, oid, "printable text", f"{len(octets)} other octets")
        return None

    def require(self, what: str, oid: Oid) -> None:
        """Every device has this one: its absence is a problem."""
        value = self._values.get(oid)
        if value is None or isinstance(value, Missing):
            self._wrong(what, oid, "a value", "nothing" if value is None else value.value)

    def _wrong(self, what: str, oid: Oid, expected: str, found: str) -> None:
        self.problems.append(WrongType(what, text(oid), expected, found))
