"""The history of samples, in a database of its own: losing it loses no state, alarm or incident."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text, delete, insert, select
from sqlalchemy.engine import Engine

from agent.monitoring.sample import Sample
from agent.store.base import UtcDateTime, json_of, write

#: Apart from the store's own metadata: these tables live in another file.
metadata = MetaData()

samples = Table(
    "samples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("router", String(63), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("answer", String(16), nullable=False),
    Column("sample", Text, nullable=False),
    Index("ix_samples_router_at", "router", "at"),
)


class Samples:
    """Samples of all routers; they are kept for ``keep_days``."""

    def __init__(self, engine: Engine, keep_days: int = 90) -> None:
        self._engine = engine
        self._keep = timedelta(days=keep_days)
        with write(engine) as connection:
            metadata.create_all(connection)

    def add(self, added: Sequence[Sample]) -> None:
        """Keep samples; on the disk when it returns."""
        rows = [
            {
                "router": one.router,
                "at": one.at,
                "answer": one.answer,
                "sample": json_of(Sample).dump_json(one).decode(),
            }
            for one in added
        ]
        if rows:
            with write(self._engine) as connection:
                connection.execute(insert(samples), rows)

    def of(self, router: str, since: datetime) -> tuple[Sample, ...]:
        """The samples of one router from ``since`` on, oldest first."""
        query = select(samples.c.sample).where(samples.c.router == router, samples.c.at >= since)
        with self._engine.connect() as connection:
            return tuple(
                json_of(Sample).validate_json(text) for text in connection.scalars(query.order_by(samples.c.at))
            )

    def drop_old(self, now: datetime) -> int:
        """Remove what is older than the retention; how many went."""
        with write(self._engine) as connection:
            return connection.execute(delete(samples).where(samples.c.at < now - self._keep)).rowcount
