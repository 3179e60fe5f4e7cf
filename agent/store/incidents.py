"""Incidents, their timelines and their evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

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
from agent.store.base import Places, UtcDateTime, json_of, metadata, within, write

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
            return tuple(_read(connection, row) for row in rows)

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
            return tuple((row.number, _read(connection, row)) for row in connection.execute(query).all())

    def change(self, reference: str, change: Callable[[Incident], Incident]) -> Incident:
        """Read, change and write in one transaction; raises what ``change`` raises, and then nothing is written."""
        number = number_of(reference)
        with write(self._engine) as connection:
            before = _required(connection, number)
            after = change(before)
            if after != before:
                save(connection, after)
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


def next_reference(connection: Connection) -> str:
    """The reference that the next incident gets; asked for inside the transaction that uses it."""
    return reference((connection.execute(select(func.max(incidents.c.number))).scalar() or 0) + 1)


def current(connection: Connection, subject: str) -> Incident | None:
    """The incident of a router that is not closed."""
    query = select(incidents).where(incidents.c.subject == subject, incidents.c.status != Status.CLOSED)
    row = connection.execute(query).one_or_none()
    return None if row is None else _read(connection, row)


def save(connection: Connection, incident: Incident) -> None:
    """Write an incident, new or changed; its timeline only grows."""
    number = number_of(incident.reference)
    values = {
        name: getattr(incident, name)
        for name in (
            "subject", "site", "summary", "status", "opened_at", "first_failed_at",
            "cleared_at", "contacted_at", "closed_at", "diagnosed_at", "cause",
        )
    }  # fmt: skip
    done = connection.execute(update(incidents).where(incidents.c.number == number).values(values))
    if done.rowcount == 0:
        connection.execute(insert(incidents).values(number=number, **values))
    kept = connection.execute(
        select(func.count()).select_from(entries).where(entries.c.incident == number)
    ).scalar_one()
    added = [
        {
            "incident": number,
            "position": position,
            "at": entry.at,
            "what": entry.what,
            "who": entry.who,
            "text": entry.text,
        }
        for position, entry in enumerate(incident.timeline)
        if position >= kept
    ]
    if added:
        connection.execute(insert(entries), added)


def _required(connection: Connection, number: int) -> Incident:
    row = connection.execute(select(incidents).where(incidents.c.number == number)).one_or_none()
    if row is None:
        raise Refused(f"there is no incident {reference(number)}", remedy="see `spokesman incident list --all`")
    return _read(connection, row)


def _read(connection: Connection, row: Row[tuple[object, ...]]) -> Incident:
    query = select(entries).where(entries.c.incident == row.number).order_by(entries.c.position)
    return Incident(
        reference=reference(row.number),
        subject=row.subject,
        site=row.site,
        summary=row.summary,
        status=Status(row.status),
        opened_at=row.opened_at,
        first_failed_at=row.first_failed_at,
        cleared_at=row.cleared_at,
        contacted_at=row.contacted_at,
        closed_at=row.closed_at,
        diagnosed_at=row.diagnosed_at,
        cause=row.cause,
        timeline=tuple(_entries(connection.execute(query).all())),
    )


def _entries(rows: Iterable[Row[tuple[object, ...]]]) -> Iterable[Entry]:
    return (Entry(row.at, Step(row.what), row.who, row.text) for row in rows)
