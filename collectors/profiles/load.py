"""Load over about five minutes where an agent tells none: from how long its processors were idle since. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from collectors.sample import RouterSample

#: How far back the idle time that is compared may lie, in seconds; a load over less or more is not told.
LEAST_S, MOST_S = 240.0, 600.0
#: What is remembered lies at least this far apart, in seconds.
APART_S = 15.0
#: Ticks in a second, and where their counter wraps.
TICKS, WRAP = 100, 2**32


@dataclass(frozen=True, slots=True)
class Idle:
    """Ticks that the processors had been idle when the router had been up for ``uptime_s``."""

    uptime_s: float
    ticks: int


def remembered(before: tuple[Idle, ...], sample: RouterSample) -> tuple[Idle, ...]:
    """What is kept for later samples, oldest first; nothing from before a boot."""
    if sample.uptime_s is None or sample.idle_ticks is None:
        return before
    kept = tuple(idle for idle in before if 0 <= sample.uptime_s - idle.uptime_s <= MOST_S)
    if kept and sample.uptime_s - kept[-1].uptime_s < APART_S:
        return kept
    return (*kept, Idle(sample.uptime_s, sample.idle_ticks))


def averaged(before: tuple[Idle, ...], sample: RouterSample) -> RouterSample:
    """The sample with the load since the latest of ``before`` that is old enough; as it is where there is none."""
    if sample.cpu_5_min_percent is not None or sample.uptime_s is None or sample.idle_ticks is None:
        return sample
    fitting = [idle for idle in before if LEAST_S <= sample.uptime_s - idle.uptime_s <= MOST_S]
    if not fitting or not sample.processors:
        return sample
    since = fitting[-1]
    could = (sample.uptime_s - since.uptime_s) * TICKS * sample.processors
    busy = 1 - (sample.idle_ticks - since.ticks) % WRAP / could
    return replace(sample, cpu_5_min_percent=round(100 * min(max(busy, 0.0), 1.0)))
