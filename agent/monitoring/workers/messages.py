"""What the daemon and its worker processes say to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from agent.monitoring.cycle.pace import CycleReport, Pace
from agent.monitoring.cycle.ports import Doubt, Refused, Taken, Trouble
from agent.monitoring.heard import Heard
from agent.monitoring.snmp import RouterOrder
from collectors.record import Layout, Packed

# To a worker.


class Change(NamedTuple):
    """Orders that are new or changed, routers that are gone, and when former polls began."""

    orders: Mapping[str, RouterOrder | Refused]
    gone: Sequence[str]
    last: Mapping[str, float]
    pace: Pace


class Run(NamedTuple):
    """Run the cycle that began then."""

    start: float


class AtOnce(NamedTuple):
    """Poll a router out of its turn."""

    router: str


class Attend(NamedTuple):
    """Bring whole samples of a router."""

    router: str


class Kept(NamedTuple):
    """What became of a batch."""

    number: int
    doubts: Mapping[str, Doubt]


class Stop(NamedTuple):
    """End, within so many seconds."""

    within_s: float


# From a worker.


class Batch(NamedTuple):
    """Polls that were heard, as rows of plain values; ``layouts`` are those that were not sent before."""

    number: int
    layouts: Sequence[str]
    rows: Sequence[tuple[Any, ...]]


class Done(NamedTuple):
    """A cycle is over."""

    report: CycleReport


class Troubled(NamedTuple):
    """Something kept polls from their turns."""

    trouble: Trouble


class Logged(NamedTuple):
    """A line for the daemon's log."""

    source: str
    level: int
    text: str


class Alive(NamedTuple):
    """A sign of life."""


class Stopped(NamedTuple):
    """The last word; so many polls were abandoned."""

    abandoned: int


class Packing:
    """Makes rows of polls; a layout is sent once, and is its number from then on."""

    def __init__(self) -> None:
        self._numbers: dict[Layout, int] = {}

    def batch(self, number: int, polls: Sequence[Taken]) -> Batch:
        """The message that carries ``polls``."""
        layouts: list[str] = []
        rows: list[tuple[Any, ...]] = []
        for began, heard in polls:
            record = heard.record
            if record is not None:
                place = self._numbers.get(record.layout)
                if place is None:
                    place = self._numbers[record.layout] = len(self._numbers)
                    layouts.append(record.layout.text)
                rows.append((began, *heard[:9], (place, record.whole, record.data), heard.sample))
            else:
                rows.append((began, *heard))
        return Batch(number, layouts, rows)


class Unpacking:
    """Makes polls of rows, with the layouts that came so far."""

    def __init__(self) -> None:
        self._layouts: list[Layout] = []

    def polls(self, batch: Batch) -> list[Taken]:
        """The polls in a message."""
        self._layouts += map(Layout.read, batch.layouts)
        return [Taken(row[0], self._heard(row)) for row in batch.rows]

    def _heard(self, row: tuple[Any, ...]) -> Heard:
        record = row[10]
        if record is None:
            return Heard._make(row[1:])
        place, whole, data = record
        return Heard._make((*row[1:10], Packed(self._layouts[place], whole, data), row[11]))
