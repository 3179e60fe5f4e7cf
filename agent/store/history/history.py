"""The history of polls: what the daemon adds, what jobs roll up and end, and what people ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from agent.monitoring.heard import Heard
from agent.store.base import write
from agent.store.bulk import Bulk
from agent.store.history import keys, rows
from agent.store.history.asking import Asking, Day, Point
from agent.store.history.names import Layouts, Places
from agent.store.history.retention import DAY_S, Days, Retention
from agent.store.history.rolling import Rolling
from agent.store.history.tables import open_history, polls
from collectors.record.metrics import Metric
from collectors.record.numbers import number

_POLLS = Bulk(polls, replaces=False)
#: Layouts whose numbers are remembered at most.
MOST_LAYOUTS = 20_000


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long: polls as they were, hours; and after how many silent polls in a row a router is down."""

    polls_days: int = 14
    hours_days: int = 397
    confirm_down_after: int = 2


class History:
    """The history in the database at ``url``: one object a process, used by one thread at a time for each method.

    Methods raise ConfigurationProblem where the database cannot be used: no space, locked for too long, gone.
    """

    def __init__(self, url: str, keeping: Keeping = Keeping()) -> None:
        self._engine = open_history(url)
        self._places, self._layouts, self._days = Places(self._engine), Layouts(self._engine), Days()
        #: By router its place, and when its first span begins.
        self._where = {name: (place, keys.turn(place)) for name, place in self._places.of.items()}
        #: By digest the numbers, as rows have them, of the layouts that were met on a day; then they are met again, and
        #: so kept on: what nobody met for as long as hours are kept is removed, by whichever process.
        self._numbers: dict[str, bytes] = {}
        self._day = 0
        self._rolling = Rolling(self._engine, self._layouts, keeping.confirm_down_after)
        self._retention = Retention(self._engine, keeping.polls_days, keeping.hours_days)
        self._asking = Asking(self._engine, self._places, self._layouts, self._rolling, keeping.confirm_down_after)

    def add(self, batch: Sequence[Heard]) -> None:
        """Keep polls, all or none; a process that dies after this returned loses none. Once more does no harm."""
        if not batch:
            return
        day = int(batch[-1].at // DAY_S)
        if day != self._day or len(self._numbers) > MOST_LAYOUTS:
            self._numbers.clear()
            self._day = day
        try:
            found = rows.rows(batch, self._where, self._numbers)
        except KeyError:
            self._meet(batch)
            found = rows.rows(batch, self._where, self._numbers)
        found.sort()
        try:
            self._put(found)
        except IntegrityError:  # PostgreSQL: a day's table was dropped since it was made
            self._days.made.clear()
            self._put(found)

    def _put(self, found: Sequence[tuple[int, bytes]]) -> None:
        if self._engine.dialect.name == "postgresql":
            self._days.make(self._engine, (number for number, _ in found))
        with write(self._engine) as connection:
            _POLLS.put(connection, found)

    def _meet(self, batch: Sequence[Heard]) -> None:
        """Give numbers to routers and layouts that were not met before; they are on the disk before any row is."""
        names = {one.router for one in batch if one.router not in self._where}
        fresh = {one.record.layout: one.at for one in batch if one.record is not None}
        with write(self._engine) as connection:
            places = self._places.add(connection, names) if names else {}
            numbers = {
                layout.digest: number(self._layouts.add(connection, layout, int(at - keys.EPOCH) // 3600))
                for layout, at in fresh.items()
                if layout.digest not in self._numbers
            }
        self._places.of.update(places)
        self._where.update({name: (place, keys.turn(place)) for name, place in places.items()})
        self._numbers.update(numbers)

    def roll_up(self, now: datetime) -> int:
        """Take the next small step of rolling polls up to hours, and hours to days; 0: there is nothing to do yet."""
        return self._rolling.step(now.timestamp())

    def drop_old(self, now: datetime) -> int:
        """Take the next small step of removing what is too old; 0: there is no more of it."""
        return self._retention.step(now.timestamp())

    def metrics(self, router: str) -> tuple[Metric, ...]:
        """What can be asked of a router; empty: nothing is kept of it."""
        return self._asking.metrics(router)

    def series(self, router: str, metric: str, since: datetime, until: datetime) -> tuple[Point, ...]:
        """A metric of a router, oldest first: each poll where polls are kept, before that each hour.

        Of a counter it is the growth a second. A point without a value says that it is not known what it was.
        """
        return self._asking.series(router, metric, since.timestamp(), until.timestamp())

    def availability(self, router: str, since: datetime, until: datetime) -> tuple[Day, ...]:
        """What a router was on the days (UTC) from ``since`` to ``until``; the last one as far as ``until``.

        A day whose hours are kept no longer is told whole.
        """
        return self._asking.availability(router, since, until)
