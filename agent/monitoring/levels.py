"""Good or bad with hysteresis: several readings in a row raise, several clear. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Level:
    """Whether something is bad, since when, and how many readings in a row say the opposite."""

    bad: bool = False
    since: datetime | None = None
    against: int = 0

    @property
    def doubtful(self) -> bool:
        """Whether the next reading is awaited to call it bad."""
        return not self.bad and self.against > 0


#: What nothing was read against yet.
GOOD = Level()


def moved(level: Level, at: datetime, bad: bool | None, raise_after: int, clear_after: int) -> Level:
    """The level after one more reading; None, because unread or in between, moves nothing."""
    if bad is None or (bad is level.bad and not level.against):
        return level
    if bad is level.bad:
        return Level(bad, level.since if bad else None)
    since = level.since if level.bad or level.against else at
    against = level.against + 1
    if against < (clear_after if level.bad else raise_after):
        return Level(level.bad, since, against)
    return Level(bad, since if bad else None)
