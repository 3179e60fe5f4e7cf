"""What people and other systems are shown: frozen rows, made from what is kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from agent.incidents.incident import Incident
from agent.monitoring.alarms import Alarm
from agent.monitoring.reach import Reach, reach_now

if TYPE_CHECKING:
    from inventory import Inventory, ServerView, SiteView

#: A daemon shows a sign of life every few seconds: one that is older than the first is told with its age, and without
#: any for the second it is not running, in seconds.
HEARTBEAT_LATE_S, HEARTBEAT_LOST_S = 15, 60
#: A backup is good for a day and an hour; one from further ahead, because a clock was set back, proves nothing.
BACKUP_FRESH, BACKUP_AHEAD = timedelta(hours=25), timedelta(hours=1)


class Process(Enum):
    """What is known of a process: that it holds its lock and works or stands still, that it ended, or nothing."""

    WORKS = auto()
    STANDS = auto()
    ENDED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The daemon's sign of life; ``stopped_at`` is set by a clean stop, ``inventory`` is the digest in use.

    ``steady_s`` is ``beat_at`` on the clock that nobody sets, which counts from the machine's start ``boot``; empty:
    not known.
    """

    pid: int
    started_at: datetime
    beat_at: datetime
    cycle_started_at: datetime | None
    cycle_ended_at: datetime | None
    cycle_polls: int
    inventory: str
    stopped_at: datetime | None = None
    boot: str = ""
    steady_s: float = 0.0


@dataclass(frozen=True, slots=True)
class BackupRun:
    """The last backup of a router; an empty ``failure`` means that the last try succeeded."""

    router: str
    tried_at: datetime
    good_at: datetime | None
    failure: str


@dataclass(frozen=True, slots=True)
class Managed:
    """What is shown of a router beside its state: its site, and whether proactive monitoring is ordered [WV-10]."""

    router: str
    site: str
    proactive: bool

    @classmethod
    def of(cls, view: SiteView) -> Managed:
        """As the inventory has it."""
        return cls(view.router.name, view.key, view.site.options.proactive_monitoring)


@dataclass(frozen=True, slots=True)
class ManagedServer:
    """What is shown of a Lync server beside its state; ``proactive``: proactive fault management is ordered [LY-9]."""

    server: str
    site: str
    pool: str
    role: str
    proactive: bool

    @classmethod
    def of(cls, view: ServerView) -> ManagedServer:
        """As the inventory has it."""
        support = view.server.support
        proactive = bool(support and support.proactive)
        return cls(view.name, view.site.key, view.server.pool, view.server.role, proactive)


@dataclass(frozen=True, slots=True)
class Roster:
    """What an inventory has that is watched."""

    routers: tuple[Managed, ...]
    servers: tuple[ManagedServer, ...]

    @classmethod
    def of(cls, inventory: Inventory) -> Roster:
        """All of it."""
        return cls(tuple(map(Managed.of, inventory.sites())), tuple(map(ManagedServer.of, inventory.servers())))


@dataclass(frozen=True, slots=True)
class Selection:
    """Which routers are asked for: of a customer and its sites, in some states, with something wrong; none: all.

    ``places`` are a customer and its sites by bare name, no site meaning all of them.
    """

    places: tuple[str, tuple[str, ...]] | None = None
    states: frozenset[Reach] = frozenset()
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """A selection of routers, counted: by state, by how their backups are, and those that show something wrong."""

    routers: int
    wrong: int
    states: Mapping[str, int]
    backups: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Brief:
    """A router as /metrics shows it; ``polled_at`` is when its last poll began, None: there was none."""

    router: str
    site: str
    reach: Reach
    polled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A whole fleet in figures: active alarms by severity, incidents that are not closed by status.

    ``oldest_poll`` is when the poll began that is the last of its router and the oldest of all those; ``routers`` is
    empty where there are more of them than were asked for.
    """

    counts: Counts
    alarms: Mapping[str, int]
    incidents: Mapping[str, int]
    oldest_poll: datetime | None = None
    routers: tuple[Brief, ...] = ()


class Seen(Protocol):
    """What is shown of a router's last known state; ``broken`` names what was ordered and is not as it should be."""

    @property
    def reach(self) -> Reach: ...
    @property
    def since(self) -> datetime: ...
    @property
    def reason(self) -> str: ...
    @property
    def polled_at(self) -> datetime: ...
    @property
    def booted_at(self) -> datetime | None: ...
    @property
    def broken(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Active:
    """The active alarms of a router: how many, and the incident they belong to; empty: none."""

    alarms: int = 0
    incident: str = ""


@dataclass(frozen=True, slots=True)
class DaemonRow:
    """Whether the daemon runs, in words; ``last_cycle_age_s`` in seconds; ``remedy`` is empty where it does."""

    running: bool
    text: str
    last_cycle_age_s: float | None
    remedy: str = "spokesman daemon"


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


def daemon(heartbeat: Heartbeat | None, now: datetime, process: Process = Process.UNKNOWN) -> DaemonRow:
    """Whether the daemon runs: without a fresh heartbeat it does not, whatever it said last.

    ``process`` is the one that the heartbeat is of.
    """
    if heartbeat is None:
        return DaemonRow(False, "the daemon has never run here: start it with `spokesman daemon`", None)
    age = None if heartbeat.cycle_started_at is None else (now - heartbeat.cycle_started_at).total_seconds()
    if heartbeat.stopped_at is not None:
        return DaemonRow(False, f"the daemon was stopped at {heartbeat.stopped_at:%Y-%m-%d %H:%M:%S}Z", age)
    if process is Process.ENDED:
        return DaemonRow(False, f"the daemon is not running: process {heartbeat.pid} ended without being stopped", age)
    if process is Process.STANDS:
        text = f"the daemon stands still: process {heartbeat.pid} was stopped by a signal or a debugger"
        return DaemonRow(False, text, age, f"kill -CONT {heartbeat.pid}")
    silent = (now - heartbeat.beat_at).total_seconds()
    if silent < -HEARTBEAT_LOST_S:
        text = f"the daemon is not known to run: its last sign of life is {-silent:.0f} s in the future"
        return DaemonRow(False, f"{text}, a clock was set back", age)
    if silent > HEARTBEAT_LOST_S and process is Process.WORKS:
        text = f"the daemon hangs: process {heartbeat.pid} is there, its last sign of life is {silent:.0f} s old"
        return DaemonRow(False, text, age, f"see its log, end process {heartbeat.pid}, then: spokesman daemon")
    if silent > HEARTBEAT_LOST_S:
        return DaemonRow(False, f"the daemon is not running: its last sign of life is {silent:.0f} s old", age)
    late = f", last heard of {silent:.0f} s ago" if silent > HEARTBEAT_LATE_S else ""
    return DaemonRow(True, f"the daemon runs (process {heartbeat.pid}){late}", age, "")


def status(
    managed: Iterable[Managed],
    states: Mapping[str, Seen],
    active: Iterable[Alarm],
    backups: Mapping[str, BackupRun],
    now: datetime,
) -> tuple[StatusRow, ...]:
    """Those routers, each with its state and alarms."""
    by_router: dict[str, Active] = {}
    for alarm in active:
        former = by_router.get(alarm.key.subject, Active())
        by_router[alarm.key.subject] = Active(former.alarms + 1, former.incident or alarm.incident)
    return tuple(
        status_row(one, states.get(one.router), by_router.get(one.router, Active()), backups.get(one.router), now)
        for one in managed
    )


def status_row(
    managed: Managed, state: Seen | None, active: Active, backup: BackupRun | None, now: datetime
) -> StatusRow:
    """One router; a state that nobody has looked at for over 300 s is unknown, not up."""
    reach, reason = Reach.UNKNOWN, "not polled yet"
    if state is not None:
        reach, reason = reach_now(state.reach, state.reason, state.polled_at, now)
    return StatusRow(
        router=managed.router,
        site=managed.site,
        reach=reach,
        since=state.since if state is not None and reach is state.reach else None,
        reason=reason,
        polled_at=state.polled_at if state else None,
        booted_at=state.booted_at if state else None,
        broken=state.broken if state is not None and reach is Reach.UP else (),
        alarms=active.alarms,
        incident=active.incident,
        proactive=managed.proactive,
        backup=backup_verdict(backup, now),
        backup_at=backup.good_at if backup else None,
        backup_text=backup.failure if backup else "",
    )


def backup_verdict(run: BackupRun | None, now: datetime) -> str:
    """``ok`` only where the last try succeeded and is younger than a day and an hour; a failed one is never green."""
    if run is None:
        return "never"
    if run.failure:
        return "failed"
    fresh = run.good_at is not None and -BACKUP_AHEAD <= now - run.good_at <= BACKUP_FRESH
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
