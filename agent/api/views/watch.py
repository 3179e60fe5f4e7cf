"""What is watched: the state of each router, and alarms."""

from __future__ import annotations

from pydantic import AwareDatetime, ConfigDict

from agent.api.caller import Work
from agent.api.views.common import View, shown
from agent.monitoring.alarms import SEVERITY, Alarm
from agent.monitoring.servers.views import ItemRow, ServerRow
from agent.monitoring.views import DaemonRow, StatusRow


class RouterState(View):
    """A router as it was last seen."""

    router: str
    site: str
    """``customer/site``."""
    state: str
    """``up``, ``down`` or ``unknown``; what nobody has looked at for 300 s is unknown."""
    since: AwareDatetime | None
    why: str
    """Why it is in this state, where there is more to say."""
    polled_at: AwareDatetime | None
    broken: tuple[str, ...]
    """Interfaces and tunnels that are not up."""
    alarms: int
    """How many are active."""
    incident: str
    """The incident that is open for it; empty: none."""
    proactive: bool
    """Whether proactive monitoring is ordered [WV-10]."""
    backup: str
    """``ok``, ``failed``, ``overdue`` or ``never``."""
    backup_at: AwareDatetime | None
    """The last good one."""


class Status(View):
    """The fleet, as far as this token may see it."""

    model_config = ConfigDict(
        **shown(
            {
                "watching": True,
                "text": "the daemon runs (process 812)",
                "items": [
                    {
                        "router": "acme-lon-r1",
                        "site": "acme/london",
                        "state": "up",
                        "since": "2026-11-30T09:00:00Z",
                        "why": "",
                        "polled_at": "2026-12-02T09:56:00Z",
                        "broken": [],
                        "alarms": 0,
                        "incident": "",
                        "proactive": True,
                        "backup": "ok",
                        "backup_at": "2026-12-02T01:00:00Z",
                    }
                ],
                "next_cursor": None,
            }
        )
    )
    watching: bool
    """Whether the daemon runs; where it does not, states grow old and become unknown."""
    text: str
    """The same in words; empty for a customer's token."""
    items: tuple[RouterState, ...]
    next_cursor: str | None = None
    """What to give as ``cursor`` for the routers that follow; null: these were the last."""


class ItemView(View):
    """One thing that is watched on a server."""

    kind: str
    item: str
    """Which, where there are several: a service, a volume."""
    verdict: str
    since: AwareDatetime
    text: str


class ServerState(View):
    """A Lync server as it was last seen."""

    model_config = ConfigDict(
        **shown(
            {
                "server": "acme-lync-fe1",
                "site": "acme/london",
                "pool": "fe-pool-1",
                "role": "front_end",
                "state": "up",
                "since": "2026-11-30T09:00:00Z",
                "why": "",
                "polled_at": "2026-12-02T09:56:00Z",
                "wrong": [
                    {
                        "kind": "service",
                        "item": "RTCSRV",
                        "verdict": "bad",
                        "since": "2026-12-02T09:52:00Z",
                        "text": "is not running",
                    }
                ],
                "unknown": [],
                "good": 14,
                "alarms": 1,
                "incident": "INC-000009",
                "proactive": True,
            }
        )
    )
    server: str
    site: str
    """``customer/site`` of its pool."""
    pool: str
    role: str
    state: str
    """``up``, ``down`` or ``unknown``; what nobody has looked at for 300 s is unknown."""
    since: AwareDatetime | None
    why: str
    """Why it is in this state, where there is more to say."""
    polled_at: AwareDatetime | None
    wrong: tuple[ItemView, ...]
    """What is bad, or worth a look."""
    unknown: tuple[ItemView, ...]
    """Of what nothing is known."""
    good: int
    """How many things are as they should be."""
    alarms: int
    """How many are active."""
    incident: str
    """The incident that is open for it; empty: none."""
    proactive: bool
    """Whether proactive fault management is ordered [LY-9]."""


class AlarmView(View):
    """Something that is, or was, wrong."""

    model_config = ConfigDict(
        **shown(
            {
                "alarm": 41,
                "subject": "acme-lee-r1",
                "kind": "router_unreachable",
                "item": "",
                "severity": "critical",
                "raised_at": "2026-12-02T09:56:04Z",
                "why": "no answer to 2 polls",
                "decision": "opened",
                "incident": "INC-000007",
                "cleared_at": None,
                "cleared": "",
            }
        )
    )
    alarm: int
    """Its number; a later one has a greater number."""
    subject: str
    """The router or server."""
    kind: str
    item: str
    """The interface or service where there is one."""
    severity: str
    """``critical``, ``major`` or ``warning``."""
    raised_at: AwareDatetime
    why: str
    decision: str
    """Whether it opened an incident, and why or why not."""
    incident: str
    cleared_at: AwareDatetime | None
    """Null: it is active."""
    cleared: str
    """Why it is over."""


def status_view(work: Work, daemon: DaemonRow, rows: tuple[StatusRow, ...], following: str | None) -> Status:
    """The fleet for the holder of a token."""
    return Status(
        watching=daemon.running,
        text=daemon.text if work.staff else "",
        items=tuple(_state(work, row) for row in rows),
        next_cursor=following,
    )


def _state(work: Work, row: StatusRow) -> RouterState:
    return RouterState(
        router=row.router,
        site=row.site,
        state=row.reach.value,
        since=row.since,
        why=work.veiled(row.reason),
        polled_at=row.polled_at,
        broken=tuple(work.veiled(one) for one in row.broken),
        alarms=row.alarms,
        incident=row.incident,
        proactive=row.proactive,
        backup=row.backup,
        backup_at=row.backup_at,
    )


def server_state(work: Work, row: ServerRow) -> ServerState:
    """A server for the holder of a token."""
    return ServerState(
        server=row.server,
        site=row.site,
        pool=row.pool,
        role=row.role,
        state=row.reach.value,
        since=row.since,
        why=work.veiled(row.reason),
        polled_at=row.polled_at,
        wrong=tuple(_item(work, one) for one in row.wrong),
        unknown=tuple(_item(work, one) for one in row.unknown),
        good=row.good,
        alarms=row.alarms,
        incident=row.incident,
        proactive=row.proactive,
    )


def _item(work: Work, row: ItemRow) -> ItemView:
    return ItemView(kind=row.kind, item=row.item, verdict=row.verdict, since=row.since, text=work.veiled(row.text))


def alarm_view(work: Work, alarm: Alarm) -> AlarmView:
    """An alarm for the holder of a token."""
    return AlarmView(
        alarm=alarm.id,
        subject=alarm.key.subject,
        kind=alarm.key.kind.value,
        item=alarm.key.item,
        severity=SEVERITY[alarm.key.kind].value,
        raised_at=alarm.raised_at,
        why=work.veiled(alarm.why),
        decision=work.veiled(str(alarm.decision)),
        incident=alarm.incident,
        cleared_at=alarm.cleared_at,
        cleared=alarm.cleared.value if alarm.cleared else "",
    )
