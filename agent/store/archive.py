"""Archived configurations in the database: sealed texts, their shelves and their pins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)

from agent.archive.cipher import Sealed
from agent.archive.ports import Capture, Version
from agent.archive.retention import Pin, Shelf, Slot
from agent.store.base import UtcDateTime, metadata, write

archive_versions = Table(
    "archive_versions",
    metadata,
    Column("router", String(63), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("rank", Integer),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("reason", String, nullable=False),
    Column("author", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("key_id", String(12), nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    UniqueConstraint("router", "digest"),
)

archive_pins = Table(
    "archive_pins",
    metadata,
    Column("router", String(63), primary_key=True),
    Column("pin", String(20), primary_key=True),
    Column("number", Integer, nullable=False),
    ForeignKeyConstraint(["router", "number"], ["archive_versions.router", "archive_versions.number"]),
)

#: The last number and rank given out, so that neither is used twice.
archive_shelves = Table(
    "archive_shelves",
    metadata,
    Column("router", String(63), primary_key=True),
    Column("last_number", Integer, nullable=False),
    Column("last_rank", Integer, nullable=False),
)

_v, _p, _s = archive_versions.c, archive_pins.c, archive_shelves.c
_SHOWN: tuple[Column[Any], ...] = (
    _v.router,
    _v.number,
    _v.digest,
    _v.rank,
    _v.taken_at,
    _v.seen_at,
    _v.reason,
    _v.author,
    _v.size,
)


class ArchiveStore:
    """Implements ``agent.archive.ports.Versions``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routers(self) -> tuple[str, ...]:
        """Every router that has a version, by name."""
        with self._engine.connect() as connection:
            return tuple(connection.scalars(select(_v.router).distinct().order_by(_v.router)))

    def versions(self, router: str) -> tuple[Version, ...]:
        """A router's versions: the three, newest first, then the pinned ones."""
        with self._engine.connect() as connection:
            pins = _pins(connection, router)
            query = select(*_SHOWN).where(_v.router == router).order_by(_v.rank.desc().nulls_last(), _v.number.desc())
            return tuple(_version(row, pins.get(row.number, frozenset())) for row in connection.execute(query))

    def sealed(self, router: str, number: int) -> Sealed | None:
        """The encrypted text of a version."""
        query = select(_v.key_id, _v.nonce, _v.ciphertext).where(_v.router == router, _v.number == number)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return Sealed(row.key_id, row.nonce, row.ciphertext) if row else None

    def record(self, capture: Capture, step: Callable[[Shelf], tuple[Shelf, int]]) -> int:
        """Apply ``step`` to the router's shelf, keep ``capture`` if it is new there, and return its number."""
        with write(self._engine) as connection:
            before = _shelf(connection, capture.router)
            after, number = step(before)
            if before.find(capture.digest) is None:
                connection.execute(insert(archive_versions).values(_new_row(capture, number)))
            else:
                seen = update(archive_versions).where(_v.router == capture.router, _v.number == number)
                connection.execute(seen.values(seen_at=capture.at))
            _arrange(connection, capture.router, after)
        return number

    def rearrange(self, router: str, step: Callable[[Shelf], Shelf]) -> None:
        """Apply ``step`` to the router's shelf; what is no longer on it is deleted."""
        with write(self._engine) as connection:
            _arrange(connection, router, step(_shelf(connection, router)))


def _new_row(capture: Capture, number: int) -> dict[str, Any]:
    return {
        "router": capture.router,
        "number": number,
        "digest": capture.digest,
        "taken_at": capture.at,
        "seen_at": capture.at,
        "reason": capture.reason,
        "author": capture.author,
        "size": capture.size,
        "key_id": capture.sealed.key_id,
        "nonce": capture.sealed.nonce,
        "ciphertext": capture.sealed.ciphertext,
    }


def _version(row: Row[Any], pins: frozenset[Pin]) -> Version:
    return Version(
        router=row.router,
        number=row.number,
        digest=row.digest,
        taken_at=row.taken_at,
        seen_at=row.seen_at,
        reason=row.reason,
        author=row.author,
        size=row.size,
        ranked=row.rank is not None,
        pins=pins,
    )


def _pins(connection: Connection, router: str) -> dict[int, frozenset[Pin]]:
    pins: dict[int, frozenset[Pin]] = {}
    for row in connection.execute(select(_p.number, _p.pin).where(_p.router == router)):
        pins[row.number] = pins.get(row.number, frozenset()) | {Pin(row.pin)}
    return pins


def _shelf(connection: Connection, router: str) -> Shelf:
    pins = _pins(connection, router)
    rows = connection.execute(select(_v.number, _v.digest, _v.rank).where(_v.router == router).order_by(_v.number))
    slots = tuple(Slot(row.number, row.digest, row.rank, pins.get(row.number, frozenset())) for row in rows)
    last = connection.execute(select(_s.last_number, _s.last_rank).where(_s.router == router)).first()
    return Shelf(slots, last.last_number, last.last_rank) if last else Shelf(slots)


def _arrange(connection: Connection, router: str, shelf: Shelf) -> None:
    """Make the tables say what ``shelf`` says; its new versions have rows already."""
    connection.execute(delete(archive_pins).where(_p.router == router))
    kept = [slot.number for slot in shelf.slots]
    connection.execute(delete(archive_versions).where(_v.router == router, _v.number.not_in(kept)))
    for slot in shelf.slots:
        ranked = update(archive_versions).where(_v.router == router, _v.number == slot.number)
        connection.execute(ranked.values(rank=slot.rank))
        for pin in slot.pins:
            connection.execute(insert(archive_pins).values(router=router, pin=pin.value, number=slot.number))
    connection.execute(delete(archive_shelves).where(_s.router == router))
    connection.execute(
        insert(archive_shelves).values(router=router, last_number=shelf.last_number, last_rank=shelf.last_rank)
    )
