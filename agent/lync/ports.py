"""What Lync work needs of the world: a session with a server, and a store. Drivers and store implement them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.events import EventSink
from agent.lync.model import Backup, Change, Closing, LyncPlan, Restoration, Step, Taking
from device_templates.lync import Value
from inventory import ServerView

#: What a cmdlet is given: a plain value, or bytes.
Argument = Value | bytes
#: What a cmdlet puts out: an object's properties, bytes, or a plain value.
Output = Mapping[str, Value] | bytes | Value


class Session(Protocol):
    """An open session with one server. Every method may raise a DeviceError.

    DeviceTimeout, Unreachable and IncompleteOutput leave open whether the server goes on with what it was told;
    CommandRejected means that it stopped.
    """

    def call(
        self, cmdlet: str, parameters: Mapping[str, Argument] | None = None, select: tuple[str, ...] = ()
    ) -> tuple[Output, ...]:
        """Run one cmdlet; with ``select``, only these properties of what it puts out."""

    def run(self, script: str) -> tuple[Output, ...]:
        """Run a script to its end."""


class Servers(Protocol):
    """Opens sessions."""

    def open(self, view: ServerView) -> AbstractContextManager[Session]:
        """A session with a server, Lync's cmdlets at hand; Unreachable, AuthenticationRefused, HostKeyRefused."""


class Plans(Protocol):
    """Stored plans."""

    def save(self, plan: LyncPlan) -> None:
        """Keep a plan."""

    def plan(self, plan_id: str) -> LyncPlan:
        """A stored plan; Refused if there is none."""


class Changes(Protocol):
    """The journal of changes, one at a time for a customer; each call is one durable transaction."""

    def begin(self, change: Change, now: datetime) -> Change:
        """Open a change; Refused while another one of the customer's is open."""

    def advance(self, change: Change, step: Step, now: datetime, expires: datetime, before: int | None) -> Change:
        """Write down a step and keep the lease; LeaseLost if somebody took the change over."""

    def take_over(self, change: Change, owner: str, expires: datetime) -> Change:
        """Become the owner of an open change as it was read; Refused if somebody else was faster."""

    def close(self, change: Change, closing: Closing) -> None:
        """End a change; LeaseLost if somebody took it over."""

    def open_changes(self) -> tuple[Change, ...]:
        """Changes that are not closed, or are uncertain."""


class Backups(Protocol):
    """Kept backups, sealed."""

    def add(self, taking: Taking, body: bytes, keep: Callable[[tuple[Backup, ...]], frozenset[int]]) -> Backup:
        """Keep a backup under the server's next number, and only those that ``keep`` names of what is there then."""

    def backups(self, server: str | None = None) -> tuple[Backup, ...]:
        """Backups, newest first."""

    def body(self, server: str, number: int) -> bytes:
        """What a backup holds; Refused if there is none, ArchiveDamaged if it is not what was stored."""


class Restorations(Protocol):
    """What was restored."""

    def add(self, restoration: Restoration) -> Restoration:
        """Count a restoration; gives it with its number within the customer's year."""

    def restorations(self, customer: str | None = None) -> tuple[Restoration, ...]:
        """All restorations, newest first."""


@dataclass(frozen=True)
class Ports:
    """Everything that is needed."""

    servers: Servers
    plans: Plans
    changes: Changes
    backups: Backups
    restorations: Restorations
    events: EventSink


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take, in seconds.

    ``grace_s``: how long a script may go on at a server that told nothing more; ``settle_s``: how long a server that
    does not answer is tried again before its state is called uncertain; ``lease_s``: longer than any one step.
    """

    grace_s: float = 120
    settle_s: float = 300
    poll_s: float = 5
    lease_s: int = 1200
