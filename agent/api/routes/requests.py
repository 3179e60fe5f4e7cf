"""/v1/requests: simple service requests [WV-22]."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from agent.api.caller import Work, Worker
from agent.api.problems import not_found
from agent.api.routes.inventory import site_of
from agent.api.views.common import Limit, NumberCursor, Page, newest_first
from agent.api.views.requests import (
    Approval,
    Catalogue,
    RequestView,
    Submitted,
    Withdrawal,
    kind_view,
    request_view,
    submission_of,
    union_of,
)
from agent.app.requests import requests_of
from agent.errors import Refused
from agent.requests.catalogue import kinds
from agent.requests.desk import Requests
from agent.requests.kind import Kind
from agent.requests.model import Request, State
from inventory import InventoryError

router = APIRouter(prefix="/requests", tags=["requests"])

if TYPE_CHECKING:
    AnySubmission = Submitted
else:
    AnySubmission = union_of(kinds().values())

Reference = Annotated[
    str, Path(pattern=r"^SSR-[0-9]{6,9}$", description="A request's reference.", examples=["SSR-000007"])
]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9._:/@+-]{1,100}$",
        description="Drawn by the client, once for each request: the same key of the same token with the same content "
        "is the same request, however often it is sent.",
        examples=["7f6f1c0e-2f0b-4d53-8f2c-6f1d7f1b8f54"],
    ),
]
InState = Annotated[State | None, Query(description="Only those in this state.", examples=["waiting_approval"])]


@router.get("/catalogue", operation_id="listRequestKinds", summary="List the kinds of requests")
def list_request_kinds(work: Worker) -> Catalogue:
    """What can be asked for, with the parameters of each; and what needs an order instead."""
    requests = requests_of(work.history())
    return Catalogue(items=tuple(kind_view(one, approval=_approval(requests, one)) for one in requests.catalogue()))


@router.post("", operation_id="submitRequest", summary="Submit a request", status_code=HTTPStatus.CREATED)
def submit_request(work: Worker, key: Key, submission: AnySubmission, response: Response) -> RequestView:
    """Keeps the request and says at once whether it can be: it is durable when the answer comes.

    Sent again with the same `Idempotency-Key` and content it is the same request, and the answer says how it stands by
    then; with another content it is refused (409). What conflicts with the inventory or its rules, or needs an order,
    is kept in state `refused`, with the reason.
    """
    app = work.app()
    site_of(work, app.inventory, submission.customer, submission.site)
    request = requests_of(app).submit(submission_of(submission, key), work.who)
    response.headers["Location"] = f"/v1/requests/{request.reference}"
    return request_view(work, request)


@router.get("", operation_id="listRequests", summary="List requests")
def list_requests(
    work: Worker, limit: Limit = 50, cursor: NumberCursor = None, state: InState = None
) -> Page[RequestView]:
    """Requests for sites that this token may see, newest first."""
    found = requests_of(work.history()).list(work.token.customer or None, state)
    seen = ((_number(one), one) for one in found if work.sees(one.submission.place))
    return newest_first(seen, lambda one: request_view(work, one), (cursor, limit))


@router.get("/{request}", operation_id="getRequest", summary="Show a request")
def get_request(work: Worker, request: Reference) -> RequestView:
    """A request as it stands, with its history."""
    return request_view(work, _found(work, request))


@router.post("/{request}/approve", operation_id="approveRequest", summary="Approve a request")
def approve_request(work: Worker, request: Reference, approval: Approval) -> RequestView:
    """What its plan shows may be applied in its window. 409 where it does not wait for that, or has another plan."""
    found = _found(work, request)
    return request_view(work, requests_of(work.app()).approve(found.reference, work.who, approval.plan))


@router.post("/{request}/cancel", operation_id="cancelRequest", summary="Cancel a request")
def cancel_request(work: Worker, request: Reference, withdrawal: Withdrawal) -> RequestView:
    """Takes a request back. 409 once it is being applied, or has ended."""
    found = _found(work, request)
    return request_view(work, requests_of(work.app()).cancel(found.reference, work.who, withdrawal.why))


def _approval(requests: Requests, kind: Kind) -> bool:
    """Whether a person approves it; while the workspace's policy cannot be read, what the kind itself says."""
    try:
        return requests.approval(kind)
    except InventoryError:
        return kind.approval and not kind.order


def _number(request: Request) -> int:
    return int(request.reference.rpartition("-")[2])


def _found(work: Work, reference: str) -> Request:
    """A request that the token may see; Refusal (404) for others and for none alike."""
    try:
        found = requests_of(work.history()).get(reference)
    except Refused:
        raise not_found("request", reference) from None
    if not work.sees(found.submission.place):
        raise not_found("request", reference)
    return found
