"""/v1/incidents: what is wrong, what was found, and what people say about it [OP-2]."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from agent.api.caller import Work, Worker
from agent.api.problems import not_found
from agent.api.views.common import Limit, NumberCursor, Page
from agent.api.views.incidents import IncidentDocument, IncidentView, Words, incident_document, incident_view
from agent.app.app import utc_now
from agent.errors import Refused
from agent.incidents.desk import Desk
from agent.incidents.incident import Incident
from agent.store.audit import AuditStore
from agent.store.incidents import Incidents

router = APIRouter(prefix="/incidents", tags=["incidents"])

Reference = Annotated[
    str, Path(pattern=r"^INC-[0-9]{6,9}$", description="An incident's reference.", examples=["INC-000007"])
]
Closed = Annotated[bool, Query(description="Closed ones too.", examples=[False])]


@router.get("", operation_id="listIncidents", summary="List incidents")
def list_incidents(
    work: Worker, limit: Limit = 50, cursor: NumberCursor = None, closed: Closed = False
) -> Page[IncidentView]:
    """Incidents that are not closed, newest first; closed ones too where asked for."""
    before = None if cursor is None else int(cursor)
    found = Incidents(work.serving.engine).page(before, limit + 1, closed=closed, places=work.places)
    following = str(found[limit - 1][0]) if len(found) > limit else None
    return Page(items=tuple(incident_view(work, one) for _, one in found[:limit]), next_cursor=following)


@router.get("/{incident}", operation_id="getIncident", summary="Show an incident")
def get_incident(work: Worker, incident: Reference) -> IncidentDocument:
    """An incident with its timeline and the evidence that diagnostics found."""
    found = _found(work, incident)
    return incident_document(work, found, Incidents(work.serving.engine).evidence(found.reference))


@router.post("/{incident}/contact", operation_id="contactIncident", summary="Record a contact with the customer")
def contact_incident(work: Worker, incident: Reference, said: Words) -> IncidentView:
    """The customer was told, or an attempt was made; after clearing, the 24 hours for an answer begin."""
    return incident_view(work, _desk(work).contact(_found(work, incident).reference, work.who, said.words))


@router.post("/{incident}/confirm", operation_id="confirmIncident", summary="Confirm that an incident is cleared")
def confirm_incident(work: Worker, incident: Reference, said: Words) -> IncidentView:
    """The customer confirms: a cleared incident is closed. 409 for one that is still open, or closed already."""
    return incident_view(work, _desk(work).confirm(_found(work, incident).reference, work.who, said.words))


@router.post("/{incident}/reopen", operation_id="reopenIncident", summary="Say that an incident is not cleared")
def reopen_incident(work: Worker, incident: Reference, said: Words) -> IncidentView:
    """The customer says that it is not cleared: it is open again."""
    return incident_view(work, _desk(work).still_broken(_found(work, incident).reference, work.who, said.words))


@router.post("/{incident}/clear", operation_id="clearIncident", summary="Clear an incident by hand")
def clear_incident(work: Worker, incident: Reference, said: Words) -> IncidentView:
    """Where no poll can clear it: its router has left the inventory, say."""
    return incident_view(work, _desk(work).clear(_found(work, incident).reference, work.who, said.words))


def _desk(work: Work) -> Desk:
    return Desk(Incidents(work.serving.engine), AuditStore(work.serving.engine), utc_now)


def _found(work: Work, reference: str) -> Incident:
    """An incident that the token may see; Refusal (404) for others and for none alike."""
    try:
        found = Incidents(work.serving.engine).incident(reference)
    except Refused:
        raise not_found("incident", reference) from None
    if not work.sees(found.site):
        raise not_found("incident", reference)
    return found
