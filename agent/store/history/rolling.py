"""Rolls polls up to hours and hours to days, in small steps; each step keeps with its rows how far it has come."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy import Connection, Engine, Table, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from agent.errors import AgentError
from agent.monitoring.availability import Seconds
from agent.store.base import write
from agent.store.history import hours, keys, reading
from agent.store.history.hours import HOUR_S, Plan
from agent.store.history.names import MOST, Layouts
from agent.store.history.reading import Kept, Unpacker
from agent.store.history.tables import days, mark, polls, routers, set_mark
from agent.store.history.tables import hours as hour_rows
from collectors.errors import BadRecord

log = logging.getLogger(__name__)

#: Routers in a step.
HOURS_AT_ONCE, DAYS_AT_ONCE = 25, 200
#: How long after an hour its last polls may still come, and those that confirm them.
SETTLED_S = 900
#: How long before an hour polls still say how it began.
BEFORE_S = 3 * keys.SPAN_S
DAY_S = 86400

_HOURS = text(
    "WITH RECURSIVE spans(first) AS (SELECT CAST(:first AS BIGINT) UNION ALL"
    " SELECT first + :step FROM spans WHERE first + :step <= :last)"
    " SELECT hours.id, hours.data FROM spans CROSS JOIN history_hours AS hours"
    " WHERE hours.id BETWEEN spans.first + :low AND spans.first + :high ORDER BY hours.id"
)


class Rolling:
    """The jobs of one history; ``confirm`` silent polls in a row are an outage."""

    def __init__(self, engine: Engine, layouts: Layouts, confirm: int) -> None:
        self._engine, self._layouts, self._confirm = engine, layouts, confirm
        self._plans: dict[tuple[int, ...], Plan] = {}

    def plan(self, numbers: Sequence[int]) -> Plan:
        """The plan of some layouts; BadRecord where one is not there."""
        key = tuple(numbers)
        if key not in self._plans:
            if len(self._plans) >= MOST:
                self._plans.clear()
            self._plans[key] = Plan(key, self._layouts.metrics)
        return self._plans[key]

    def step(self, now: float) -> int:
        """Do the next step; how many routers it dealt with, 0: there is nothing to do yet.

        No hour is summed up before its polls are there, whatever the clock says.
        """
        with self._engine.connect() as connection:
            newest = connection.execute(select(func.max(polls.c.id))).scalar()
        if newest is not None:
            now = min(now, keys.moment(newest)[1] + 2 * SETTLED_S)
        self._set_back(now)
        return self._hours(now) or self._days()

    def _set_back(self, now: float) -> None:
        """Where a clock was ahead, hours were passed that had not been yet: go back to the first that may lack polls.

        Not to one whose polls are no longer all kept: its row is better than what would be made of the rest.
        """
        unsettled = int(now - SETTLED_S - keys.EPOCH) // HOUR_S
        with self._engine.connect() as connection:
            done, day = mark(connection, "hours"), mark(connection, "days")
            if done is None or done // keys.PLACES <= unsettled:
                return
            first = (self._first(connection, 0) or done) // keys.PLACES
            kept = connection.execute(select(func.min(hour_rows.c.id))).scalar()
            hour = max(unsettled, first if kept is None or kept // keys.PLACES >= first else first + 2)
        if hour >= done // keys.PLACES:
            return
        log.warning("hours were summed up that are to come: the clock was ahead, they are summed up again")
        with write(self._engine) as connection:
            set_mark(connection, "hours", hour * keys.PLACES)
            if day is not None:
                set_mark(connection, "days", min(day, hour // 24 * keys.PLACES))

    def _hours(self, now: float) -> int:
        with self._engine.connect() as connection:
            at = mark(connection, "hours")
            if at is None:
                at = self._first(connection, 0)
            if at is None or keys.EPOCH + (at // keys.PLACES + 1) * HOUR_S + SETTLED_S > now:
                return 0
            hour, place = divmod(at, keys.PLACES)
            if place == 0:
                hour = max(hour, (self._first(connection, hour) or 0) // keys.PLACES)
            found = _routers_from(connection, place, HOURS_AT_ONCE)
        start = keys.EPOCH + hour * HOUR_S
        if start + HOUR_S + SETTLED_S > now:
            return 0
        rows, used = self._summed(found, start) if found else ([], set[int]())
        full = len(found) == HOURS_AT_ONCE
        with write(self._engine) as connection:
            put(connection, hour_rows, rows)
            self._layouts.use(connection, used, hour)
            set_mark(connection, "hours", hour * keys.PLACES + found[-1] + 1 if full else (hour + 1) * keys.PLACES)
        return len(found) or 1

    def _first(self, connection: Connection, hour: int) -> int | None:
        """The mark of the first hour from ``hour`` on that has polls."""
        since = keys.span(keys.EPOCH + hour * HOUR_S)
        number = connection.execute(select(func.min(polls.c.id)).where(polls.c.id >= since)).scalar()
        if number is None:
            return None
        return max(hour, int(keys.moment(number)[1] - keys.EPOCH) // HOUR_S) * keys.PLACES

    def _summed(self, places: Sequence[int], start: int) -> tuple[list[dict[str, object]], set[int]]:
        """The rows of an hour, and the layouts that they have."""
        looked_until = start + HOUR_S + SETTLED_S
        since = start - BEFORE_S
        found = reading.raw(self._engine, places[0], places[-1], since, looked_until, start - reading.KEY_S)
        hour = (start - keys.EPOCH) // HOUR_S
        rows: list[dict[str, object]] = []
        used: set[int] = set()
        for place, numbered in found.items():
            try:
                summed = self._sum(numbered, start)
            except AgentError:
                raise  # the database's: the step is taken again
            except Exception:
                log.exception("hour %d of the router at %d is not summed up: an error of ours", hour, place)
                continue
            if summed is not None:
                data, within = summed
                used.update(within)
                rows.append({"id": hour * keys.PLACES + place, "data": data})
        return rows, used

    def _sum(self, numbered: Sequence[tuple[int, bytes]], start: int) -> tuple[bytes, set[int]] | None:
        """The row of a router's hour, and the layouts that it has; None where no poll is of it."""
        end, looked_until = start + HOUR_S, start + HOUR_S + SETTLED_S
        kept = self._kept(numbered, start - BEFORE_S, looked_until)
        if not any(start <= one.poll.at < end for one in kept):
            return None
        used = {one.poll.layout for one in kept if one.metrics and start <= one.poll.at < end}
        return hours.sum_up(kept, start, looked_until, self._confirm, self.plan(sorted(used))), used

    def _kept(self, numbered: Sequence[tuple[int, bytes]], since: float, until: float) -> list[Kept]:
        unpacker = Unpacker(self._layouts)
        kept: list[Kept] = []
        for poll in reading.polls(numbered):
            if poll.at < since:
                unpacker.remember(poll)
            elif poll.at < until:
                kept.append(unpacker.kept(poll))
        if unpacker.damaged:
            log.warning("%d polls of an hour have values that cannot be read", unpacker.damaged)
        return kept

    def _days(self) -> int:
        with self._engine.connect() as connection:
            done, at = mark(connection, "hours"), mark(connection, "days")
            if done is None:
                return 0
            if at is None:
                first = connection.execute(select(func.min(hour_rows.c.id))).scalar()
                at = (first or done) // keys.PLACES // 24 * keys.PLACES
            day, place = divmod(at, keys.PLACES)
            if place == 0:  # days without hours cost no steps
                since = select(func.min(hour_rows.c.id)).where(hour_rows.c.id >= day * 24 * keys.PLACES)
                day = min(connection.execute(since).scalar() or done, done) // keys.PLACES // 24
            if (day + 1) * 24 > done // keys.PLACES:
                return 0
            found = _routers_from(connection, place, DAYS_AT_ONCE)
            sums = self.day(connection, found, day) if found else {}
        rows = [{"id": day * keys.PLACES + one, **was._asdict()} for one, was in sums.items()]
        full = len(found) == DAYS_AT_ONCE
        with write(self._engine) as connection:
            put(connection, days, rows)
            set_mark(connection, "days", day * keys.PLACES + found[-1] + 1 if full else (day + 1) * keys.PLACES)
        return len(found) or 1

    def day(self, connection: Connection, places: Sequence[int], day: int) -> dict[int, Seconds]:
        """What routers were on a day, by its hours: of those that are not there nothing is known."""
        sums: dict[int, Seconds] = {}
        for number, data in self.hours(connection, places[0], places[-1], day * 24, day * 24 + 23):
            try:
                was = hours.read(0, data).was
            except BadRecord as error:
                log.warning("an hour of the history is left out: %s", error)
                continue
            place = number % keys.PLACES
            sums[place] = sums.get(place, Seconds()).plus(was)
        return {place: was._replace(unknown=was.unknown + DAY_S - sum(was)) for place, was in sums.items()}

    def hours(self, connection: Connection, low: int, high: int, first: int, last: int) -> list[tuple[int, bytes]]:
        """The rows of the hours from ``first`` to ``last``, of the places from ``low`` to ``high``; by hour."""
        step = keys.PLACES
        between = {"first": first * step, "last": last * step, "step": step, "low": low, "high": high}
        return [(number, data) for number, data in connection.execute(_HOURS, between)] if first <= last else []


def _routers_from(connection: Connection, place: int, most: int) -> list[int]:
    """The next places that are somebody's."""
    asked = select(routers.c.place).where(routers.c.place >= place).order_by(routers.c.place).limit(most)
    return list(connection.execute(asked).scalars())


def put(connection: Connection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    """Insert rows; those of the same number are replaced."""
    if rows:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        statement = insert(table)
        others = {one.name: statement.excluded[one.name] for one in table.columns if not one.primary_key}
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=others), list(rows))
