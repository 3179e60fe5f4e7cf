"""Whether a router rebooted between two answers: only on agreeing evidence, because counters mislead.

sysUpTime wraps after 497 days; the SNMP engine can restart without the router; a clone or a replaced router brings
another engine. A silence is never turned into an uptime of zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: sysUpTime is 32 bits of hundredths of a second.
WRAP_S = 2**32 / 100
#: How far the device's clock and ours may drift apart between two polls, in seconds.
TOLERANCE_S = 30.0
#: How far apart a router's boot and its SNMP engine's start may lie, and their clocks drift in years, in seconds.
START_S = 600.0


class Restart(StrEnum):
    """What two consecutive answers say."""

    NONE = "none"
    WRAPPED = "uptime_wrapped"
    REBOOTED = "rebooted"
    ENGINE_RESTARTED = "engine_restarted"
    #: Uptime fell and nothing agrees with it, or the values contradict each other: shown, never called a reboot.
    INCONSISTENT = "inconsistent"


@dataclass(frozen=True, slots=True)
class Life:
    """What an answer says about how long the router and its SNMP engine have been running; seconds."""

    at: datetime
    uptime_s: float
    engine_id: str | None = None
    boots: int | None = None
    engine_time_s: int | None = None

    @property
    def whole_uptime_s(self) -> float:
        """How long the router has been up, with the wraps of its uptime that the time of its SNMP engine proves.

        The engine starts with the router, and its time counts whole seconds for 68 years: only where it is ahead of the
        uptime by a whole number of wraps do the two agree.
        """
        if self.engine_time_s is None:
            return self.uptime_s
        wraps = round((self.engine_time_s - self.uptime_s) / WRAP_S)
        ahead = self.engine_time_s - self.uptime_s - wraps * WRAP_S
        return self.uptime_s + wraps * WRAP_S if wraps > 0 and abs(ahead) <= START_S else self.uptime_s


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened, and the evidence for it."""

    restart: Restart
    why: str


def judge(before: Life, after: Life, *, silent_between: bool) -> Verdict:
    """Compare two answers; ``silent_between``: the router failed to answer at least one poll between them."""
    elapsed = (after.at - before.at).total_seconds()
    expected = before.uptime_s + elapsed
    engine = _engine_evidence(before, after)
    if after.uptime_s >= expected - TOLERANCE_S:
        return Verdict(Restart.ENGINE_RESTARTED, f"uptime went on; {engine}") if engine else Verdict(Restart.NONE, "")
    if abs(expected - WRAP_S - after.uptime_s) <= TOLERANCE_S:
        if engine:
            return Verdict(Restart.ENGINE_RESTARTED, f"uptime fell by exactly 497 days, a wrap; {engine}")
        return Verdict(Restart.WRAPPED, "uptime fell by exactly 497 days and the engine went on")
    fell = f"uptime fell from {before.uptime_s:.0f} s to {after.uptime_s:.0f} s"
    if after.uptime_s >= before.uptime_s or (not engine and after.uptime_s > elapsed + TOLERANCE_S):
        return Verdict(Restart.INCONSISTENT, f"{fell}, a boot before the last answer")
    if before.boots is not None and after.boots is not None and not engine:
        return Verdict(Restart.INCONSISTENT, f"{fell}, but the SNMP engine went on")
    agreeing = [text for text in (engine, "it was silent in between" if silent_between else "") if text]
    if not agreeing:
        return Verdict(Restart.INCONSISTENT, f"{fell}, and nothing else agrees")
    return Verdict(Restart.REBOOTED, "; ".join([fell, *agreeing]))


def _engine_evidence(before: Life, after: Life) -> str:
    """What says that the SNMP engine is not the one of before; empty: nothing does."""
    if before.engine_id and after.engine_id and before.engine_id != after.engine_id:
        return f"the engine ID changed from {before.engine_id} to {after.engine_id}"
    if before.boots is not None and after.boots is not None and before.boots != after.boots:
        return f"boots went from {before.boots} to {after.boots}"
    if before.boots is not None or before.engine_time_s is None or after.engine_time_s is None:
        return ""
    if after.engine_time_s + TOLERANCE_S >= before.engine_time_s + (after.at - before.at).total_seconds():
        return ""
    return f"engine time fell from {before.engine_time_s} s to {after.engine_time_s} s"
