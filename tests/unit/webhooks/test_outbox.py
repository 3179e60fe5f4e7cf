"""The outbox: written with the state, handed out by the settings, claimed by one, and kept until a person decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from agent.errors import Refused
from agent.requests.webhooks.event import RequestEvent
from agent.requests.webhooks.ports import Claim, Claimed
from agent.requests.webhooks.schedule import Attempt, Ended, Schedule, Standing, Status, Verdict, judge
from agent.store.base import write
from agent.store.deliveries import TOO_FAR, Deliveries
from agent.store.outbox import enqueue, webhook_events
from tests.unit.webhooks.conftest import NOW, put, request_event

ALL = {"desk": lambda _event: True}
Clock = Callable[..., datetime]


def take(
    outbox: Deliveries, now: datetime, name: str = "one", seconds: float = 45, owner: str = "me"
) -> Claimed | None:
    return outbox.claim("desk", now, Claim(name, owner, now + timedelta(seconds=seconds)))


def ends(outbox: Deliveries, claimed: Claimed | None, now: datetime, ended: Ended = Ended.TAKEN) -> Verdict:
    assert claimed is not None
    verdict = judge(Attempt(ended, "it answers 500"), claimed.standing, now, 0.5, Schedule())
    assert outbox.settle(claimed, verdict, now)
    return verdict


def test_an_event_exists_only_where_its_transaction_commits(engine: Engine, outbox: Deliveries) -> None:
    class Fault(Exception):
        pass

    def fails() -> None:
        with write(engine) as connection:
            enqueue(connection, request_event())
            raise Fault

    with pytest.raises(Fault):
        fails()
    assert outbox.hand_out(ALL, NOW) == 0


def test_each_receiver_gets_what_it_wants_with_numbers_of_its_own(engine: Engine, outbox: Deliveries) -> None:
    put(engine, request_event(customer="acme"), request_event(customer="beta"), request_event(customer="acme"))
    wants = {"acme": lambda event: event.customer == "acme", "none": lambda _event: False, **ALL}
    assert outbox.hand_out(wants, NOW) == 3
    assert [one.sequence for one in outbox.deliveries("acme")] == [1, 2]
    assert [one.sequence for one in outbox.deliveries("desk")] == [1, 2, 3]
    assert [one.name for one in outbox.receivers()] == ["acme", "desk"]
    assert outbox.hand_out(wants, NOW) == 0


def test_more_events_than_a_batch_are_all_handed_out_in_order(engine: Engine, outbox: Deliveries) -> None:
    events = [request_event(f"SSR-{number}") for number in range(450)]
    put(engine, *events)
    assert outbox.hand_out(ALL, NOW) == 450
    kept = sorted(outbox.deliveries(), key=lambda one: one.sequence)
    assert [one.event for one in kept] == [event.id for event in events]


def test_an_event_waits_for_its_predecessor_and_for_no_other(engine: Engine, outbox: Deliveries, clock: Clock) -> None:
    put(engine, request_event("SSR-1"), request_event("SSR-1"), request_event("SSR-2"))
    outbox.hand_out(ALL, NOW)
    first = take(outbox, clock())
    assert first is not None
    assert first.sequence == 1
    ends(outbox, first, clock(), Ended.REFUSED)
    other = take(outbox, clock())
    assert other is not None
    assert other.sequence == 3
    ends(outbox, other, clock())
    assert take(outbox, clock()) is None
    assert outbox.due(clock()) == ()
    again = take(outbox, clock(10))
    assert again is not None
    assert (again.sequence, again.body, again.event) == (1, first.body, first.event)
    ends(outbox, again, clock())
    second = take(outbox, clock())
    assert second is not None
    assert second.sequence == 2


def test_only_one_sends_to_a_receiver_until_its_claim_expires(engine: Engine, outbox: Deliveries, clock: Clock) -> None:
    put(engine, request_event("SSR-1"), request_event("SSR-2"))
    outbox.hand_out(ALL, NOW)
    first = take(outbox, clock(), "one", 45)
    assert first is not None
    assert take(outbox, clock(44), "two") is None
    later = take(outbox, clock(2), "three")
    assert later is not None
    assert later.sequence == first.sequence
    # The one that was away comes back: it changes nothing, and does not let a third one in.
    late = judge(Attempt(Ended.BROKEN, "late"), first.standing, clock(), 0.5, Schedule())
    assert not outbox.settle(first, late, clock())
    assert take(outbox, clock(), "four") is None
    ends(outbox, later, clock())
    assert not outbox.settle(first, late, clock())
    assert outbox.delivery("desk", 1)[0].status is Status.DELIVERED


def test_the_claim_of_a_process_that_is_known_to_be_gone_is_taken_over_at_once(engine: Engine) -> None:
    outbox = Deliveries(engine, lambda owner: owner != "gone")
    put(engine, request_event())
    outbox.hand_out(ALL, NOW)
    assert take(outbox, NOW, "one", owner="gone")
    assert take(outbox, NOW, "two", owner="alive")
    assert take(outbox, NOW, "three", owner="alive") is None


def test_a_broken_receiver_rests_as_a_whole(engine: Engine, outbox: Deliveries, clock: Clock) -> None:
    put(engine, request_event("SSR-1"), request_event("SSR-2"))
    outbox.hand_out(ALL, NOW)
    verdict = ends(outbox, take(outbox, clock()), clock(), Ended.BROKEN)
    assert verdict.rests_until is not None
    assert take(outbox, clock()) is None
    assert outbox.due(clock()) == ()
    # The one that has not had its turn is tried next.
    woken = take(outbox, clock(7))
    assert woken is not None
    assert woken.sequence == 2
    assert woken.standing.receiver_failures == 1
    ends(outbox, woken, clock())
    (state,) = outbox.receivers()
    assert (state.failures, state.rests_until, state.succeeded_at) == (0, None, clock())


def test_a_clock_that_is_set_back_holds_nothing_up_for_long(engine: Engine, outbox: Deliveries) -> None:
    put(engine, request_event())
    future = NOW + TOO_FAR + timedelta(hours=1)
    outbox.hand_out(ALL, future)
    ends(outbox, take(outbox, future), future, Ended.BROKEN)
    claimed = take(outbox, NOW, "stuck")
    assert claimed is not None
    assert outbox.due(NOW) == ("desk",)


def test_what_is_given_up_is_kept_and_a_person_has_it_sent_again(
    engine: Engine, outbox: Deliveries, clock: Clock
) -> None:
    put(engine, request_event("SSR-1"), request_event("SSR-1"))
    outbox.hand_out(ALL, NOW)
    later = clock(Schedule().give_up_after.total_seconds())
    assert ends(outbox, take(outbox, later), later, Ended.REFUSED).status is Status.FAILED
    second = take(outbox, later)
    assert second is not None
    assert second.sequence == 2
    ends(outbox, second, later)
    assert [(one.sequence, one.status) for one in outbox.deliveries()] == [(1, Status.FAILED)]
    outbox.forget(later + timedelta(days=365))
    assert [(one.sequence, one.status) for one in outbox.deliveries(ended=True)] == [(1, Status.FAILED)]
    assert outbox.retry("desk", 1, later) == 1
    again = take(outbox, later)
    assert again is not None
    assert again.standing == Standing(0, later, 0)
    ends(outbox, again, later)
    assert outbox.retry("desk", None, later) == 0


def test_a_person_may_drop_what_waits_or_failed_and_nothing_else(engine: Engine, outbox: Deliveries) -> None:
    put(engine, request_event("SSR-1"), request_event("SSR-1"))
    outbox.hand_out(ALL, NOW)
    outbox.drop("desk", 1, NOW)
    claimed = take(outbox, NOW)
    assert claimed is not None
    assert claimed.sequence == 2
    outbox.drop("desk", 2, NOW)
    ends(outbox, claimed, NOW, Ended.REFUSED)
    assert outbox.delivery("desk", 2)[0].status is Status.DROPPED
    for number in (1, 2):
        with pytest.raises(Refused, match="already"):
            outbox.drop("desk", number, NOW)
    with pytest.raises(Refused, match="no event 3"):
        outbox.drop("desk", 3, NOW)
    with pytest.raises(Refused, match="no event 3"):
        outbox.retry("desk", 3, NOW)


def test_an_event_that_arrived_counts_although_it_was_dropped_meanwhile(engine: Engine, outbox: Deliveries) -> None:
    put(engine, request_event())
    outbox.hand_out(ALL, NOW)
    claimed = take(outbox, NOW)
    outbox.drop("desk", 1, NOW)
    ends(outbox, claimed, NOW)
    assert outbox.delivery("desk", 1)[0].status is Status.DELIVERED


def test_what_is_over_is_forgotten_and_numbers_go_on(engine: Engine, outbox: Deliveries) -> None:
    put(engine, request_event("SSR-1"), request_event("SSR-2"))
    outbox.hand_out(ALL, NOW)
    ends(outbox, take(outbox, NOW), NOW)
    outbox.forget(NOW + timedelta(seconds=1))
    assert [one.sequence for one in outbox.deliveries(ended=True)] == [2]
    with engine.connect() as connection:
        assert len(connection.execute(webhook_events.select()).all()) == 1
    put(engine, request_event("SSR-3"))
    outbox.hand_out(ALL, NOW)
    assert [one.sequence for one in outbox.deliveries()] == [2, 3]


def test_one_identity_is_enqueued_once(engine: Engine) -> None:
    event = request_event()
    put(engine, event)
    with pytest.raises(Exception, match="UNIQUE"):
        put(engine, event)


def test_data_is_kept_as_it_was(engine: Engine, outbox: Deliveries) -> None:
    seen: list[RequestEvent] = []

    def wants(event: RequestEvent) -> bool:
        seen.append(event)
        return True

    event = request_event().model_copy(update={"data": {"ü": ["\ud800", None, 1.5, {"x": True}]}})
    put(engine, event)
    outbox.hand_out({"desk": wants}, NOW)
    assert seen == [event]


def test_a_receiver_that_refuses_one_event_is_alive(engine: Engine, outbox: Deliveries, clock: Clock) -> None:
    put(engine, request_event())
    outbox.hand_out(ALL, NOW)
    for _ in range(3):
        verdict = ends(outbox, take(outbox, clock()), clock(), Ended.BROKEN)
        clock((verdict.next_at - clock()).total_seconds())
    assert outbox.receivers()[0].failures == 3
    ends(outbox, take(outbox, clock()), clock(), Ended.REFUSED)
    assert outbox.receivers()[0].failures == 0
