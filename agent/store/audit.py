"""The audit: events that are only ever added; the database itself refuses to change or delete one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, Row, String, Table, event, insert, select

from agent.events import Event, Result
from agent.store.base import UtcDateTime, metadata, write

audit_events = Table(
    "audit_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("who", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("why", String, nullable=False),
    Column("result", String(20), nullable=False),
    Column("detail", String, nullable=False),
)

_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
#: Run after the table is made, by whatever makes it.
APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "sqlite": (
        f"CREATE TRIGGER IF NOT EXISTS audit_events_no_update BEFORE UPDATE ON audit_events {_REFUSE}",
        f"CREATE TRIGGER IF NOT EXISTS audit_events_no_delete BEFORE DELETE ON audit_events {_REFUSE}",
        # INSERT OR REPLACE deletes without asking the trigger above.
        "CREATE TRIGGER IF NOT EXISTS audit_events_no_replace BEFORE INSERT ON audit_events "
        "WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$",
        "CREATE OR REPLACE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse()",
    ),
}


@event.listens_for(audit_events, "after_create")
def _refuse_changes(_table: Table, connection: Connection, **_options: object) -> None:
    for statement in APPEND_ONLY.get(connection.dialect.name, ()):
        connection.exec_driver_sql(statement)


def note(connection: Connection, event: Event) -> None:
    """Keep ``event`` in the caller's transaction: it is there if, and only if, that transaction commits."""
    connection.execute(
        insert(audit_events).values(
            at=event.at,
            who=event.who,
            action=event.action,
            subject=event.subject,
            why=event.why,
            result=event.result.value,
            detail=event.detail,
        )
    )


class AuditStore:
    """Implements ``agent.events.EventSink``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, event: Event) -> None:
        """Keep ``event``; it is on the disk when this returns."""
        with write(self._engine) as connection:
            note(connection, event)

    def page(
        self, before: int | None, limit: int, *, who: str | None = None, subject: str | None = None
    ) -> tuple[tuple[int, Event], ...]:
        """At most ``limit`` numbered events, newest first, older than ``before``, of one who or subject if given."""
        columns = audit_events.c
        query = select(audit_events).order_by(columns.id.desc()).limit(limit)
        if before is not None:
            query = query.where(columns.id < before)
        if who is not None:
            query = query.where(columns.who == who)
        if subject is not None:
            query = query.where(columns.subject == subject)
        with self._engine.connect() as connection:
            return tuple((row.id, _event(row)) for row in connection.execute(query))

    def events(self, since: datetime | None = None, subject: str | None = None) -> tuple[Event, ...]:
        """Events in the order in which they were recorded, from ``since`` on and of one subject if given."""
        columns = audit_events.c
        query = select(audit_events).order_by(columns.id)
        if since is not None:
            query = query.where(columns.at >= since)
        if subject is not None:
            query = query.where(columns.subject == subject)
        with self._engine.connect() as connection:
            return tuple(_event(row) for row in connection.execute(query))


def _event(row: Row[Any]) -> Event:
    return Event(row.at, row.who, row.action, row.subject, row.why, Result(row.result), row.detail)
