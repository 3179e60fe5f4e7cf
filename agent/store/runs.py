"""What the daemon did last: its heartbeat, and each router's last backup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Column, Double, Integer, String, Table, Text, insert, select, update
from sqlalchemy.engine import Engine

from agent.monitoring.views import BackupRun, Heartbeat
from agent.store.base import UtcDateTime, metadata, write

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pid", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("beat_at", UtcDateTime, nullable=False),
    Column("cycle_started_at", UtcDateTime),
    Column("cycle_ended_at", UtcDateTime),
    Column("cycle_polls", Integer, nullable=False),
    Column("inventory", String(64), nullable=False),
    Column("stopped_at", UtcDateTime),
    Column("boot", String(64), nullable=False, server_default=""),
    Column("steady_s", Double, nullable=False, server_default="0"),
)

backups = Table(
    "backup_runs",
    metadata,
    Column("router", String(63), primary_key=True),
    Column("tried_at", UtcDateTime, nullable=False),
    Column("good_at", UtcDateTime),
    Column("failure", Text, nullable=False),
)


class Runs:
    """Heartbeat and backup runs of a workspace, on the store's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def beat(self, heartbeat: Heartbeat) -> None:
        """Keep the daemon's sign of life; there is one."""
        values = asdict(heartbeat)
        with write(self._engine) as connection:
            if connection.execute(update(heartbeats).where(heartbeats.c.id == 1).values(values)).rowcount == 0:
                connection.execute(insert(heartbeats).values(id=1, **values))

    def heartbeat(self) -> Heartbeat | None:
        """The last sign of life; None: no daemon ever ran here."""
        with self._engine.connect() as connection:
            row = connection.execute(select(heartbeats)).one_or_none()
        if row is None:
            return None
        return Heartbeat(**{name: value for name, value in row._mapping.items() if name != "id"})

    def backup_ended(self, router: str, at: datetime, failure: str) -> None:
        """Keep how a backup ended; an empty ``failure`` means that it is in the archive."""
        values = {"tried_at": at, "failure": failure} | ({} if failure else {"good_at": at})
        with write(self._engine) as connection:
            if connection.execute(update(backups).where(backups.c.router == router).values(values)).rowcount == 0:
                connection.execute(insert(backups).values(router=router, **values))

    def backup_runs(self) -> Mapping[str, BackupRun]:
        """The last backup of each router."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(backups)).all()
        return {row.router: BackupRun(row.router, row.tried_at, row.good_at, row.failure) for row in rows}
