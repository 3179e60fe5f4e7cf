"""What requests need of the world: a durable store, plans and their runs, the intent in the workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from agent.errors import Refused
from agent.events import Clock, EventSink
from agent.requests.charges import Charge
from agent.requests.model import Request, State, Submission
from inventory import Inventory
from inventory.intent import Entry


class Overtaken(Refused):
    """Another process changed the request meanwhile; nothing was written."""


class RequestStore(Protocol):
    """Requests; each call is one durable transaction, with the webhook and the line of the audit of each new state."""

    def find(self, submission: Submission, who: str) -> Request | None:
        """The request of this key of ``who``; Refused where the key stands for another content."""

    def add(self, submission: Submission, who: str, make: Callable[[str, Request | None], Request]) -> Request:
        """Keep what ``make`` gives for the next reference, and for the pending request on the same subject if any.

        The request that exists already for this key of ``who``, with the same content; Refused with another content.
        """

    def request(self, reference: str) -> Request:
        """One request; Refused for a reference that does not exist."""

    def requests(self, customer: str | None = None, state: State | None = None) -> tuple[Request, ...]:
        """Requests, newest first."""

    def pending(self) -> tuple[Request, ...]:
        """Requests that have not ended, oldest first."""

    def change(self, before: Request, after: Request) -> Request:
        """Write ``after`` where ``before`` is still what is stored; Overtaken where somebody else was faster."""

    def charge(self, charge: Charge) -> Charge:
        """Keep a chargeable event; one with a source that is known already is not recorded again."""

    def charged(self, customer: str | None = None, since: datetime | None = None) -> tuple[Charge, ...]:
        """Chargeable events, in the order in which they happened."""


class Intents(Protocol):
    """What requests changed, as the workspace's files hold it."""

    def proposed(self, customer: str, entry: Entry) -> Inventory:
        """The inventory as it would be with ``entry``; raises InventoryError. Nothing is written."""

    def write(self, customer: str, entry: Entry, why: str) -> Inventory:
        """Make ``entry`` intent, once; InventoryError, Refused or ConfigurationProblem: nothing is written."""

    def take_back(self, customer: str, reference: str, why: str) -> Inventory:
        """Take a request's entry out of the intent, where it is there; raises as ``write``."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A stored plan; ``difference`` is equal for plans that change the same, empty for one that changes nothing.

    ``beside`` names what the plan changes although the request does not ask for it.
    """

    plan: str
    lines: tuple[str, ...]
    difference: str
    beside: tuple[str, ...] = ()


class Fate(StrEnum):
    """What the journal says became of a plan's newest run; ``unchanged`` may be a failure or have had nothing to do."""

    NOT_BEGUN = "not_begun"
    AT_WORK = "at_work"
    DONE = "done"
    UNCHANGED = "unchanged"
    TAKEN_BACK = "taken_back"
    UNCERTAIN = "uncertain"
    ABANDONED = "abandoned"


class Changes(Protocol):
    """Plans and their runs: provisioning, with its lease, journal and revert."""

    def plan(self, inventory: Inventory, request: Request) -> Planned:
        """Read the routers and store a plan; Refused where it must not be done, DeviceError where none is reached."""

    def fits(self, plan: str, inventory: Inventory) -> bool:
        """Whether a stored plan was made from exactly this inventory."""

    def in_the_way(self, plan: str) -> str:
        """A change that holds one of the plan's routers, and that one, in words; empty: the way is free."""

    def run(self, inventory: Inventory, plan: str, who: str) -> str:
        """Run a plan and say what it did; raises as Provisioning.execute."""

    def fate(self, plan: str) -> Fate:
        """What the journal says, after finishing what a dead process left."""


class Service(Protocol):
    """What is known of a site's life."""

    def in_service(self, site: str) -> bool:
        """Whether the site has an operational service date [WV-20]."""


@dataclass(frozen=True)
class RequestPorts:
    """What submitting, approving and cancelling need."""

    store: RequestStore
    intents: Intents
    service: Service
    events: EventSink
    clock: Clock
    #: The inventory as it is on the disk now; raises InventoryError.
    inventory: Callable[[], Inventory]


@dataclass(frozen=True)
class Worker:
    """What moving requests on needs beside: plans, and who works."""

    changes: Changes
    owner: str
    may_live: Callable[[str], bool]
