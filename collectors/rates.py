"""How fast counters grew between two readings; where that cannot be known for sure there is a reason. Pure.

The device's clock says how long it was, ours that it is the same life of it: a wrap of its uptime after 497 days
changes nothing, a boot or a step of either clock gives no rate this once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from collectors.modules import COUNTERS, Module, Table
from collectors.reading import Reading, Row

#: sysUpTime is 32 bits of hundredths of a second.
WRAP_S = 2**32 / 100
#: How far the two clocks may disagree between two polls: seconds, and parts of the time that passed.
TOLERANCE_S, TOLERANCE = 5.0, 0.05
#: Nothing counts faster than this a second, by the counter's bits: octets of 400 Gb/s, and a million events.
MOST_PER_S = {64: 5e10, 32: 1e6}


class Gap(StrEnum):
    """Why there is no rate."""

    NO_TIME = "the device told no uptime"
    CLOCKS = "the device's clock and ours disagree: it restarted, a clock was set, or one runs faster"
    ENGINE = "the agent restarted"
    DISCONTINUITY = "the device says that it counts anew"
    MOVED = "the row has another index"
    RESET = "it counted faster than anything can: it was reset"
    AMBIGUOUS = "it may have wrapped more than once"


@dataclass(frozen=True, slots=True)
class Taken:
    """A reading, and when its poll began."""

    at: datetime
    reading: Reading


#: By table, row and column: growth a second, or why it is not known.
Rates = Mapping[tuple[str, str, str], float | Gap]


def elapsed(before: Taken, after: Taken) -> float | Gap:
    """Seconds between two readings by the device's clock, if it is the same life of the same agent."""
    one, other = before.reading.seconds("uptime_s"), after.reading.seconds("uptime_s")
    if one is None or other is None:
        return Gap.NO_TIME
    theirs, ours = (other - one) % WRAP_S, (after.at - before.at).total_seconds()
    if theirs <= 0 or abs(theirs - ours) > TOLERANCE_S + TOLERANCE * abs(ours):
        return Gap.CLOCKS
    for name in ("engine_id", "engine_boots"):
        if before.reading.scalars.get(name) != after.reading.scalars.get(name):
            return Gap.ENGINE
    return theirs


def growth(before: int, after: int, bits: int, seconds: float) -> float | Gap:
    """A counter's growth a second, over its wrap if it did; a counter that was reset has none."""
    most = MOST_PER_S[bits] * seconds
    if most >= 2**bits:
        return Gap.AMBIGUOUS
    grown = (after - before) % 2**bits
    return grown / seconds if grown <= most else Gap.RESET


def rates(
    modules: Collection[Module], before: Taken, after: Taken, moved: Collection[tuple[str, str]] = ()
) -> dict[tuple[str, str, str], float | Gap]:
    """The rates of all counters in rows that both readings have; ``moved`` are table and name of rows that moved."""
    seconds = elapsed(before, after)
    found: dict[tuple[str, str, str], float | Gap] = {}
    for table in (table for module in modules for table in module.tables):
        counters = [(one.name, COUNTERS[one.type]) for one in table.columns if one.type in COUNTERS and not one.scale]
        former, latter = (taken.reading.tables.get(table.name, {}) for taken in (before, after))
        for key in latter.keys() & former.keys() if counters else ():
            gap = seconds if isinstance(seconds, Gap) else _gap(table, key, former[key], latter[key], moved)
            for name, bits in counters:
                one, other = former[key].get(name), latter[key].get(name)
                if isinstance(one, int) and isinstance(other, int):
                    found[table.name, key, name] = gap or growth(one, other, bits, float(seconds))
    return found


def _gap(table: Table, key: str, one: Row, other: Row, moved: Collection[tuple[str, str]]) -> Gap | None:
    """Why a row's counters are not those of before."""
    if (table.name, key) in moved:
        return Gap.MOVED
    return Gap.DISCONTINUITY if one.get(table.discontinuity) != other.get(table.discontinuity) else None
