"""What people are shown of servers: frozen rows, made from what is kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from agent.monitoring.alarms import Alarm
from agent.monitoring.reach import Reach
from agent.monitoring.schedule import LIMIT_S
from agent.monitoring.servers.expected import Baseline
from agent.monitoring.servers.judging import Verdict
from agent.monitoring.servers.states import Item, ServerState
from agent.monitoring.views import ManagedServer


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One thing that is watched, in words."""

    kind: str
    item: str
    verdict: str
    since: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ServerRow:
    """One Lync server as ``status`` shows it; ``wrong`` are the items that are bad or worth a look."""

    server: str
    site: str
    pool: str
    role: str
    reach: Reach
    since: datetime | None
    reason: str
    polled_at: datetime | None
    wrong: tuple[ItemRow, ...]
    unknown: tuple[ItemRow, ...]
    good: int
    alarms: int
    incident: str
    proactive: bool
    expects: str
    baseline_at: datetime | None


def server_rows(
    servers: Iterable[ManagedServer],
    states: Mapping[str, ServerState],
    active: Iterable[Alarm],
    baselines: Mapping[str, Baseline],
    now: datetime,
) -> tuple[ServerRow, ...]:
    """All servers of the inventory; a state that nobody has looked at for over 300 s is unknown, not up."""
    by_server: dict[str, list[Alarm]] = {}
    for alarm in active:
        by_server.setdefault(alarm.key.subject, []).append(alarm)
    return tuple(
        _row(one, states.get(one.server), by_server.get(one.server, []), baselines.get(one.server), now)
        for one in servers
    )


def reach_now(state: ServerState | None, now: datetime) -> tuple[Reach, str]:
    """The reach that may be shown at ``now``, and why."""
    if state is None:
        return Reach.UNKNOWN, "not looked at yet"
    age = (now - state.polled_at).total_seconds()
    if age < -LIMIT_S:
        text = f"looked at {-age:.0f} s in the future: a clock was set back; it was {state.reach} then"
        return Reach.UNKNOWN, text
    if age > LIMIT_S:
        return Reach.UNKNOWN, f"looked at {age:.0f} s ago; it was {state.reach} then"
    return state.reach, state.reason


def _row(
    managed: ManagedServer, state: ServerState | None, alarms: list[Alarm], baseline: Baseline | None, now: datetime
) -> ServerRow:
    reach, reason = reach_now(state, now)
    items = state.items if state is not None and reach is state.reach else ()
    return ServerRow(
        server=managed.server,
        site=managed.site,
        pool=managed.pool,
        role=managed.role,
        reach=reach,
        since=state.since if state is not None and reach is state.reach else None,
        reason=reason,
        polled_at=state.polled_at if state else None,
        wrong=_rows(items, Verdict.BAD, Verdict.WARNING),
        unknown=_rows(items, Verdict.UNKNOWN),
        good=sum(item.verdict is Verdict.GOOD for item in items),
        alarms=len(alarms),
        incident=next((alarm.incident for alarm in alarms if alarm.incident), ""),
        proactive=managed.proactive,
        expects=state.expects if state else "",
        baseline_at=baseline.at if baseline else None,
    )


def _rows(items: Iterable[Item], *verdicts: Verdict) -> tuple[ItemRow, ...]:
    return tuple(
        ItemRow(item.kind, item.name, item.verdict, item.since, item.text) for item in items if item.verdict in verdicts
    )
