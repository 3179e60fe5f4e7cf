"""Incidents, their timelines and their evidence.

A customer, or whoever is limited to a customer's sites, sees what happened and what was found, and none of the texts:
these quote routers of other sites and the ways in which the management centre reaches devices.
"""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, ConfigDict

from agent.api.caller import Work
from agent.api.views.common import Sentence, View, shown
from agent.faults.evidence import Evidence
from agent.incidents.incident import Entry, Incident
from agent.monitoring.views import waits_for

_INCIDENT = {
    "incident": "INC-000007", "subject": "acme-lee-r1", "site": "acme/leeds", "status": "open",
    "summary": "acme-lee-r1 does not answer", "cause": "the internet access of acme/leeds is down",
    "opened_at": "2026-12-02T09:56:05Z", "cleared_at": None, "closed_at": None, "waits_for": "repair",
}  # fmt: skip


class IncidentView(View):
    """An incident."""

    model_config = ConfigDict(**shown(_INCIDENT))
    incident: str
    """Its reference."""
    subject: str
    """The router or server."""
    site: str
    """``customer/site``."""
    status: str
    """``open``, ``cleared`` (waits for the customer) or ``closed`` [OP-2]."""
    summary: str
    cause: str
    """What was found to be the cause, and where; empty: not known yet."""
    opened_at: AwareDatetime
    cleared_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    waits_for: str
    """What has to happen next."""


class EntryView(View):
    """A line of the timeline."""

    at: AwareDatetime
    what: str
    who: str
    """A login, ``spokesman``, or ``api:`` and a token's name; empty where this token may not see it."""
    text: str
    """Empty where this token may not see it."""


class EvidenceView(View):
    """What a probe found."""

    at: AwareDatetime
    probe: str
    """What was asked."""
    source: str
    """The router that was asked, or ``here``."""
    target: str
    finding: str
    """``good``, ``bad``, or why nothing is known."""
    item: str
    text: str | None
    """What came back, secrets hidden; null where this token may not see it."""
    late: bool
    """Whether it came after the moment by which evidence was due [WV-10]."""


class IncidentDocument(IncidentView):
    """An incident with its timeline and evidence."""

    model_config = ConfigDict(
        **shown(
            {
                **_INCIDENT,
                "timeline": [
                    {"at": "2026-12-02T09:56:05Z", "what": "opened", "who": "spokesman", "text": "no answer to 2 polls"}
                ],
                "evidence": [
                    {
                        "at": "2026-12-02T09:57:00Z",
                        "probe": "ping_wan",
                        "source": "acme-lon-r1",
                        "target": "acme-lee-r1",
                        "finding": "bad",
                        "item": "203.0.113.77",
                        "text": "Success rate is 0 percent (0/5)",
                        "late": False,
                    }
                ],
            }
        )
    )
    timeline: tuple[EntryView, ...]
    """Oldest first; the newest 500 entries."""
    evidence: tuple[EvidenceView, ...]
    """In the order in which it was kept; only what was asked of or about routers that this token may see."""


class Words(View):
    """What was said or found, for the timeline."""

    model_config = ConfigDict(**shown({"words": "told by telephone; Ms Reed will look after lunch"}))
    words: Sentence
    """One line."""


#: Timelines are shown up to this length.
LONGEST = 500


def incident_view(work: Work, incident: Incident) -> IncidentView:
    """An incident for the holder of a token."""
    return IncidentView(**_shown(work, incident))


def incident_document(work: Work, incident: Incident, evidence: tuple[Evidence, ...]) -> IncidentDocument:
    """An incident with what the holder of a token may see of its timeline and evidence."""
    return IncidentDocument(
        **_shown(work, incident),
        timeline=tuple(_entry(work, one) for one in incident.timeline[-LONGEST:]),
        evidence=tuple(_evidence(work, one) for one in evidence if _concerns(work, one)),
    )


def _shown(work: Work, incident: Incident) -> dict[str, Any]:
    return {
        "incident": incident.reference,
        "subject": incident.subject,
        "site": incident.site,
        "status": incident.status.value,
        "summary": work.veiled(incident.summary),
        "cause": work.veiled(incident.cause),
        "opened_at": incident.opened_at,
        "cleared_at": incident.cleared_at,
        "closed_at": incident.closed_at,
        "waits_for": waits_for(incident),
    }


def _entry(work: Work, entry: Entry) -> EntryView:
    open_ = _sees_texts(work)
    return EntryView(
        at=entry.at, what=entry.what.value, who=entry.who if open_ else "", text=entry.text if open_ else ""
    )


def _evidence(work: Work, evidence: Evidence) -> EvidenceView:
    return EvidenceView(
        at=evidence.at,
        probe=evidence.probe.value,
        source=evidence.source,
        target=work.veiled(evidence.target),
        finding=evidence.finding.value,
        item=work.veiled(evidence.item),
        text=evidence.text if _sees_texts(work) else None,
        late=evidence.late,
    )


def _sees_texts(work: Work) -> bool:
    return work.whole and work.staff


def _concerns(work: Work, evidence: Evidence) -> bool:
    """Whether the evidence comes from a router that the holder sees, or from the management centre about one."""
    if work.whole:
        return True
    return evidence.source in work.subjects or (evidence.source == "here" and evidence.target in work.subjects)
