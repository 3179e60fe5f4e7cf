"""Counts each router's polls, the longest time between two, and gaps; a poll counts when it is kept. Pure.

Intervals are measured on the steady clock, which nobody sets and which goes on while the machine is suspended.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from agent.monitoring.cycle.ports import Reason, Taken, Trouble
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.monitoring.schedule import LIMIT_S
from agent.monitoring.service_level.gaps import Gap, explain, words

#: Seconds in a day; days are those of UTC.
DAY_S = 86_400
#: Troubles that are remembered: gaps are explained when they end.
MOST_TROUBLES = 64
#: Troubles of one kind that are no further apart than this many seconds are one.
APART_S = 30.0
#: Characters of what is known of a reason, at most.
MOST_DETAIL = 200
#: No poll was lost.
NOTHING: Mapping[str, str] = MappingProxyType({})


class OfDay(NamedTuple):
    """A router's polls in a day; the longest time without one ended at ``longest_at``, in Unix seconds."""

    polls: int
    longest_s: float
    longest_at: float


class Day(NamedTuple):
    """The polls of a day, which is counted from 1970, by router."""

    number: int
    routers: Mapping[str, OfDay]


class Late(NamedTuple):
    """A router that was not polled for longer than it may be, and is not yet."""

    router: str
    seconds: float


class _Missed(NamedTuple):
    """Polls that are none: since when, on the steady clock, and why the last of them was not."""

    since: float
    reason: Reason
    detail: str


class _Entry:
    """What is counted of one router; ``last`` is on the steady clock, ``at`` the same moment in Unix seconds."""

    __slots__ = ("at", "last", "longest_at", "longest_s", "missed", "polls")

    def __init__(self, last: float, at: float) -> None:
        self.last, self.at = last, at
        self.polls, self.longest_s, self.longest_at = 0, 0.0, at
        self.missed: _Missed | None = None


class ServiceLevel:
    """Of all routers that are managed."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._troubles: list[Trouble] = []
        self._day: int | None = None
        self._over: list[Day] = []
        #: Gaps that ended since the start, by reason.
        self.gaps: dict[Reason, int] = dict.fromkeys(Reason, 0)
        #: The longest time between two polls of a router since the start, in seconds.
        self.longest_s = 0.0

    def manage(self, routers: Collection[str], now: float, at: float, last: Mapping[str, float]) -> None:
        """These are managed from now on; ``last`` is when the polls of new ones began before, on the steady clock."""
        for router in self._entries.keys() - set(routers):
            del self._entries[router]
        for router in routers:
            if router not in self._entries:
                began = last.get(router, now)
                self._entries[router] = _Entry(began, at - (now - began))

    def restore(self, day: Day) -> None:
        """Go on with what a former run counted on this day."""
        self._day = day.number
        for router, counted in day.routers.items():
            entry = self._entries.get(router)
            if entry is not None:
                entry.polls, entry.longest_s, entry.longest_at = counted

    def trouble(self, trouble: Trouble) -> None:
        """Something keeps polls from their turns."""
        for place in range(len(self._troubles) - 1, -1, -1):
            former = self._troubles[place]
            if former.reason is trouble.reason and trouble.since <= former.until + APART_S:
                until = max(former.until, trouble.until)
                self._troubles[place] = Trouble(trouble.reason, min(former.since, trouble.since), until)
                return
        self._troubles.append(trouble)
        del self._troubles[:-MOST_TROUBLES]

    def polled(self, batch: Sequence[Taken], lost: Mapping[str, str] = NOTHING) -> list[Gap]:
        """Polls came, and were kept but for those of ``lost`` routers, which has why; the gaps that they ended."""
        gaps: list[Gap] = []
        for began, heard in batch:
            entry = self._entries.get(heard.router)
            if entry is None:
                continue
            if (missed := _missed(began, heard, lost)) is not None:
                entry.missed = missed._replace(since=began if entry.missed is None else entry.missed.since)
                continue
            if int(heard.at // DAY_S) != self._day:
                self._turn(int(heard.at // DAY_S))
            seconds = began - entry.last
            if seconds > entry.longest_s:
                entry.longest_s, entry.longest_at = seconds, heard.at
                self.longest_s = max(self.longest_s, seconds)
            if seconds > LIMIT_S:
                gaps.append(self._gap(entry, Taken(began, heard)))
            entry.polls += 1
            if seconds > 0:
                entry.last, entry.at, entry.missed = began, heard.at, None
        return gaps

    def late(self, now: float) -> list[Late]:
        """Who was not polled for longer than it may be, the worst first."""
        found = [Late(name, now - one.last) for name, one in self._entries.items() if now - one.last > LIMIT_S]
        found.sort(key=lambda late: (-late.seconds, late.router))
        return found

    def why(self, late: Late, now: float) -> str:
        """Why a router is late."""
        return words(*self._explained(self._entries[late.router], now))

    def oldest_s(self, now: float) -> float:
        """How long the router was not polled that was not polled for longest; 0 where there is none."""
        return max((now - entry.last for entry in self._entries.values()), default=0.0)

    def days(self) -> list[Day]:
        """The days that are over and were not asked for yet, and this one as it is counted until now."""
        days, self._over = self._over, []
        return days if self._day is None else [*days, self._counted(self._day)]

    def _turn(self, day: int) -> None:
        """Another day; one that a clock goes back to is counted with the later one."""
        if self._day is None or day > self._day:
            if self._day is not None:
                self._over.append(self._counted(self._day))
                for entry in self._entries.values():
                    entry.polls, entry.longest_s = 0, 0.0
            self._day = day

    def _counted(self, day: int) -> Day:
        counted = ((name, OfDay(one.polls, one.longest_s, one.longest_at)) for name, one in self._entries.items())
        return Day(day, {name: one for name, one in counted if one.polls})

    def _gap(self, entry: _Entry, taken: Taken) -> Gap:
        reason, detail = self._explained(entry, taken.began)
        self.gaps[reason] += 1
        return Gap(taken.heard.router, entry.at, taken.heard.at, taken.began - entry.last, reason, detail)

    def _explained(self, entry: _Entry, now: float) -> tuple[Reason, str]:
        missed = entry.missed
        if missed is None:
            return explain(entry.last, now, self._troubles), ""
        found = explain(entry.last, now, (*self._troubles, Trouble(missed.reason, missed.since, now)))
        return found, missed.detail if found is missed.reason else ""


def _missed(began: float, heard: Heard, lost: Mapping[str, str]) -> _Missed | None:
    """Why a poll is none; None: it is one, whatever was answered."""
    if heard.answer is Answer.NOT_ASKED:
        return _Missed(began, Reason.NOT_ASKED, heard.reason[:MOST_DETAIL])
    if heard.router in lost:
        return _Missed(began, Reason.NOT_KEPT, lost[heard.router][:MOST_DETAIL])
    return None
