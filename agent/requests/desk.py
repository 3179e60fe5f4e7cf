"""What people and programs do with requests: look at the catalogue, submit, look, approve, cancel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property

from agent.errors import Refused
from agent.events import Event, Result
from agent.requests.catalogue import kinds
from agent.requests.judging import judged, needs_approval, parameters_of
from agent.requests.kind import Conflict, Kind
from agent.requests.model import Request, State, Step, Submission
from agent.requests.ports import RequestPorts
from agent.requests.windows import opening
from inventory import Inventory

#: States in which nothing has reached intent or a router.
CANCELLABLE = (State.SUBMITTED, State.PLANNED, State.WAITING_APPROVAL, State.SCHEDULED)


class Requests:
    """The use cases; each is safe to call from any process at any time."""

    def __init__(self, ports: RequestPorts) -> None:
        self._ports = ports

    def catalogue(self) -> tuple[Kind, ...]:
        """Every kind of request, by name; a kind with ``order`` is known and refused with the order it needs."""
        return tuple(kinds().values())

    def approval(self, kind: Kind) -> bool:
        """Whether the workspace's policy has a person approve requests of this kind."""
        return not kind.order and needs_approval(self._first_inventory, kind)

    @cached_property
    def _first_inventory(self) -> Inventory:
        """The inventory as it was when it was first looked at, for what is only shown."""
        return self._ports.inventory()

    def submit(self, submission: Submission, who: str) -> Request:
        """Keep a request and say at once whether it can be.

        The same key of the same ``who`` with the same content gives the same request. Raises Refused for what is
        malformed (nothing is kept), InventoryError where the inventory cannot be used now. What conflicts with the
        inventory or its rules, or needs an order, is kept in state refused with the reason.
        """
        try:
            parameters_of(submission)
            known = self._ports.store.find(submission, who)
        except Refused as refusal:
            self._note(who, "request.submit", submission.place, submission.key, Result.REFUSED, str(refusal))
            raise
        if known is not None:
            return known
        make = self._judge(self._ports.inventory(), submission, who)
        return self._ports.store.add(submission, who, make)

    def _judge(self, inventory: Inventory, submission: Submission, who: str) -> Callable[..., Request]:
        """How the request begins: to be planned, or refused with the reason."""
        now = self._ports.clock()
        try:
            change = judged(inventory, self._ports.intents, self._ports.service, submission)
        except Conflict as error:
            conflict = error
            return lambda reference, _other: refused(begun(reference, submission, who, now), conflict, now)

        def make(reference: str, other: Request | None) -> Request:
            fresh = begun(reference, submission, who, now)
            if other is not None:
                text = f"request {other.reference} ({other.state}) changes the same"
                return refused(fresh, Conflict(text, rule="WV-22", remedy="wait for its end, or cancel it"), now)
            return fresh.model_copy(update={"edits": change.edits, "subject": change.subject})

        return make

    def get(self, reference: str) -> Request:
        """One request; Refused for a reference that does not exist."""
        return self._ports.store.request(reference)

    def list(self, customer: str | None = None, state: State | None = None) -> tuple[Request, ...]:
        """Requests, newest first."""
        return self._ports.store.requests(customer, state)

    def approve(self, reference: str, who: str, plan: str = "") -> Request:
        """Approve what the plan shows; Refused where it waits for no approval, or ``plan`` is no longer its plan."""
        request = self._ports.store.request(reference)
        if request.state is not State.WAITING_APPROVAL:
            raise Refused(f"it does not wait for approval: it is {request.state}", where=request.reference)
        if plan and plan != request.plan:
            raise Refused(
                f"its plan is {request.plan} by now, not {plan}",
                where=request.reference,
                remedy=f"read it first: spokesman request show {request.reference}",
            )
        now = self._ports.clock()
        due = opening(self._ports.inventory(), request.submission, now)
        after = request.entered(
            State.SCHEDULED,
            now,
            who,
            f"plan {request.plan} approved",
            due=due,
            approved_by=who,
            approved_at=now,
            approved_difference=request.difference,
            reason="",
        )
        return self._ports.store.change(request, after)

    def cancel(self, reference: str, who: str, why: str = "") -> Request:
        """Take a request back; Refused once it is being applied or has ended."""
        request = self._ports.store.request(reference)
        if request.state not in CANCELLABLE:
            raise Refused(f"it cannot be cancelled: it is {request.state}", where=request.reference)
        after = request.entered(State.CANCELLED, self._ports.clock(), who, why, reason=why)
        return self._ports.store.change(request, after)

    def withdraw(self, reference: str, who: str, why: str) -> Request:
        """Take what an ended request changed out of the intent again; what routers run stays until they are planned.

        For a site that is given up, or a change that people take over into the customer's own file.
        """
        request = self._ports.store.request(reference)
        if not request.state.ended:
            raise Refused(f"it has not ended: it is {request.state}", where=request.reference, remedy="cancel it")
        self._ports.intents.take_back(
            request.submission.customer, request.reference, f"Withdraw {request.reference} from the intent"
        )
        self._note(who, "request.withdraw", request.reference, why, Result.DONE, "the intent no longer holds it")
        return request

    def _note(self, who: str, action: str, subject: str, why: str, result: Result, text: str) -> None:
        self._ports.events.record(Event(self._ports.clock(), who, action, subject, why, result, text))


def begun(reference: str, submission: Submission, who: str, now: datetime) -> Request:
    """A request as it begins."""
    return Request(
        reference=reference,
        submission=submission,
        who=who,
        state=State.SUBMITTED,
        submitted_at=now,
        changed_at=now,
        steps=(Step(at=now, state=State.SUBMITTED, who=who),),
    )


def refused(request: Request, conflict: Conflict, now: datetime) -> Request:
    """A request that ends refused, with the reason and the kind of order that it needs."""
    return request.entered(State.REFUSED, now, "spokesman", str(conflict), reason=str(conflict), order=conflict.order)
