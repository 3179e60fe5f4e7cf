"""Incidents, their timelines and their evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import count

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import Engine

from agent.errors import Refused
from agent.faults.evidence import Evidence
from agent.incidents.incident import Entry, Incident, Status, Step
from agent.store.base import Places, UtcDateTime, chunks, json_of, metadata, within, write

incidents = Table(
    "incidents",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("subject", String(63), nullable=False, index=True),
    Column("site", String(80), nullable=False),
    Column("summary", Text, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("first_failed_at", UtcDateTime, nullable=False),
    Column("cleared_at", UtcDateTime),
    Column("contacted_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("diagnosed_at", UtcDateTime),
    Column("cause", Text, nullable=False),
    #: One incident of a router at a time: what comes after attaches to it.
    Index(
        "uq_incidents_open",
        "subject",
        unique=True,
        sqlite_where=text("status != 'closed'"),
        postgresql_where=text("status != 'closed'"),
    ),
)

entries = Table(
    "incident_entries",
    metadata,
    Column("incident", ForeignKey("incidents.number"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("what", String(32), nullable=False),
    Column("who", String(80), nullable=False),
    Column("text", Text, nullable=False),
)

_evidence = Table(
    "incident_evidence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("incident", ForeignKey("incidents.number"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("evidence", Text, nullable=False),
)

#: Its fields that are columns of the same name.
_FIELDS = (
    "subject", "site", "summary", "status", "opened_at", "first_failed_at", "cleared_at", "contacted_at", "closed_at",
    "diagnosed_at", "cause",
)  # fmt: skip
_CHANGE = (
    update(incidents).where(incidents.c.number == bindparam("of")).values({name: bindparam(name) for name in _FIELDS})
)

REFERENCE = re.compile(r"^INC-(\d{6,9})$")


def reference(number: int) -> str:
    """The ticket's unique reference."""
    return f"INC-{number:06d}"


def number_of(given: str) -> int:
    """The number behind a reference; raises Refused for what is none."""
    match = REFERENCE.match(given.upper())
    if match is None:
        raise Refused(
            f"{given!r} is no incident reference", remedy="write it as `spokesman incident list` shows it: INC-000001"
        )
    return int(match.group(1))


class Incidents:
    """The incidents of a workspace, on the store's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def incident(self, reference: str) -> Incident:
        """One incident; raises Refused for a reference that does not exist."""
        number = number_of(reference)
        with self._engine.connect() as connection:
            return _required(connection, number)

    def incidents(self, *, closed: bool) -> tuple[Incident, ...]:
        """Incidents that are not closed, newest first; with ``closed`` the closed ones as well."""
        query = select(incidents).order_by(incidents.c.number.desc())
        if not closed:
            query = query.where(incidents.c.status != Status.CLOSED)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
            return tuple(_read(connection, rows))

    def page(
        self, before: int | None, limit: int, *, closed: bool, places: Places = None
    ) -> tuple[tuple[int, Incident], ...]:
        """At most ``limit`` numbered incidents, newest first, older than ``before``, of sites within ``places``."""
        query = select(incidents).order_by(incidents.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(incidents.c.number < before)
        if not closed:
            query = query.where(incidents.c.status != Status.CLOSED)
        if places is not None:
            query = query.where(within(incidents.c.site, places))
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
            return tuple(zip((row.number for row in rows), _read(connection, rows), strict=True))

    def change(self, reference: str, change: Callable[[Incident], Incident]) -> Incident:
        """Read, change and write in one transaction; raises what ``change`` raises, and then nothing is written."""
        number = number_of(reference)
        with write(self._engine) as connection:
            before = _required(connection, number)
            after = change(before)
            if after != before:
                save(connection, ((before, after),))
            return after

    def add_evidence(self, reference: str, evidence: tuple[Evidence, ...]) -> None:
        """Keep evidence of an incident; on the disk when it returns."""
        number = number_of(reference)
        rows = [
            {"incident": number, "at": one.at, "evidence": json_of(Evidence).dump_json(one).decode()}
            for one in evidence
        ]
        if rows:
            with write(self._engine) as connection:
                connection.execute(insert(_evidence), rows)

    def evidence(self, reference: str) -> tuple[Evidence, ...]:
        """All evidence of an incident, in the order in which it was kept."""
        query = (
            select(_evidence.c.evidence).where(_evidence.c.incident == number_of(reference)).order_by(_evidence.c.id)
        )
        with self._engine.connect() as connection:
            return tuple(json_of(Evidence).validate_json(text) for text in connection.scalars(query))


def references(connection: Connection) -> Iterator[str]:
    """Those that the next incidents get; asked for inside the transaction that uses them."""
    last = connection.execute(select(func.max(incidents.c.number))).scalar() or 0
    return map(reference, count(last + 1))


def current(connection: Connection, subjects: Collection[str]) -> dict[str, Incident]:
    """The incidents that are not closed, by those devices that have one."""
    found = {}
    for names in chunks(subjects):
        query = select(incidents).where(incidents.c.subject.in_(names), incidents.c.status != Status.CLOSED)
        found.update({one.subject: one for one in _read(connection, connection.execute(query).all())})
    return found


def save(connection: Connection, changed: Iterable[tuple[Incident | None, Incident]]) -> None:
    """Write incidents as they were and are, each once; None: it is new. A timeline only grows."""
    new, old, added = [], [], []
    for before, after in changed:
        number = number_of(after.reference)
        row = {name: getattr(after, name) for name in _FIELDS}
        if before is None:
            new.append({"number": number, **row})
        else:
            old.append({"of": number, **row})
        kept = len(before.timeline) if before is not None else 0
        added += [
            {"incident": number, "position": position, **asdict(entry)}
            for position, entry in enumerate(after.timeline)
            if position >= kept
        ]
    for statement, rows in ((insert(incidents), new), (_CHANGE, old), (insert(entries), added)):
        if rows:
            connection.execute(statement, rows)


def _required(connection: Connection, number: int) -> Incident:
    row = connection.execute(select(incidents).where(incidents.c.number == number)).one_or_none()
    if row is None:
        raise Refused(f"there is no incident {reference(number)}", remedy="see `spokesman incident list --all`")
    return next(iter(_read(connection, (row,))))


def _read(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> Iterator[Incident]:
    """Incidents in the order of their rows, with their timelines."""
    timelines: dict[int, list[Entry]] = {row.number: [] for row in rows}
    for numbers in chunks(timelines):
        query = select(entries).where(entries.c.incident.in_(numbers)).order_by(entries.c.incident, entries.c.position)
        for row in connection.execute(query):
            timelines[row.incident].append(Entry(row.at, Step(row.what), row.who, row.text))
    for row in rows:
        values = {name: getattr(row, name) for name in _FIELDS} | {"status": Status(row.status)}
        yield Incident(reference=reference(row.number), timeline=tuple(timelines[row.number]), **values)
