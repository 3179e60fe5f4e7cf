"""/v1/events, /v1/token, /v1/openapi.json and /v1/health: the service about itself."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from agent.api.caller import MAY, UNLIMITED, Worker, authorised
from agent.api.views.common import Limit, NumberCursor, Page
from agent.api.views.events import EventView, Health, TokenView, event_view, token_view
from agent.store.audit import AuditStore

router = APIRouter(tags=["service"])

Who = Annotated[
    str | None,
    Query(pattern=r"^[^\x00-\x1f\x7f]{1,80}$", description="Only what this one did.", examples=["api:erp-2026"]),
]
Subject = Annotated[
    str | None,
    Query(pattern=r"^[^\x00-\x1f\x7f]{1,200}$", description="Only what was done to this.", examples=["acme/leeds"]),
]


@router.get("/events", operation_id="listEvents", summary="List the audit")
def list_events(
    work: Worker,
    limit: Limit = 50,
    cursor: NumberCursor = None,
    who: Who = None,
    subject: Subject = None,
) -> Page[EventView]:
    """What was done and what was refused, newest first."""
    before = None if cursor is None else int(cursor)
    found = AuditStore(work.serving.engine).page(before, limit + 1, who=who, subject=subject)
    following = str(found[limit - 1][0]) if len(found) > limit else None
    return Page(items=tuple(event_view(number, event) for number, event in found[:limit]), next_cursor=following)


@router.get("/token", operation_id="getToken", summary="Show the token in use")
def get_token(work: Worker) -> TokenView:
    """What the token of this request may do, and until when."""
    limited = bool(work.token.customer)
    may = [name for name, roles in MAY.items() if work.token.role in roles and not (limited and name in UNLIMITED)]
    return token_view(work.token, tuple(sorted(may)))


@router.get(
    "/openapi.json",
    operation_id="getOpenApi",
    summary="Show this document",
    dependencies=[Depends(authorised)],
)
def get_openapi(request: Request) -> dict[str, Any]:
    """The API as OpenAPI 3.1 describes it. `spokesman api openapi` prints the same without a token."""
    document: dict[str, Any] = request.app.openapi()
    return document


@router.get("/health", operation_id="getHealth", summary="Say that the service answers")
def get_health() -> Health:
    """Needs no token, looks at nothing and tells nothing else."""
    return Health(status="ok")
