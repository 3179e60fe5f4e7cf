"""What is asked of the history of polls to be drawn: which metrics a router has, and one of them over a time. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from agent.monitoring.schedule import LIMIT_S

#: What the role of a counter is called.
COUNTER = "counter"
#: A value holds for the time until the next poll is due at the latest, one of an hour for that hour; then a little.
HOUR, SLACK = timedelta(hours=1), timedelta(seconds=60)
#: By how a metric's name ends, its unit and what a value is multiplied by to be in it; then the same of counters.
UNITS = {"percent": ("%", 1.0), "ms": ("ms", 1.0), "s": ("s", 1.0), "kb": ("octets", 1024.0), "kbps": ("bit/s", 1e3)}
RATES = {"octets": ("bit/s", 8.0), "packets": ("packets/s", 1.0), "errors": ("errors/s", 1.0)}


class Point(Protocol):
    """A value ``at`` a moment, None where it is not known; with ``least`` and ``largest`` it is the mean of an hour.

    ``why`` it is not known, empty where there is no more to say.
    """

    @property
    def at(self) -> datetime: ...
    @property
    def value(self) -> float | None: ...
    @property
    def least(self) -> float | None: ...
    @property
    def largest(self) -> float | None: ...
    @property
    def why(self) -> str: ...


class Metric(Protocol):
    """A number of each poll; ``role`` says what it is, COUNTER that its values are a growth a second."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...


class Figures(Protocol):
    """The history of polls, as far as it is drawn."""

    def metrics(self, router: str) -> Sequence[Metric]:
        """What can be asked of a router; empty: nothing is kept of it."""

    def series(self, router: str, metric: str, since: datetime, until: datetime) -> Sequence[Point]:
        """A metric, oldest first; of a counter its growth a second."""


def unit_of(metric: Metric) -> tuple[str, float]:
    """The unit of a metric's values, empty where it has none, and their factor: by the last word of its name."""
    word = metric.name.removesuffix("_per_s").rsplit(" ", 1)[-1].rsplit("_", 1)[-1].lower()
    return RATES.get(word, ("/s", 1.0)) if metric.role == COUNTER else UNITS.get(word, ("", 1.0))


def chosen(metrics: Sequence[Metric], words: Sequence[str]) -> tuple[Metric, ...]:
    """The metric that is called so; without one, those whose name has every word in it."""
    exact = " ".join(words).lower()
    named = tuple(one for one in metrics if one.name.lower() == exact)
    return named or tuple(one for one in metrics if all(word.lower() in one.name.lower() for word in words))


def mostly_unknown(points: Collection[Point]) -> str:
    """Why at least half of the points are not known, by the most frequent reason; empty: they are, or none is told."""
    reasons = Counter(point.why for point in points if point.value is None and point.why)
    return reasons.most_common(1)[0][0] if 2 * reasons.total() >= max(len(points), 1) else ""


def with_gaps(points: Iterable[Point]) -> Iterator[tuple[datetime, float | None, float | None, float | None]]:
    """The points, and where two are further apart than polls may be a moment between of which nothing is known."""
    before: Point | None = None
    for point in points:
        if before is not None and point.at - before.at > _holds(before) + SLACK:
            yield before.at + _holds(before), None, None, None
        yield point.at, point.value, point.least, point.largest
        before = point


def _holds(point: Point) -> timedelta:
    return HOUR if point.least is not None else timedelta(seconds=LIMIT_S)
