"""What the values of a poll are, in their order: kept once for all devices that are asked the same. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from collectors.errors import BadRecord
from collectors.modules.module import COUNTERS, Figure, Object, Table, Type


class Role(StrEnum):
    """What a column is good for."""

    #: A number as it is, in its unit once it is scaled.
    GAUGE = "gauge"
    #: A number whose growth counts.
    COUNTER = "counter"
    #: A number that stands for a word.
    STATE = "state"
    #: A moment on the device's clock, or how long something lasts.
    TIME = "time"
    #: The moment since when the counters of its row count.
    SINCE = "since"
    #: Octets: names, texts, addresses.
    TEXT = "text"


class Column(NamedTuple):
    """One value of a poll; ``table`` and ``row`` are empty for a scalar.

    ``scale`` makes a number one of its unit; numbers below ``low`` or above ``high`` are none of its object.
    """

    table: str
    row: str
    name: str
    type: Type
    role: Role
    scale: float | None = None
    low: int | None = None
    high: int | None = None

    @classmethod
    def of(cls, one: Object, table: Table | None = None, row: str = "") -> Column:
        """The column of an object, in the row of that name where it is in a table."""
        since = "" if table is None else table.discontinuity
        bounds = (None, None) if one.type is Type.OCTETS else (one.low, one.high)
        return cls("" if table is None else table.name, row, one.name, one.type, _role(one, since), one.scale, *bounds)


def _role(one: Object, since: str) -> Role:
    if since and one.name == since:
        return Role.SINCE
    if one.type is Type.TICKS:
        return Role.TIME
    if one.states is not None:
        return Role.STATE
    if one.type in COUNTERS and one.scale is None:
        return Role.COUNTER
    numbers = (Type.INTEGER, Type.GAUGE32, *COUNTERS)
    return Role.GAUGE if one.type in numbers else Role.TEXT


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The columns of a poll's values, and the figures that are made of them.

    Two layouts are the same where their ``digest`` is: that of their ``text``, which holds all of them.
    """

    columns: tuple[Column, ...]
    figures: tuple[Figure, ...] = ()
    digest: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", hashlib.sha256(self.text.encode()).hexdigest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layout) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def text(self) -> str:
        """The layout as it is kept."""
        return json.dumps([self.columns, [astuple(one) for one in self.figures]], separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> Layout:
        """The layout in a text that ``text`` made.

        Raises:
            BadRecord: it is no such text.
        """
        try:
            columns, figures = json.loads(text)
            return cls(tuple(_columns(columns)), tuple(Figure(*one) for one in figures))
        except (ValueError, TypeError) as error:
            raise BadRecord("the layout of a record cannot be read") from error


def _columns(rows: Iterable[list[Any]]) -> Iterable[Column]:
    for table, row, name, kind, role, scale, low, high in rows:
        yield Column(str(table), str(row), str(name), Type(kind), Role(role), *map(_bound, (scale, low, high)))


def _bound(number: Any) -> Any:
    if number is not None and not isinstance(number, int | float):
        raise TypeError
    return number
