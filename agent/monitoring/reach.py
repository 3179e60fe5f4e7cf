"""Whether a router answers, and whether what was found out of that may still be shown. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from agent.monitoring.schedule import LIMIT_S


class Reach(StrEnum):
    """Whether a router answers."""

    UP = "up"
    SUSPECT = "suspect"
    DOWN = "down"
    UNKNOWN = "unknown"


def reach_now(reach: Reach, reason: str, polled_at: datetime, now: datetime) -> tuple[Reach, str]:
    """The reach that may be shown at ``now``, and why: what nobody has looked at for over 300 s is unknown, not up."""
    age = (now - polled_at).total_seconds()
    if age < -LIMIT_S:
        return Reach.UNKNOWN, f"polled {-age:.0f} s in the future: a clock was set back; it was {reach} then"
    if age > LIMIT_S:
        return Reach.UNKNOWN, f"not polled for {age:.0f} s; it was {reach} then"
    return reach, reason
