"""Requests in a workspace as the daemon and doctor have them."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.app.app import App, utc_now
from agent.app.requests import RouterChanges, beside, difference, request_duty, requests_of
from agent.cli import application
from agent.provisioning.journal import Change, Closing
from agent.provisioning.plan import DevicePlan, FeatureChange, Kind, Plan
from agent.provisioning.ports import PlanTexts
from agent.requests.model import State
from agent.scaffold import create
from agent.store.requests import SqlRequests
from device_templates.cisco_iosxe import PLATFORM
from inventory import load_workspace
from tests.unit.requests.bench import asked

LIMIT_S = 30.0


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    root = tmp_path / "workspace"
    create(root, "virtual")
    monkeypatch.setattr("agent.app.requests.SitesInService.in_service", lambda *_: True)
    return App(root, "eve")


def test_the_daemons_duty_tries_and_says_why_it_waits(app: App) -> None:
    reference = requests_of(app).submit(asked(), "eve").reference
    duty = request_duty(lambda: app)
    deadline = time.monotonic() + LIMIT_S
    while not requests_of(app).get(reference).reason:
        assert time.monotonic() < deadline
        duty.run(app.inventory)
        time.sleep(0.05)
    waiting = requests_of(app).get(reference)
    assert (waiting.state, waiting.attempts) == (State.SUBMITTED, 1)
    assert "acme-lon-r1" in waiting.reason


def test_a_broken_inventory_stops_no_duty(app: App) -> None:
    requests_of(app).submit(asked(), "eve")
    good = load_workspace(app.root)
    (app.root / "customers" / "acme.yaml").write_text("{")
    duty = request_duty(lambda: app)
    for _ in range(3):
        duty.run(good)
        time.sleep(0.05)
    assert requests_of(app).get("SSR-000001").state is State.SUBMITTED


def test_doctor_names_requests_that_need_a_person(app: App) -> None:
    store = SqlRequests(app.engine)
    request = requests_of(app).submit(asked(), "eve")
    told = CliRunner().invoke(application, ("-w", str(app.root), "doctor")).output
    assert "1 on their way" in told
    store.change(request, request.entered(State.APPLYING, utc_now(), "spokesman", needs_person=True))
    told = CliRunner().invoke(application, ("-w", str(app.root), "doctor")).output
    assert "a person is needed: SSR-000001 (acme/leeds)" in told


def device(*lines: str, users: tuple[str, ...] = ()) -> DevicePlan:
    changes = (FeatureChange(feature="Static routes", lines=lines),) if lines else ()
    return DevicePlan(
        router="r1", site="acme/leeds", hub=False, running_digest="a", candidate_digest="b", changes=changes,
        snmp_users=users,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("planned", "told"),
    [
        (device("+ a"), ""),
        (device(), ""),
        (device("+ a", "- b"), "r1: Static routes"),
        (device("+ a", users=("u",)), "r1: SNMPv3 users"),
    ],
)
def test_what_a_plan_changes_beside_the_request_is_named(planned: DevicePlan, told: str) -> None:
    assert beside(planned, {"r1": frozenset({"+ a"})}) == told


def told_apart(one: Plan) -> str:
    return difference(one, lambda _router, line: PLATFORM.essential(line))


def plan(*devices: DevicePlan) -> Plan:
    return Plan(
        id="P-1", kind=Kind.PROVISION, site="acme/leeds", reason="r", created=utc_now(), author="eve",
        inventory_digest="d", devices=devices,
    )  # fmt: skip


def test_a_change_of_one_of_a_plans_routers_is_in_its_way_until_it_ends(app: App) -> None:
    texts = PlanTexts(running="a", candidate="a")
    app.ports.plans.save(plan(device("+ a")), {"r1": texts})
    changes, until = RouterChanges(lambda: app), utc_now() + timedelta(minutes=10)
    app.ledger.begin(Change("C-1", "P-9", "eve", ("r2",), "someone", until), utc_now())
    assert changes.in_the_way("P-1") == ""
    hold = app.ledger.begin(Change("C-2", "P-8", "eve", ("r1", "r3"), "someone", until), utc_now())
    assert changes.in_the_way("P-1") == "change C-2 of r1, r3 is not ended yet"
    app.ledger.close(hold, Closing.DONE)
    assert changes.in_the_way("P-1") == ""


def test_the_numbers_of_a_prefix_list_are_no_difference_and_its_networks_are() -> None:
    def listed(number: int, network: str, sign: str = "+") -> str:
        return f"{sign} ip prefix-list CORPORATE-OWN seq {number} permit {network}"

    alone = told_apart(plan(device(listed(10, "10.10.32.0/24"), "+ route")))
    assert told_apart(plan(device(listed(15, "10.10.32.0/24"), "+ route"))) == alone
    moving = (listed(10, "10.10.32.0/24"), listed(15, "10.10.48.0/24"), "+ route", listed(10, "10.10.48.0/24", "-"))
    assert told_apart(plan(device(*moving))) == alone
    own, none = FeatureChange(feature="VPN", lines=moving[:2]), FeatureChange(feature="None", lines=moving[3:])
    rest = FeatureChange(feature="Static routes", lines=moving[2:3])
    first = FeatureChange(feature="VPN", lines=(listed(10, "10.10.32.0/24"),))
    apart, unmoved = (device().model_copy(update={"changes": one}) for one in ((own, rest, none), (first, rest)))
    assert told_apart(plan(apart)) == told_apart(plan(unmoved))
    assert told_apart(plan(device(listed(10, "10.10.33.0/24"), "+ route"))) != alone
    assert told_apart(plan(device(listed(10, "10.10.32.0/24", "-"), "+ route"))) != alone
    deny = told_apart(plan(device(listed(10, "10.10.32.0/24").replace("permit", "deny"), "+ route")))
    assert deny != told_apart(plan(device(listed(15, "10.10.32.0/24").replace("permit", "deny"), "+ route")))


def test_plans_that_change_the_same_have_the_same_difference_whatever_their_digests() -> None:
    same = device("+ a").model_copy(update={"running_digest": "other", "candidate_digest": "another"})
    assert told_apart(plan(device("+ a"))) == told_apart(plan(same)) != told_apart(plan(device("+ b")))
    assert told_apart(plan(device())) == ""
