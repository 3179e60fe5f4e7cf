"""What to poll, as data: modules of scalars, tables and figures, each object with its type and range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from collectors.snmp import Oid


class Type(StrEnum):
    """How an object's value is encoded, and what it becomes."""

    INTEGER = "INTEGER"
    GAUGE32 = "Gauge32"
    COUNTER32 = "Counter32"
    COUNTER64 = "Counter64"
    #: Hundredths of a second; becomes seconds.
    TICKS = "TimeTicks"
    #: An OCTET STRING of printable ASCII; anything else could forge lines in logs and terminals.
    TEXT = "text"
    #: A text in any code page; what cannot be shown is replaced.
    NAME = "name"
    #: An OCTET STRING; becomes hexadecimal digits.
    OCTETS = "octets"
    #: The four octets of an IPv4 address, as an IpAddress or an OCTET STRING.
    ADDRESS = "address"
    #: An OBJECT IDENTIFIER; its last number counts.
    IDENTIFIER = "OBJECT IDENTIFIER"
    #: Four octets: seconds in 16 bits with a sign, and 16 bits of their fraction.
    FIXED = "fixed"


COUNTERS = {Type.COUNTER32: 32, Type.COUNTER64: 64}
#: What these hold moves by itself: that it is another one than before says nothing.
MOVING = frozenset({Type.GAUGE32, Type.FIXED, *COUNTERS})


class Of(StrEnum):
    """What names a row of a table, so that it is found again when its index has moved."""

    #: The text of a column at the same index.
    COLUMN = "column"
    #: The text of a column at the first number of the index; the other numbers follow it.
    ENTITY = "entity"
    #: The interface whose ifIndex is the first number of the index; the other numbers follow its name.
    INTERFACE = "interface"
    #: The last four numbers of the index, an IPv4 address.
    ADDRESS = "address"
    #: The index itself, where it is somebody's choice.
    INDEX = "index"
    #: The names of nested classes and policies, from the outside in.
    PATH = "path"


@dataclass(frozen=True, slots=True, eq=False)
class Object:
    """One object: our ``name`` and the MIB's, its type, what it may hold, and what an INTEGER's numbers mean.

    ``oid`` is a scalar's whole instance or a column. ``low`` and ``high`` bound numbers, and the octets of OCTETS.
    ``moves``: it changes while nothing happens, though its type does not say so.
    """

    name: str
    mib_name: str
    oid: Oid
    type: Type
    low: int | None = None
    high: int | None = None
    states: Mapping[int, str] | None = None
    scale: float | None = None
    required: bool = False
    moves: bool = False

    @property
    def decides(self) -> bool:
        """Whether another value than before says that something happened."""
        return not self.moves and self.type not in MOVING


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """What names the rows; ``until`` cuts what follows it off a text, ``also`` are columns that a PATH is made of."""

    of: Of
    object: Object | None = None
    until: str = ""
    also: tuple[Oid, ...] = ()

    def part(self, index: Oid) -> Oid:
        """What of a row's index the text that names it has."""
        return index[:1] if self.of is Of.ENTITY else index


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table: its rows are found by walking ``find`` and then asked one by one, or it is walked whole each time.

    ``verify``: the name of a row is asked with its values, because indexes move. ``unless`` names tables that this one
    stands in for: it is read where they have no rows. ``most`` is how many rows there may be; ``same`` says that rows
    of the same name are parts of one thing. ``discontinuity`` is the column that says since when its counters count.
    ``keeps``: what it tells changes only with the configuration, so it holds until it is read again.
    """

    name: str
    key: Key
    columns: tuple[Object, ...]
    find: Oid
    walk: bool = False
    verify: bool = True
    unless: tuple[str, ...] = ()
    most: int = 256
    same: bool = False
    keeps: bool = False
    discontinuity: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number out of many: ``by`` is first, max, mean or sum of a table's column, or the difference of scalars."""

    name: str
    by: str
    table: str = ""
    column: str = ""
    scalar: str = ""
    minus: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """What is polled together: due in every ``every``-th cycle, of devices that were ordered ``when`` (empty: all)."""

    name: str
    every: int
    when: frozenset[str]
    scalars: tuple[Object, ...]
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]
