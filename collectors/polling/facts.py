"""Which of a poll's values say whether anything happened, for all devices that are asked the same. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from collectors import idle
from collectors.codec.values import Flat
from collectors.figures import reduced
from collectors.limits import SENSORS, VALUE
from collectors.modules import Figure
from collectors.questions import Questions

#: The loads over one and over five minutes.
LOADS = ("cpu_1_min_percent", idle.LOAD)
#: The place of a value that is not asked.
NOWHERE = -1


class Load(NamedTuple):
    """A way to a load: the places of the values that it is made of, and how."""

    by: str
    places: tuple[int, ...]

    def of(self, values: Sequence[Flat]) -> float | None:
        """The load; None where none of its values was told."""
        return reduced(self.by, [value for at in self.places if isinstance(value := values[at], int)])


@dataclass(frozen=True, slots=True)
class Facts:
    """Places among the values that are asked at each poll; NOWHERE: it is not asked.

    ``mask`` has a bit for each value that decides, the lowest for the first. ``bounded`` are those of the others that
    can be out of range, and what reads them. ``processors`` are where their rows begin and end, ``loads`` the ways to
    each of ``LOADS``, of which the first that gives one counts. ``sensors`` are what sensors measure, by their names.
    """

    size: int
    mask: int
    bounded: tuple[tuple[int, Callable[[Any], object]], ...]
    uptime: int
    engine_time: int
    idle: int
    processors: tuple[tuple[int, int], ...]
    loads: tuple[tuple[Load, ...], ...]
    sensors: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, asked: Questions) -> Facts:
        """The facts of the questions of each poll."""
        slots, first = asked.slots, {slot.name: at for at, slot in enumerate(asked.slots[: asked.scalars])}
        free = [at for at, slot in enumerate(slots) if not slot.one.decides]
        bounded = [(at, read) for at in free if (read := slots[at].read) is not None and at != first.get("uptime_s")]
        begin = [place.at + place.named for place in asked.places if place.table.name == "processors"]
        size = max((len(place.slots) for place in asked.places if place.table.name == "processors"), default=0)
        return cls(
            size=len(slots),
            mask=sum(1 << at for at, slot in enumerate(slots) if slot.one.decides),
            bounded=tuple(bounded),
            uptime=first.get("uptime_s", NOWHERE),
            engine_time=first.get("engine_time_s", NOWHERE),
            idle=first.get(idle.TICKS_NAME, NOWHERE),
            processors=tuple((at, at + size) for at in begin),
            loads=tuple(tuple(_loads(asked, name)) for name in LOADS),
            sensors=tuple(_column(asked, SENSORS, VALUE)),
        )

    def cpu_percent(self, values: Sequence[Flat], idles: bytes, uptime_s: float | None) -> float | None:
        """The lower one of the loads over one and five minutes, of values that can all be used; None: neither is told.

        ``idles`` is what is remembered for where the second one is not told.
        """
        short, long = (_first(ways, values) for ways in self.loads)
        if long is None and self.idle != NOWHERE and isinstance(ticks := values[self.idle], int):
            there = [begin for begin, end in self.processors if any(value is not None for value in values[begin:end])]
            long = idle.load(idles, uptime_s, ticks, len(there))
        return long if short is None else short if long is None else min(short, long)


def _first(ways: Iterable[Load], values: Sequence[Flat]) -> float | None:
    for way in ways:
        if (found := way.of(values)) is not None:
            return found
    return None


def _loads(asked: Questions, name: str) -> list[Load]:
    figures: list[Figure] = [one for module in asked.modules for one in module.figures if one.name == name]
    return [Load(one.by, tuple(at for _, at in _column(asked, one.table, one.column))) for one in figures]


def _column(asked: Questions, table: str, column: str) -> list[tuple[str, int]]:
    """The name of each row of a table, and the place of the column's value."""
    return [
        (place.key, place.at + place.named + number)
        for place in asked.places
        if place.table.name == table
        for number, one in enumerate(place.slots)
        if one.name == column
    ]
