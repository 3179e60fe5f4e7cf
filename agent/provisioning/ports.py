"""What provisioning needs of the world: a device session, an archive, a store. Drivers and store implement them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from agent.archive.archive import ArchivedConfig
from agent.archive.ports import Version
from agent.events import Clock, EventSink
from agent.provisioning.journal import Change, Closing, Entry, Hold
from device_templates import Rendered
from inventory import Inventory, Secret, SiteView

if TYPE_CHECKING:
    from agent.provisioning.plan import FeatureChange, Plan


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
        """The running configuration, proved complete, in the form that the device takes back."""

    def startup_config(self) -> str:
        """The configuration that the device starts with, proved complete; empty where none was saved."""

    def pending_revert(self) -> bool:
        """Whether a timed change waits for confirmation."""

    def load_replace(self, candidate: str) -> None:
        """Put the complete candidate on the device and prove that it arrived whole; nothing runs yet."""

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
        """Remove candidate and helper files, which hold secrets, from the device."""

    def ping(self, address: str, *, vrf: str = "", source: str = "", count: int = 5) -> PingResult:
        """Ping from the device."""

    def show(self, command: str) -> str:
        """The output of one read-only command of its platform; anything else is refused."""

    def snmp_users(self) -> frozenset[str]:
        """SNMPv3 users that exist beside the configuration, as ``protected`` writes them: name and protocols.

        None where the platform's configuration holds them all.
        """

    def set_snmp_user(self, line: str) -> None:
        """Create an SNMPv3 user by the line of its platform, which holds secrets and is never logged.

        CommandRejected where users are set with the configuration only.
        """

    def certify(self, trustpoint: str) -> bool:
        """One step towards a certificate that is not in the configuration either; True once the router has it.

        It is true at once where certificates are put in place with the configuration. Call it again until
        then. CommandRejected where the authority is not the right one, DeviceTimeout where nobody answers.
        """


class Devices(Protocol):
    """Opens sessions; refuses a host key that was not enrolled."""

    def open(self, site: SiteView) -> AbstractContextManager[Device]:
        """A session with the enrolled router; Unreachable, AuthenticationRefused, HostKeyRefused, WrongDevice."""

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


class Texts(Protocol):
    """What a platform's templates and parser know of configuration texts; pure functions of what they are given."""

    def intended(self, inventory: Inventory, view: SiteView) -> Rendered:
        """The complete intended configuration of a site's router."""

    def recognises(self, text: str) -> bool:
        """Whether a text is a configuration of this platform at all."""

    def candidate(self, wanted: str, running: str) -> str:
        """What is ``wanted`` (intended or archived) for the device that runs ``running``, with its own lines."""

    def equal(self, wanted: str, running: str) -> bool:
        """Whether ``running`` is what is wanted, under the declared masks."""

    def changes(self, wanted: Rendered, running: str) -> tuple[FeatureChange, ...]:
        """What differs under the masks, by the features that ``wanted`` names, secrets hidden; empty: equal."""

    def masked(self, wanted: str, running: str) -> tuple[str, ...]:
        """The lines that differ and do not count, each with its reason, secrets hidden."""

    def lasting(self, text: str) -> str:
        """``text`` without what changes by itself: equal texts are the same configuration."""

    def as_saved(self, text: str) -> str:
        """``lasting`` in a form that is equal for what runs and for what was saved from it."""

    def snmp_users(self, inventory: Inventory, view: SiteView) -> Mapping[str, Secret]:
        """The SNMPv3 users that the router should have beside its configuration, each with the line that creates it.

        They are named as ``Device.snmp_users`` tells them.
        """

    def trustpoints(self, text: str) -> tuple[str, ...]:
        """The trustpoints by whose certificates a router with this configuration proves who it is."""

    def last_resort(self, router: str) -> tuple[str, ...]:
        """What a person does on the router where nobody knows whether a timed change still waits there."""


class OutcomeCheck(Protocol):
    """Judges a change by what it does."""

    def links(self, device: Device, view: SiteView) -> frozenset[str]:
        """The links to other routers that are up now: tunnel and routing."""

    def kept(self, view: SiteView, links: frozenset[str], configuration: str) -> frozenset[str]:
        """Those of ``links`` that ``configuration`` still provides for."""

    def faults(self, device: Device, view: SiteView, required: frozenset[str]) -> tuple[str, ...]:
        """What is not as it must be, in words; empty: all ``required`` links are up and carry traffic."""


class Archiver(Protocol):
    """The archive, as far as a change needs it."""

    def take(self, router: str, read: Callable[[], str], *, author: str, reason: str, proved: bool = False) -> Version:
        """Keep what ``read`` gives as the newest version."""

    def take_before_change(
        self, router: str, read: Callable[[], str], *, author: str, reason: str, taking_back: bool = False
    ) -> Version:
        """Keep what ``read`` gives, pinned outside the three; not ``taking_back``: instead of the former such copy."""

    def load(self, router: str, number: int) -> ArchivedConfig:
        """A version with its text."""

    def restoring(self, router: str, number: int) -> AbstractContextManager[ArchivedConfig]:
        """A version with its text, pinned meanwhile."""


@dataclass(frozen=True, slots=True)
class PlanTexts:
    """The two complete texts of a planned device, with their secrets; ``repr`` never shows them."""

    running: str
    candidate: str

    def __repr__(self) -> str:
        return "PlanTexts(***)"


class Plans(Protocol):
    """Stored plans; the texts are encrypted at rest."""

    def save(self, plan: Plan, texts: Mapping[str, PlanTexts]) -> None:
        """Keep a plan and, by router, the texts it was made from."""

    def plan(self, plan_id: str) -> Plan:
        """A stored plan; Refused if there is none."""

    def texts(self, plan_id: str, router: str) -> PlanTexts:
        """The texts of one device of a plan; Refused if there are none."""

    def digest(self, router: str, text: str) -> str:
        """A keyed digest: equal for equal texts, and no help to somebody who guesses a secret."""


class Ledger(Protocol):
    """Leases on routers and the journal of changes, in one store; each call is one durable transaction."""

    def begin(self, change: Change, now: datetime) -> Hold:
        """Lease all routers of a change and open its journal; Refused while somebody else works on one of them."""

    def take_over(self, change: Change, owner: str, expires: datetime) -> Hold:
        """Become the owner of an open change as it was read; Refused if somebody else was faster."""

    def append(self, hold: Hold, entry: Entry, expires: datetime) -> None:
        """Write an entry and renew the lease; LeaseLost if somebody took the change over."""

    def renew(self, hold: Hold, expires: datetime) -> None:
        """Keep the lease; LeaseLost if somebody took the change over."""

    def close(self, hold: Hold, closing: Closing) -> None:
        """End the change and free its routers; an uncertain one stays open, but anybody may take it over."""

    def entries(self, change_id: str) -> tuple[Entry, ...]:
        """The journal of a change, in order."""

    def open_changes(self, routers: tuple[str, ...] | None = None) -> tuple[Change, ...]:
        """Changes that are not closed, or are uncertain; of these routers only, where given."""


@dataclass(frozen=True)
class Ports:
    """What planning and changing need of the world; ``texts`` are those of the platform of a site's router."""

    devices: Devices
    texts: Callable[[SiteView], Texts]
    archive: Archiver
    plans: Plans
    ledger: Ledger
    events: EventSink


@dataclass(frozen=True)
class Runtime:
    """Time, identity and chance of the running process, and whom progress is told.

    ``owner`` names this process, ``may_live`` says whether another owner may still be at work.
    """

    clock: Clock
    sleep: Callable[[float], None]
    new_id: Callable[[], str]
    owner: str
    may_live: Callable[[str], bool]
    progress: Callable[[str], None] = lambda _text: None


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take, in seconds.

    ``revert_s``: the device's own timer, by platform in ``reverts_s`` where that has its own; ``settle_s``: until
    tunnels and routing must be back; ``poll_s`` between two looks; ``grace_s``: how long after a commit that got no
    answer the device may still begin with it; ``return_s``: how long after its timer a device may need to be back;
    ``lease_s``: longer than any one step.
    """

    revert_s: int = 300
    settle_s: int = 150
    poll_s: float = 3.0
    grace_s: int = 30
    return_s: int = 240
    lease_s: int = 600
    reverts_s: Mapping[str, int] = field(default_factory=dict)

    def revert_of(self, view: SiteView) -> int:
        """The timer of a site's router."""
        return self.reverts_s.get(view.router.platform, self.revert_s)
