"""The load of a router's processor: what it is now, and the averages that approach it."""

from __future__ import annotations

import math
from dataclasses import dataclass

_FIVE_SECONDS, _MINUTE, _FIVE_MINUTES = 5.0, 60.0, 300.0


@dataclass(frozen=True, slots=True)
class Load:
    """Percent of the processor in use since ``since`` (lab seconds), and what the averages were then."""

    level: float
    since: float
    minute: float = 0.0
    five_minutes: float = 0.0

    def averages(self, now: float) -> tuple[float, float, float]:
        """Percent over five seconds, one minute and five minutes, as IOS shows them."""
        age = max(0.0, now - self.since)
        return (
            _near(self.level, self.minute, age, _FIVE_SECONDS),
            _near(self.level, self.minute, age, _MINUTE),
            _near(self.level, self.five_minutes, age, _FIVE_MINUTES),
        )

    def moved(self, level: float, now: float) -> Load:
        """Another load from now on."""
        _, minute, five_minutes = self.averages(now)
        return Load(level, now, minute, five_minutes)


def _near(level: float, before: float, age: float, over: float) -> float:
    return level + (before - level) * math.exp(-age / over)
