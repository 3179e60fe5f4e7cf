"""What requests need of the world: a durable store, plans and their runs, the intent in the workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.events import Clock, EventSink
from agent.requests.model import Request, State, Submission
from inventory import Inventory


class RequestStore(Protocol):
    """Requests; each call is one durable transaction, and each new state goes to the webhooks' outbox within it."""

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
        """Write ``after`` where ``before`` is still what is stored; Refused where somebody else was faster."""


class Service(Protocol):
    """What is known of a site's life."""

    def in_service(self, site: str) -> bool:
        """Whether the site has an operational service date [WV-20]."""


@dataclass(frozen=True)
class RequestPorts:
    """What the use cases need."""

    store: RequestStore
    service: Service
    events: EventSink
    clock: Clock
    inventory: Callable[[], Inventory]
    #: An aware moment at which a scheduled request of this inventory may start: see agent/requests/windows.py.
    opening: Callable[[Inventory, Submission, datetime], datetime]
