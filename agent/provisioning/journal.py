"""The journal of a change: what is about to happen to which router, written down durably before it happens.

A change begins with leases on all its routers and ends when it is closed; between the two, any process can read from
the entries how far it came. An entry says what is *about to* happen, or that something has been proved; so a reader
knows the worst that a crash can have left behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum


class Step(IntEnum):
    """How far a router came; the order is the order of the steps. ``*ING``: about to; the others: proved."""

    BEGUN = 5
    OBSERVED = 10
    ARCHIVED = 20
    LOADING = 30
    COMMITTING = 40
    COMMITTED = 50
    CONFIRMING = 60
    CONFIRMED = 70
    KEPT = 80
    TAKING_BACK = 100
    PUTTING_BACK = 110
    TAKEN_BACK = 120


class Closing(StrEnum):
    """How a change ended; an uncertain one stays open, for recovery to try again, until a person abandons it."""

    DONE = "done"
    UNCHANGED = "unchanged"
    TAKEN_BACK = "taken_back"
    UNCERTAIN = "uncertain"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal; ``detail`` is for the step's own reader and holds no secret."""

    at: datetime
    router: str
    step: Step
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was begun: which plan, by whom, on which routers, and who works on it until when."""

    id: str
    plan: str
    who: str
    routers: tuple[str, ...]
    owner: str
    expires: datetime
    closing: Closing | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """The right to act on a change's routers; ``fence`` grows each time somebody takes one over."""

    change: str
    owner: str
    fence: int


def reached(entries: Iterable[Entry], router: str, step: Step) -> bool:
    """Whether this very step was written down for ``router``."""
    return any(entry.router == router and entry.step == step for entry in entries)


def detail(entries: Iterable[Entry], router: str, step: Step) -> str | None:
    """What the last entry of this step says; None where there is none."""
    found = [entry.detail for entry in entries if entry.router == router and entry.step == step]
    return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A commit on its way: when the router's timer fires at the latest, and from when on no sign of it means no."""

    due: datetime
    sure_from: datetime


def sent(entries: Iterable[Entry], router: str, timer: timedelta, grace: timedelta) -> Sent | None:
    """The commit to ``router``; None where none was sent. Without an answer it may still begin within ``grace``."""
    own = {entry.step: entry.at for entry in entries if entry.router == router}
    at = own.get(Step.COMMITTING)
    if at is None:
        return None
    answered = Step.COMMITTED in own or Step.CONFIRMING in own
    return Sent(at + timer, at + (timedelta() if answered else grace))
