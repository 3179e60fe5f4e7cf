"""What the agent itself knows to be chargeable of an applied request [WV-25]: pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from agent.requests.charges import Charge, ChargeKind
from agent.requests.model import Request, State
from agent.requests.windows import by_wish_out_of_hours
from inventory.customer import Customer


def bills(request: Request, customer: Customer | None, now: datetime) -> tuple[Charge, ...]:
    """The chargeable events of a request that was applied; the moment that counts is when the work began."""
    began = next((step.at for step in reversed(request.steps) if step.state is State.APPLYING), now)
    return tuple(_charge(request, kind, note, began, now) for kind, note in _due(request, customer, began))


def _due(request: Request, customer: Customer | None, began: datetime) -> Iterator[tuple[ChargeKind, str]]:
    if request.submission.expedite:
        yield ChargeKind.EXPEDITE, "the customer wanted it at once"
    if customer is not None and by_wish_out_of_hours(customer, request.submission, began):
        yield ChargeKind.OUT_OF_HOURS_REMOTE, f"outside business hours {customer.calendar.business_hours}, as wished"


def _charge(request: Request, kind: ChargeKind, note: str, began: datetime, now: datetime) -> Charge:
    return Charge(
        kind=kind,
        customer=request.submission.customer,
        site=request.submission.site,
        occurred_at=began,
        recorded_at=now,
        who="spokesman",
        note=f"{note}: {request.submission.kind}",
        request=request.reference,
        source=f"{request.reference} {kind}",
    )
