"""What to ask a device in a poll: instances in packets, and tables that are walked whole. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from collectors.codec.ber import oid_field
from collectors.codec.pdu import Request
from collectors.modules import Module, Object, Table, Type
from collectors.rows import Rows
from collectors.snmp import Oid
from collectors.taking import Read, taking

#: Rows that are needed, by table; of a table that is not in it all rows are.
Expected = tuple[tuple[str, frozenset[str]], ...]

#: Octets of variables in a packet, so that with SNMPv3's 120 and more it stays under 1,400 and is never fragmented.
MOST_OCTETS = 1240
#: Octets that an answer needs for a variable beside its name: the heads of the pair and of the value.
HEADS = 4
#: Octets of a value at most: how long texts are is known of none, and most are shorter.
VALUE_OCTETS = {
    Type.INTEGER: 4,
    Type.GAUGE32: 5,
    Type.COUNTER32: 5,
    Type.COUNTER64: 9,
    Type.TICKS: 5,
    Type.ADDRESS: 4,
    Type.FIXED: 4,
    Type.TEXT: 28,
    Type.NAME: 44,
    Type.OCTETS: 20,
    Type.IDENTIFIER: 16,
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One value that is asked; ``of`` is the row that it belongs to, and what it should be where it is ``naming``.

    ``tags`` and ``read`` are those of its object.
    """

    oid: Oid
    one: Object
    name: str
    module: str
    of: str
    tags: tuple[int, ...]
    read: Read | None
    naming: bool = False

    @classmethod
    def to(cls, oid: Oid, one: Object, module: str, of: str = "", *, naming: bool = False) -> Slot:
        return cls(oid, one, one.name, module, of, *taking(one), naming)


@dataclass(frozen=True, slots=True)
class Place:
    """One row among the slots, from ``at`` on: its name where it is ``named``, then ``slots``."""

    table: Table
    key: str
    index: Oid
    at: int
    named: bool
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked together; devices with the same rows share it.

    ``packets`` together are the slots' instances in their order: first ``scalars`` of them, then the rows at
    ``places``. In the last one there is ``room`` for so many more octets. ``tables`` are those with rows, ``walks``
    those that are walked.
    """

    modules: tuple[Module, ...]
    packets: tuple[Request, ...]
    room: int
    slots: tuple[Slot, ...]
    scalars: int
    places: tuple[Place, ...]
    tables: tuple[Table, ...]
    walks: tuple[tuple[str, Table], ...]
    expected: Expected


def questions(modules: tuple[Module, ...], rows: Rows, expected: Expected) -> Questions:
    """What to ask for ``modules``, where the device keeps ``rows``."""
    slots = [Slot.to(one.oid, one, module.name) for module in modules for one in module.scalars]
    scalars, places, tables = len(slots), [], []
    found, wanted = dict(rows.tables), dict(expected)
    for name, table in ((one.name, table) for one in modules for table in one.tables if table in found):
        tables.append(table)
        known = dict(found[table])
        for key in known if table.name not in wanted else sorted(wanted[table.name] & known.keys()):
            at, naming = len(slots), tuple(_naming(name, table, key, known[key]))
            row = tuple(Slot.to((*one.oid, *known[key]), one, name, key) for one in table.columns)
            places.append(Place(table, key, known[key], at, bool(naming), row))
            slots += (*naming, *row)
    walks = tuple((module.name, table) for module in modules for table in module.tables if table.walk)
    packets, room = _packets(slots)
    return Questions(
        modules, tuple(packets), room, tuple(slots), scalars, tuple(places), tuple(tables), walks, expected
    )


def _naming(module: str, table: Table, key: str, index: Oid) -> Iterator[Slot]:
    """What is asked to see that a row is still the one of that name."""
    one = table.key.object
    if table.verify and one is not None:
        yield Slot.to((*one.oid, *table.key.part(index)), one, module, key, naming=True)


def _octets(slot: Slot) -> int:
    """What a slot's value takes: a state is a small number, and a row's name is known."""
    if slot.one.states is not None and slot.one.type is Type.INTEGER:
        return 1
    return len(slot.of) if slot.naming else VALUE_OCTETS[slot.one.type]


def _packets(slots: Iterable[Slot]) -> tuple[list[Request], int]:
    """The packets, and the room in the last one; where there is none, there is no room."""
    packets, part = list[Request](), list[Oid]()
    room = MOST_OCTETS
    for slot in slots:
        need = len(oid_field(slot.oid)) + HEADS + _octets(slot)
        if part and need > room:
            packets.append(Request.of(part))
            part, room = [], MOST_OCTETS
        part.append(slot.oid)
        room -= need
    if part:
        packets.append(Request.of(part))
    return packets, room if packets else 0
