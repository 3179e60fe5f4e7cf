"""What people and other systems are shown: frozen rows, made from what is kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.incidents.incident import Incident
from agent.monitoring.alarms import Alarm
from agent.monitoring.schedule import LIMIT_S
from agent.monitoring.states import Link, Reach, RouterState
from inventory import SiteView

#: A daemon without a sign of life for this long is not running, in seconds.
HEARTBEAT_LOST_S = 60


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The daemon's sign of life; ``stopped_at`` is set by a clean stop, ``inventory`` is the digest in use."""

    pid: int
    started_at: datetime
    beat_at: datetime
    cycle_started_at: datetime | None
    cycle_ended_at: datetime | None
    cycle_polls: int
    inventory: str
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BackupRun:
    """The last backup of a router; an empty ``failure`` means that the last try succeeded."""

    router: str
    tried_at: datetime
    good_at: datetime | None
    failure: str


@dataclass(frozen=True, slots=True)
class DaemonRow:
    """Whether the daemon runs, in words; ``last_cycle_age_s`` in seconds."""

    running: bool
    text: str
    last_cycle_age_s: float | None


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One router as ``status`` shows it. ``backup`` is ``ok``, ``failed``, ``overdue`` or ``never``."""

    router: str
    site: str
    reach: Reach
    since: datetime | None
    reason: str
    polled_at: datetime | None
    booted_at: datetime | None
    broken: tuple[str, ...]
    alarms: int
    incident: str
    proactive: bool
    backup: str
    backup_at: datetime | None
    backup_text: str


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm as ``alarms`` shows it."""

    subject: str
    kind: str
    item: str
    severity: str
    raised_at: datetime
    why: str
    decision: str
    incident: str
    cleared_at: datetime | None
    cleared: str


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident as ``incident list`` shows it; ``next`` says what it waits for."""

    reference: str
    subject: str
    site: str
    status: str
    summary: str
    cause: str
    opened_at: datetime
    next: str


def daemon(heartbeat: Heartbeat | None, now: datetime) -> DaemonRow:
    """Whether the daemon runs: without a fresh heartbeat it does not, whatever it said last."""
    if heartbeat is None:
        return DaemonRow(False, "the daemon has never run here: start it with `spokesman daemon`", None)
    age = None if heartbeat.cycle_started_at is None else (now - heartbeat.cycle_started_at).total_seconds()
    if heartbeat.stopped_at is not None:
        return DaemonRow(False, f"the daemon was stopped at {heartbeat.stopped_at:%Y-%m-%d %H:%M:%S}Z", age)
    silent = (now - heartbeat.beat_at).total_seconds()
    if silent < -HEARTBEAT_LOST_S:
        text = f"the daemon is not known to run: its last sign of life is {-silent:.0f} s in the future"
        return DaemonRow(False, f"{text}, a clock was set back", age)
    if silent > HEARTBEAT_LOST_S:
        return DaemonRow(False, f"the daemon is not running: its last sign of life is {silent:.0f} s old", age)
    return DaemonRow(True, f"the daemon runs (process {heartbeat.pid})", age)


def status(
    sites: Iterable[SiteView],
    states: Mapping[str, RouterState],
    active: Iterable[Alarm],
    backups: Mapping[str, BackupRun],
    now: datetime,
) -> tuple[StatusRow, ...]:
    """All routers of the inventory; a state that nobody has looked at for over 300 s is unknown, not up."""
    by_router: dict[str, list[Alarm]] = {}
    for alarm in active:
        by_router.setdefault(alarm.key.subject, []).append(alarm)
    return tuple(
        _status(view, states.get(view.router.name), by_router.get(view.router.name, []), backups, now) for view in sites
    )


def reach_now(state: RouterState | None, now: datetime) -> tuple[Reach, str]:
    """The reach that may be shown at ``now``, and why."""
    if state is None:
        return Reach.UNKNOWN, "not polled yet"
    age = (now - state.polled_at).total_seconds()
    if age < -LIMIT_S:
        return Reach.UNKNOWN, f"polled {-age:.0f} s in the future: a clock was set back; it was {state.reach} then"
    if age > LIMIT_S:
        return Reach.UNKNOWN, f"not polled for {age:.0f} s; it was {state.reach} then"
    return state.reach, state.reason


def _status(
    view: SiteView, state: RouterState | None, alarms: list[Alarm], backups: Mapping[str, BackupRun], now: datetime
) -> StatusRow:
    reach, reason = reach_now(state, now)
    run = backups.get(view.router.name)
    up = state is not None and reach is Reach.UP
    links = state.links if state is not None and up else {}
    services = state.conditions if state is not None and up else {}
    return StatusRow(
        router=view.router.name,
        site=view.key,
        reach=reach,
        since=state.since if state is not None and reach is state.reach else None,
        reason=reason,
        polled_at=state.polled_at if state else None,
        booted_at=state.booted_at if state else None,
        broken=(
            *(f"{name} {link.link}" for name, link in links.items() if link.link is not Link.UP),
            *(f"{kind}: {one.text}" for kind, items in services.items() for one in items.values() if one.level.bad),
        ),
        alarms=len(alarms),
        incident=next((alarm.incident for alarm in alarms if alarm.incident), ""),
        proactive=view.site.options.proactive_monitoring,
        backup=backup_verdict(run, now),
        backup_at=run.good_at if run else None,
        backup_text=run.failure if run else "",
    )


def backup_verdict(run: BackupRun | None, now: datetime) -> str:
    """``ok`` only where the last try succeeded and is younger than a day and an hour; a failed one is never green.

    One from the future, because a clock was set back, proves nothing.
    """
    if run is None:
        return "never"
    if run.failure:
        return "failed"
    fresh = run.good_at is not None and timedelta(hours=-1) <= now - run.good_at <= timedelta(hours=25)
    return "ok" if fresh else "overdue"


def alarm_rows(alarms: Iterable[Alarm]) -> tuple[AlarmRow, ...]:
    """Alarms for people, in the order given."""
    return tuple(
        AlarmRow(
            subject=alarm.key.subject,
            kind=alarm.key.kind,
            item=alarm.key.item,
            severity=alarm.severity,
            raised_at=alarm.raised_at,
            why=alarm.why,
            decision=alarm.decision,
            incident=alarm.incident,
            cleared_at=alarm.cleared_at,
            cleared=f"{alarm.cleared}: {alarm.cleared_why}" if alarm.cleared else "",
        )
        for alarm in alarms
    )


def incident_rows(incidents: Iterable[Incident]) -> tuple[IncidentRow, ...]:
    """Incidents for people, in the order given."""
    return tuple(
        IncidentRow(
            reference=one.reference,
            subject=one.subject,
            site=one.site,
            status=one.status,
            summary=one.summary,
            cause=one.cause,
            opened_at=one.opened_at,
            next=waits_for(one),
        )
        for one in incidents
    )


def waits_for(incident: Incident) -> str:
    """What has to happen next."""
    if incident.closed_at is not None:
        return f"closed {incident.closed_at:%Y-%m-%d %H:%M}Z"
    if incident.cleared_at is None:
        if incident.diagnosed_at is None:
            return f"evidence due {incident.evidence_due:%Y-%m-%d %H:%M}Z"
        return "repair"
    if incident.closes_at is None:
        return "contact with the customer"
    return f"confirmation until {incident.closes_at:%Y-%m-%d %H:%M}Z"
