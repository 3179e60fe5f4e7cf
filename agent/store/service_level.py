"""The poller's own service level, kept: gaps one by one, and what was counted of each day in one packed row."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import (
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Engine

from agent.monitoring.cycle.ports import Reason
from agent.monitoring.service_level import Day, Gap, OfDay
from agent.store.base import UtcDateTime, metadata, write

gaps = Table(
    "poll_gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("router", String(63), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Index("ix_poll_gaps_ended_at_router", "ended_at", "router"),
)

days = Table(
    "poll_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("routers", LargeBinary, nullable=False),
)

#: How many days gaps and days are kept: 13 months and a little.
KEEP_DAYS = 400
_FIRST = date(1970, 1, 1)


class ServiceLevels:
    """The service level of a workspace, on the store's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, ended: Sequence[Gap]) -> None:
        """Keep gaps that ended; on the disk when it returns."""
        rows = [
            {
                "router": gap.router,
                "began_at": datetime.fromtimestamp(gap.began, UTC),
                "ended_at": datetime.fromtimestamp(gap.ended, UTC),
                "seconds": gap.seconds,
                "reason": gap.reason.value,
                "detail": gap.detail,
            }
            for gap in ended
        ]
        if rows:
            with write(self._engine) as connection:
                connection.execute(insert(gaps), rows)

    def keep(self, counted: Sequence[Day]) -> None:
        """Keep what was counted of days, in place of what was before."""
        with write(self._engine) as connection:
            for one in counted:
                day, packed = _FIRST + timedelta(days=one.number), _packed(one)
                changed = connection.execute(update(days).where(days.c.day == day).values(routers=packed))
                if changed.rowcount == 0:
                    connection.execute(insert(days).values(day=day, routers=packed))

    def since(self, moment: datetime) -> tuple[Day, ...]:
        """What was counted of the day of a moment and of those after it, oldest first."""
        query = select(days).where(days.c.day >= moment.astimezone(UTC).date()).order_by(days.c.day)
        with self._engine.connect() as connection:
            return tuple(_unpacked((row.day - _FIRST).days, row.routers) for row in connection.execute(query))

    def gaps(self, since: datetime) -> tuple[Gap, ...]:
        """Gaps that ended at or after a moment, oldest first."""
        query = select(gaps).where(gaps.c.ended_at >= since).order_by(gaps.c.ended_at, gaps.c.router)
        with self._engine.connect() as connection:
            return tuple(
                Gap(
                    row.router,
                    row.began_at.timestamp(),
                    row.ended_at.timestamp(),
                    row.seconds,
                    Reason(row.reason),
                    row.detail,
                )
                for row in connection.execute(query)
            )

    def drop_old(self, now: datetime) -> None:
        """Remove what is older than it is to be kept, once as many days were counted after it that are not to come.

        So a clock that is ahead ends nothing, and a machine that was off has what it had until there is as much again.
        """
        today = now.astimezone(UTC).date()
        counted = select(days.c.day).where(days.c.day <= today).order_by(days.c.day.desc())
        with write(self._engine) as connection:
            last = connection.execute(counted.offset(KEEP_DAYS - 1).limit(1)).scalar()
            if last is not None:
                first = min(last, today - timedelta(days=KEEP_DAYS))
                connection.execute(delete(gaps).where(gaps.c.ended_at < datetime.combine(first, time(), UTC)))
                connection.execute(delete(days).where(days.c.day < first))


def _packed(day: Day) -> bytes:
    rows = {name: [one.polls, round(one.longest_s, 1), round(one.longest_at)] for name, one in day.routers.items()}
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 1)


def _unpacked(number: int, packed: bytes) -> Day:
    return Day(number, {name: OfDay(*row) for name, row in json.loads(zlib.decompress(packed)).items()})
