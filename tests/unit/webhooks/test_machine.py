"""Whatever fails in whatever order: nothing is lost or out of order, and no two send to one receiver at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agent.requests.webhooks.event import RequestEvent
from agent.requests.webhooks.ports import Claim, Claimed, Wants
from agent.requests.webhooks.schedule import Attempt, Ended, Schedule, Status, judge
from agent.store.base import open_store
from agent.store.deliveries import Deliveries
from tests.tables import create_all
from tests.unit.webhooks.conftest import NOW, put, request_event

RECEIVERS = ("acme", "all")
CUSTOMER = {"SSR-000001": "acme", "SSR-000002": "acme", "SSR-000003": "beta"}
REQUESTS = tuple(CUSTOMER)
SCHEDULE = Schedule(give_up_after=timedelta(hours=1))
CLAIM_S = 45
ATTEMPTS = st.builds(Attempt, st.sampled_from(Ended), st.just("why"), st.sampled_from((0, 30, 999_999)))


class Sending(RuleBasedStateMachine):
    """Workers, two receivers, a person; the model keeps what was to be sent and what arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = open_store("sqlite://")
        create_all(self.engine)
        self.outbox = Deliveries(self.engine, lambda _owner: True)
        self.now, self.tokens = NOW, count()
        self.waiting: list[RequestEvent] = []
        self.due: dict[str, list[str]] = {name: [] for name in RECEIVERS}
        self.ended: dict[tuple[str, int], Status] = {}
        self.arrived: set[tuple[str, str]] = set()
        self.bodies: dict[tuple[str, int], bytes] = {}
        self.held: dict[str, tuple[Claimed, datetime]] = {}
        self.request_of: dict[str, str] = {}

    @rule(requests=st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=4), seen=st.booleans())
    def something_happens(self, requests: list[str], seen: bool) -> None:
        for request in requests:
            event = request_event(request, customer=CUSTOMER[request])
            put(self.engine, event)
            self.waiting.append(event)
            self.request_of[event.id] = request
        if seen:
            self.it_is_handed_out()

    @rule()
    def it_is_handed_out(self) -> None:
        wants: dict[str, Wants] = {"acme": lambda event: event.customer == "acme", "all": lambda _event: True}
        assert self.outbox.hand_out(wants, self.now) == len(self.waiting)
        for event in self.waiting:
            for name in RECEIVERS:
                if wants[name](event):
                    self.due[name].append(event.id)
        self.waiting = []

    @rule(seconds=st.sampled_from((1, 6, 20, 50, 600, 4000)))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(receiver=st.sampled_from(RECEIVERS), attempts=st.lists(ATTEMPTS, min_size=1, max_size=5))
    def a_worker_sends(self, receiver: str, attempts: list[Attempt]) -> None:
        for attempt in attempts:
            token = self._claim(receiver)
            if token is None:
                break
            self._ends(token, attempt)

    @rule(receiver=st.sampled_from(RECEIVERS))
    def a_worker_claims_and_takes_its_time(self, receiver: str) -> None:
        self._claim(receiver)

    def _claim(self, receiver: str) -> str | None:
        claim = Claim(f"claim-{next(self.tokens)}", "lives", self.now + timedelta(seconds=CLAIM_S))
        claimed = self.outbox.claim(receiver, self.now, claim)
        if claimed is None:
            return None
        others = [held for held, until in self.held.values() if held.receiver == receiver and until > self.now]
        assert others == []
        request = self.request_of[claimed.event]
        for number, event in enumerate(self.due[receiver][: claimed.sequence - 1], 1):
            assert self.request_of[event] != request or (receiver, number) in self.ended
        assert self.due[receiver][claimed.sequence - 1] == claimed.event
        assert (receiver, claimed.sequence) not in self.ended
        assert self.bodies.setdefault((receiver, claimed.sequence), claimed.body) == claimed.body
        self.held[claim.token] = (claimed, claim.until)
        return claim.token

    @precondition(lambda self: self.held)
    @rule(data=st.data(), attempt=ATTEMPTS)
    def a_claim_ends(self, data: st.DataObject, attempt: Attempt) -> None:
        """In time, or so late that somebody else may have taken over."""
        self._ends(data.draw(st.sampled_from(sorted(self.held))), attempt)

    def _ends(self, token: str, attempt: Attempt) -> None:
        claimed, until = self.held.pop(token)
        if attempt.ended is Ended.TAKEN:
            self.arrived.add((claimed.receiver, claimed.event))
        verdict = judge(attempt, claimed.standing, self.now, 0.5, SCHEDULE)
        kept = self.outbox.settle(claimed, verdict, self.now)
        assert kept or until <= self.now
        if kept and verdict.status is not Status.PENDING:
            self.ended.setdefault((claimed.receiver, claimed.sequence), verdict.status)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), after_sending=st.booleans())
    def a_worker_is_killed(self, data: st.DataObject, after_sending: bool) -> None:
        token = data.draw(st.sampled_from(sorted(self.held)))
        claimed, _until = self.held.pop(token)
        if after_sending:
            self.arrived.add((claimed.receiver, claimed.event))

    @rule(receiver=st.sampled_from(RECEIVERS))
    def a_person_retries(self, receiver: str) -> None:
        if not self.due[receiver]:
            return  # there is nothing that could be sent again
        self.outbox.retry(receiver, None, self.now)
        failed = [key for key, status in self.ended.items() if key[0] == receiver and status is Status.FAILED]
        for key in failed:
            del self.ended[key]

    @precondition(lambda self: any(self.due.values()))
    @rule(data=st.data())
    def a_person_drops(self, data: st.DataObject) -> None:
        receiver = data.draw(st.sampled_from([name for name in RECEIVERS if self.due[name]]))
        sequence = data.draw(st.integers(1, len(self.due[receiver])))
        if self.ended.get((receiver, sequence)) in (None, Status.FAILED):
            self.outbox.drop(receiver, sequence, self.now)
            self.ended[receiver, sequence] = Status.DROPPED

    @invariant()
    def each_event_is_kept_once_in_order(self) -> None:
        for name in RECEIVERS:
            kept = sorted(self.outbox.deliveries(name, ended=True), key=lambda one: one.sequence)
            assert [one.event for one in kept] == self.due[name]
            assert [one.sequence for one in kept] == list(range(1, len(kept) + 1))
            for one in kept:
                told = self.ended.get((name, one.sequence), Status.PENDING)
                assert one.status is told or (told is Status.DROPPED and one.status is Status.DELIVERED)
                if one.status is Status.DELIVERED:
                    assert (name, one.event) in self.arrived

    def teardown(self) -> None:
        """In the end the receivers are well, and a person asks for what was given up: everything arrives."""
        self.it_is_handed_out()
        for name in RECEIVERS:
            self.a_person_retries(name)
        for _ in range(500):
            self.now += timedelta(seconds=CLAIM_S)
            for name in self.outbox.due(self.now):
                claimed = self.outbox.claim(name, self.now, Claim(f"end-{next(self.tokens)}", "end", self.now))
                assert claimed is not None
                self.arrived.add((name, claimed.event))
                verdict = judge(Attempt(Ended.TAKEN), claimed.standing, self.now, 0.5, SCHEDULE)
                assert self.outbox.settle(claimed, verdict, self.now)
            if not self.outbox.deliveries():
                break
        for name in RECEIVERS:
            missing = {event for event in self.due[name] if (name, event) not in self.arrived}
            assert missing <= {
                self.due[name][number - 1]
                for (receiver, number), status in self.ended.items()
                if receiver == name and status is Status.DROPPED
            }
        self.engine.dispose()


TestSending = Sending.TestCase
#: An example is 25 steps, each with its commits: fewer of them.
TestSending.settings = settings(max_examples=settings().max_examples * 3 // 8, stateful_step_count=25)
