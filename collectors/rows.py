"""Finds where devices keep the rows of their tables, by names that stay when indexes move. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from collectors.modules import Module, Of, Table
from collectors.modules.paths import paths
from collectors.reading import Reader
from collectors.snmp import Oid, Value

#: By name of the row, where it is: what follows the column in the names of its values.
Index = tuple[tuple[str, Oid], ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Where a device keeps the rows that are asked one by one, by table; other tables are not read.

    ``whole``: each table was looked for, and the device answered.
    """

    tables: tuple[tuple[Table, Index], ...] = ()
    whole: bool = True


def discovery(modules: Iterable[Module]) -> tuple[tuple[Oid, ...], ...]:
    """What is walked to find the rows, columns side by side: first what all have, then each module that was ordered."""
    common: list[Oid] = []
    further: list[tuple[Oid, ...]] = []
    for module in modules:
        columns = [column for table in module.tables if not table.walk for column in _found_by(table)]
        if module.when and columns:
            further.append(tuple(dict.fromkeys(columns)))
        else:
            common += columns
    return tuple(dict.fromkeys(common)), *further


def names(modules: Iterable[Module], walked: Mapping[Oid, Value]) -> tuple[Oid, ...]:
    """The instances that name the rows in a walk of ``discovery``, where the walk itself does not."""
    wanted: dict[Oid, None] = {}
    for table in _asked(modules, walked):
        key = table.key.object
        if key is not None and key.oid != table.find:
            for index in _indexes(table, walked):
                wanted[*key.oid, *table.key.part(index)] = None
    return tuple(wanted)


def find_rows(modules: Iterable[Module], walked: Mapping[Oid, Value], columns: Collection[Oid]) -> Rows:
    """The rows in what ``discovery`` and ``names`` brought; ``columns`` are those whose walk ended.

    A row without a name that can be used is left out.
    """
    tables: dict[Table, Index] = {}
    interfaces: dict[Oid, str] = {}
    for table in _asked(modules, walked):
        if table.find not in columns:
            continue
        found: dict[str, Oid] = {}
        if table.key.of is Of.PATH:
            found = paths(table.key.also, walked)
        else:
            for index in _indexes(table, walked):
                name = _name(table, index, walked, interfaces)
                if name:
                    found.setdefault(name, index)
        if table.name == "interfaces":
            interfaces = {index: name for name, index in found.items()}
        tables[table] = tuple(found.items())
    return Rows(tuple(tables.items()), all(table.find in columns for table in _asked(modules, walked)))


def needed(rows: Rows, expected: Mapping[str, frozenset[str]]) -> Rows:
    """Only the rows that are asked: of a table in ``expected`` those that it names, of others all."""
    return Rows(
        tuple(
            (table, tuple(row for row in found if table.name not in expected or row[0] in expected[table.name]))
            for table, found in rows.tables
        ),
        rows.whole,
    )


def named(table: Table, index: Oid, key: str, interfaces: Mapping[Oid, str] | None = None) -> str:
    """The name of a row: ``key`` is the text that names it, where a text does."""
    match table.key.of:
        case Of.COLUMN:
            return _cut(key, table.key.until)
        case Of.ENTITY:
            return _with_rest(_cut(key, table.key.until), index)
        case Of.INTERFACE:
            return _with_rest((interfaces or {}).get(index[:1], ""), index)
        case Of.ADDRESS:
            return ".".join(map(str, index[-4:])) if len(index) >= 4 else ""
        case _:
            return ".".join(map(str, index))


def _with_rest(name: str, index: Oid) -> str:
    """A name of the first number of an index, and the numbers that follow it."""
    return " ".join([name, *map(str, index[1:])]) if name else ""


def _cut(name: str, until: str) -> str:
    return name.partition(until)[0].strip() if until else name


def _found_by(table: Table) -> tuple[Oid, ...]:
    return table.key.also if table.key.of is Of.PATH else (table.find,)


def _asked(modules: Iterable[Module], walked: Mapping[Oid, Value]) -> list[Table]:
    """The tables whose rows are asked one by one, interfaces first, without those that another one stands for."""
    tables = [table for module in modules for table in module.tables if not table.walk]
    full = {table.name for table in tables if any(True for _ in _indexes(table, walked))}
    chosen = [table for table in tables if not full.intersection(table.unless)]
    return sorted(chosen, key=lambda table: table.name != "interfaces")


def _indexes(table: Table, walked: Mapping[Oid, Value]) -> Iterable[Oid]:
    size = len(table.find)
    for oid in walked:
        if oid[:size] == table.find and len(oid) > size:
            yield oid[size:]


def _name(table: Table, index: Oid, walked: Mapping[Oid, Value], interfaces: Mapping[Oid, str]) -> str:
    key, told = table.key.object, ""
    if key is not None:
        oid = (*key.oid, *table.key.part(index))
        found = Reader().take(key, walked.get(oid), oid)
        told = found if isinstance(found, str) else ""
        if not told:
            return ""
    return named(table, index, told, interfaces)
