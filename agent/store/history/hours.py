"""An hour of a router in one row: how it was, and of each number its least, mean and largest. Pure.

Polls, requests and losses, seconds up, down and suspect, in two octets each; the layouts' numbers after how many there
are; then the spans of round trip, load and every number of those layouts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct
from typing import NamedTuple

from agent.monitoring.availability import Seconds, Witness, tally
from agent.store.history.reading import Kept
from collectors.errors import BadRecord
from collectors.record import Role
from collectors.record.clock import Clock
from collectors.record.metrics import Metrics, metric, tag
from collectors.record.numbers import number, read_number
from collectors.record.summary import Part, Span, Summary, pack_spans, read_spans

HOUR_S = 3600
_HEAD = Struct("<HHHHHH")
#: The first slots, that every router has.
OWN = ("round_trip_ms", "cpu_percent")

#: What a layout's number stands for.
MetricsOf = Callable[[int], Metrics | None]


class Hour(NamedTuple):
    """An hour as it was kept, ``at`` when it began in Unix seconds; ``layouts`` say what ``spans`` are of."""

    at: int
    polls: int
    requests: int
    lost: int
    was: Seconds
    layouts: tuple[int, ...]
    spans: bytes


class Plan:
    """Which numbers of some layouts go to which slots: those of the same name to the same."""

    def __init__(self, layouts: Sequence[int], metrics_of: MetricsOf) -> None:
        self.slots = {name: slot for slot, name in enumerate(OWN)}
        self.parts: dict[int, tuple[Part, ...]] = {}
        self.metrics: list[Metrics] = []
        for layout in layouts:
            metrics = metrics_of(layout)
            if metrics is None:
                raise BadRecord("a layout of an hour is not there")
            self.metrics.append(metrics)
            self.parts[layout] = tuple(self._parts(metrics))

    def _parts(self, metrics: Metrics) -> list[Part]:
        parts: list[Part] = []
        for name, place in metrics.places.items():
            column, counter = metrics.layout.columns[place], metrics.counters.get(name)
            if counter is None and column.role is not Role.GAUGE:
                continue
            slot = self.slots.setdefault(name, len(self.slots))
            if counter is not None:
                parts.append(Part(place, tag(column), slot, counter.bits, counter.since))
                continue
            low = float("-inf") if column.low is None else column.low
            high = float("inf") if column.high is None else column.high
            parts.append(Part(place, tag(column), slot, scale=column.scale or 1.0, low=low, high=high))
        return parts


def sum_up(polls: Sequence[Kept], start: int, looked_until: float, confirm: int, plan: Plan) -> bytes:
    """The row of the hour that began at ``start``; ``polls`` are those of it and some before and after it.

    ``plan`` is that of the layouts that the hour's polls have.
    """
    end, within = start + HOUR_S, [one for one in polls if start <= one.poll.at < start + HOUR_S]
    was = tally([Witness(one.poll.at, one.poll.answer) for one in polls], start, end, looked_until, confirm)
    summary, clock = Summary(len(plan.slots)), Clock()
    for one in polls:
        if one.metrics is not None and one.poll.at < end:
            clock.tell(one.poll.at, one.metrics, one.kinds, one.values)
            parts = plan.parts.get(one.poll.layout, ())
            summary.take(parts, one.kinds, one.values, clock.seconds, clock.life, one.poll.at >= start)
    spans = summary.spans()
    spans[0] = _span([one.poll.round_trip_ms for one in within])
    spans[1] = _span([one.poll.cpu_percent for one in within])
    numbers = (sum(one.poll.requests for one in within), sum(one.poll.lost for one in within))
    head = _HEAD.pack(min(len(within), 65535), *(min(one, 65535) for one in numbers), was.up, was.down, was.suspect)
    layouts = b"".join(map(number, (len(plan.parts), *plan.parts)))
    return head + layouts + pack_spans(spans)


def read(at: int, data: bytes) -> Hour:
    """The hour in a row.

    Raises:
        BadRecord: it is damaged.
    """
    if len(data) <= _HEAD.size:
        raise BadRecord("an hour is cut short")
    polls, requests, lost, up, down, suspect = _HEAD.unpack_from(data)
    (count, place), layouts = read_number(data, _HEAD.size), []
    for _ in range(count):
        layout, place = read_number(data, place)
        layouts.append(layout)
    unknown = HOUR_S - up - down - suspect
    if unknown < 0:
        raise BadRecord("an hour is longer than one")
    return Hour(at, polls, requests, lost, Seconds(up, down, suspect, unknown), tuple(layouts), data[place:])


def span(hour: Hour, plan: Plan, name: str) -> Span | None:
    """What a number was in an hour, a figure by what its numbers were in the mean; None where that is not known.

    Raises:
        BadRecord: the row is damaged.
    """
    spans, slot = read_spans(hour.spans, len(plan.slots)), plan.slots.get(name)
    if slot is not None:
        return spans[slot]
    for metrics in plan.metrics:
        value = metrics.figure(name, lambda place, of=metrics: _mean(spans, plan, of, place))  # type: ignore[misc]
        if value is not None:
            return (value, value, value)
    return None


def _mean(spans: Sequence[Span | None], plan: Plan, metrics: Metrics, place: int) -> float | None:
    """The mean of a value at a place."""
    slot = plan.slots.get(metric(metrics.layout.columns[place]))
    span = None if slot is None else spans[slot]
    return None if span is None else span[1]


def _span(told: Sequence[float | None]) -> Span | None:
    found = [value for value in told if value is not None]
    return (min(found), sum(found) / len(found), max(found)) if found else None
