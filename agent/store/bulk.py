"""Many rows at once into one table, by the driver itself: a tenth of what rows one by one through the toolkit take."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql

#: Rows of a statement on SQLite. Many are half the work of as many statements, and each statement lets go of the
#: interpreter's lock and waits for it again: beside a busy thread that takes longer than the statement.
ROWS = 64


class Bulk:
    """Inserts rows that have all columns of ``table``, in its order, as the driver takes them.

    A row with the key of one that is there takes its place where it ``replaces``, and is left out otherwise. PostgreSQL
    takes a list a column; COPY is no faster (the numbers go in binary form in both) and could leave no row out.
    """

    def __init__(self, table: Table, *, replaces: bool) -> None:
        names, keys = [one.name for one in table.c], [one.name for one in table.primary_key]
        others = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
        same = f"ON CONFLICT ({', '.join(keys)}) DO {f'UPDATE SET {others}' if replaces else 'NOTHING'}"
        into = f"INSERT INTO {table.name} ({', '.join(names)})"  # of names that stand in this package
        row = f"({', '.join('?' for _ in names)})"
        self._one, self._many = (f"{into} VALUES {', '.join([row] * rows)} {same}" for rows in (1, ROWS))
        kinds = [one.type.compile(postgresql.dialect()) for one in table.c]  # type: ignore[no-untyped-call]
        self._columns = f"{into} SELECT * FROM unnest({', '.join(f'%b::{kind}[]' for kind in kinds)}) {same}"  # noqa: S608

    def put(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows; sorted by their keys they cost least."""
        if not rows:
            return
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(self._columns, tuple(map(list, zip(*rows, strict=True))))
            return
        whole = len(rows) // ROWS * ROWS
        if whole:
            starts = range(0, whole, ROWS)
            connection.exec_driver_sql(self._many, [tuple(chain.from_iterable(rows[at : at + ROWS])) for at in starts])
        if rest := rows[whole:]:
            connection.exec_driver_sql(self._one, list(rest))
