"""Finds the parts of a table that have rows, hours or days or spans: looks once for each, however long the gaps are."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, func, select, text

#: The same words for both databases.
_NEWEST = (
    "WITH RECURSIVE parts(id, number) AS ("
    "SELECT (SELECT max(id) FROM {0} WHERE id < :end), 1"
    " UNION ALL SELECT (SELECT max(id) FROM {0} WHERE id < parts.id / :size * :size), number + 1"
    " FROM parts WHERE parts.id IS NOT NULL AND number < :most"
    ") SELECT id / :size * :size FROM parts WHERE id IS NOT NULL ORDER BY number"
)


def newest(connection: Connection, table: Table, size: int, end: int, most: int) -> list[int]:
    """The first numbers of the newest parts that have rows before number ``end``, newest first, at most so many.

    A part is ``size`` numbers, and begins where they divide by it.
    """
    asked = text(_NEWEST.format(table.name))  # a name that stands in this package
    return list(connection.scalars(asked, {"end": end, "size": size, "most": most}))


class Newest:
    """The newest ``most`` parts of a table: looked for again where there is another newest one."""

    def __init__(self, table: Table, size: int, most: int) -> None:
        self._table, self._size, self._most = table, size, most
        self._last = -1
        self._found: Sequence[int] = ()

    def before(self, connection: Connection, end: int) -> Sequence[int]:
        """The parts that have rows before number ``end``, as ``newest`` gives them."""
        number = connection.execute(select(func.max(self._table.c.id)).where(self._table.c.id < end)).scalar()
        last = -1 if number is None else number // self._size
        if last != self._last:
            self._found, self._last = newest(connection, self._table, self._size, end, self._most), last
        return self._found
