"""Moves requests on, one step at a time: plan, wait for the window, apply as any provision, settle after a crash.

Each step begins with what is stored and ends with one durable change of it, so that a kill between two steps loses
nothing; a step that was begun and not ended is settled from the journal of the change, by whoever comes next.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from agent.errors import AgentError, Refused, RolledBack, Uncertain
from agent.requests.bills import bills
from agent.requests.desk import refused
from agent.requests.judging import conflict_words, entry_of, judged, kind_of, needs_approval
from agent.requests.kind import Conflict
from agent.requests.lanes import Lanes
from agent.requests.model import Request, State
from agent.requests.ports import Fate, Overtaken, Planned, RequestPorts, Worker
from agent.requests.windows import opening
from device_templates import NotRenderable, TemplatesError
from inventory import InventoryError

AGENT = "spokesman"
#: After this long the one who applies is taken for dead, where nobody can tell whether it lives.
HELD = timedelta(minutes=60)
#: Failed steps are tried again after this long, doubled each time.
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=15)
#: A request that could not be applied so often ends refused; a person submits it again when it can be.
MOST_ATTEMPTS = 20

#: What a step can fail with that is told, and tried again.
_FAILURES = (AgentError, InventoryError, TemplatesError)


class RequestWork:
    """Works on requests; any process may, and several at once: each change of a request names the version it read."""

    def __init__(self, ports: RequestPorts, worker: Worker) -> None:
        self._ports = ports
        self._worker = worker
        self._lanes: Lanes[Request] = Lanes(self._moved)

    def advance(self, reference: str = "") -> tuple[Request, ...]:
        """One step of every request that can move, or of one; returns those that changed.

        Raises InventoryError where the inventory cannot be used: nothing moves then, and nothing is lost.
        """
        before = self._due(reference)
        self._lanes.run(_by_lane(before))
        after = (self._ports.store.request(one.reference) for one in before)
        return tuple(new for old, new in zip(before, after, strict=True) if new.version != old.version)

    def begin(self) -> None:
        """Start a step of every request that can move and waits for none before it; returns at once.

        Raises what a step that was begun earlier could not handle.
        """
        self._lanes.begin(_by_lane(self._due("")))

    def _due(self, reference: str) -> tuple[Request, ...]:
        now = self._ports.clock()
        return tuple(
            one
            for one in self._ports.store.pending()
            if reference in ("", one.reference)
            and one.state in _MOVING
            and (one.retry_at is None or one.retry_at <= now)
        )

    def _moved(self, request: Request) -> None:
        steps: dict[State, Callable[[Request, datetime], Request]] = {
            State.SUBMITTED: self._plan,
            State.SCHEDULED: self._start,
            State.APPLYING: self._settle,
        }
        with suppress(Overtaken):  # somebody else works on it
            steps[request.state](request, self._ports.clock())

    # Planning.

    def _plan(self, request: Request, now: datetime) -> Request:
        """Judge the request again, and plan it with the inventory as it would be."""
        inventory = self._ports.inventory()
        try:
            change = judged(inventory, self._ports.intents, self._ports.service, request.submission)
            ready = request.model_copy(update={"edits": change.edits, "subject": change.subject})
            proposed = self._ports.intents.proposed(ready.submission.customer, entry_of(ready))
            planned = self._worker.changes.plan(proposed, ready)
            waits = needs_approval(inventory, kind_of(request.submission.kind)) or bool(planned.beside)
        except Conflict as conflict:
            return self._kept(request, refused(request, conflict, now))
        except (Refused, NotRenderable) as refusal:
            return self._kept(request, refused(request, Conflict(str(refusal)), now))
        except _FAILURES as error:
            return self._later(request, error, now)
        return self._kept(request, self._with_plan(ready, planned, now, waits=waits))

    def _with_plan(self, request: Request, planned: Planned, now: datetime, *, waits: bool) -> Request:
        """The request with its plan: to be approved, or scheduled where no approval is needed or it was given."""
        same = planned.difference in ("", request.approved_difference)
        approved = bool(request.approved_by) and same
        known = {"plan": planned.plan, "plan_text": planned.lines, "difference": planned.difference, "reason": ""}
        if request.state is State.SCHEDULED and (approved or not waits):
            return request.but(now, **known, attempts=0, retry_at=None)
        former = f" as plan {request.plan}" if request.plan else ""
        before = f"; it differs from what was approved{former}" if request.approved_by else ""
        shown = request.entered(State.PLANNED, now, AGENT, f"plan {planned.plan}{before}", **known)
        if waits and not approved:
            return shown.entered(State.WAITING_APPROVAL, now, AGENT, approved_by="", approved_at=None, due=None)
        return shown.entered(State.SCHEDULED, now, AGENT, due=opening(self._ports.inventory(), shown.submission, now))

    # Applying.

    def _start(self, request: Request, now: datetime) -> Request:
        """Begin to apply within the window; where the inventory moved since, plan again first."""
        inventory = self._ports.inventory()
        due = opening(inventory, request.submission, now)
        if due > now:
            return request if due == request.due else self._kept(request, request.but(now, due=due))
        try:
            proposed = self._ports.intents.proposed(request.submission.customer, entry_of(request))
        except InventoryError as error:
            conflict = Conflict(f"the inventory changed meanwhile: {conflict_words(error)}")
            return self._kept(request, refused(request, conflict, now))
        if not request.plan or not self._worker.changes.fits(request.plan, proposed):
            planned = self._plan(request, now)
            if planned.state is not State.SCHEDULED or planned.retry_at is not None:
                return planned
            request = planned
        if busy := self._worker.changes.in_the_way(request.plan):
            return self._waits(request, busy, now)
        text = f"plan {request.plan}"
        held = self._held(now)
        attempts = request.attempts
        begun = self._kept(request, request.entered(State.APPLYING, now, AGENT, text, attempts=attempts, **held))
        return self._apply(begun)

    def _apply(self, request: Request) -> Request:
        """Write the intent, run the plan, and keep what came of it."""
        submission, who = request.submission, request.approved_by or request.who
        why = f"Apply {request.reference}: {submission.kind} at {submission.place}"
        try:
            inventory = self._ports.intents.write(submission.customer, entry_of(request), why)
            request = self._kept(request, request.but(self._ports.clock(), **self._held(self._ports.clock())))
            done = self._worker.changes.run(inventory, request.plan, who)
        except Overtaken:
            raise
        except Uncertain as error:
            return self._uncertain(request, error)
        except RolledBack as error:
            return self._leave(request, State.ROLLED_BACK, str(error))
        except _FAILURES as error:
            # Nothing was changed. A plan that was refused is stale, or its routers are busy: it is made again.
            stale = {"plan": ""} if isinstance(error, Refused) else {}
            return self._leave(request, State.SCHEDULED, str(error), **stale)
        return self._applied(request, done)

    def _applied(self, request: Request, text: str) -> Request:
        now = self._ports.clock()
        customer = self._ports.inventory().customers.get(request.submission.customer)
        for charge in bills(request, customer, now):
            self._ports.store.charge(charge)
        fields = {"reason": "", "needs_person": False, "commands": (), **_RELEASED}
        return self._kept(request, request.entered(State.APPLIED, now, AGENT, text, **fields))

    def _uncertain(self, request: Request, error: Uncertain) -> Request:
        """It stays applying, and a person is told what to do; recovery settles it."""
        now = self._ports.clock()
        fields = {"reason": str(error), "needs_person": True, "commands": error.commands}
        return self._kept(request, request.entered(State.APPLYING, now, AGENT, str(error), **fields))

    def _leave(self, request: Request, state: State, reason: str, **fields: Any) -> Request:
        """Take the intent back, then enter ``state``; what is left undone by a crash between is done again."""
        now = self._ports.clock()
        if request.leaving is None:
            if state is State.SCHEDULED and request.attempts >= MOST_ATTEMPTS:
                state, reason = State.REFUSED, f"given up after {request.attempts} attempts: {reason}"
            request = self._kept(request, request.but(now, leaving=state, ending=reason, reason=reason, **fields))
        submission = request.submission
        why = f"Take {request.reference} back: {submission.kind} at {submission.place}"
        try:
            self._ports.intents.take_back(submission.customer, request.reference, why)
        except _FAILURES as error:
            return self._later(request, error, now)
        left = request.leaving or state
        told = {"reason": request.ending, "needs_person": False, "commands": ()}
        after = request.entered(left, now, AGENT, request.ending, **{**told, **_RELEASED})
        if left is State.SCHEDULED:
            after = after.but(now, attempts=request.attempts + 1, retry_at=now + _pause(request.attempts))
        return self._kept(request, after)

    # After a crash.

    def _settle(self, request: Request, now: datetime) -> Request:
        """Find out what became of a request whose worker is gone, and go on from there."""
        expired = request.held_until is None or request.held_until <= now
        if not request.needs_person and not expired and self._lives(request):
            return request
        if not request.needs_person:
            request = self._kept(request, request.but(now, **self._held(now)))
        if request.leaving is not None:
            return self._leave(request, request.leaving, request.ending)
        fate = self._worker.changes.fate(request.plan)
        if fate is Fate.DONE:
            return self._applied(request, "finished after an interruption, checked and confirmed")
        if fate in (Fate.TAKEN_BACK, Fate.ABANDONED):
            words = "the change was taken back" if fate is Fate.TAKEN_BACK else "a person closed the change"
            return self._leave(request, State.ROLLED_BACK, f"{words} after an interruption")
        if fate in (Fate.NOT_BEGUN, Fate.UNCHANGED):
            return self._leave(request, State.SCHEDULED, "interrupted before anything was changed")
        if fate is Fate.UNCERTAIN and not request.needs_person:
            text = "an interrupted change of the routers could not be finished yet"
            return self._uncertain(
                request, Uncertain(text, where=request.plan, commands=("spokesman doctor --finish",))
            )
        return request

    def _lives(self, request: Request) -> bool:
        return request.owner != self._worker.owner and self._worker.may_live(request.owner)

    def _held(self, now: datetime) -> dict[str, Any]:
        return {"owner": self._worker.owner, "held_until": now + HELD}

    # What all steps share.

    def _later(self, request: Request, error: Exception, now: datetime) -> Request:
        """Try the same step again after a while; why it waits can be read."""
        after = request.but(
            now, reason=str(error), attempts=request.attempts + 1, retry_at=now + _pause(request.attempts)
        )
        return self._ports.store.change(request, after)

    def _waits(self, request: Request, reason: str, now: datetime) -> Request:
        """Look again soon: what is in the way ends; until then nothing is written and no attempt is counted."""
        after = request.but(now, reason=reason, retry_at=now + FIRST_RETRY)
        return self._ports.store.change(request, after)

    def _kept(self, before: Request, after: Request) -> Request:
        return self._ports.store.change(before, after)


def _by_lane(requests: tuple[Request, ...]) -> dict[str, list[Request]]:
    """Each plan on its own; what changes routers of a customer one by one: it shares hubs and the file of requests."""
    lanes: dict[str, list[Request]] = {}
    for one in requests:
        lanes.setdefault(one.reference if one.state is State.SUBMITTED else one.submission.customer, []).append(one)
    return lanes


#: States that do not wait for a person.
_MOVING = (State.SUBMITTED, State.SCHEDULED, State.APPLYING)
_RELEASED: dict[str, Any] = {"owner": "", "held_until": None, "leaving": None, "ending": ""}


def _pause(attempts: int) -> timedelta:
    return min(FIRST_RETRY * (1 << min(attempts, 10)), LONGEST_RETRY)
