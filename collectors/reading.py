"""What a device told, typed: numbers, states and texts by our names, tables by what is stable. Pure.

A value of another type, length or range than its object has is left out and told as a problem; nothing stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from collectors.modules.module import Object
from collectors.oids import text
from collectors.snmp import Oid, Value
from collectors.taking import MISSING, TITLES, Cell, flattened, shape, taking, wanted

Row = Mapping[str, Cell]


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
    ``moved`` are table and name of rows that were not where they had been found.
    """

    scalars: Row = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    problems: tuple[WrongType, ...] = ()
    moved: frozenset[tuple[str, str]] = frozenset()

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
        tag, flat = flattened(value)
        tags, read = taking(one)
        cell: Any = (flat if read is None else read(flat)) if tag in tags else None
        if cell is None:
            self.reject(one, tag, flat, oid, of)
            return None
        return int(cell) if isinstance(cell, int) else cell

    def reject(self, one: Object, tag: int, flat: object, oid: Oid, of: str = "") -> None:
        """Tell why a value was not taken, unless the device just has none."""
        tags, _ = taking(one)
        what = f"{one.mib_name} of {of}" if of else one.mib_name
        if tag in tags:
            self.complain(what, oid, wanted(one), shape(flat))
        elif tag not in MISSING:
            self.complain(what, oid, TITLES[tags[0]], TITLES.get(tag, "an error"))
        elif one.required:
            self.complain(what, oid, "a value", MISSING[tag])

    def complain(self, what: str, oid: Oid, expected: str, found: str) -> None:
        """Tell a problem."""
        self.problems.append(WrongType(what, text(oid), expected, found, self.module))
