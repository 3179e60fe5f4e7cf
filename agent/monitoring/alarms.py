"""Alarms: kinds, how much each matters, raising and clearing with a reason that is kept and shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
    POLLS_LATE = "polls_late"


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
    Kind.POLLS_LATE: Severity.MAJOR,
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
    POLLED_IN_TIME = "polled_in_time"


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


def service_level(at: datetime, problem: str | None) -> Verdicts:
    """How the poller keeps its own service level [WV-10]: ``problem`` names routers that it does not poll in time."""
    key = AlarmKey("poller", Kind.POLLS_LATE)
    if problem is not None:
        return Verdicts(raised=(Raise(key, at, at, problem),))
    return Verdicts(cleared=(Clear(key, at, Cleared.POLLED_IN_TIME, "every router was polled within 300 s"),))
