"""Ends what is too old, in small steps; and on PostgreSQL parts the polls by days, each of which goes at once.

No clock ends anything by itself. What is kept so many days goes when it is older than that, and when polls were kept
since for as long: of so many days' hours, each with a poll at least, that are not to come. So a clock that is ahead,
by whatever and however often, ends no more than it is ahead *while polls are made*; one that is behind ends nothing;
and a machine that was off for a year has what was kept before it until there is as much again. It takes no more space:
hours without polls have no rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, delete, func, select, text

from agent.store.base import write
from agent.store.history import keys
from agent.store.history.parts import Newest
from agent.store.history.tables import hours, layouts, mark, polls

#: Rows that go in a step.
AT_ONCE = 4000
#: Polls that are not rolled up yet are kept so many days longer, and then go all the same: the disk is not endless.
GRACE_DAYS = 2
DAY_S = 86400
#: Spans of an hour and of a day; the numbers of an hour's polls.
_SPANS_OF_HOUR, _SPANS = 3600 // keys.SPAN_S, DAY_S // keys.SPAN_S
_HOUR = _SPANS_OF_HOUR * keys.SPAN


class Retention:
    """Keeps polls ``polls_days`` and hours ``hours_days``; days are kept for ever."""

    def __init__(self, engine: Engine, polls_days: int, hours_days: int) -> None:
        self._engine, self._polls_days, self._hours_days = engine, polls_days, hours_days
        self._polled = Newest(polls, _HOUR, 24 * (polls_days + GRACE_DAYS))
        self._summed = Newest(hours, 24 * keys.PLACES, hours_days)

    def step(self, now: float) -> int:
        """Remove some of what is too old; how many rows went, 0: there is no more."""
        with self._engine.connect() as connection:
            first_poll = self._first_poll(connection, now)
            first_hour = self._first_hour(connection, now)
        # A layout is noted once a day for polls, and with each hour that has it.
        unused = min(first_hour, first_poll // _HOUR) - 24
        return self._drop(first_poll) or self._drop_hours(first_hour) or self._drop_layouts(unused)

    def _first_poll(self, connection: Connection, now: float) -> int:
        """The number from which on polls are kept."""
        polled = self._polled.before(connection, keys.span(now) + 2 * keys.SPAN)

        def of(days: int) -> int:
            return min(keys.span(now - days * DAY_S), polled[24 * days - 1] if len(polled) >= 24 * days else 0)

        rolled, most = mark(connection, "hours"), of(self._polls_days + GRACE_DAYS)
        if rolled is None:
            return most
        begins = keys.EPOCH + (rolled // keys.PLACES) * 3600 - 7200  # an hour's values differ from those before it
        return max(min(of(self._polls_days), keys.span(begins)), most)

    def _first_hour(self, connection: Connection, now: float) -> int:
        """The hour from which on hours are kept."""
        hour = int(now - keys.EPOCH) // 3600
        summed = self._summed.before(connection, (hour + 1) * keys.PLACES)
        return min(hour - 24 * self._hours_days, summed[-1] // keys.PLACES if len(summed) >= self._hours_days else 0)

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
            return 0 if most is None else connection.execute(delete(hours).where(hours.c.id <= most)).rowcount

    def _drop_layouts(self, hour: int) -> int:
        with write(self._engine) as connection:
            return connection.execute(delete(layouts).where(layouts.c.used < hour)).rowcount


class Days:
    """The parts of PostgreSQL's table of polls, a day each; made before a day's first row."""

    def __init__(self) -> None:
        #: Those that are there, as far as is known: whoever ends what is too old drops some.
        self.made: set[int] = set()

    def make(self, engine: Engine, numbers: Iterable[int]) -> None:
        """Make what rows with these numbers need."""
        for day in {number // keys.SPAN // _SPANS for number in numbers} - self.made:
            low, high = day * _SPANS * keys.SPAN, (day + 1) * _SPANS * keys.SPAN
            with write(engine) as connection:
                connection.exec_driver_sql(
                    f"CREATE TABLE IF NOT EXISTS {_part(day)} PARTITION OF history_polls"
                    f" FOR VALUES FROM ({low}) TO ({high})"
                )
            self.made.add(day)


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
