"""What a chart shows, and its scales: round values on one axis, round times of a zone on the other. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import ceil, floor, isfinite, log10
from typing import NamedTuple

#: Steps of a time axis in seconds: all but weeks divide a day, so that marks stand at round times of the zone.
TIME_STEPS = (
    60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
    86_400, 2 * 86_400, 7 * 86_400, 14 * 86_400, 28 * 86_400, 84 * 86_400,
)  # fmt: skip
#: From so many seconds on the marks of a time axis have the year.
YEARS_FROM_S = 300 * 86_400
PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


class Dot(NamedTuple):
    """A value at a moment; None: it is not known. ``least`` and ``largest`` where it is a mean."""

    at: datetime
    value: float | None
    least: float | None = None
    largest: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One series, oldest first; ``why`` most of it is not known, if so and if that can be told."""

    name: str
    dots: tuple[Dot, ...]
    why: str = ""

    @property
    def values(self) -> tuple[float, ...]:
        """What is known of it."""
        return tuple(dot.value for dot in self.dots if dot.value is not None and isfinite(dot.value))

    @property
    def runs(self) -> tuple[tuple[Dot, ...], ...]:
        """Its dots without what is not known: between two runs nothing may be drawn."""
        found: list[list[Dot]] = [[]]
        for dot in self.dots:
            if dot.value is not None and isfinite(dot.value):
                found[-1].append(dot)
            elif found[-1]:
                found.append([])
        return tuple(tuple(run) for run in found if run)


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over the time from ``since`` to ``until``; times are shown in ``zone``, ``note`` is said besides."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    since: datetime
    until: datetime
    zone: tzinfo
    note: str = ""

    @property
    def zone_name(self) -> str:
        """The zone in words, by what it is at the end."""
        end = self.until.astimezone(self.zone)
        name, offset = end.tzname() or "", end.strftime("%z")
        if not offset.strip("+-0"):
            return "UTC" if name in ("", "UTC") else f"{name} (UTC)"
        written = f"UTC{offset[:3]}:{offset[3:5]}"
        return written if not name or name.startswith(("UTC", "+", "-")) else f"{name} ({written})"

    def across(self, at: datetime) -> float:
        """Where a moment is between the two ends: 0 to 1."""
        return (at - self.since) / (self.until - self.since)


class Axis(NamedTuple):
    """The values' axis: from ``low`` to ``high``, marks at ``ticks``."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def up(self, value: float) -> float:
        """Where a value is between the ends: 0 to 1."""
        return (value - self.low) / (self.high - self.low)


def value_axis(lines: Sequence[Line], most: int) -> Axis:
    """An axis for all values with at most ``most`` steps; it begins at zero unless all values are far from it."""
    values = [value for line in lines for value in line.values]
    low, high = min(values, default=0.0), max(values, default=1.0)
    alike = high - low <= 1e-9 * max(abs(low), abs(high))  # steps between them would be lost in rounding
    if low >= 0 and (low < 0.6 * high or alike):
        low = 0.0
    elif high <= 0 and (high > 0.6 * low or alike):
        high = 0.0
    if high == low:
        high = low + 1
    step = _round_up((high - low) / max(1, most))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return Axis(first * step, last * step, tuple(step * number for number in range(first, last + 1)))


def _round_up(size: float) -> float:
    """The next of 1, 2, 5, 10, 20, … that is not less."""
    power = 10.0 ** floor(log10(size))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= size * (1 - 1e-9))


def time_marks(chart: Chart, most: int) -> tuple[tuple[datetime, str], ...]:
    """At most ``most`` round moments of the zone between the ends, as they are written."""
    span_s, most = (chart.until - chart.since).total_seconds(), max(1, most)
    if span_s < YEARS_FROM_S:
        step_s = next((step for step in TIME_STEPS if span_s / step <= most), TIME_STEPS[-1])
        form = "%H:%M" if step_s < 86_400 else "%d %b"
    else:
        step_s, form = ceil(span_s / most / TIME_STEPS[-1]) * TIME_STEPS[-1], "%b %Y"
    return tuple((at, at.astimezone(chart.zone).strftime(form)) for at in _moments(chart, step_s))


def _moments(chart: Chart, step_s: int) -> Iterator[datetime]:
    """Multiples of a step since the midnight before the first end, by the zone's clock."""
    local = chart.since.astimezone(chart.zone).replace(tzinfo=None)
    wall = local.replace(hour=0, minute=0, second=0, microsecond=0)
    end = chart.until.astimezone(chart.zone).replace(tzinfo=None)
    step = timedelta(seconds=step_s)
    for number in range((end - wall) // step + 1):  # not a mark further: there may be no such time
        at = (wall + number * step).replace(tzinfo=chart.zone)
        if chart.since <= at <= chart.until:
            yield at


def scaled(axis: Axis, unit: str) -> tuple[float, str]:
    """What values are divided by to be short, and the unit then: bits and octets a second get a prefix."""
    if not unit.endswith(("bit/s", "octets/s", "/s")) or not unit:
        return 1.0, unit
    largest = max(abs(axis.low), abs(axis.high))
    return next(((size, prefix + unit) for size, prefix in PREFIXES if largest >= size), (1.0, unit))


def written(value: float) -> str:
    """A value for people: four digits that mean something, no exponent where it can be avoided."""
    if value == 0 or not isfinite(value):
        return "0" if value == 0 else "-"
    if abs(value) >= 1e7 or abs(value) < 1e-4:
        return f"{value:.3g}"
    digits = max(0, 3 - floor(log10(abs(value))))
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def summary(line: Line, divisor: float, unit: str) -> str:
    """A series in words: least, mean, largest and newest known value; why most of it is not known, where it is so."""
    values = line.values
    if not values:
        return f"nothing is known: {line.why}" if line.why else "nothing is known"
    mean = sum(values) / len(values)
    last = line.dots[-1].value
    parts = [f"{word} {written(value / divisor)}" for word, value in
             (("min", min(values)), ("mean", mean), ("max", max(values)))]  # fmt: skip
    parts.append(f"last {written(last / divisor)}" if last is not None else "last not known")
    return f"{', '.join(parts)} {unit}".rstrip() + (f"; most is not known: {line.why}" if line.why else "")
