"""Ends what is too old, in small steps; and on PostgreSQL parts the polls by days, each of which goes at once."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, delete, func, select, text

from agent.store.base import write
from agent.store.history import keys
from agent.store.history.tables import hours, layouts, mark, polls

#: Rows that go in a step.
AT_ONCE = 4000
#: Polls that are not rolled up yet are kept so many days longer, and then go all the same: the disk is not endless.
GRACE_DAYS = 2
DAY_S = 86400
#: Spans of a day.
_SPANS = DAY_S // keys.SPAN_S


class Retention:
    """Keeps polls ``polls_days`` and hours ``hours_days``; days are kept for ever."""

    def __init__(self, engine: Engine, polls_days: int, hours_days: int) -> None:
        self._engine, self._polls_days, self._hours_days = engine, polls_days, hours_days

    def step(self, now: float) -> int:
        """Remove some of what is too old; how many rows went, 0: there is no more."""
        with self._engine.connect() as connection:
            rolled = mark(connection, "hours")
        limit = now - self._polls_days * DAY_S
        if rolled is None:
            limit -= GRACE_DAYS * DAY_S
        else:
            begins = keys.EPOCH + (rolled // keys.PLACES) * 3600 - 7200  # an hour's values differ from those before it
            limit = max(min(limit, begins), limit - GRACE_DAYS * DAY_S)
        hour = int(now - self._hours_days * DAY_S - keys.EPOCH) // 3600
        return self._drop(keys.span(limit)) or self._drop_hours(hour)

    def _drop(self, limit: int) -> int:
        with write(self._engine) as connection:
            if self._engine.dialect.name == "postgresql":
                return _drop_days(connection, limit)
            last = select(polls.c.id).where(polls.c.id < limit).order_by(polls.c.id).limit(AT_ONCE).subquery()
            most = connection.execute(select(func.max(last.c.id))).scalar()
            return 0 if most is None else connection.execute(delete(polls).where(polls.c.id <= most)).rowcount

    def _drop_hours(self, hour: int) -> int:
        with write(self._engine) as connection:
            last = select(hours.c.id).where(hours.c.id < hour * keys.PLACES).order_by(hours.c.id).limit(AT_ONCE)
            most = connection.execute(select(func.max(last.subquery().c.id))).scalar()
            if most is not None:
                return connection.execute(delete(hours).where(hours.c.id <= most)).rowcount
            return connection.execute(delete(layouts).where(layouts.c.used < hour)).rowcount


class Days:
    """The parts of PostgreSQL's table of polls, a day each; made before a day's first row."""

    def __init__(self) -> None:
        self._made: set[int] = set()

    def make(self, engine: Engine, first: int, last: int) -> None:
        """Make what rows with numbers from ``first`` to ``last`` need."""
        for day in range(first // keys.SPAN // _SPANS, last // keys.SPAN // _SPANS + 1):
            if day not in self._made:
                low, high = day * _SPANS * keys.SPAN, (day + 1) * _SPANS * keys.SPAN
                with write(engine) as connection:
                    connection.exec_driver_sql(
                        f"CREATE TABLE IF NOT EXISTS {_part(day)} PARTITION OF history_polls"
                        f" FOR VALUES FROM ({low}) TO ({high})"
                    )
                self._made.add(day)


def _part(day: int) -> str:
    """What a day's part is called."""
    return f"history_polls_{datetime.fromtimestamp(keys.EPOCH + day * DAY_S, UTC):%Y%m%d}"


def _drop_days(connection: Connection, limit: int) -> int:
    """Drop the oldest day all of whose rows are before ``limit``; how many rows it had, about."""
    found = connection.execute(
        text("SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
             " WHERE i.inhparent = to_regclass('history_polls') ORDER BY c.relname LIMIT 1")
    ).scalar()  # fmt: skip
    if found is None or found >= _part(limit // keys.SPAN // _SPANS):
        return 0
    connection.exec_driver_sql(f'DROP TABLE "{found}"')
    return 1
