"""The series of a poll: what was asked, what was answered, and each number that the router told. Pure.

Labels are the inventory's names of router and site, and the names of rows, which devices choose: they are cut, and a
poll has at most so many series.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from typing import NamedTuple

from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.remote_write.encoding import frame, label, series
from agent.remote_write.names import PREFIX, Named, named
from collectors.codec.values import Flat
from collectors.errors import BadRecord
from collectors.record import Column, Layout, unpack
from collectors.record.metrics import tag

#: Characters of a row's name.
LONGEST = 128


class Numbered(NamedTuple):
    """A column that is sent: its place, the tag and the range of its numbers, what makes one of them one of its unit,
    and the labels that come before those of the router."""

    place: int
    tag: int
    low: float
    high: float
    factor: float
    labels: bytes


class Encoded(NamedTuple):
    """A poll as it is sent; ``left_out`` were too many, or could not be read."""

    data: bytes
    series: int
    left_out: int = 0


class Samples:
    """Makes series of polls; ``site`` says a router's site, None where it has left the inventory."""

    def __init__(self, site: Callable[[str], str | None], most: int) -> None:
        self._site, self._most = site, most
        self._layouts: dict[Layout, tuple[Numbered, ...]] = {}

    def of(self, heard: Heard, key: bytes | None) -> Encoded:
        """The series of a poll; ``key`` is the data of the whole poll that its record differs from."""
        site = self._site(heard.router)
        if site is None:
            return Encoded(b"", 0)
        last = frame(label("router", heard.router) + label("site", site), heard.at)
        told, left_out = self._told(heard, key)
        numbers = _figures(heard) + told[: self._most]
        data = b"".join([series(labels, value, last) for labels, value in numbers])
        return Encoded(data, len(numbers), left_out + max(0, len(told) - self._most))

    def _told(self, heard: Heard, key: bytes | None) -> tuple[list[tuple[bytes, float]], int]:
        """Each number that was told, and how many could not be read."""
        record = heard.record
        if record is None:
            return [], 0
        columns = self._numbered(record.layout)
        try:
            kinds, values = unpack(record.data, None if record.whole else key)
        except BadRecord:
            return [], len(columns)
        return _numbers(columns, kinds, values) if len(kinds) == len(record.layout.columns) else [], 0

    def _numbered(self, layout: Layout) -> tuple[Numbered, ...]:
        found = self._layouts.get(layout)
        if found is None:
            if len(self._layouts) >= 1000:  # layouts come and go with the rows of devices
                self._layouts.clear()
            found = self._layouts[layout] = tuple(_columns(layout))
        return found


def _columns(layout: Layout) -> Iterator[Numbered]:
    """The columns that are sent; of those that would be the same series, the first: a receiver refuses two."""
    known: set[bytes] = set()
    for place, column in enumerate(layout.columns):
        way = named(column)
        labels = b"" if way is None else _labels(way, column)
        if way is not None and labels not in known:
            known.add(labels)
            low, high = -inf if column.low is None else column.low, inf if column.high is None else column.high
            yield Numbered(place, tag(column), low, high, way.factor, labels)


def _numbers(columns: tuple[Numbered, ...], kinds: bytes, values: list[Flat]) -> list[tuple[bytes, float]]:
    """What was told as a number of its type and range; what is missing has no sample."""
    return [
        (labels, number * factor)
        for place, wanted, low, high, factor, labels in columns
        if kinds[place] == wanted and isinstance(number := values[place], int) and low <= number <= high
    ]


def _labels(way: Named, column: Column) -> bytes:
    return label("__name__", way.metric) + (label(way.label, column.row[:LONGEST]) if way.label else b"")


_ANSWERED, _REQUESTS, _LOST, _ROUND_TRIP, _UPTIME, _CPU = (
    label("__name__", PREFIX + name)
    for name in (
        "poll_answered",
        "poll_requests",
        "poll_lost_requests",
        "poll_round_trip_seconds",
        "router_uptime_seconds",
        "router_cpu_ratio",
    )
)


def _figures(heard: Heard) -> list[tuple[bytes, float]]:
    """What every poll says."""
    found = [
        (_ANSWERED, float(heard.answer is Answer.ANSWERED)),
        (_REQUESTS, float(heard.requests)),
        (_LOST, float(heard.lost)),
    ]
    if heard.round_trip_ms is not None:
        found.append((_ROUND_TRIP, heard.round_trip_ms / 1000))
    if heard.uptime_s is not None:
        found.append((_UPTIME, heard.uptime_s))
    if heard.cpu_percent is not None:
        found.append((_CPU, heard.cpu_percent / 100))
    return found
