"""From samples to the state of a router: pure, one sample at a time.

A silence makes a router suspect; it is asked again soon, and only ``confirm_down_after`` silent polls in a row make it
down. An answer that cannot be used makes it unknown, which is a state of its own and never counts as up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from agent.monitoring import conditions
from agent.monitoring.conditions import Standing
from agent.monitoring.quality import USUAL_LIMITS, Quality, advance, without_losses
from agent.monitoring.reach import Reach as Reach
from agent.monitoring.reboots import Life, Restart, judge
from agent.monitoring.sample import Answer, InterfaceReading, Sample
from inventory.settings import Thresholds


class Link(StrEnum):
    """The state of an interface that the inventory expects; missing: the table was read and has no such row."""

    UP = "up"
    DOWN = "down"
    ADMIN_DOWN = "admin_down"
    MISSING = "missing"
    UNKNOWN = "unknown"


#: The inventory orders the interface, so one that somebody shut down is as broken as one that fails.
BROKEN = frozenset({Link.DOWN, Link.ADMIN_DOWN, Link.MISSING})


@dataclass(frozen=True, slots=True)
class LinkState:
    """One expected interface: its state, since when, and how many readings in a row gave it; 0: unknown without one."""

    link: Link
    since: datetime
    readings: int = 1


@dataclass(frozen=True, slots=True)
class RouterState:
    """All that is known of a router now. ``failures`` counts silent polls in a row, ``first_failure`` is the first.

    ``peers`` are the addresses that the router has ever told IPsec tunnels with: only of those a missing row means
    that the tunnel is down.
    """

    router: str
    reach: Reach
    since: datetime
    reason: str
    polled_at: datetime
    answered_at: datetime | None = None
    failures: int = 0
    first_failure: datetime | None = None
    life: Life | None = None
    booted_at: datetime | None = None
    config_changed_s: float | None = None
    config_changed_at: datetime | None = None
    unsaved: bool | None = None
    links: Mapping[str, LinkState] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    quality: Quality = field(default_factory=Quality)
    peers: frozenset[str] = frozenset()
    conditions: Standing = field(default_factory=dict)

    @property
    def broken(self) -> tuple[str, ...]:
        """What was ordered and is not as it should be, in words; nothing where the router itself is not up."""
        if self.reach is not Reach.UP:
            return ()
        return (
            *(f"{name} {link.link}" for name, link in self.links.items() if link.link is not Link.UP),
            *(
                f"{kind}: {one.text}"
                for kind, items in self.conditions.items()
                for one in items.values()
                if one.level.bad
            ),
        )


class Happened(StrEnum):
    """What a sample can mean beside the state itself."""

    REBOOTED = "rebooted"
    ENGINE_RESTARTED = "engine_restarted"
    UPTIME_INCONSISTENT = "uptime_inconsistent"
    CONFIG_CHANGED = "config_changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to the router, and the evidence."""

    what: Happened
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """The new state, what happened, and whether to ask again soon rather than at the next turn.

    ``broke``: that is so because the router answers that something is down which was not before.
    """

    state: RouterState
    changes: tuple[Change, ...] = ()
    again: bool = False
    broke: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """What the inventory says this router has: interfaces, and by name the IPsec tunnels it must keep [WV-3].

    Of an IPsec tunnel: the address of its far end and the tunnel interfaces that run over it. ``registrations`` are by
    the address of the hub's tunnel: the hub, and the tunnel interface that leads to it.
    """

    interfaces: tuple[str, ...]
    ipsec: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    registrations: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def step(
    before: RouterState | None,
    sample: Sample,
    expected: Expected,
    confirm_down_after: int,
    limits: Thresholds = USUAL_LIMITS,
) -> Step:
    """The state after ``sample``."""
    if sample.answer is Answer.SILENT:
        return _silent(before, sample, confirm_down_after)
    if sample.answer is not Answer.ANSWERED or sample.uptime_s is None:
        return _unusable(before, sample)
    return _answered(before, sample, sample.uptime_s, expected, limits)


def _carry(before: RouterState | None, sample: Sample, reach: Reach, reason: str) -> RouterState:
    """The former knowledge under a new reach; ``since`` moves only where the reach does."""
    base = before or RouterState(sample.router, Reach.UNKNOWN, sample.at, "", sample.at)
    since = base.since if before is not None and before.reach is reach else sample.at
    return replace(base, reach=reach, reason=reason, since=since, polled_at=sample.at)


def _silent(before: RouterState | None, sample: Sample, confirm_down_after: int) -> Step:
    failures = (before.failures if before else 0) + 1
    down = failures >= confirm_down_after or (before is not None and before.reach is Reach.DOWN)
    first = before.first_failure if before and before.first_failure else sample.at
    reason = f"{failures} poll{'s' if failures > 1 else ''} without an answer"
    if sample.reason:
        reason += f": {sample.reason}"
    state = _carry(before, sample, Reach.DOWN if down else Reach.SUSPECT, reason)
    quality = without_losses(state.quality)  # tries that an outage swallowed are no loss of a way that works
    links = _unknown_links(state.links, sample.at)
    return Step(replace(state, failures=failures, first_failure=first, links=links, quality=quality), again=not down)


def _unusable(before: RouterState | None, sample: Sample) -> Step:
    """Something is there, or we did not ask: neither up nor down."""
    reason = sample.reason or "; ".join(sample.faults) or "the answer holds no uptime"
    state = _carry(before, sample, Reach.UNKNOWN, reason)
    if sample.answer is Answer.NOT_ASKED:
        return Step(replace(state, links=_unknown_links(state.links, sample.at)))
    state = replace(state, failures=0, first_failure=None, faults=sample.faults or (reason,))
    return Step(replace(state, links=_unknown_links(state.links, sample.at)))


def _answered(
    before: RouterState | None, sample: Sample, uptime_s: float, expected: Expected, limits: Thresholds
) -> Step:
    life = Life(sample.at, uptime_s, sample.engine_id, sample.engine_boots, sample.engine_time_s)
    changes: list[Change] = []
    restart = _judge_life(before, life, changes)
    changed_at = before.config_changed_at if before else None
    if changed_at is None or restart is Restart.REBOOTED:
        changed_at = _moment(sample, uptime_s)
    if _config_changed(before, sample, restart):
        changed_at = _moment(sample, uptime_s) or sample.at
        changes.append(Change(Happened.CONFIG_CHANGED, changed_at, "the running configuration's time of change moved"))
    peers = (before.peers if before else frozenset()) | (sample.peers or frozenset())
    links = _links(before.links if before else {}, sample, expected, peers)
    heard = sample if before is None or before.failures == 0 else replace(sample, requests=0, lost=0)
    quality = advance(before.quality if before else Quality(), heard, limits)
    told = conditions.by_hub(sample.conditions, expected.registrations, partial(_sound, links))
    standing = conditions.advance(before.conditions if before else {}, told, sample.at)
    state = replace(
        _carry(before, sample, Reach.UP, "answers"),
        answered_at=sample.at,
        failures=0,
        first_failure=None,
        life=life,
        booted_at=_booted_at(before, life, restart),
        config_changed_s=sample.config_changed_s,
        config_changed_at=changed_at,
        unsaved=_unsaved(sample),
        links=links,
        faults=sample.faults,
        quality=quality,
        peers=peers,
        conditions=standing,
    )
    broke = before is not None and any(link.link in BROKEN and link.readings == 1 for link in links.values())
    doubt = broke or quality.doubtful or (before is not None and conditions.doubtful(standing, told))
    return Step(state, tuple(changes), again=doubt, broke=broke)


def _sound(links: Mapping[str, LinkState], hub: str, tunnel: str) -> bool:
    """Whether a tunnel's interface is up, and the IPsec tunnel to the hub below it as far as that is watched."""
    return all(links[name].link is Link.UP for name in (tunnel, f"IPsec to {hub}") if name in links)


def _judge_life(before: RouterState | None, life: Life, changes: list[Change]) -> Restart:
    """Add to ``changes`` what the two answers say about restarts."""
    if before is None or before.life is None:
        return Restart.NONE
    verdict = judge(before.life, life, silent_between=before.failures > 0)
    happened = {
        Restart.REBOOTED: Happened.REBOOTED,
        Restart.ENGINE_RESTARTED: Happened.ENGINE_RESTARTED,
        Restart.INCONSISTENT: Happened.UPTIME_INCONSISTENT,
    }.get(verdict.restart)
    if happened is not None:
        moment = life.at - timedelta(seconds=life.whole_uptime_s) if happened is Happened.REBOOTED else life.at
        changes.append(Change(happened, moment, verdict.why))
    return verdict.restart


def _booted_at(before: RouterState | None, life: Life, restart: Restart) -> datetime:
    """When it booted; a wrapped uptime does not move what was known."""
    if before is not None and before.booted_at is not None and restart is not Restart.REBOOTED:
        return before.booted_at
    return life.at - timedelta(seconds=life.whole_uptime_s)


def _config_changed(before: RouterState | None, sample: Sample, restart: Restart) -> bool:
    """The device's own time of change moved while it was running; a boot sets it as well and is no change."""
    if before is None or restart in (Restart.REBOOTED, Restart.INCONSISTENT):
        return False
    if before.config_changed_s is None or sample.config_changed_s is None:
        return False
    return abs(sample.config_changed_s - before.config_changed_s) >= 1


def _moment(sample: Sample, uptime_s: float) -> datetime | None:
    """The device's time of change on our clock; None where it gives none, or one from before its uptime wrapped."""
    if sample.config_changed_s is None or sample.config_changed_s > uptime_s:
        return None
    return sample.at - timedelta(seconds=uptime_s - sample.config_changed_s)


def _unsaved(sample: Sample) -> bool | None:
    """Running changed after startup did. Any write counts as saved in the third value, so it is not asked."""
    if sample.config_changed_s is None or sample.startup_changed_s is None:
        return None
    return sample.config_changed_s > sample.startup_changed_s


def _links(
    before: Mapping[str, LinkState], sample: Sample, expected: Expected, peers: frozenset[str]
) -> dict[str, LinkState]:
    """Of an IPsec tunnel only while its interfaces are up: an interface that is down tells it better."""
    found = {name: _link(sample.interfaces, name) for name in expected.interfaces}
    links = {name: _aged(before.get(name), link, sample.at) for name, link in found.items()}
    for name, (address, interfaces) in expected.ipsec.items():
        former = before.get(name)
        if address not in peers:
            continue
        if not all(found.get(one) is Link.UP for one in interfaces):
            links[name] = _unread(former, sample.at)
        elif sample.peers is None:
            links[name] = _aged(former, Link.UNKNOWN, sample.at)
        else:
            links[name] = _aged(former, Link.UP if address in sample.peers else Link.MISSING, sample.at)
    return links


def _link(table: Mapping[str, InterfaceReading] | None, name: str) -> Link:
    if table is None:
        return Link.UNKNOWN
    row = table.get(name)
    if row is None:
        return Link.MISSING
    if row.admin_up is False:
        return Link.ADMIN_DOWN
    if row.oper_up is None:
        return Link.UNKNOWN
    return Link.UP if row.oper_up else Link.DOWN


def _aged(before: LinkState | None, link: Link, at: datetime) -> LinkState:
    if before is None or before.link is not link:
        return LinkState(link, at)
    return LinkState(link, before.since, before.readings + 1)


def _unread(before: LinkState | None, at: datetime) -> LinkState:
    since = before.since if before is not None and before.link is Link.UNKNOWN else at
    return LinkState(Link.UNKNOWN, since, 0)


def _unknown_links(links: Mapping[str, LinkState], at: datetime) -> dict[str, LinkState]:
    return {name: _unread(state, at) for name, state in links.items()}
