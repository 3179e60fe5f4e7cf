"""What can be shown of packed polls: each column that is a number, and each figure, by a name that a person would type.

Pure. A column of an interface is named by the interface (``GigabitEthernet0/0/0 in_octets``), one of another table by
the table and the row, a scalar and a figure by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from collectors.codec import ber, values
from collectors.codec.values import Flat
from collectors.figures import figure
from collectors.modules.module import COUNTERS, Figure, Type
from collectors.record.layout import Column, Layout, Role

_TAGS = {
    Type.INTEGER: ber.INTEGER,
    Type.GAUGE32: values.GAUGE32,
    Type.COUNTER32: values.COUNTER32,
    Type.COUNTER64: values.COUNTER64,
    Type.TICKS: values.TIME_TICKS,
}


class Metric(NamedTuple):
    """A number of each poll: of a counter its growth a second."""

    name: str
    role: Role


class Counter(NamedTuple):
    """A column that counts: where its value and that of since when it counts are (-1: nowhere), and its bits."""

    place: int
    since: int
    bits: int


def metric(column: Column) -> str:
    """What a column is called."""
    if not column.table:
        return column.name
    return (
        f"{column.row} {column.name}" if column.table == "interfaces" else f"{column.table} {column.row} {column.name}"
    )


class Metrics:
    """The metrics of a layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.places = {metric(one): place for place, one in enumerate(layout.columns) if one.role is not Role.TEXT}
        self._figures: dict[str, list[Figure]] = {}
        for one in layout.figures:
            self._figures.setdefault(one.name, []).append(one)
        #: Where the device's uptime is, and what its engine is known by; -1: nowhere.
        self.clock = self._scalar("uptime_s")
        self.engine = (self._scalar("engine_id"), self._scalar("engine_boots"))

    @property
    def all(self) -> tuple[Metric, ...]:
        """All metrics: figures first, then columns as they are read."""
        figures = [Metric(name, Role.GAUGE) for name in self._figures]
        return *figures, *(Metric(name, self.layout.columns[place].role) for name, place in self.places.items())

    @cached_property
    def names(self) -> frozenset[str]:
        """What its metrics are called."""
        return frozenset(one.name for one in self.all)

    @cached_property
    def counters(self) -> dict[str, Counter]:
        """The columns that count, by metric."""
        columns = self.layout.columns
        since = {(one.table, one.row): place for place, one in enumerate(columns) if one.role is Role.SINCE}
        return {
            name: Counter(place, since.get(columns[place][:2], -1), COUNTERS[columns[place].type])
            for name, place in self.places.items()
            if columns[place].role is Role.COUNTER
        }

    def number(self, name: str, kinds: bytes, found: Sequence[Flat]) -> float | None:
        """The number of a metric in its unit, of a counter its count; None: it was not told, or is out of its range."""
        place = self.places.get(name)
        if place is not None:
            return scaled(self.layout.columns[place], kinds, found, place)
        return self.figure(name, lambda at: scaled(self.layout.columns[at], kinds, found, at))

    def figure(self, name: str, number: Callable[[int], float | None]) -> float | None:
        """A figure, by what ``number`` says of the values at places; None where it cannot be told."""
        ways = (self._figure(one, number) for one in self._figures.get(name, ()))
        return next((value for value in ways if value is not None), None)

    def _scalar(self, name: str) -> int:
        found = (place for place, one in enumerate(self.layout.columns) if not one.table and one.name == name)
        return next(found, -1)

    def _figure(self, wanted: Figure, number: Callable[[int], float | None]) -> float | None:
        scalars: dict[str, float] = {}
        rows: dict[str, dict[str, float]] = {}
        for place, column in enumerate(self.layout.columns):
            if column.table == wanted.table and column.name in (wanted.column, wanted.scalar, wanted.minus):
                value = number(place)
                if value is not None:
                    scalars[column.name] = value
                    rows.setdefault(column.row, {})[column.name] = value
        return figure(wanted, scalars, {wanted.table: rows})


def tag(column: Column) -> int:
    """The tag that a column's numbers have."""
    return _TAGS[column.type]


def scaled(column: Column, kinds: bytes, found: Sequence[Flat], place: int) -> float | None:
    """The number at a place, in its unit; None where it was not told, is of another type or out of its range."""
    if place >= len(kinds) or kinds[place] != _TAGS.get(column.type):
        return None
    value = found[place]
    if not isinstance(value, int) or (column.low is not None and value < column.low):
        return None
    if column.high is not None and value > column.high:
        return None
    if column.type is Type.TICKS:
        return value / 100
    return value if column.scale is None else value * column.scale
