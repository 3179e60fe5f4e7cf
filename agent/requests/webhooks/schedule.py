"""When an event is tried again, when its receiver is left in peace, and when a person has to look. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Status(StrEnum):
    """How far the delivery of one event to one receiver is."""

    PENDING = "pending"  # to be sent, or to be sent again
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; kept until a person sends it again or drops it
    DROPPED = "dropped"  # a person decided that it need not be sent


class Ended(StrEnum):
    """How an attempt ended."""

    TAKEN = "taken"  # a complete answer of the 200s
    REFUSED = "refused"  # a complete answer that refuses this event: others may pass
    BROKEN = "broken"  # nothing useful came: the receiver is down, overloaded, or not what it should be


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt; ``why`` says in our own words what went wrong, never in the receiver's.

    ``wait_s`` is how long the receiver asked to be left in peace, in seconds.
    """

    ended: Ended
    why: str = ""
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """Exponential back-off: ``first``, then ``factor`` times as long each time, at most ``longest``.

    An event is given up when an attempt fails ``give_up_after`` it began to wait, and never without an attempt.
    """

    first: timedelta = timedelta(seconds=5)
    factor: float = 3.0
    longest: timedelta = timedelta(hours=1)
    give_up_after: timedelta = timedelta(days=3)

    def delay(self, failures: int, jitter: float) -> timedelta:
        """How long to wait after that many failures in a row; ``jitter`` from 0 to 1 spreads it by a fifth each way."""
        steps = min(failures - 1, 64)
        plain = min(self.first.total_seconds() * self.factor**steps, self.longest.total_seconds())
        return timedelta(seconds=plain * (0.8 + 0.4 * jitter))


@dataclass(frozen=True, slots=True)
class Standing:
    """What an attempt is judged by: attempts before it, since when it waits, how often its receiver broke in a row."""

    attempts: int
    queued_at: datetime
    receiver_failures: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attempt leads to; ``rests_until`` is empty where the receiver takes other events at once."""

    status: Status
    next_at: datetime
    receiver_failures: int
    rests_until: datetime | None
    why: str


def judge(attempt: Attempt, standing: Standing, now: datetime, jitter: float, schedule: Schedule) -> Verdict:
    """Decide what follows from an attempt that ended at ``now``.

    A refused event waits alone. A broken receiver rests as a whole, so that a dead one is not tried once for each event
    that waits for it; which event it is tried with then is the one that has waited longest for its turn.
    """
    if attempt.ended is Ended.TAKEN:
        return Verdict(Status.DELIVERED, now, 0, None, "")
    asked = min(timedelta(seconds=attempt.wait_s), schedule.longest)
    pause = max(schedule.delay(standing.attempts + 1, jitter), asked)
    given_up = now - standing.queued_at >= schedule.give_up_after
    status = Status.FAILED if given_up else Status.PENDING
    if attempt.ended is Ended.REFUSED:
        return Verdict(status, now + pause, 0, None, attempt.why)
    failures = standing.receiver_failures + 1
    rest = max(schedule.delay(failures, jitter), asked)
    return Verdict(status, now + pause, failures, now + rest, attempt.why)
