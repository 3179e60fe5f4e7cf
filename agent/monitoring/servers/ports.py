"""What watching servers needs of the world: a durable store, and what else the agent is doing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.incidents.incident import Incident
from agent.incidents.opening import Decision
from agent.monitoring.alarms import Alarm, AlarmKey, Verdicts
from agent.monitoring.servers.expected import Baseline
from agent.monitoring.servers.states import ServerState, ServerStep
from agent.monitoring.states import RouterState


@dataclass(frozen=True, slots=True)
class ServerKnown:
    """What the store knows of a server and of the router before it, read in the transaction that writes."""

    state: ServerState | None
    active: tuple[Alarm, ...]
    incident: Incident | None
    next_reference: str
    router: RouterState | None


@dataclass(frozen=True, slots=True)
class ServerOutcome:
    """What one sample led to. ``incident`` is new or changed; ``decisions`` belong to the active alarms."""

    step: ServerStep
    verdicts: Verdicts
    decisions: Mapping[AlarmKey, Decision]
    incident: Incident | None


class ServerStore(Protocol):
    """Current states, baselines, alarms and incidents of servers."""

    def observe(self, server: str, router: str, decide: Callable[[ServerKnown], ServerOutcome]) -> ServerOutcome:
        """Read, decide and write in one transaction; durable when it returns."""

    def states(self) -> Mapping[str, ServerState]:
        """The last known states by server."""

    def baselines(self) -> Mapping[str, Baseline]:
        """The newest baseline of each server that has one."""

    def keep_baseline(self, baseline: Baseline) -> None:
        """Keep a baseline in place of the server's former one."""

    def forget(self, servers: tuple[str, ...], at: datetime) -> None:
        """Servers that left the inventory: their state goes, their alarms are cleared, their history stays."""
