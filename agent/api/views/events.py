"""The audit and the token in use."""

from __future__ import annotations

from pydantic import AwareDatetime, ConfigDict

from agent.api.views.common import View, shown
from agent.events import Event
from agent.tokens import Token


class EventView(View):
    """A line of the audit: who did what to what, why, when, and how it ended."""

    model_config = ConfigDict(
        **shown(
            {
                "event": 812,
                "at": "2026-12-02T09:56:05Z",
                "who": "api:erp-2026",
                "action": "api.submitRequest",
                "subject": "/v1/requests",
                "why": "request 5f1d0c9a3b7e4d20",
                "result": "done",
                "detail": "201",
            }
        )
    )
    event: int
    """Its number; a later one has a greater number."""
    at: AwareDatetime
    who: str
    """A login, ``spokesman``, or ``api:`` and a token's name."""
    action: str
    subject: str
    why: str
    result: str
    """``done``, ``refused``, ``failed``, ``rolled_back`` or ``uncertain``."""
    detail: str


class TokenView(View):
    """The token in use, without itself."""

    model_config = ConfigDict(
        **shown(
            {
                "name": "acme-portal",
                "role": "customer",
                "customer": "acme",
                "sites": ["leeds"],
                "expires_at": "2027-11-30T00:00:00Z",
                "operations": ["getStatus", "getToken", "listAlarms"],
            }
        )
    )
    name: str
    role: str
    customer: str
    """The customer that it is limited to; empty: not limited."""
    sites: tuple[str, ...]
    """The sites that it is limited to; empty: not limited within the customer."""
    expires_at: AwareDatetime | None
    operations: tuple[str, ...]
    """What it may do, by operation id."""


class Health(View):
    """That the service answers."""

    model_config = ConfigDict(**shown({"status": "ok"}))
    status: str
    """Always ``ok``."""


def event_view(number: int, event: Event) -> EventView:
    """A line of the audit."""
    return EventView(
        event=number,
        at=event.at,
        who=event.who,
        action=event.action,
        subject=event.subject,
        why=event.why,
        result=event.result.value,
        detail=event.detail,
    )


def token_view(token: Token, operations: tuple[str, ...]) -> TokenView:
    """The token in use."""
    return TokenView(
        name=token.name,
        role=token.role.value,
        customer=token.customer,
        sites=token.sites,
        expires_at=token.expires_at,
        operations=operations,
    )
