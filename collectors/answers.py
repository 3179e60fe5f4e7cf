"""From a device's answers to a reading: scalars, the rows that were asked, tables that were walked. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from collectors.codec.values import REFUSED
from collectors.figures import figures
from collectors.modules import COUNTERS, Table
from collectors.questions import Place, Questions, Slot
from collectors.reading import Reader, Reading, Row
from collectors.rows import named
from collectors.snmp import Answer, Failure, Oid, Value
from collectors.taking import MISSING, Cell


def reading(asked: Questions, kinds: Sequence[int], values: Sequence[object], walks: Mapping[str, Answer]) -> Reading:
    """What the answers to ``asked`` say.

    ``kinds`` and ``values`` are the tags and flat values of its slots, in order; fewer, where a later packet had no
    answer: then their tables were not read. ``walks`` are the tables that were walked, by name.
    """
    reader = Reader()
    scalars = _cells(reader, asked.slots[: min(asked.scalars, len(values))], kinds, values, 0)
    tables: dict[str, dict[str, Row]] = {table.name: {} for table in asked.tables}
    moved: set[tuple[str, str]] = set()
    for place in asked.places:
        name = place.table.name
        if place.at + len(place.slots) + place.named > len(values):
            tables.pop(name, None)
        elif _is_there(reader, place, asked, kinds, values):
            tables[name][place.key] = _cells(reader, place.slots, kinds, values, place.at + place.named)
        else:
            moved.add((name, place.key))
    missing = {name: wanted - tables[name].keys() for name, wanted in asked.expected if name in tables}
    for module, table in asked.walks:
        reader.module = module
        rows = walked(reader, table, walks[table.name]) if table.name in walks else None
        if rows is not None:
            tables[table.name] = rows
    numbers = figures(asked.modules, scalars, tables)
    return Reading(scalars, tables, numbers, missing, tuple(reader.problems), frozenset(moved))


def together(readings: Sequence[Reading]) -> Reading:
    """One reading of several, of different modules."""
    if len(readings) == 1:
        return readings[0]
    return Reading(
        {name: cell for one in readings for name, cell in one.scalars.items()},
        {name: rows for one in readings for name, rows in one.tables.items()},
        {name: figure for one in readings for name, figure in one.figures.items()},
        {name: keys for one in readings for name, keys in one.missing.items()},
        tuple(problem for one in readings for problem in one.problems),
        frozenset().union(*(one.moved for one in readings)),
    )


def sound(asked: Questions, kinds: Sequence[int], values: Sequence[object]) -> bool:
    """Whether all values can be used, and all rows are where they were found: then a reading has no problems."""
    if len(values) != len(asked.slots):
        return False
    for slot, kind, value in zip(asked.slots, kinds, values, strict=True):
        if kind in slot.tags:
            if slot.read is not None and slot.read(value) is None:
                return False
        elif kind not in MISSING or kind == REFUSED or slot.one.required:
            return False
    reader = Reader()
    return all(_is_there(reader, place, asked, kinds, values) for place in asked.places)


def _cells(
    reader: Reader, slots: Sequence[Slot], kinds: Sequence[int], values: Sequence[object], at: int
) -> dict[str, Cell]:
    """The values from ``at`` on that can be used, by our names."""
    found: dict[str, Any] = {}
    for slot in slots:
        kind, value = kinds[at], values[at]
        at += 1
        if kind in slot.tags:
            cell = value if slot.read is None else slot.read(value)
            if cell is not None:
                found[slot.name] = cell
                continue
        reader.module = slot.module
        reader.reject(slot.one, kind, value, slot.oid, slot.of)
    return found


def _is_there(reader: Reader, place: Place, asked: Questions, kinds: Sequence[int], values: Sequence[object]) -> bool:
    """Whether a row is still where it was found: by its name, or because something of it is told."""
    at = place.at
    if not place.named:
        return any(kind not in MISSING for kind in kinds[at : at + len(place.slots)])
    slot = asked.slots[at]
    if kinds[at] in slot.tags and slot.read is not None and slot.read(values[at]) == place.key:
        return True
    name = _cells(reader, (slot,), kinds, values, at).get(slot.name)
    return isinstance(name, str) and named(place.table, place.index, name) == place.key


def walked(reader: Reader, table: Table, answer: Answer) -> dict[str, Row] | None:
    """The rows of a table that was walked; None where the walk did not end: then nothing is known of any row."""
    if answer.failure is not None:
        if answer.failure is not Failure.TIMEOUT:
            reader.complain(f"the table of {table.name}", table.find, "all of its rows", answer.detail)
        return None
    indexes = _indexes(table, answer.values)
    if len(indexes) > table.most:
        reader.complain(f"the table of {table.name}", table.find, f"{table.most} rows at most", str(len(indexes)))
        return None
    found: dict[str, dict[str, Cell]] = {}
    for index in indexes:
        key = _key(reader, table, index, answer.values)
        if not key:
            continue
        row: dict[str, Cell] = {}
        for one in table.columns:
            oid = (*one.oid, *index)
            cell = reader.take(one, answer.values.get(oid), oid, key)
            if cell is not None:
                row[one.name] = cell
        found[key] = _sum(table, found[key], row) if key in found and table.same else found.get(key, row)
    _half(reader, table, found)
    return dict(found)


def _indexes(table: Table, values: Mapping[Oid, Value]) -> Collection[Oid]:
    """The indexes of a table that was walked, in the order in which they came."""
    size = len(table.find)
    return dict.fromkeys(oid[size:] for oid in values if oid[:size] == table.find)


def _key(reader: Reader, table: Table, index: Oid, values: Mapping[Oid, Value]) -> str:
    key = table.key.object
    if key is None:
        return named(table, index, "")
    oid = (*key.oid, *table.key.part(index))
    told = reader.take(key, values.get(oid), oid)
    return named(table, index, told) if isinstance(told, str) else ""


def _sum(table: Table, one: dict[str, Cell], other: Mapping[str, Cell]) -> dict[str, Cell]:
    """Two rows of the same thing: numbers add up, counters wrap as each of them does, words are those of the first."""
    both = dict(one)
    for name, cell in other.items():
        before = both.get(name, 0)
        both[name] = before if isinstance(before, str) or isinstance(cell, str) else before + cell
    for column in table.columns:
        bits, total = COUNTERS.get(column.type), both.get(column.name)
        if bits is not None and isinstance(total, int):
            both[column.name] = total % 2**bits
    return both


def _half(reader: Reader, table: Table, rows: Mapping[str, Row]) -> None:
    """Tell columns that some rows have and others do not; not of parts of one thing, which come and go."""
    if table.same:
        return
    for one in table.columns:
        have = sum(one.name in row for row in rows.values())
        if 0 < have < len(rows):
            reader.complain(one.mib_name, one.oid, f"a value in each of {len(rows)} rows", f"{have}")


@cache
def columns(table: Table) -> tuple[Oid, ...]:
    """What is walked of a table."""
    key = () if table.key.object is None else (table.key.object.oid,)
    return tuple(dict.fromkeys((*key, table.find, *(one.oid for one in table.columns))))
