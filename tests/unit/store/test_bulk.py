"""Many rows at once: all of them arrive, and those that are there are replaced or left, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import BigInteger, Column, Engine, LargeBinary, MetaData, String, Table, select

from agent.store.base import open_store, write
from agent.store.bulk import ROWS, Bulk

metadata = MetaData()
things = Table(
    "things",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("name", String(9), primary_key=True),
    Column("data", LargeBinary),
)
Row = tuple[int, str, bytes | None]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Of an empty table on each of the databases."""
    at = f"sqlite:///{tmp_path / 'store.db'}"
    found = open_store(at if request.param == "sqlite" else request.getfixturevalue("server").url())
    with write(found) as connection:
        metadata.create_all(connection)
    return found


def rows(first: int, count: int, data: bytes | None) -> list[Row]:
    return [(2**40 + number, "a,b'c", data) for number in range(first, first + count)]


def kept(engine: Engine) -> list[Row]:
    with engine.connect() as connection:
        return [(row.id, row.name, row.data) for row in connection.execute(select(things).order_by(things.c.id))]


@pytest.mark.parametrize("count", [0, 1, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS + 7])
def test_all_rows_arrive(engine: Engine, count: int) -> None:
    with write(engine) as connection:
        Bulk(things, replaces=True).put(connection, rows(0, count, b"\0\xff'\\"))
    assert kept(engine) == rows(0, count, b"\0\xff'\\")


@pytest.mark.parametrize("replaces", [True, False])
def test_what_is_there_is_replaced_or_left(engine: Engine, replaces: bool) -> None:
    former, later = rows(0, ROWS + 5, b"former"), rows(3, 2 * ROWS, None)
    for found in (former, later):
        with write(engine) as connection:
            Bulk(things, replaces=replaces).put(connection, found)
    assert kept(engine) == (former[:3] + later if replaces else former + later[ROWS + 2 :])
