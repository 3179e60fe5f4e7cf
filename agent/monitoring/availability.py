"""How long a router was up, down, suspect or not known, by its polls. Pure.

What a poll says holds until the next one, if that comes in time: of what lies between polls that are further apart than
they may be, nothing is known, and it never counts as up. An outage counts from its first silent poll, once as many as
confirm it have been silent in a row; fewer are a suspicion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from agent.monitoring.sample import Answer
from agent.monitoring.schedule import LIMIT_S

#: Moments are kept to some milliseconds, and a poll that is due at its latest moment starts a little after it.
LEEWAY_S = 5.0


class Seconds(NamedTuple):
    """A time, by what the router was: together as long as the time itself."""

    up: int = 0
    down: int = 0
    suspect: int = 0
    unknown: int = 0

    def plus(self, other: Seconds) -> Seconds:
        """Two times together."""
        return Seconds(*(one + further for one, further in zip(self, other, strict=True)))


class Witness(NamedTuple):
    """A poll that began ``at`` (Unix seconds), and how it ended."""

    at: float
    answer: Answer


_UP, _DOWN, _SUSPECT, _UNKNOWN = range(4)


def tally(polls: Sequence[Witness], start: int, end: int, looked_until: float, confirm: int) -> Seconds:
    """What a router was from ``start`` to ``end`` (Unix seconds), by its ``polls`` in order.

    Give some polls from before ``start`` and from after ``end`` too. ``looked_until`` is until when there would be
    polls if there were any; ``confirm`` silent ones in a row are an outage.
    """
    sums = [0, 0, 0, 0]
    spent = start
    states = _states(polls, confirm)
    for place, poll in enumerate(polls):
        follows = polls[place + 1].at if place + 1 < len(polls) else looked_until
        until = min(round(follows), end)
        since = max(round(poll.at), spent)
        if until <= since:
            continue
        sums[_UNKNOWN] += since - spent
        sums[states[place] if follows - poll.at <= LIMIT_S + LEEWAY_S else _UNKNOWN] += until - since
        spent = until
    sums[_UNKNOWN] += max(0, end - spent)
    return Seconds(*sums)


def _states(polls: Sequence[Witness], confirm: int) -> list[int]:
    """What the router was from each poll on; one that was not asked neither confirms an outage nor ends it."""
    found: list[int] = []
    silent: list[int] = []
    for place, poll in enumerate(polls):
        if poll.answer is Answer.SILENT:
            silent.append(place)
            found.append(_SUSPECT)
            if len(silent) >= confirm:
                for one in silent:
                    found[one] = _DOWN
                del silent[: -confirm + 1]
            continue
        if poll.answer is not Answer.NOT_ASKED:
            silent.clear()
        found.append(_UP if poll.answer is Answer.ANSWERED else _UNKNOWN)
    return found
