"""An incident and its life [OP-2]: opened, cleared, told, confirmed or closed. Pure: every moment is an argument."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from agent.errors import Refused

#: The customer has this long to answer after being contacted [OP-2].
CONFIRMATION = timedelta(hours=24)
#: Evidence must be stored this long after the first failed poll [WV-10, OP-4].
EVIDENCE_WITHIN = timedelta(minutes=15)


class Status(StrEnum):
    """Where an incident stands; cleared waits for the customer."""

    OPEN = "open"
    CLEARED = "cleared"
    CLOSED = "closed"


class Step(StrEnum):
    """What an entry of the timeline records."""

    OPENED = "opened"
    ALARM_ATTACHED = "alarm_attached"
    TOLD = "told"
    EVIDENCE = "evidence"
    CONCLUSION = "conclusion"
    CLEARED = "cleared"
    CONTACT = "contact"
    CONFIRMED = "confirmed"
    STILL_BROKEN = "still_broken"
    RECURRED = "recurred"
    CLOSED_WITHOUT_ANSWER = "closed_without_answer"
    WAITS_FOR_CONTACT = "waits_for_contact"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an incident's timeline; ``who`` is a person's login, ``spokesman``, or the router that told it."""

    at: datetime
    what: Step
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Incident:
    """A ticket. ``contacted_at`` is the first attempt to reach the customer since it was last cleared.

    ``first_failed_at`` is the first failed poll behind it, ``diagnosed_at`` when the evidence was complete.
    """

    reference: str
    subject: str
    site: str
    summary: str
    status: Status
    opened_at: datetime
    first_failed_at: datetime
    cleared_at: datetime | None = None
    contacted_at: datetime | None = None
    closed_at: datetime | None = None
    diagnosed_at: datetime | None = None
    cause: str = ""
    timeline: tuple[Entry, ...] = ()

    @property
    def evidence_due(self) -> datetime:
        """When evidence must be stored [WV-10]."""
        return self.first_failed_at + EVIDENCE_WITHIN

    @property
    def closes_at(self) -> datetime | None:
        """When it closes if the customer does not answer; None: not cleared, or nobody was contacted yet."""
        if self.status is not Status.CLEARED or self.contacted_at is None:
            return None
        return self.contacted_at + CONFIRMATION


AGENT = "spokesman"


def attach(incident: Incident, at: datetime, first_failed_at: datetime, why: str) -> Incident:
    """Another alarm of the same subject; if it had been cleared, the fault has come back and is diagnosed anew."""
    if incident.status is Status.CLEARED:
        return _reopened(incident, first_failed_at, Entry(at, Step.RECURRED, AGENT, why))
    return _noted(incident, Entry(at, Step.ALARM_ATTACHED, AGENT, why))


def clear(incident: Incident, at: datetime, who: str, why: str) -> Incident:
    """Believed cleared: it now waits for the customer."""
    if incident.status is not Status.OPEN:
        return incident
    return _noted(replace(incident, status=Status.CLEARED, cleared_at=at), Entry(at, Step.CLEARED, who, why))


def contact(incident: Incident, at: datetime, who: str, how: str) -> Incident:
    """The customer was told, or an attempt was made; the first one after clearing starts the 24 hours."""
    _not_closed(incident)
    told = incident
    if incident.status is Status.CLEARED and incident.contacted_at is None:
        told = replace(incident, contacted_at=at)
    return _noted(told, Entry(at, Step.CONTACT, who, how))


def confirm(incident: Incident, at: datetime, who: str, words: str = "") -> Incident:
    """The customer confirms that it is cleared: closed."""
    _not_closed(incident)
    if incident.status is Status.OPEN:
        raise Refused(
            "the incident is still open: only a cleared one is confirmed",
            where=incident.reference,
            remedy="wait for recovery, or see `spokesman incident show`",
            rule="OP-2",
        )
    closed = replace(incident, status=Status.CLOSED, closed_at=at)
    return _noted(closed, Entry(at, Step.CONFIRMED, who, words or "the customer confirms"))


def still_broken(incident: Incident, at: datetime, who: str, words: str) -> Incident:
    """The customer says that it is not cleared: open again."""
    _not_closed(incident)
    entry = Entry(at, Step.STILL_BROKEN, who, words or "the customer says it is not cleared")
    return _reopened(incident, at, entry) if incident.status is Status.CLEARED else _noted(incident, entry)


def waits_for_a_person(incident: Incident) -> bool:
    """Whether the last word was the customer's, that it is not cleared; no alarm has spoken since."""
    spoken = (Step.OPENED, Step.ALARM_ATTACHED, Step.RECURRED, Step.STILL_BROKEN)
    last = next((entry.what for entry in reversed(incident.timeline) if entry.what in spoken), None)
    return last is Step.STILL_BROKEN


def tick(incident: Incident, now: datetime) -> Incident:
    """What the passing of time does: closes what was contacted and not answered, and says so where nobody was."""
    if incident.status is not Status.CLEARED or incident.cleared_at is None:
        return incident
    closes = incident.closes_at
    if closes is not None:
        if now < closes:
            return incident
        closed = replace(incident, status=Status.CLOSED, closed_at=now)
        return _noted(closed, Entry(now, Step.CLOSED_WITHOUT_ANSWER, AGENT, "contacted; no answer within 24 h [OP-2]"))
    waited = now - incident.cleared_at >= CONFIRMATION
    said = any(entry.what is Step.WAITS_FOR_CONTACT and entry.at >= incident.cleared_at for entry in incident.timeline)
    if not waited or said:
        return incident
    text = "cleared for 24 h, but nobody has contacted the customer: it stays [OP-2]"
    return _noted(incident, Entry(now, Step.WAITS_FOR_CONTACT, AGENT, text))


def note(incident: Incident, entry: Entry) -> Incident:
    """Evidence or a conclusion is added to the timeline."""
    return _noted(incident, entry)


def concluded(incident: Incident, of: Incident, entry: Entry, cause: str) -> Incident:
    """Diagnostics of ``of`` ended; where it recurred meanwhile they told of the fault before, and others are due."""
    noted = note(incident, entry)
    if incident.first_failed_at != of.first_failed_at:
        return noted
    return replace(noted, diagnosed_at=entry.at, cause=cause)


def _reopened(incident: Incident, failed_at: datetime, entry: Entry) -> Incident:
    again = replace(incident, status=Status.OPEN, cleared_at=None, contacted_at=None, diagnosed_at=None, cause="")
    return _noted(replace(again, first_failed_at=failed_at), entry)


def _noted(incident: Incident, entry: Entry) -> Incident:
    return replace(incident, timeline=(*incident.timeline, entry))


def _not_closed(incident: Incident) -> None:
    if incident.status is Status.CLOSED:
        raise Refused(
            f"the incident was closed at {incident.closed_at:%Y-%m-%d %H:%M}Z",
            where=incident.reference,
            remedy="a fault that comes back opens a new incident",
            rule="OP-2",
        )
