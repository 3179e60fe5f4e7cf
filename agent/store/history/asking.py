"""What people ask of the history: metrics, series, availability, and when routers were last polled."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from math import ceil, inf
from typing import NamedTuple

from sqlalchemy import Engine, func, select

from agent.monitoring.availability import Seconds, Witness, tally
from agent.monitoring.sample import Answer
from agent.store.history import hours, keys, parts, reading
from agent.store.history.hours import HOUR_S, OWN, Hour
from agent.store.history.names import Layouts, Places
from agent.store.history.reading import Kept, Unpacker
from agent.store.history.rolling import BEFORE_S, DAY_S, Rolling
from agent.store.history.tables import days, polls
from agent.store.history.tables import hours as hour_rows
from collectors.errors import BadRecord
from collectors.rates import Gap, growth
from collectors.record import Role
from collectors.record.clock import Clock
from collectors.record.metrics import Metric

log = logging.getLogger(__name__)

#: The metrics that every poll has: whether it was answered, and how well.
EVERY = (
    Metric("up", Role.STATE),
    Metric("round_trip_ms", Role.GAUGE),
    Metric("cpu_percent", Role.GAUGE),
    Metric("loss_percent", Role.GAUGE),
)


class Point(NamedTuple):
    """A value ``at`` a moment, or of the hour that began there: then its mean, with the least and the largest.

    ``why`` a rate is not known, where more can be said than that a reading is missing.
    """

    at: datetime
    value: float | None
    least: float | None = None
    largest: float | None = None
    why: str = ""


class Day(NamedTuple):
    """What a router was on a day in UTC."""

    day: date
    was: Seconds


class Asking:
    """Answers of one history; ``confirm`` silent polls in a row are an outage."""

    def __init__(self, engine: Engine, places: Places, layouts: Layouts, rolling: Rolling, confirm: int) -> None:
        self._engine, self._places, self._layouts = engine, places, layouts
        self._rolling, self._confirm = rolling, confirm

    def metrics(self, router: str) -> tuple[Metric, ...]:
        """What can be asked of a router, by what its newest hour of polls has, or its newest hour that was kept."""
        place = self._places.find(self._engine, router)
        newest = None if place is None else self._newest(place)
        if place is None or newest is None:
            return ()
        found = dict.fromkeys(EVERY)
        numbered = reading.raw(self._engine, place, place, newest - HOUR_S, newest).get(place, ())
        for layout in dict.fromkeys(poll.layout for poll in reading.polls(numbered) if poll.layout):
            metrics = self._layouts.metrics(layout)
            found.update(dict.fromkeys(metrics.all if metrics is not None else ()))
        return tuple(found)

    def _newest(self, place: int) -> float | None:
        """When a router's newest poll began: looked for from the newest of all backwards, as long as polls are kept."""
        with self._engine.connect() as connection:
            end = keys.LAST
            while spans := parts.newest(connection, polls, keys.SPAN, end, 30):
                for end in spans:
                    low = end + (place << 16)
                    asked = select(func.max(polls.c.id)).where(polls.c.id.between(low, low + 0xFFFF))
                    found = connection.execute(asked).scalar()
                    if found is not None:
                        return keys.moment(found)[1]
        return None

    def series(self, router: str, metric: str, since: float, until: float) -> tuple[Point, ...]:
        """A metric of a router: hours before polls are kept, then polls."""
        place = self._places.find(self._engine, router)
        if place is None:
            return ()
        begins, ends = self._kept()
        before = () if since >= begins else self._of_hours(place, metric, since, min(until, begins))
        since, until = max(since, begins), min(until, ends)
        return *before, *(self._of_polls(place, metric, since, until) if since < until else ())

    def _kept(self) -> tuple[float, float]:
        """Since when, from a full hour on, every poll is kept, and until when there are any."""
        with self._engine.connect() as connection:
            first = connection.execute(select(func.min(polls.c.id))).scalar()
            last = connection.execute(select(func.max(polls.c.id))).scalar()
            hour = connection.execute(select(func.min(hour_rows.c.id))).scalar()
        if first is None or last is None:
            return inf, -inf
        begins, ends = keys.moment(first)[1] - keys.SPAN_S, keys.moment(last)[1] + 2 * keys.SPAN_S
        if hour is None or keys.EPOCH + hour // keys.PLACES * HOUR_S > begins - HOUR_S:
            return begins, ends  # none was ever removed
        return ceil(begins / HOUR_S + 1) * HOUR_S, ends

    def _of_polls(self, place: int, metric: str, since: float, until: float) -> Iterator[Point]:
        before = since - BEFORE_S
        found = reading.raw(self._engine, place, place, before, until, since - reading.KEY_S)
        unpacker, taker = Unpacker(self._layouts), _Taker(metric)
        for poll in reading.polls(found.get(place, ())):
            if poll.at < before:
                unpacker.remember(poll)
                continue
            told, value = taker.take(unpacker.kept(poll))
            if told and since <= poll.at < until:
                yield Point(_moment(poll.at), value, why=taker.why)
        if unpacker.damaged:
            log.warning("%d polls in the history have values that cannot be read", unpacker.damaged)

    def _of_hours(self, place: int, metric: str, since: float, until: float) -> Iterator[Point]:
        for hour in self._hours(place, since, until):
            at = _moment(hour.at)
            if metric == "up":
                known = hour.was.up + hour.was.down + hour.was.suspect
                yield Point(at, hour.was.up / known if known else None)
            elif metric == "loss_percent":
                asked = hour.requests + hour.lost
                yield Point(at, 100 * hour.lost / asked if asked else None)
            else:
                yield self._of_hour(hour, metric)

    def _of_hour(self, hour: Hour, metric: str) -> Point:
        at = _moment(hour.at)
        try:
            span = hours.span(hour, self._rolling.plan(hour.layouts), metric)
            return Point(at, None) if span is None else Point(at, span[1], span[0], span[2])
        except BadRecord as error:
            log.warning("an hour of the history is left out: %s", error)
            return Point(at, None)

    def _hours(self, place: int, since: float, until: float) -> Iterator[Hour]:
        """A router's hours that begin from ``since`` on and before ``until``."""
        with self._engine.connect() as connection:
            # Not further than there are hours of anybody: each hour that is asked for costs a step.
            oldest = connection.execute(select(func.min(hour_rows.c.id))).scalar() or 0
            newest = connection.execute(select(func.max(hour_rows.c.id))).scalar() or 0
            first, end = (ceil((moment - keys.EPOCH) / HOUR_S) for moment in (since, until))
            first, last = max(first, oldest // keys.PLACES), min(end - 1, newest // keys.PLACES)
            found = self._rolling.hours(connection, place, place, first, last)
        for number, data in found:
            try:
                yield hours.read(keys.EPOCH + number // keys.PLACES * HOUR_S, data)
            except BadRecord as error:
                log.warning("an hour of the history is left out: %s", error)

    def availability(self, router: str, since: datetime, until: datetime) -> tuple[Day, ...]:
        """What a router was on the days from ``since`` to ``until``."""
        place = self._places.find(self._engine, router)
        first = since.astimezone(UTC).date()
        wanted = [first + timedelta(days=number) for number in range((until.astimezone(UTC).date() - first).days + 1)]
        found = {} if place is None else self._kept_days(place, wanted[0], wanted[-1])
        days_of: list[Day] = []
        for one in wanted:
            start = int(datetime(one.year, one.month, one.day, tzinfo=UTC).timestamp())
            end = min(start + DAY_S, int(until.timestamp()))
            if end <= start:
                continue
            was = found.get((start - keys.EPOCH) // DAY_S)
            if place is not None and (was is None or end < start + DAY_S):
                part = self._so_far(place, start, end)
                was = part if was is None or part.unknown < end - start else was
            days_of.append(Day(one, was or Seconds(unknown=end - start)))
        return tuple(days_of)

    def _kept_days(self, place: int, first: date, last: date) -> Mapping[int, Seconds]:
        epoch = datetime.fromtimestamp(keys.EPOCH, UTC).date()
        numbers = [number * keys.PLACES + place for number in range((first - epoch).days, (last - epoch).days + 1)]
        found: dict[int, Seconds] = {}
        with self._engine.connect() as connection:
            for begin in range(0, len(numbers), 500):
                asked = select(days).where(days.c.id.in_(numbers[begin : begin + 500]))
                found.update({number // keys.PLACES: Seconds(*was) for number, *was in connection.execute(asked)})
        return found

    def _so_far(self, place: int, start: int, end: int) -> Seconds:
        """A time of less than a day that no row is of: its hours, and the polls of those that are not rolled up."""
        was = Seconds()
        known = {hour.at: hour.was for hour in self._hours(place, start, end)}
        polled = list(self._witnesses(place, start, end)) if len(known) * HOUR_S < end - start else []
        for at in range(start, end, HOUR_S):
            stop = min(at + HOUR_S, end)
            if at in known and stop == at + HOUR_S:
                was = was.plus(known[at])
            else:
                was = was.plus(tally(polled, at, stop, end, self._confirm))
        return was

    def _witnesses(self, place: int, start: int, end: int) -> Iterator[Witness]:
        numbered = reading.raw(self._engine, place, place, start - BEFORE_S, end).get(place, ())
        return (Witness(poll.at, poll.answer) for poll in reading.polls(numbered) if poll.at < end)


class _Taker:
    """Takes one metric of a router's polls, in order."""

    def __init__(self, metric: str) -> None:
        self._metric = metric
        self._clock = Clock()
        self._former: tuple[int, float, int, object] | None = None
        #: Why what was taken last is not known; empty: it is, or there is no reading.
        self.why = ""

    def take(self, kept: Kept) -> tuple[bool, float | None]:
        """Whether a poll tells of the metric, or ought to; and what."""
        poll, self.why = kept.poll, ""
        if self._metric in OWN or self._metric in ("up", "loss_percent"):
            return True, self._own(kept)
        if kept.metrics is None:
            return True, None
        self._clock.tell(poll.at, kept.metrics, kept.kinds, kept.values)
        if self._metric not in kept.metrics.names:
            return False, None
        if self._metric in kept.metrics.counters:
            rate = self._rate(kept)
            self.why = rate if isinstance(rate, Gap) else ""
            return True, rate if isinstance(rate, float) else None
        return True, kept.metrics.number(self._metric, kept.kinds, kept.values)

    def _own(self, kept: Kept) -> float | None:
        poll = kept.poll
        match self._metric:
            case "up":
                return {Answer.ANSWERED: 1.0, Answer.SILENT: 0.0}.get(poll.answer)
            case "loss_percent":
                asked = poll.requests + poll.lost
                return 100 * poll.lost / asked if asked else None
            case "round_trip_ms":
                return poll.round_trip_ms
            case _:
                return poll.cpu_percent

    def _rate(self, kept: Kept) -> float | Gap | None:
        assert kept.metrics is not None  # noqa: S101
        counter = kept.metrics.counters[self._metric]
        value = kept.metrics.number(self._metric, kept.kinds, kept.values)
        former, self._former = self._former, None
        if value is None:
            return None
        began = kept.values[counter.since] if counter.since >= 0 else None
        self._former = (int(value), self._clock.seconds, self._clock.life, began)
        if former is None:
            return None
        if former[2] != self._clock.life:
            return self._clock.ended
        if former[3] != began:
            return Gap.DISCONTINUITY
        if self._clock.seconds <= former[1]:
            return None
        return growth(former[0], int(value), counter.bits, self._clock.seconds - former[1])


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
