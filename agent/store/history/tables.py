"""The tables of the history, in SQLite and in PostgreSQL alike, and how its database is opened."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    insert,
    select,
)

from agent.errors import ConfigurationProblem
from agent.store.base import open_store, write

#: Apart from the store's own: on SQLite these tables are in a file of their own.
metadata = MetaData()

#: What is kept of the history itself, by name: its form, and how far jobs have come.
marks = Table("history_marks", metadata, Column("name", String(16), primary_key=True), Column("value", BigInteger))

#: The routers' names, once each.
routers = Table(
    "history_routers",
    metadata,
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("name", String(63), nullable=False, unique=True),
)

#: What the values of polls are, once for all that have the same; ``used`` is the last hour that has them.
layouts = Table(
    "history_layouts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("used", Integer, nullable=False),
    sqlite_autoincrement=True,
)

#: One row a router and poll; keys.py says what its number means, rows.py what is in it.
polls = Table(
    "history_polls",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    postgresql_partition_by="RANGE (id)",
)

#: One row a router and hour; its number is the hour since keys.EPOCH and the router's place.
hours = Table(
    "history_hours",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

#: One row a router and day, for ever: its number is the day since keys.EPOCH and the router's place; seconds.
days = Table(
    "history_days",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("up", Integer, nullable=False),
    Column("down", Integer, nullable=False),
    Column("suspect", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
)

#: The form of what is in the tables; another one was made by another release.
FORM = 1


def open_history(url: str) -> Engine:
    """An engine on ``url`` with the history's tables.

    On SQLite a commit reaches the disk soon after it returns: a machine that loses its power may lose some seconds of
    history, a process that dies loses nothing. Raises ConfigurationProblem for a database that cannot be used.
    """
    engine = open_store(url, history=True)
    with write(engine) as connection:
        metadata.create_all(connection)
        form = mark(connection, "form")
        if form is None:
            set_mark(connection, "form", FORM)
        elif form != FORM:
            raise ConfigurationProblem(
                "the history was made by another release",
                where=engine.url.render_as_string(hide_password=True),
                remedy="run that release, or move the history away: a new one begins",
            )
    return engine


def mark(connection: Connection, name: str) -> int | None:
    """What is kept by that name."""
    return connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar()


def set_mark(connection: Connection, name: str, value: int) -> None:
    """Keep a number by a name."""
    found = connection.execute(marks.update().where(marks.c.name == name).values(value=value))
    if not found.rowcount:
        connection.execute(insert(marks), {"name": name, "value": value})
