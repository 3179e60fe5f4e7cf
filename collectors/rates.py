"""How fast counters grew between two polls; where that cannot be known for sure there is a reason. Pure.

The device's clock says how long it was, ours that it is the same life of it (``collectors.record.clock``): a wrap of
its uptime after 497 days changes nothing, a boot or a step of either clock gives no rate this once.
"""

from __future__ import annotations

from enum import StrEnum

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
    RESET = "it counted faster than anything can: it was reset"
    AMBIGUOUS = "it may have wrapped more than once"


def growth(before: int, after: int, bits: int, seconds: float) -> float | Gap:
    """A counter's growth a second, over its wrap if it did; a counter that was reset has none."""
    most = MOST_PER_S[bits] * seconds
    if most >= 2**bits:
        return Gap.AMBIGUOUS
    grown = (after - before) % 2**bits
    return grown / seconds if grown <= most else Gap.RESET
