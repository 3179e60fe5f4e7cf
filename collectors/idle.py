"""Load over about five minutes where an agent tells none: from how long its processors were idle since. Pure."""

from __future__ import annotations

import struct
from dataclasses import replace

from collectors.reading import Reading

#: How far back the idle time that is compared may lie, in seconds; a load over less or more is not told.
LEAST_S, MOST_S = 240.0, 600.0
#: What is remembered lies at least this far apart, in seconds.
APART_S = 15.0
#: Ticks in a second, and where their counter wraps.
TICKS, WRAP = 100, 2**32
#: The figure that is told, and the scalar that it is made of.
LOAD, TICKS_NAME = "cpu_5_min_percent", "idle_ticks"

#: One moment: how long the router had been up, in seconds, and the ticks that its processors had been idle.
_IDLE = struct.Struct("<dI")


def remembered(before: bytes, uptime_s: float | None, ticks: int | None) -> bytes:
    """What is kept for later polls, packed, oldest first; nothing from before a boot.

    ``ticks`` None or 0: not told, or not measured yet.
    """
    if uptime_s is None or not ticks:
        return before
    kept = [idle for idle in _IDLE.iter_unpack(before) if 0 <= uptime_s - idle[0] <= MOST_S]
    if not kept or uptime_s - kept[-1][0] >= APART_S:
        kept.append((uptime_s, ticks))
    return b"".join(_IDLE.pack(*idle) for idle in kept)


def load(before: bytes, uptime_s: float | None, ticks: int | None, processors: int) -> int | None:
    """Percent since the latest moment of ``before`` that is old enough; None where there is none."""
    if uptime_s is None or not ticks or not processors:
        return None
    fitting = [idle for idle in _IDLE.iter_unpack(before) if LEAST_S <= uptime_s - idle[0] <= MOST_S]
    if not fitting:
        return None
    since, former = fitting[-1]
    could: float = (uptime_s - since) * TICKS * processors
    busy: float = 1 - (ticks - former) % WRAP / could
    return round(100 * min(max(busy, 0.0), 1.0))


def averaged(before: bytes, reading: Reading) -> Reading:
    """The reading with the load that it lacks, where it can be told."""
    if LOAD in reading.figures:
        return reading
    processors = len(reading.tables.get("processors", {}))
    found = load(before, reading.seconds("uptime_s"), reading.number(TICKS_NAME), processors)
    return reading if found is None else replace(reading, figures={**reading.figures, LOAD: found})
