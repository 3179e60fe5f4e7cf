"""Load over about five minutes where an agent tells none: from how long its processors were idle since. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from collectors.reading import Reading

#: How far back the idle time that is compared may lie, in seconds; a load over less or more is not told.
LEAST_S, MOST_S = 240.0, 600.0
#: What is remembered lies at least this far apart, in seconds.
APART_S = 15.0
#: Ticks in a second, and where their counter wraps.
TICKS, WRAP = 100, 2**32
#: The figure that is told.
LOAD = "cpu_5_min_percent"


@dataclass(frozen=True, slots=True)
class Idle:
    """Ticks that the processors had been idle when the router had been up for ``uptime_s``."""

    uptime_s: float
    ticks: int


def remembered(before: tuple[Idle, ...], reading: Reading) -> tuple[Idle, ...]:
    """What is kept for later readings, oldest first; nothing from before a boot."""
    now = _idle(reading)
    if now is None:
        return before
    kept = tuple(idle for idle in before if 0 <= now.uptime_s - idle.uptime_s <= MOST_S)
    if kept and now.uptime_s - kept[-1].uptime_s < APART_S:
        return kept
    return (*kept, now)


def averaged(before: tuple[Idle, ...], reading: Reading) -> Reading:
    """The reading with the load since the latest of ``before`` that is old enough; as it is where there is none."""
    now, processors = _idle(reading), len(reading.tables.get("processors", {}))
    if LOAD in reading.figures or now is None or not processors:
        return reading
    fitting = [idle for idle in before if LEAST_S <= now.uptime_s - idle.uptime_s <= MOST_S]
    if not fitting:
        return reading
    since = fitting[-1]
    could = (now.uptime_s - since.uptime_s) * TICKS * processors
    busy = 1 - (now.ticks - since.ticks) % WRAP / could
    return replace(reading, figures={**reading.figures, LOAD: round(100 * min(max(busy, 0.0), 1.0))})


def _idle(reading: Reading) -> Idle | None:
    """None where it is not told, or 0: not measured yet."""
    uptime_s, ticks = reading.seconds("uptime_s"), reading.number("idle_ticks")
    return Idle(uptime_s, ticks) if uptime_s is not None and ticks else None
