"""From samples to the state of a Lync server: pure, one sample at a time.

Each thing that is watched is an item with a verdict. What is bad raises an alarm only after so many readings in a row,
and what lies between two limits keeps the verdict that it had. A server that nothing is heard of says nothing about
its services: they become unknown, which is neither good nor down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from agent.monitoring.alarms import Kind
from agent.monitoring.servers.expected import Expected
from agent.monitoring.servers.judging import Found, Verdict, judge
from agent.monitoring.servers.sample import ServerSample
from agent.monitoring.states import Reach

#: A processor is loaded when it was in this many readings in a row: a burst is no fault.
CPU_READINGS = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is watched; ``readings`` in a row gave its verdict. ``urgent``: it is a fault of the service."""

    kind: Kind
    name: str
    verdict: Verdict
    text: str
    since: datetime
    readings: int = 1
    urgent: bool = True


@dataclass(frozen=True, slots=True)
class ServerState:
    """All that is known of a server now; ``failures`` counts looks in a row at which nothing was heard."""

    server: str
    reach: Reach
    since: datetime
    reason: str
    polled_at: datetime
    answered_at: datetime | None = None
    failures: int = 0
    first_failure: datetime | None = None
    items: tuple[Item, ...] = ()
    uptime_s: float | None = None
    cpu_percent: float | None = None
    expects: str = ""

    def item(self, kind: Kind, name: str) -> Item | None:
        """One thing that is watched, None where it is not."""
        return next((one for one in self.items if (one.kind, one.name) == (kind, name)), None)


@dataclass(frozen=True, slots=True)
class ServerStep:
    """The new state, and whether to look again soon rather than at the next turn."""

    state: ServerState
    again: bool = False


def step(before: ServerState | None, sample: ServerSample, expected: Expected) -> ServerStep:
    """The state after ``sample``."""
    if sample.heard is None:
        state = _carry(before, sample, Reach.UNKNOWN, sample.reason or "nothing could be asked", expected)
        return ServerStep(replace(state, items=_silenced(state.items, sample)))
    if not sample.heard:
        return _silent(before, sample, expected)
    volumes = tuple(item.name for item in (before.items if before else ()) if item.kind is Kind.STORAGE_FULL)
    found = judge(sample, expected, volumes)
    state = replace(
        _carry(before, sample, Reach.UP, "answers", expected),
        answered_at=sample.at,
        failures=0,
        first_failure=None,
        items=_aged(before.items if before else (), found, sample.at),
        uptime_s=sample.uptime_s,
        cpu_percent=sample.cpu_percent,
    )
    doubtful = any(0 < item.readings < needed(item, expected) for item in state.items if item.verdict is Verdict.BAD)
    return ServerStep(state, again=doubtful and before is not None)


def needed(item: Item, expected: Expected) -> int:
    """How many bad readings in a row prove it: dates and sizes are true at once."""
    if item.kind in (Kind.CERTIFICATE_EXPIRES, Kind.STORAGE_FULL):
        return 1
    return CPU_READINGS if item.kind is Kind.CPU_LOAD else expected.confirm_after


def _silent(before: ServerState | None, sample: ServerSample, expected: Expected) -> ServerStep:
    failures = (before.failures if before else 0) + 1
    down = failures >= expected.confirm_after or (before is not None and before.reach is Reach.DOWN)
    first = before.first_failure if before and before.first_failure else sample.at
    reason = f"{failures} look{'s' if failures > 1 else ''} without any answer: {sample.reason}"
    state = _carry(before, sample, Reach.DOWN if down else Reach.SUSPECT, reason, expected)
    state = replace(state, failures=failures, first_failure=first, items=_silenced(state.items, sample))
    return ServerStep(state, again=not down)


def _carry(
    before: ServerState | None, sample: ServerSample, reach: Reach, reason: str, expected: Expected
) -> ServerState:
    """The former knowledge under a new reach; ``since`` moves only where the reach does."""
    base = before or ServerState(sample.server, Reach.UNKNOWN, sample.at, "", sample.at)
    since = base.since if before is not None and before.reach is reach else sample.at
    return replace(base, reach=reach, reason=reason, since=since, polled_at=sample.at, expects=expected.origin)


def _silenced(items: Iterable[Item], sample: ServerSample) -> tuple[Item, ...]:
    """Nothing is known of a server that is not heard."""
    text = "not known: nothing is heard of the server"
    return tuple(
        replace(item, verdict=Verdict.UNKNOWN, text=text, since=sample.at, readings=1)
        if item.verdict is not Verdict.UNKNOWN
        else item
        for item in items
    )


def _aged(before: Iterable[Item], found: Iterable[Found], at: datetime) -> tuple[Item, ...]:
    """Items with how long they have been so; the former verdict stands where the new one is between two limits."""
    former = {(item.kind, item.name): item for item in before}
    return tuple(_item(former.get((one.kind, one.name)), one, at) for one in found)


def _item(before: Item | None, found: Found, at: datetime) -> Item:
    verdict = found.verdict
    if verdict is None:
        verdict = before.verdict if before is not None and before.verdict is Verdict.BAD else Verdict.GOOD
    fresh = Item(found.kind, found.name, verdict, found.text, at, 1, found.urgent)
    if before is None or before.verdict is not verdict:
        return fresh
    return replace(fresh, since=before.since, readings=before.readings + 1)
