"""What incidents need of the world: a durable store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from agent.incidents.incident import Incident


class IncidentStore(Protocol):
    """Incidents with their timelines."""

    def incident(self, reference: str) -> Incident:
        """One incident; raises Refused for a reference that does not exist."""

    def incidents(self, *, closed: bool) -> tuple[Incident, ...]:
        """Incidents that are not closed, newest first; with ``closed`` the closed ones as well."""

    def change(self, reference: str, change: Callable[[Incident], Incident]) -> Incident:
        """Read, change and write in one transaction; durable when it returns; raises what ``change`` raises."""
