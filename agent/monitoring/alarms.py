"""Which alarms a step raises and clears, each with a reason that is kept and shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from agent.monitoring.conditions import Watched
from agent.monitoring.levels import Level
from agent.monitoring.states import BROKEN, Change, Happened, Link, Reach, RouterState, Step

#: A reboot is shown until the router has been up for this long, in seconds.
STEADY_AFTER_S = 900


class Kind(StrEnum):
    """What is wrong."""

    ROUTER_UNREACHABLE = "router_unreachable"
    ANSWER_UNUSABLE = "answer_unusable"
    INTERFACE_DOWN = "interface_down"
    PACKET_LOSS = "packet_loss"
    SLOW_ANSWERS = "slow_answers"
    CPU_LOAD = "cpu_load"
    SESSION_HANGS = "session_hangs"
    REGISTRATION_LOST = "registration_lost"
    STANDBY_LOST = "standby_lost"
    STANDS_IN = "stands_in"
    PROBE_FAILS = "probe_fails"
    ENVIRONMENT = "environment"
    ROUTER_REBOOTED = "router_rebooted"
    UPTIME_INCONSISTENT = "uptime_inconsistent"
    CONFIG_CHANGED_OUTSIDE = "config_changed_outside"
    BACKUP_FAILED = "backup_failed"
    INVENTORY_REFUSED = "inventory_refused"
    SERVER_UNREACHABLE = "server_unreachable"
    SERVICE_DOWN = "service_down"
    STORAGE_FULL = "storage_full"
    CERTIFICATE_EXPIRES = "certificate_expires"
    TIME_OFFSET = "time_offset"
    SIP_DOWN = "sip_down"
    HTTPS_DOWN = "https_down"
    LYNC_BACKUP_FAILED = "lync_backup_failed"
    WEBHOOK_FAILS = "webhook_fails"


class Severity(StrEnum):
    """How much it matters to the service."""

    CRITICAL = "critical"
    MAJOR = "major"
    WARNING = "warning"


SEVERITY = {
    Kind.ROUTER_UNREACHABLE: Severity.CRITICAL,
    Kind.INTERFACE_DOWN: Severity.CRITICAL,
    Kind.ANSWER_UNUSABLE: Severity.MAJOR,
    Kind.BACKUP_FAILED: Severity.MAJOR,
    Kind.INVENTORY_REFUSED: Severity.MAJOR,
    Kind.ROUTER_REBOOTED: Severity.WARNING,
    Kind.UPTIME_INCONSISTENT: Severity.WARNING,
    Kind.CONFIG_CHANGED_OUTSIDE: Severity.WARNING,
    Kind.PACKET_LOSS: Severity.MAJOR,
    Kind.SLOW_ANSWERS: Severity.MAJOR,
    Kind.CPU_LOAD: Severity.MAJOR,
    Kind.SESSION_HANGS: Severity.MAJOR,
    Kind.REGISTRATION_LOST: Severity.MAJOR,
    Kind.STANDBY_LOST: Severity.MAJOR,
    Kind.STANDS_IN: Severity.WARNING,
    Kind.PROBE_FAILS: Severity.WARNING,
    Kind.ENVIRONMENT: Severity.MAJOR,
    Kind.SERVER_UNREACHABLE: Severity.CRITICAL,
    Kind.SERVICE_DOWN: Severity.CRITICAL,
    Kind.SIP_DOWN: Severity.CRITICAL,
    Kind.HTTPS_DOWN: Severity.MAJOR,
    Kind.STORAGE_FULL: Severity.MAJOR,
    Kind.CERTIFICATE_EXPIRES: Severity.MAJOR,
    Kind.TIME_OFFSET: Severity.WARNING,
    Kind.LYNC_BACKUP_FAILED: Severity.MAJOR,
    Kind.WEBHOOK_FAILS: Severity.MAJOR,
}


class Cleared(StrEnum):
    """Why an alarm is over."""

    ANSWERS_AGAIN = "answers_again"
    RECOVERED = "recovered"
    USABLE_AGAIN = "usable_again"
    INTERFACE_UP = "interface_up"
    NO_LONGER_EXPECTED = "no_longer_expected"
    STEADY = "steady"
    TAKEN_INTO_ARCHIVE = "taken_into_archive"
    BACKED_UP = "backed_up"
    INVENTORY_GOOD = "inventory_good"
    NO_LOSS = "no_loss"
    FAST_AGAIN = "fast_again"
    LOAD_GONE = "load_gone"
    GREETS_AGAIN = "greets_again"
    NOT_MANAGED = "not_managed"
    TAKES_EVENTS = "takes_events"


@dataclass(frozen=True, slots=True)
class AlarmKey:
    """What an active alarm is unique by; ``item`` is the interface where there is one."""

    subject: str
    kind: Kind
    item: str = ""


@dataclass(frozen=True, slots=True)
class Raise:
    """Raise, or refresh the text of the one that is active; ``first_failed_at`` is when it began for the network."""

    key: AlarmKey
    at: datetime
    first_failed_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Clear the active alarm."""

    key: AlarmKey
    at: datetime
    reason: Cleared
    why: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """A raised alarm; ``decision`` says whether it opened an incident and why, ``incident`` which one it belongs to."""

    id: int
    key: AlarmKey
    raised_at: datetime
    first_failed_at: datetime
    why: str
    decision: str = ""
    incident: str = ""
    cleared_at: datetime | None = None
    cleared: Cleared | None = None
    cleared_why: str = ""

    @property
    def severity(self) -> Severity:
        return SEVERITY[self.key.kind]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What to raise and what to clear."""

    raised: tuple[Raise, ...] = ()
    cleared: tuple[Clear, ...] = ()


def decide(step: Step, active: Iterable[Alarm], *, ours: bool) -> Verdicts:
    """What ``step`` means for its router's alarms; ``ours``: an action of ours explains a changed configuration."""
    state = step.state
    keys = {alarm.key for alarm in active}
    raised = [
        *_reach(state),
        *_faults(state),
        *_links(state),
        *_impaired(state),
        *_services(state),
        *_changes(step.changes, state, ours=ours),
    ]
    again = {item.key for item in raised}
    cleared = [clear for key in keys - again if (clear := _over(key, state)) is not None]
    return Verdicts(tuple(raised), tuple(sorted(cleared, key=lambda clear: (clear.key.kind, clear.key.item))))


def backup(subject: str, at: datetime, failure: str | None) -> Verdicts:
    """A backup ended: ``failure`` says why it failed. A good one also takes in a change made outside of us."""
    if failure is not None:
        return Verdicts(raised=(Raise(AlarmKey(subject, Kind.BACKUP_FAILED), at, at, failure),))
    return Verdicts(
        cleared=(
            Clear(AlarmKey(subject, Kind.BACKUP_FAILED), at, Cleared.BACKED_UP, "a backup was taken"),
            Clear(AlarmKey(subject, Kind.CONFIG_CHANGED_OUTSIDE), at, Cleared.TAKEN_INTO_ARCHIVE, "the archive has it"),
        )
    )


def inventory(at: datetime, problem: str | None) -> Verdicts:
    """The inventory was reloaded: ``problem`` is why it was refused, with file and line."""
    key = AlarmKey("inventory", Kind.INVENTORY_REFUSED)
    if problem is not None:
        return Verdicts(raised=(Raise(key, at, at, problem),))
    return Verdicts(cleared=(Clear(key, at, Cleared.INVENTORY_GOOD, "the inventory is good again"),))


def webhook(receiver: str, at: datetime, problem: str | None) -> Verdicts:
    """How a webhook's receiver stands: ``problem`` is why it does not get its events."""
    key = AlarmKey(f"webhook {receiver}", Kind.WEBHOOK_FAILS)
    if problem is not None:
        return Verdicts(raised=(Raise(key, at, at, problem),))
    return Verdicts(cleared=(Clear(key, at, Cleared.TAKES_EVENTS, "nothing failed any more, or no longer a receiver"),))


def _reach(state: RouterState) -> list[Raise]:
    if state.reach is not Reach.DOWN:
        return []
    key = AlarmKey(state.router, Kind.ROUTER_UNREACHABLE)
    return [Raise(key, state.polled_at, state.first_failure or state.since, state.reason)]


def _faults(state: RouterState) -> list[Raise]:
    texts = state.faults or ((state.reason,) if state.reach is Reach.UNKNOWN else ())
    if not texts or state.reach in (Reach.DOWN, Reach.SUSPECT):
        return []
    key = AlarmKey(state.router, Kind.ANSWER_UNUSABLE)
    return [Raise(key, state.polled_at, state.polled_at, "; ".join(texts))]


def _links(state: RouterState) -> list[Raise]:
    """Broken in two readings in a row; one alone is asked again first."""
    return [
        Raise(AlarmKey(state.router, Kind.INTERFACE_DOWN, name), state.polled_at, link.since, f"{name} is {link.link}")
        for name, link in state.links.items()
        if link.link in BROKEN and link.readings >= 2
    ]


def _levels(state: RouterState) -> dict[Kind, tuple[Level, str]]:
    """What the last polls show beside reach and interfaces: whether it is bad, and the figures."""
    seen = state.quality
    usual = f", usual is {seen.usual_ms:.0f} ms" if seen.usual_ms is not None else ""
    return {
        Kind.PACKET_LOSS: (
            seen.loss,
            f"{seen.lost} of {seen.sent} requests of the last {len(seen.losses)} polls went unanswered",
        ),
        Kind.SLOW_ANSWERS: (seen.slow, f"the last answer took {seen.round_trip_ms or 0:.0f} ms{usual}"),
        Kind.CPU_LOAD: (seen.cpu, f"the processor's load is {seen.cpu_percent or 0:.0f} % over a minute"),
        Kind.SESSION_HANGS: (seen.session, f"SNMP answers, and SSH does not greet: {seen.greets}"),
    }


def _impaired(state: RouterState) -> list[Raise]:
    """Impairments of a router that answers."""
    if state.reach is not Reach.UP:
        return []
    return [
        Raise(AlarmKey(state.router, kind), state.polled_at, level.since or state.polled_at, text)
        for kind, (level, text) in _levels(state).items()
        if level.bad
    ]


#: The alarm of each kind of condition.
SERVICES = {
    Watched.REGISTRATION: Kind.REGISTRATION_LOST,
    Watched.STANDBY: Kind.STANDBY_LOST,
    Watched.STANDS_IN: Kind.STANDS_IN,
    Watched.PROBE: Kind.PROBE_FAILS,
    Watched.ENVIRONMENT: Kind.ENVIRONMENT,
}


def _services(state: RouterState) -> list[Raise]:
    """What a router that answers tells of its services."""
    if state.reach is not Reach.UP:
        return []
    return [
        Raise(
            AlarmKey(state.router, SERVICES[kind], item), state.polled_at, one.level.since or state.polled_at, one.text
        )
        for kind, items in state.conditions.items()
        for item, one in items.items()
        if one.level.bad
    ]


def _service_over(key: AlarmKey, state: RouterState) -> Clear | None:
    kind = next(watched for watched, of in SERVICES.items() if of is key.kind)
    if kind not in state.conditions:
        return Clear(key, state.polled_at, Cleared.NO_LONGER_EXPECTED, "it is not watched any more")
    one = state.conditions[kind].get(key.item)
    if one is None:
        return Clear(key, state.polled_at, Cleared.NO_LONGER_EXPECTED, "the router has no such thing any more")
    return None if one.level.bad else Clear(key, state.polled_at, Cleared.RECOVERED, one.text)


def _changes(changes: tuple[Change, ...], state: RouterState, *, ours: bool) -> list[Raise]:
    kinds = {Happened.REBOOTED: Kind.ROUTER_REBOOTED, Happened.UPTIME_INCONSISTENT: Kind.UPTIME_INCONSISTENT}
    if not ours:
        kinds[Happened.CONFIG_CHANGED] = Kind.CONFIG_CHANGED_OUTSIDE
    return [
        Raise(AlarmKey(state.router, kinds[change.what]), state.polled_at, change.at, change.why)
        for change in changes
        if change.what in kinds
    ]


def _over(key: AlarmKey, state: RouterState) -> Clear | None:
    """Whether the alarm is over. What is not proved over stays: unknown clears nothing."""
    at, up = state.polled_at, state.reach is Reach.UP
    if key.kind is Kind.ROUTER_UNREACHABLE and up:
        return Clear(key, at, Cleared.ANSWERS_AGAIN, "the router answers again")
    if key.kind is Kind.ANSWER_UNUSABLE and up:
        return Clear(key, at, Cleared.USABLE_AGAIN, "the answers can be used again")
    if key.kind is Kind.INTERFACE_DOWN and up:
        return _link_over(key, state)
    if key.kind in SERVICES.values() and up:
        return _service_over(key, state)
    if key.kind is Kind.ROUTER_REBOOTED and up and _steady(state):
        return Clear(key, at, Cleared.STEADY, f"up since {state.booted_at:%Y-%m-%d %H:%M:%S}Z")
    if key.kind is Kind.UPTIME_INCONSISTENT and up:
        return Clear(key, at, Cleared.STEADY, "uptime goes on")
    if key.kind in _UNIMPAIRED and up and not _levels(state)[key.kind][0].bad:
        return Clear(key, at, *_UNIMPAIRED[key.kind])
    return None


_UNIMPAIRED = {
    Kind.PACKET_LOSS: (Cleared.NO_LOSS, "the last polls lost nothing"),
    Kind.SLOW_ANSWERS: (Cleared.FAST_AGAIN, "the answers are as fast as usual again"),
    Kind.CPU_LOAD: (Cleared.LOAD_GONE, "the processor's load is low again"),
    Kind.SESSION_HANGS: (Cleared.GREETS_AGAIN, "SSH greets again"),
}


def _steady(state: RouterState) -> bool:
    return state.booted_at is not None and state.polled_at - state.booted_at >= timedelta(seconds=STEADY_AFTER_S)


def _link_over(key: AlarmKey, state: RouterState) -> Clear | None:
    link = state.links.get(key.item)
    if link is None:
        return Clear(key, state.polled_at, Cleared.NO_LONGER_EXPECTED, "the inventory has no such interface any more")
    if link.link is Link.UP:
        return Clear(key, state.polled_at, Cleared.INTERFACE_UP, f"{key.item} is up")
    return None
