"""A request's way from planned to applied, and what turns it aside: windows, a moved world, failures, rollbacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.errors import Refused, RolledBack, Uncertain, Unreachable
from agent.events import Result
from agent.requests.charges import ChargeKind
from agent.requests.model import State
from agent.requests.ports import Fate
from agent.requests.work import MOST_ATTEMPTS
from agent.store.audit import AuditStore
from device_templates import NotRenderable
from inventory import InventoryError, load_workspace
from inventory.site import StaticRoute
from tests.unit.requests.bench import ADD, Bench, Edit, path_of

WHOLE_WAY = ["submitted", "planned", "waiting_approval", "scheduled", "applying", "applied"]


def test_the_whole_way_is_told_state_by_state(bench: Bench) -> None:
    request = bench.scheduled()
    (done,) = bench.work().advance()
    assert path_of(done) == bench.told(request.reference) == WHOLE_WAY
    assert (bench.routers.runs, bench.routers.running) == ([request.plan], {request.reference})
    assert [str(route.prefix) for route in _leeds(bench)] == ["10.10.32.0/22"]


def test_each_state_is_in_the_audit_with_its_reason(bench: Bench) -> None:
    bench.scheduled()
    bench.routers.endings = [RolledBack("taken back and proved")]
    bench.work().advance()
    events = AuditStore(bench.engine).events(subject="SSR-000001")
    told = [event.action.removeprefix("request.") for event in events]
    assert told == [*WHOLE_WAY[:-1], "rolled_back"]
    assert (events[-1].result, events[-1].detail) == (Result.ROLLED_BACK, "taken back and proved")
    assert {event.who for event in events} == {"eve", "olive", "spokesman"}


def _leeds(bench: Bench) -> tuple[StaticRoute, ...]:
    return load_workspace(bench.root).customers["acme"].sites["leeds"].lans["corporate"][0].routes


def test_nothing_is_intent_before_it_is_applied(bench: Bench) -> None:
    bench.scheduled()
    assert bench.intent == ""


def test_a_plan_waits_for_no_approval_where_policy_says_so(bench: Bench) -> None:
    with (bench.root / "spokesman.toml").open("a") as file:
        file.write("[requests]\napproval = {add_static_route = false}\n")
    assert bench.planned().state is State.SCHEDULED
    (done,) = bench.work().advance()
    assert path_of(done) == [State(one) for one in WHOLE_WAY if one != "waiting_approval"]


def test_a_plan_with_more_in_it_than_was_asked_waits_whatever_policy_says(bench: Bench) -> None:
    with (bench.root / "spokesman.toml").open("a") as file:
        file.write("[requests]\napproval = {add_static_route = false}\n")
    bench.routers.beside = ("acme-lee-r1: NTP",)
    assert bench.planned().state is State.WAITING_APPROVAL


def test_it_waits_for_the_customers_window(bench: Bench, edit: Edit) -> None:
    edit(
        "customers/acme.yaml", "timezone: Europe/London,", 'timezone: Europe/London, change_window: "Sat 22:00-23:00",'
    )
    request = bench.scheduled()
    saturday = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)
    assert request.due == saturday
    assert bench.work().advance() == ()
    bench.now = saturday + timedelta(hours=2)
    (put_off,) = bench.work().advance()
    assert (put_off.state, put_off.due) == (State.SCHEDULED, saturday + timedelta(days=7))
    bench.now = saturday + timedelta(days=7, minutes=30)
    (done,) = bench.work().advance()
    assert done.state is State.APPLIED
    assert [one.kind for one in bench.store.charged()] == [ChargeKind.OUT_OF_HOURS_REMOTE]


def test_it_waits_for_the_moment_that_the_customer_named(bench: Bench) -> None:
    bench.scheduled(not_before="2026-11-26T10:00:00+00:00")
    assert bench.work().advance() == ()
    bench.later(hours=22)
    (done,) = bench.work().advance()
    assert done.state is State.APPLIED
    assert bench.store.charged() == ()


def test_one_that_is_expedited_waits_for_no_window_and_is_charged(bench: Bench, edit: Edit) -> None:
    edit(
        "customers/acme.yaml", "timezone: Europe/London,", 'timezone: Europe/London, change_window: "Sat 22:00-23:00",'
    )
    bench.now = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
    bench.scheduled(expedite=True)
    (done,) = bench.work().advance()
    assert done.state is State.APPLIED
    charged = bench.store.charged("acme")
    assert {one.kind for one in charged} == {ChargeKind.EXPEDITE, ChargeKind.OUT_OF_HOURS_REMOTE}
    assert {one.request for one in charged} == {done.reference}


def test_an_inventory_that_moved_is_planned_again_and_runs_where_the_difference_is_the_same(
    bench: Bench, edit: Edit
) -> None:
    request = bench.scheduled()
    edit("customers/acme.yaml", "name: Acme Ltd", "name: Acme Limited")
    (done,) = bench.work().advance()
    assert (done.state, done.plan, bench.routers.runs) == (State.APPLIED, "P-2", ["P-2"])
    assert bench.told(request.reference) == WHOLE_WAY


def test_another_difference_asks_again(bench: Bench, edit: Edit) -> None:
    request = bench.scheduled()
    edit("customers/acme.yaml", "name: Acme Ltd", "name: Acme Limited")
    bench.routers.difference = "+more"
    (asks,) = bench.work().advance()
    assert (asks.state, asks.plan, asks.approved_by, bench.routers.runs) == (State.WAITING_APPROVAL, "P-2", "", [])
    assert bench.told(request.reference)[-2:] == ["planned", "waiting_approval"]
    bench.desk.approve(request.reference, "olive")
    (done,) = bench.work().advance()
    assert done.state is State.APPLIED


def test_a_plan_that_was_stale_when_it_ran_is_not_named_where_another_difference_asks_again(bench: Bench) -> None:
    request = bench.scheduled()
    bench.routers.endings = [Refused("the plan is stale")]
    bench.work().advance()
    bench.routers.difference = "+more"
    bench.now += timedelta(minutes=1)
    (asks,) = bench.work().advance()
    assert asks.state is State.WAITING_APPROVAL
    assert asks.steps[-2].text == f"plan {asks.plan}; it differs from what was approved"
    assert asks.reference == request.reference


def test_an_inventory_that_conflicts_by_now_refuses(bench: Bench, edit: Edit) -> None:
    bench.scheduled()
    edit("customers/acme.yaml", "prefix: 10.10.8.0/22", "prefix: 10.10.32.0/20")
    (done,) = bench.work().advance()
    assert done.state is State.REFUSED
    assert "INV-16" in done.reason
    assert bench.intent == ""


def test_a_broken_inventory_moves_nothing_and_loses_nothing(bench: Bench) -> None:
    bench.scheduled()
    good = (bench.root / "customers" / "acme.yaml").read_text()
    (bench.root / "customers" / "acme.yaml").write_text("{")
    with pytest.raises(InventoryError):
        bench.work().advance()
    (bench.root / "customers" / "acme.yaml").write_text(good)
    (done,) = bench.work().advance()
    assert done.state is State.APPLIED


def test_routers_that_cannot_be_read_are_tried_again_later(bench: Bench) -> None:
    bench.routers.refusals = [Unreachable("no answer", where="acme-lon-r1")] * 2
    waiting = bench.planned()
    assert (waiting.state, waiting.attempts) == (State.SUBMITTED, 1)
    assert "no answer" in waiting.reason
    assert bench.work().advance() == ()
    bench.later(seconds=31)
    bench.work().advance()
    bench.later(seconds=31)
    assert bench.work().advance() == ()
    bench.later(seconds=31)
    (planned,) = bench.work().advance()
    assert (planned.state, planned.reason) == (State.WAITING_APPROVAL, "")


@pytest.mark.parametrize("error", [Refused("it would not agree"), NotRenderable("it would not agree", where="leeds")])
def test_what_planning_refuses_is_refused(bench: Bench, error: Exception) -> None:
    bench.routers.refusals = [error]
    request = bench.planned()
    assert (request.state, bench.told()[-1]) == (State.REFUSED, "refused")
    assert "would not agree" in request.reason


def test_one_that_rolls_back_takes_its_intent_back_and_ends(bench: Bench) -> None:
    bench.scheduled()
    bench.routers.endings = [RolledBack("taken back and proved")]
    (done,) = bench.work().advance()
    assert (done.state, done.reason) == (State.ROLLED_BACK, "taken back and proved")
    assert "SSR-000001" not in bench.intent
    assert bench.work().advance() == ()
    assert bench.told()[-2:] == ["applying", "rolled_back"]


def test_an_intent_that_cannot_be_taken_back_yet_is_taken_back_later(bench: Bench) -> None:
    bench.scheduled()
    bench.routers.endings = [RolledBack("taken back and proved")]

    class Stuck:
        proposed = bench.intents.proposed
        write = bench.intents.write

        def take_back(self, *_: str) -> None:
            raise Refused("git failed: index.lock exists")

    (stuck,) = bench.work(intents=Stuck()).advance()
    assert (stuck.state, stuck.leaving) == (State.APPLYING, State.ROLLED_BACK)
    assert "index.lock" in stuck.reason
    bench.later(minutes=1)
    (done,) = bench.work().advance()
    assert (done.state, done.steps[-1].text) == (State.ROLLED_BACK, "taken back and proved")
    assert "SSR-000001" not in bench.intent


@pytest.mark.parametrize("error", [Unreachable("no answer"), Refused("another change of this router is in progress")])
def test_one_that_changed_nothing_takes_its_intent_back_and_is_tried_again(bench: Bench, error: Exception) -> None:
    bench.scheduled()
    bench.routers.endings = [error]
    (waits,) = bench.work().advance()
    assert (waits.state, waits.attempts) == (State.SCHEDULED, 1)
    assert "SSR-000001" not in bench.intent
    assert bench.work().advance() == ()
    bench.later(seconds=31)
    (done,) = bench.work().advance()
    assert done.state is State.APPLIED


def test_one_that_can_never_be_applied_is_given_up(bench: Bench) -> None:
    bench.scheduled()
    bench.routers.endings = [Unreachable("no answer")] * 99
    for _ in range(MOST_ATTEMPTS + 1):
        bench.work().advance()
        bench.later(minutes=16)
    request = bench.desk.get("SSR-000001")
    assert request.state is State.REFUSED
    assert "given up" in request.reason
    assert "SSR-000001" not in bench.intent


def test_one_whose_router_is_being_changed_waits_and_writes_nothing(bench: Bench) -> None:
    request = bench.scheduled()
    bench.routers.busy = "change C-1 of acme-lee-r1 is not ended yet"
    bench.work().advance()
    waiting = bench.desk.get(request.reference)
    assert (waiting.state, waiting.reason, waiting.attempts) == (State.SCHEDULED, bench.routers.busy, 0)
    assert not bench.intents.entries("acme")
    assert [step.state for step in waiting.steps] == [step.state for step in request.steps]
    bench.routers.busy = ""
    bench.now += timedelta(minutes=1)
    bench.work().advance()
    assert bench.desk.get(request.reference).state is State.APPLIED


def test_an_uncertain_one_stays_applying_until_recovery_settles_it(bench: Bench) -> None:
    request = bench.scheduled()
    commands = ("spokesman doctor --finish",)
    bench.routers.endings = [Uncertain("not known", where="acme-lee-r1", commands=commands)]
    (unsure,) = bench.work().advance()
    assert (unsure.state, unsure.needs_person, unsure.commands) == (State.APPLYING, True, commands)
    assert bench.told()[-2:] == ["applying", "applying"]
    assert "SSR-000001" in bench.intent
    with pytest.raises(Refused, match="it is applying"):
        bench.desk.cancel(request.reference, "eve")
    bench.routers.fates[request.plan] = Fate.UNCERTAIN
    assert bench.work().advance() == ()
    bench.routers.fates[request.plan] = Fate.DONE
    (done,) = bench.work().advance()
    assert (done.state, done.needs_person, done.commands) == (State.APPLIED, False, ())


@pytest.mark.parametrize("fate", [Fate.TAKEN_BACK, Fate.ABANDONED])
def test_an_uncertain_one_that_went_back_takes_its_intent_back(bench: Bench, fate: Fate) -> None:
    request = bench.scheduled()
    bench.routers.endings = [Uncertain("not known")]
    bench.work().advance()
    bench.routers.fates[request.plan] = fate
    (done,) = bench.work().advance()
    assert done.state is State.ROLLED_BACK
    assert "SSR-000001" not in bench.intent


def test_what_another_process_applies_is_left_to_it_while_it_lives(bench: Bench) -> None:
    request = bench.scheduled()
    held = request.entered(State.APPLYING, bench.now, "spokesman", owner="other", held_until=bench.now + timedelta(1))
    bench.store.change(request, held)
    bench.alive.add("other")
    assert bench.work().advance() == ()
    bench.alive.clear()
    (freed,) = bench.work().advance()
    assert freed.state is State.SCHEDULED
    assert bench.routers.runs == []


def test_a_route_that_one_request_added_is_removed_by_the_next(bench: Bench) -> None:
    bench.scheduled()
    bench.work().advance()
    bench.routers.running.clear()
    parameters = {"vpn": "corporate", "prefix": ADD["prefix"]}
    bench.scheduled(kind="remove_static_route", key="r", parameters=parameters)
    (done,) = bench.work().advance()
    assert done.state is State.APPLIED
    assert _leeds(bench) == ()
    assert bench.intent.count("request:") == 2


def test_a_withdrawn_one_is_intent_no_longer(bench: Bench) -> None:
    request = bench.scheduled()
    with pytest.raises(Refused, match="has not ended"):
        bench.desk.withdraw(request.reference, "eve", "moved")
    bench.work().advance()
    bench.desk.withdraw(request.reference, "eve", "moved into the customer's file")
    assert _leeds(bench) == ()
    assert bench.desk.get(request.reference).state is State.APPLIED
