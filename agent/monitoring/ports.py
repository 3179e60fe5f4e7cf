"""What monitoring needs of the world: a durable store, and what else the agent is doing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.incidents.incident import Incident
from agent.incidents.opening import Decision
from agent.monitoring.alarms import Alarm, AlarmKey, Verdicts
from agent.monitoring.states import RouterState, Step


class Work(Protocol):
    """What the agent itself is doing, so that its own changes are not taken for somebody else's."""

    def running(self, router: str) -> bool:
        """Whether a change of ours holds the router now."""

    def changed(self, router: str, since: datetime, until: datetime) -> bool:
        """Whether we changed the router's configuration between the two moments."""

    def in_service(self, site: str) -> bool:
        """Whether the site (``customer/site``) has an operational service date [WV-20]."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a router, read in the same transaction that writes what is decided."""

    state: RouterState | None
    active: tuple[Alarm, ...]
    incident: Incident | None
    next_reference: str
    hubs: Mapping[str, RouterState]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one sample led to. ``incident`` is new or changed; ``decisions`` belong to the active alarms."""

    step: Step
    verdicts: Verdicts
    decisions: Mapping[AlarmKey, Decision]
    incident: Incident | None


class WatchStore(Protocol):
    """Current states, alarms and incidents."""

    def observe(self, router: str, hubs: frozenset[str], decide: Callable[[Known], Outcome]) -> Outcome:
        """Read, decide and write in one transaction; durable when it returns."""

    def apply(self, verdicts: Verdicts) -> None:
        """Raise and clear alarms that no sample caused: a backup, the inventory."""

    def last_polls(self) -> Mapping[str, datetime]:
        """When each router's last poll began."""
