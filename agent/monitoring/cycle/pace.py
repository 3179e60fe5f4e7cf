"""The times of a poll cycle, and what a cycle did."""

from __future__ import annotations

from dataclasses import dataclass

#: How often a doubtful router is asked again within one turn, at most.
EXTRA_POLLS = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """The times of a cycle in seconds; a poll of which nothing is heard for ``bound_s`` is given up.

    A doubtful router is asked again after ``again_after_s``; one that told of a fault itself, and answers that it is
    so, after ``confirm_after_s``: that makes two witnesses.
    """

    period_s: float
    bound_s: float
    again_after_s: float
    confirm_after_s: float = 0.5

    @classmethod
    def of(cls, period_s: float, timeout_s: float, retries: int) -> Pace:
        """From the schedules of spokesman.toml: a poll asks several times, each for ``timeout_s`` per attempt."""
        attempts = timeout_s * (retries + 1)
        return cls(period_s, max(60.0, 5 * attempts), min(15.0, period_s / 4))


@dataclass(frozen=True, slots=True)
class CycleReport:
    """What one cycle did between two moments of the steady clock.

    ``polls`` were begun in their turn; ``busy`` routers were being polled out of it when it came.
    """

    started: float
    ended: float
    polls: int
    busy: int = 0
