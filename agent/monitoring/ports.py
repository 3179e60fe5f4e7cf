"""What monitoring needs of the world: a durable store, and what else the agent is doing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from agent.incidents.incident import Incident
from agent.incidents.opening import Decision
from agent.monitoring.alarms import Alarm, AlarmKey, Verdicts
from agent.monitoring.keeping.note import Note
from agent.monitoring.states import Reach, RouterState, Step


class Work(Protocol):
    """What the agent itself is doing, so that its own changes are not taken for somebody else's."""

    def running(self, routers: Collection[str]) -> frozenset[str]:
        """Those of the routers that a change of ours holds now."""

    def changed(self, router: str, since: datetime, until: datetime) -> bool:
        """Whether we changed the router's configuration between the two moments."""

    def in_service(self, sites: Collection[str]) -> frozenset[str]:
        """Those of the sites (``customer/site``) that have an operational service date [WV-20]."""


class Doings(Protocol):
    """The same, asked of one router: whoever answers may have asked for all of a batch."""

    def running(self, router: str) -> bool:
        """Whether a change of ours holds the router now."""

    def changed(self, router: str, since: datetime, until: datetime) -> bool:
        """Whether we changed the router's configuration between the two moments."""

    def in_service(self, site: str) -> bool:
        """Whether the site has an operational service date."""


class Seen(NamedTuple):
    """How a hub looked when it was last polled."""

    reach: Reach
    polled_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a router when one of its polls is decided on."""

    state: RouterState | None
    active: tuple[Alarm, ...]
    incident: Incident | None
    next_reference: str
    hubs: Mapping[str, Seen]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one sample led to. ``incident`` is new or changed; ``decisions`` belong to the active alarms."""

    step: Step
    verdicts: Verdicts
    decisions: Mapping[AlarmKey, Decision]
    incident: Incident | None


@dataclass(frozen=True, slots=True)
class Book:
    """What the store knows of routers, by name: states as they were last written, and notes of what came after.

    ``references`` are those that the next incidents get.
    """

    states: Mapping[str, RouterState]
    notes: Mapping[str, Note]
    active: Mapping[str, tuple[Alarm, ...]]
    incidents: Mapping[str, Incident]
    references: Iterator[str]


class Revised(NamedTuple):
    """How often anything was written of routers, and of which since another such number."""

    revision: int
    routers: frozenset[str]


class Turn(Protocol):
    """One write transaction: nobody else writes of routers while it lasts. ``revised`` is what came before it."""

    @property
    def revised(self) -> Revised:
        """This turn's own revision, and whom others wrote of since the one that was asked for."""

    def read(self, routers: Collection[str], hubs: Collection[str]) -> Book:
        """What is known of ``routers``; of ``hubs`` the states only."""

    def write(self, book: Book, outcomes: Iterable[Outcome]) -> None:
        """Keep states, alarms and incidents; at most one outcome a router of the book."""

    def note(self, notes: Iterable[Note]) -> None:
        """Keep notes in place of former ones of these routers."""


class WatchStore(Protocol):
    """Current states, alarms and incidents."""

    def revised(self, since: int | None) -> Revised:
        """Whom anybody wrote of after revision ``since``; None: the revision only."""

    def turn(self, since: int | None) -> AbstractContextManager[Turn]:
        """A transaction that is on the disk when it ends, and leaves nothing where it fails."""

    def apply(self, verdicts: Verdicts) -> None:
        """Raise and clear alarms that no poll caused: a backup, the inventory."""

    def last_polls(self) -> Mapping[str, datetime]:
        """When each router's last poll began."""
