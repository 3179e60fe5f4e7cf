"""What provisioning needs of the world: a device session, an archive, a store. Drivers and store implement them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from inventory import SiteView


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a device says it is; ``uptime_s`` in seconds."""

    hostname: str
    serial: str
    model: str
    version: str
    uptime_s: int


@dataclass(frozen=True, slots=True)
class PingResult:
    """Outcome of a ping from a device; round-trip times in milliseconds, None when nothing came back."""

    sent: int
    received: int
    average_ms: float | None = None


class Device(Protocol):
    """An open session with one router. Every method may raise a DeviceError; none leaves a half-done change."""

    def facts(self) -> DeviceFacts:
        """Host name, serial number, model, version and uptime."""

    def running_config(self) -> str:
        """The running configuration, proved complete, in the form that ``configure replace`` takes back."""

    def pending_revert(self) -> bool:
        """Whether a timed change waits for confirmation."""

    def load_replace(self, candidate: str) -> None:
        """Put the complete candidate on the device's flash and prove it by MD5; nothing runs yet."""

    def compare(self) -> str:
        """The device's own words on what replacing running by the candidate would change; empty: nothing."""

    def commit(self, revert_in_s: int) -> None:
        """Run the timed replace; the device takes it back by itself unless confirmed within ``revert_in_s``."""

    def confirm(self) -> None:
        """Keep the change, stop the timer, save to startup and prove that it is saved."""

    def save(self) -> None:
        """Save running to startup and prove it; for a change that was confirmed but not saved before a crash."""

    def revert_now(self) -> None:
        """Take a pending change back at once."""

    def discard(self) -> None:
        """Remove candidate and helper files, which hold secrets, from flash."""

    def ping(self, address: str, *, vrf: str = "", source: str = "", count: int = 5) -> PingResult:
        """Ping from the device."""

    def show(self, command: str) -> str:
        """The output of one read-only exec command (``show …``); anything else is refused."""

    def snmp_users(self) -> frozenset[str]:
        """SNMPv3 users that exist; they are not in the running configuration."""

    def set_snmp_user(self, line: str) -> None:
        """Create an SNMPv3 user by one ``snmp-server user`` line, which holds secrets and is never logged."""


class Devices(Protocol):
    """Opens sessions; refuses a host key that was not enrolled."""

    def open(self, site: SiteView) -> AbstractContextManager[Device]:
        """A session with the site's router; Unreachable, AuthenticationRefused, HostKeyRefused."""

    def host_key(self, site: SiteView) -> str:
        """The key that answers now, as ``ssh-… base64``: for enrol only, nothing is logged in to."""

    def open_with_key(self, site: SiteView, host_key: str) -> AbstractContextManager[Device]:
        """A session that accepts exactly ``host_key``: for enrol, before the key is recorded."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The identity that a router was enrolled with."""

    router: str
    serial: str
    host_key: str
    at: datetime
    by: str


class Enrolments(Protocol):
    """Recorded identities."""

    def enrolment(self, router: str) -> Enrolment | None:
        """The current identity of ``router``."""

    def enrol(self, enrolment: Enrolment) -> None:
        """Record an identity; the former one stays in history."""
