"""What happened: the event that every change and every refused attempt leaves in the audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

#: Gives the present moment, in UTC and aware. Time is an argument everywhere below the edge.
Clock = Callable[[], datetime]


class Result(StrEnum):
    """How an action ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit: who did what to what, why, when, and how it ended. It holds no secret."""

    at: datetime
    who: str
    action: str
    subject: str
    why: str
    result: Result
    detail: str = ""


class EventSink(Protocol):
    """Where events go; the store keeps them in an append-only table."""

    def record(self, event: Event) -> None:
        """Keep ``event`` durably before returning."""
