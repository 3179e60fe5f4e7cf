"""What people and the clock do to incidents; every act is kept in the timeline and in the audit."""

from __future__ import annotations

from collections.abc import Callable

from agent.events import Clock, Event, EventSink, Result
from agent.incidents import incident as life
from agent.incidents.incident import AGENT, Incident
from agent.incidents.ports import IncidentStore


class Desk:
    """The incident desk: list, show, contact, confirm, report as still broken, clear by hand."""

    def __init__(self, store: IncidentStore, events: EventSink, clock: Clock) -> None:
        self._store = store
        self._events = events
        self._clock = clock

    def list(self, *, closed: bool = False) -> tuple[Incident, ...]:
        """Incidents that are not closed, newest first; with ``closed`` all of them."""
        return self._store.incidents(closed=closed)

    def show(self, reference: str) -> Incident:
        """One incident with its timeline; Refused for an unknown reference."""
        return self._store.incident(reference)

    def contact(self, reference: str, who: str, how: str) -> Incident:
        """Record that the customer was told, or that contact was attempted; starts the 24 hours [OP-2]."""
        now = self._clock()
        return self._act(reference, "incident.contact", who, how, lambda one: life.contact(one, now, who, how))

    def confirm(self, reference: str, who: str, words: str = "") -> Incident:
        """The customer confirms: closed. Refused where the incident is open or closed."""
        now = self._clock()
        return self._act(reference, "incident.confirm", who, words, lambda one: life.confirm(one, now, who, words))

    def still_broken(self, reference: str, who: str, words: str) -> Incident:
        """The customer says that it is not cleared: open again."""
        now = self._clock()
        action = "incident.still_broken"
        return self._act(reference, action, who, words, lambda one: life.still_broken(one, now, who, words))

    def clear(self, reference: str, who: str, why: str) -> Incident:
        """A person believes it cleared, where no alarm can say so."""
        now = self._clock()
        return self._act(reference, "incident.clear", who, why, lambda one: life.clear(one, now, who, why))

    def tick(self) -> tuple[Incident, ...]:
        """Let time pass for all incidents; those that it changed."""
        now = self._clock()
        due = [one for one in self._store.incidents(closed=False) if life.tick(one, now) != one]
        return tuple(
            self._act(one.reference, "incident.clock", AGENT, "OP-2", lambda one: life.tick(one, now)) for one in due
        )

    def _act(self, reference: str, action: str, who: str, why: str, change: Callable[[Incident], Incident]) -> Incident:
        after = self._store.change(reference, change)
        self._events.record(Event(self._clock(), who, action, after.reference, why, Result.DONE, after.status))
        return after
