"""What a router told by itself: it starts a poll, and stands in the timeline of what the poll finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Told:
    """When it was heard, by which way (trap, syslog), and what, in words of ours: nothing a router could word."""

    at: datetime
    by: str
    what: str

    def __str__(self) -> str:
        return f"{self.what} ({self.by})"
