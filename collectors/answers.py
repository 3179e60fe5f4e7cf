"""From a device's answers to a reading: scalars, the rows that were asked, tables that were walked. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from collectors.figures import figures
from collectors.modules import Module, Table
from collectors.questions import Place, Questions
from collectors.reading import Cell, Reader, Reading, Row
from collectors.rows import named
from collectors.snmp import Answer, Failure, Missing, Oid, Value


def reading(asked: Questions, values: Sequence[Value], walks: Mapping[str, Answer]) -> Reading:
    """What the answers to ``asked`` say.

    ``values`` are those of its slots, in order; fewer, where a later packet had no answer: then their tables were not
    read. ``walks`` are the tables that were walked, by name.
    """
    reader = Reader()
    scalars = _scalars(reader, asked, values)
    tables: dict[str, dict[str, Row]] = {table.name: {} for table in asked.tables}
    moved = False
    for place in asked.places:
        row = _row(reader, place, asked, values)
        if isinstance(row, Missing):
            tables.pop(place.table.name, None)
        elif row is None:
            moved = True
        elif place.table.name in tables:
            tables[place.table.name][place.key] = row
    missing = {name: wanted - tables[name].keys() for name, wanted in asked.expected if name in tables}
    for module, table in asked.walks:
        reader.module = module
        rows = walked(reader, table, walks[table.name]) if table.name in walks else None
        if rows is not None:
            tables[table.name] = rows
    numbers = figures(asked.modules, scalars, tables)
    return Reading(scalars, tables, numbers, missing, tuple(reader.problems), moved)


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
        found[key] = _sum(found[key], row) if key in found and table.same else found.get(key, row)
    _half(reader, table, found)
    return dict(found)


def _scalars(reader: Reader, asked: Questions, values: Sequence[Value]) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for slot, value in zip(asked.slots[: asked.scalars], values, strict=False):
        reader.module = slot.module
        cell = reader.take(slot.one, value, slot.oid)
        if cell is not None:
            found[slot.one.name] = cell
    return found


def _row(reader: Reader, place: Place, asked: Questions, values: Sequence[Value]) -> Row | Missing | None:
    """The row; None where it has another name now or is gone, and a marker where its packet had no answer."""
    size = place.named + len(place.table.columns)
    slots, told = asked.slots[place.at : place.at + size], values[place.at : place.at + size]
    if len(told) < size:
        return Missing.NO_SUCH_OBJECT
    reader.module = slots[0].module
    if place.named:
        name = reader.take(slots[0].one, told[0], slots[0].oid, place.key)
        if not isinstance(name, str) or named(place.table, place.index, name) != place.key:
            return None
    elif all(value is None or isinstance(value, Missing) for value in told):
        return None
    row: dict[str, Cell] = {}
    for slot, value in zip(slots[place.named :], told[place.named :], strict=True):
        cell = reader.take(slot.one, value, slot.oid, place.key)
        if cell is not None:
            row[slot.one.name] = cell
    return row


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


def _sum(one: dict[str, Cell], other: Mapping[str, Cell]) -> dict[str, Cell]:
    """Two rows of the same thing: numbers add up, words are those of the first."""
    both = dict(one)
    for name, cell in other.items():
        before = both.get(name, 0)
        both[name] = before if isinstance(before, str) or isinstance(cell, str) else before + cell
    return both


def _half(reader: Reader, table: Table, rows: Mapping[str, Row]) -> None:
    """Tell columns that some rows have and others do not; not of parts of one thing, which come and go."""
    if table.same:
        return
    for one in table.columns:
        have = sum(one.name in row for row in rows.values())
        if 0 < have < len(rows):
            reader.complain(one.mib_name, one.oid, f"a value in each of {len(rows)} rows", f"{have}")


def columns(table: Table) -> tuple[Oid, ...]:
    """What is walked of a table."""
    key = () if table.key.object is None else (table.key.object.oid,)
    return tuple(dict.fromkeys((*key, table.find, *(one.oid for one in table.columns))))


def due(modules: Iterable[Module], turn: int, spread: int) -> tuple[Module, ...]:
    """The modules that are polled in a device's ``turn``: all in the first, later each when it is due.

    ``spread`` is a number of the device's own, so that not all are asked for what is slow in the same cycle.
    """
    return tuple(module for module in modules if turn == 0 or (turn + spread) % module.every == 0)
