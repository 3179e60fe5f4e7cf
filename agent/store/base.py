"""What every table shares: the metadata, the engine and how it is opened, moments in UTC, and write transactions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    Table,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.types import TypeDecorator

from agent.errors import ConfigurationProblem

T = TypeVar("T")
K = TypeVar("K", int, str)

#: All tables of the store; each module of this package defines its own on it.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: Keys that one query asks for at most.
MOST_KEYS = 500

#: What writers of PostgreSQL take turns by: those of the store, and those of the history.
_STORE, _HISTORY = 7101, 7102

#: How long a writer waits for another process's transaction, in seconds.
BUSY_TIMEOUT_S = 10


#: A customer and its sites by bare name, none meaning all of them; None: no limit.
Places = tuple[str, tuple[str, ...]] | None


_KEPT_AS: dict[type, TypeAdapter[Any]] = {}


def json_of(kind: type[T]) -> TypeAdapter[T]:
    """How records of a kind are kept as JSON; made when first used: it takes as long as all else of some commands."""
    if kind not in _KEPT_AS:
        _KEPT_AS[kind] = TypeAdapter(kind)
    return _KEPT_AS[kind]


def within(site: Column[str], places: tuple[str, tuple[str, ...]]) -> ColumnElement[bool]:
    """The condition that a column with ``customer/site`` is within ``places``."""
    customer, sites = places
    if sites:
        return site.in_([f"{customer}/{name}" for name in sites])
    return site.startswith(f"{customer}/", autoescape=True)


def chunks(keys: Iterable[K]) -> Iterator[list[K]]:
    """Keys in order, in parts that one query may ask for."""
    ordered = sorted(keys)
    return (ordered[first : first + MOST_KEYS] for first in range(0, len(ordered), MOST_KEYS))


def upsert(connection: Connection, table: Table) -> Executable:
    """Insert rows into ``table``, each in place of the one with the same primary key."""
    made = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    keys = [column.name for column in table.primary_key]
    others = {column.name: made.excluded[column.name] for column in table.c if column.name not in keys}
    statement: Executable = made.on_conflict_do_update(index_elements=keys, set_=others)
    return statement


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC to the microsecond; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite keeps no zone, so it gets the bare UTC time, which also sorts as text."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def open_store(url: str, *, history: bool = False) -> Engine:
    """An engine on ``url`` (``sqlite:////path/to/file`` or PostgreSQL); the file is made, readable by its owner only.

    SQLite: write-ahead log, every commit on the disk before it returns, foreign keys held, ten seconds' patience. For a
    ``history`` a commit reaches the disk soon after it returns, and what is deleted is not overwritten.
    Raises ConfigurationProblem where the database cannot be opened.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
            _own_file(Path(str(parsed.database)))
        engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=parsed.get_backend_name() != "sqlite")
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", partial(_on_sqlite_connect, history=history))
            event.listen(engine, "begin", _on_sqlite_begin)
        elif engine.dialect.name == "postgresql":
            event.listen(engine, "connect", _on_postgresql_connect)
            event.listen(engine, "begin", partial(_on_postgresql_begin, turn=_HISTORY if history else _STORE))
        with engine.connect():
            event.listen(engine, "handle_error", partial(_tell_plainly, history=history))
            return engine
    except ImportError as error:
        raise ConfigurationProblem(
            "the driver of this database is not installed",
            where="store.url",
            remedy=f"install {error.name}; for PostgreSQL: pip install 'spokesman[postgresql]'",
        ) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigurationProblem(
            "the database address cannot be used", where="store.url", remedy="write sqlite:////path or postgresql://…"
        ) from error
    except (OSError, DBAPIError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.orig
        usual = "check that its folder exists, is writable, and that the file is a database"
        raise ConfigurationProblem(
            f"the database cannot be opened: {reason}",
            where=make_url(url).render_as_string(hide_password=True),
            remedy=_remedy(reason, usual, history=history),
        ) from error


def _remedy(reason: object, usual: str, *, history: bool) -> str:
    """What to do where a database fails; where its file is damaged or none, as SQLite's result codes say, that."""
    if not str(getattr(reason, "sqlite_errorname", "")).startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return usual
    if history:
        return "move the history away, with the files -wal and -shm beside it: a new one begins (docs/storage.md)"
    return "stop the daemon and put a backup of the file in its place"


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """One write transaction, committed at the end, rolled back on an error.

    Writers take turns from the beginning on, so that what is read inside cannot have changed when it is written, and
    two of them queue instead of failing half-way: on SQLite by the write lock (``BEGIN IMMEDIATE``), on PostgreSQL by a
    lock that all our processes agree on. ConfigurationProblem if the database cannot take it: locked for too long, no
    space, gone.
    """
    with engine.connect().execution_options(spokesman_write=True) as connection, connection.begin():
        yield connection


def _tell_plainly(context: ExceptionContext, *, history: bool) -> None:
    """A database that fails, not one that refuses a row, becomes an error that tells a person what to do."""
    error = context.sqlalchemy_exception
    if isinstance(error, OperationalError) or type(error) is DatabaseError:
        place = context.engine.url.render_as_string(hide_password=True) if context.engine else "store"
        raise ConfigurationProblem(
            f"the database cannot be used: {error.orig}",
            where=place,
            remedy=_remedy(error.orig, "see whether its disk is full, or a process holds it", history=history),
        ) from error


def _own_file(path: Path) -> None:
    """Create the database file with mode 0600: the log and the index beside it take its mode.

    One that exists is never opened here: closing it again would drop the locks of every connection that this process
    has to it (POSIX), and another process could then take the write-ahead log away from under them.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _on_sqlite_connect(connection: SqliteConnection, _record: Any, *, history: bool = False) -> None:
    connection.isolation_level = None  # this module says BEGIN itself; the driver's own guess is too late
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        "journal_mode=WAL",
        f"synchronous={'NORMAL' if history else 'FULL'}",
        "foreign_keys=ON",
        f"secure_delete={'OFF' if history else 'ON'}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("spokesman_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _on_postgresql_connect(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{BUSY_TIMEOUT_S}s'")
    connection.commit()


def _on_postgresql_begin(connection: Connection, *, turn: int) -> None:
    if connection.get_execution_options().get("spokesman_write", False):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, hashtext(current_schema()))", (turn,))
