"""Simple service requests [WV-22]: the catalogue, what is submitted, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from http import HTTPStatus
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, create_model

from agent.api.caller import Work
from agent.api.problems import Reason, Refusal
from agent.api.views.common import Sentence, View, shown
from agent.requests.kind import Kind
from agent.requests.model import Request, Submission

_NAME = r"^[a-z][a-z0-9-]{0,30}$"


class KindView(View):
    """A kind of request."""

    model_config = ConfigDict(
        **shown(
            {
                "kind": "add_static_route",
                "title": "Add a static route of a VPN",
                "approval": True,
                "order": "",
                "rules": ["WV-22"],
                "parameters": {"type": "object"},
                "example": {"vpn": "corporate", "prefix": "10.10.40.0/24", "via": "10.10.2.254"},
            }
        )
    )
    kind: str
    title: str
    approval: bool
    """Whether a person approves it before it is applied."""
    order: str
    """The kind of order that it needs, because it changes recurring charges: it is refused; empty: none."""
    rules: tuple[str, ...]
    """The rules of the service that it follows."""
    parameters: dict[str, Any]
    """What it needs to know, as JSON Schema."""
    example: dict[str, Any]
    """Parameters as they may be given."""


class Catalogue(View):
    """Every kind of request."""

    items: tuple[KindView, ...]


class Submitted(View):
    """A request to be made; `Idempotency-Key` makes repeating it harmless."""

    kind: str
    """A kind of the catalogue."""
    customer: Annotated[str, Field(pattern=_NAME)]
    """The customer's key in the inventory."""
    site: Annotated[str, Field(pattern=_NAME)]
    """The site's name, without the customer."""
    parameters: BaseModel
    """What the kind needs to know."""
    reference: Annotated[str, Field(pattern=r"^[ -~]{0,80}$")] = ""
    """The customer's own reference."""
    not_before: AwareDatetime | None = None
    """The customer's wish: not before this moment."""
    expedite: bool = False
    """The customer wants it at once, outside of windows too; that is charged [WV-25]."""


class Approval(View):
    """What is approved."""

    model_config = ConfigDict(**shown({"plan": "P-1a2b3c4d"}))
    plan: Annotated[str, Field(pattern=r"^(P-[0-9a-f]{8})?$")] = ""
    """The plan that was read; another one is not approved by this. Empty: whichever is there."""


class Withdrawal(View):
    """Why a request is taken back."""

    model_config = ConfigDict(**shown({"why": "the customer has changed their mind"}))
    why: Sentence
    """One line, for the history and the customer."""


class StepView(View):
    """A line of a request's history."""

    at: AwareDatetime
    state: str
    who: str
    """Empty where this token may not see it."""
    text: str


_REQUEST = {
    "request": "SSR-000007", "kind": "add_static_route", "customer": "acme", "site": "leeds",
    "parameters": {"vpn": "corporate", "prefix": "10.10.40.0/24", "via": "10.10.2.254"}, "reference": "CHG-4711",
    "state": "waiting_approval", "who": "api:acme-portal", "submitted_at": "2026-12-02T09:00:00Z",
    "changed_at": "2026-12-02T09:00:05Z", "not_before": None, "expedite": False, "plan": "P-1a2b3c4d",
    "plan_text": ["Plan P-1a2b3c4d: provision acme/leeds"], "approved_by": "", "due": None, "reason": "", "order": "",
    "needs_person": False, "commands": [],
    "steps": [{"at": "2026-12-02T09:00:00Z", "state": "submitted", "who": "api:acme-portal", "text": ""}],
}  # fmt: skip


class RequestView(View):
    """A request as it stands."""

    model_config = ConfigDict(**shown(_REQUEST))
    request: str
    """Its reference."""
    kind: str
    customer: str
    site: str
    parameters: dict[str, Any]
    reference: str
    """The customer's own reference."""
    state: str
    """submitted, planned, waiting_approval, scheduled, applying; applied, refused, rolled_back, cancelled end it."""
    who: str
    """Who submitted it; empty where this token may not see it."""
    submitted_at: AwareDatetime
    changed_at: AwareDatetime
    not_before: AwareDatetime | None
    expedite: bool
    plan: str
    """The plan that it became; empty: none yet, or not for this token."""
    plan_text: tuple[str, ...]
    """The plan as people read it, secrets hidden; empty for a customer's token."""
    approved_by: str
    due: AwareDatetime | None
    """When its window opens."""
    reason: str
    """Why it was refused, taken back, cancelled, or is not further yet."""
    order: str
    """The kind of order that it needs instead."""
    needs_person: bool
    """What a router runs is not known; people of the provider look after it."""
    commands: tuple[str, ...]
    """What these people should run; empty for a customer's token."""
    steps: tuple[StepView, ...]
    """Its history, oldest first."""


def union_of(kinds: Iterable[Kind]) -> Any:
    """The type of a submission: one model for each kind of the catalogue, told apart by ``kind``."""
    models = [_model(kind) for kind in kinds]
    return Annotated[reduce(or_, models), Field(discriminator="kind")]


def _model(kind: Kind) -> Any:
    title = "".join(part.title() for part in kind.name.split("_"))
    example = {"kind": kind.name, "customer": "acme", "site": "leeds", "parameters": dict(kind.example)}
    fields: dict[str, Any] = {
        "kind": (Literal[kind.name], Field(description=kind.title)),
        "parameters": (kind.parameters, Field(description="What it needs to know.")),
    }
    # A model of its own each: create_model takes no configuration beside a base.
    base = type(f"{title}Base", (Submitted,), {"model_config": ConfigDict(**shown(example)), "__module__": __name__})
    return create_model(f"{title}Request", __base__=base, __doc__=kind.title, **fields)


def submission_of(submitted: Submitted, key: str) -> Submission:
    """What is handed to the use case; Refusal (422) for parameters of an order that are too many."""
    try:
        return Submission(
            kind=submitted.kind,
            customer=submitted.customer,
            site=submitted.site,
            parameters=submitted.parameters.model_dump(mode="json", exclude_none=True),
            key=key,
            reference=submitted.reference,
            not_before=submitted.not_before,
            expedite=submitted.expedite,
        )
    except ValidationError as error:
        reasons = tuple(
            Reason(where=".".join(map(str, ("body", *one["loc"])))[:120], message=one["msg"][:300])
            for one in error.errors(include_input=False)[:20]
        )
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        raise Refusal(
            status, "the parameters are not valid", "correct what the reasons name", reasons=reasons
        ) from None


def kind_view(kind: Kind, *, approval: bool) -> KindView:
    """A kind of request, and whether this workspace has a person approve it."""
    return KindView(
        kind=kind.name,
        title=kind.title,
        approval=approval,
        order=kind.order,
        rules=kind.clauses,
        parameters=kind.parameters.model_json_schema(),
        example=dict(kind.example),
    )


def request_view(work: Work, request: Request) -> RequestView:
    """A request for the holder of a token; how routers change, and who of the provider acted, is for staff."""
    staff = work.staff

    def person(who: str) -> str:
        return who if staff or who == work.who else ""

    asked = request.submission
    return RequestView(
        request=request.reference,
        kind=asked.kind,
        customer=asked.customer,
        site=asked.site,
        parameters=dict(asked.parameters),
        reference=asked.reference,
        state=request.state.value,
        who=person(request.who),
        submitted_at=request.submitted_at,
        changed_at=request.changed_at,
        not_before=asked.not_before,
        expedite=asked.expedite,
        plan=request.plan if staff else "",
        plan_text=request.plan_text if staff and work.whole else (),
        approved_by=person(request.approved_by),
        due=request.due,
        reason=work.veiled(request.reason),
        order=request.order,
        needs_person=request.needs_person,
        commands=request.commands if staff and work.whole else (),
        steps=tuple(
            StepView(at=one.at, state=one.state.value, who=person(one.who), text=work.veiled(one.text))
            for one in request.steps
        ),
    )
