"""A stored plan runs to its end, or leaves every router on what it had."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.errors import CommandRejected, DiskFull, Refused, RolledBack, Uncertain
from agent.events import Result
from agent.provisioning.journal import Change
from agent.provisioning.plan import Plan
from agent.provisioning.transaction import Outcome
from device_templates import NotParsable
from inventory import SiteView, UnknownName
from tests.unit.provisioning.bench import HUB, SPOKE, Bench, want, want_both, want_spoke
from tests.unit.provisioning.fakes import FakeCheck, FakeDevice, FakeTexts, error_of, lasting


def plan_of(bench: Bench, site: str = "leeds") -> Plan:
    with bench.process() as process:
        return process.planner.plan(bench.inventory, site, who="eve")


def run(bench: Bench, plan: Plan) -> Outcome:
    with bench.process() as process:
        return process.provisioning.execute(bench.inventory, plan.id, "eve")


def runs(bench: Bench, router: str) -> str:
    bench.world.load()
    return lasting(bench.world.routers[router]["running"])


def test_a_plan_changes_confirms_saves_and_cleans_up(bench: Bench) -> None:
    want_spoke(bench)
    outcome = run(bench, plan_of(bench))
    router = bench.world.routers[SPOKE]
    assert outcome.changed == (SPOKE,)
    assert runs(bench, SPOKE) == bench.texts.wanted[SPOKE]
    assert (router["pending"], router["flash"], router["startup"]) == (None, {}, router["running"])
    assert f"own certificate of {SPOKE}" in router["running"]


def test_a_second_run_changes_nothing_and_says_so(bench: Bench) -> None:
    want_spoke(bench)
    run(bench, plan_of(bench))
    again = plan_of(bench)
    assert again.nothing_to_do
    outcome = run(bench, again)
    assert outcome.changed == ()
    assert "nothing to change" in outcome.message


def test_running_the_same_plan_again_changes_nothing(bench: Bench) -> None:
    want_spoke(bench)
    plan = plan_of(bench)
    run(bench, plan)
    assert run(bench, plan).changed == ()


def test_hubs_are_changed_before_the_site(bench: Bench) -> None:
    want_both(bench)
    plan = plan_of(bench)
    assert plan.routers == (HUB, SPOKE)
    assert run(bench, plan).changed == (HUB, SPOKE)


def test_a_change_that_cuts_management_is_taken_back_by_the_router(bench: Bench) -> None:
    before = runs(bench, SPOKE)
    want_spoke(bench, "cut management")
    error = error_of(lambda: run(bench, plan_of(bench)))
    assert isinstance(error, RolledBack)
    assert SPOKE in str(error)
    assert runs(bench, SPOKE) == before
    assert bench.events.events[-1].result is Result.ROLLED_BACK


def test_a_link_that_does_not_come_up_takes_the_change_back(bench: Bench) -> None:
    before = runs(bench, SPOKE)
    want(bench, SPOKE, "new line", "link corporate 10.255.8.1")
    error = error_of(lambda: run(bench, plan_of(bench)))
    assert isinstance(error, RolledBack)
    assert "link cctv 10.255.16.1 is down" in str(error)
    assert runs(bench, SPOKE) == before


def test_a_later_failure_puts_an_earlier_router_back(bench: Bench) -> None:
    before = runs(bench, HUB), runs(bench, SPOKE)
    want(bench, HUB, "new line")
    want_spoke(bench, "reject")
    error = error_of(lambda: run(bench, plan_of(bench)))
    assert isinstance(error, RolledBack)
    assert HUB in str(error)
    assert (runs(bench, HUB), runs(bench, SPOKE)) == before
    assert bench.world.routers[HUB]["startup"] == bench.world.routers[HUB]["running"]
    newest = [text for version, text in bench.archive.kept if version.router == HUB][-1]
    assert lasting(newest) == before[0]


def test_what_somebody_put_back_after_it_was_confirmed_is_what_the_router_starts_with(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bench.world.routers[SPOKE]["running"]
    want_spoke(bench)
    plan = plan_of(bench)
    save = FakeDevice.save

    def saved_and_meddled_with(self: FakeDevice) -> None:
        save(self)
        monkeypatch.undo()
        with bench.world.router(SPOKE) as router:
            router["running"] = before

    monkeypatch.setattr(FakeDevice, "save", saved_and_meddled_with)
    assert isinstance(error_of(lambda: run(bench, plan)), RolledBack)
    assert bench.world.routers[SPOKE]["startup"] == before


def test_a_rejected_line_changes_nothing(bench: Bench) -> None:
    before = runs(bench, SPOKE)
    want_spoke(bench, "reject")
    with pytest.raises(CommandRejected, match="Invalid input"):
        run(bench, plan_of(bench))
    assert runs(bench, SPOKE) == before
    assert bench.world.routers[SPOKE]["flash"] == {}
    assert bench.events.events[-1].result is Result.FAILED


def test_a_full_flash_changes_nothing(bench: Bench) -> None:
    want_spoke(bench)
    plan = plan_of(bench)
    with bench.world.router(SPOKE) as router:
        router["full"] = True
    with pytest.raises(DiskFull):
        run(bench, plan)
    assert "old line" in runs(bench, SPOKE)


def test_a_router_that_never_comes_back_is_uncertain_until_it_does(bench: Bench) -> None:
    before = runs(bench, SPOKE)
    want_spoke(bench, "cut management")
    plan = plan_of(bench)

    def power(on: bool) -> None:
        with bench.world.router(SPOKE) as router:
            router["powered"] = on

    bench.world.while_asleep = lambda: power(False)
    with pytest.raises(Uncertain) as raised:
        run(bench, plan)
    assert any("look for a timer" in command for command in raised.value.commands)
    with pytest.raises(Uncertain):
        run(bench, plan)
    bench.world.while_asleep = lambda: None
    power(True)
    with bench.process() as process:
        assert [ended.result for ended in process.recovery.recover(bench.inventory)] == [Result.ROLLED_BACK]
        assert process.recovery.recover(bench.inventory) == ()
    assert runs(bench, SPOKE) == before


def test_somebody_elses_pending_change_is_left_alone(bench: Bench) -> None:
    want_spoke(bench)
    plan = plan_of(bench)
    with bench.world.router(SPOKE) as router:
        router["pending"] = {"former": router["running"], "due": "2026-12-01T00:00:00+00:00"}
    with pytest.raises(Refused, match="waits for its confirmation"):
        run(bench, plan)
    assert bench.world.routers[SPOKE]["pending"] is not None


@pytest.mark.parametrize("what", ["running", "intended"])
def test_a_stale_plan_is_refused(bench: Bench, what: str) -> None:
    want_spoke(bench)
    plan = plan_of(bench)
    if what == "running":
        with bench.world.router(SPOKE) as router:
            router["running"] += "somebody else's line\n"
    else:
        want_spoke(bench, "another line")
    with pytest.raises(Refused, match=r"the plan is stale.*plan again"):
        run(bench, plan)
    assert bench.events.events[-1].result is Result.REFUSED


def test_a_plan_runs_although_another_customers_file_changed(bench: Bench) -> None:
    bench.inventory = replace(bench.inventory, digests={"acme": "1"})
    want_spoke(bench)
    plan = plan_of(bench)
    bench.inventory = replace(bench.inventory, digest="moved")
    run(bench, plan)
    again = plan_of(bench)
    bench.inventory = replace(bench.inventory, digests={"acme": "2"})
    with pytest.raises(Refused, match="the plan is stale: the inventory changed"):
        run(bench, again)


def test_missing_snmp_users_are_created_and_their_secrets_stay_hidden(bench: Bench) -> None:
    bench.texts.users[SPOKE] = ("spokesman", "acme-feed")
    want_spoke(bench)
    plan = plan_of(bench)
    assert plan.device(SPOKE).snmp_users == ("acme-feed", "spokesman")
    run(bench, plan)
    assert sorted(bench.world.routers[SPOKE]["users"]) == ["acme-feed", "spokesman"]
    assert "planted-secret" not in plan.model_dump_json() + repr(bench.events.events)


def test_users_alone_are_created_without_a_replace(bench: Bench) -> None:
    want_spoke(bench)
    run(bench, plan_of(bench))
    bench.texts.users[SPOKE] = ("spokesman",)
    assert run(bench, plan_of(bench)).changed == (SPOKE,)
    assert bench.world.routers[SPOKE]["users"] == ["spokesman"]


def test_a_router_that_begins_late_is_waited_for(bench: Bench) -> None:
    want_spoke(bench)
    with bench.world.router(SPOKE) as router:
        router["late_s"] = 20
    assert run(bench, plan_of(bench)).changed == (SPOKE,)
    assert runs(bench, SPOKE) == bench.texts.wanted[SPOKE]
    assert bench.world.routers[SPOKE]["pending"] is None


def test_an_uncertain_change_can_be_abandoned_by_a_person(bench: Bench) -> None:
    want_spoke(bench, "cut management")
    plan = plan_of(bench)

    def power_off() -> None:
        with bench.world.router(SPOKE) as router:
            router["powered"] = False

    bench.world.while_asleep = power_off
    with bench.process() as process:
        with pytest.raises(Uncertain):
            process.provisioning.execute(bench.inventory, plan.id, "eve")
        (change,) = process.ports.ledger.open_changes()
        with pytest.raises(Refused):
            process.recovery.abandon("C-unknown", who="eve", why="stolen")
        process.recovery.abandon(change.id, who="eve", why="stolen")
        assert process.ports.ledger.open_changes() == ()
    assert bench.events.events[-1].action == "abandon"


def test_an_attempt_on_what_is_not_there_is_in_the_audit(bench: Bench) -> None:
    with bench.process() as process:
        with pytest.raises(UnknownName):
            process.planner.plan(bench.inventory, "atlantis", who="eve")
        with pytest.raises(Refused):
            process.provisioning.execute(bench.inventory, "P-none", "eve")
    assert [(event.action, event.result) for event in bench.events.events] == [
        ("plan", Result.REFUSED),
        ("provision", Result.REFUSED),
    ]


def test_a_change_whose_plan_cannot_be_read_does_not_hold_up_the_others(bench: Bench) -> None:
    want_both(bench)
    plan = plan_of(bench)
    with bench.process() as process:
        for number, (name, routers) in enumerate((("P-lost", ("acme-yor-r1",)), (plan.id, plan.routers))):
            begun = Change(f"C-{number}", name, "eve", routers, "gone", bench.world.now)
            process.ports.ledger.begin(begun, bench.world.now)
        ended = process.recovery.recover(bench.inventory)
    assert [one.result for one in ended] == [Result.UNCERTAIN, Result.FAILED]
    assert [one.id for one in process.ports.ledger.open_changes()] == ["C-0"]


@pytest.mark.parametrize(("wrong", "expected"), [(ValueError("a fault of ours"), RolledBack), (None, Uncertain)])
def test_what_became_of_the_routers_is_told_after_a_fault_of_ours_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, wrong: Exception | None, expected: type[Exception]
) -> None:
    want_both(bench)
    plan = plan_of(bench)
    before = runs(bench, HUB), runs(bench, SPOKE)
    faults, candidate = FakeCheck.faults, FakeTexts.candidate

    def broken(self: FakeCheck, device: FakeDevice, view: SiteView, required: frozenset[str]) -> tuple[str, ...]:
        if view.router.name == SPOKE:
            raise wrong or ValueError("a fault of ours")
        return faults(self, device, view, required)

    def unreadable(self: FakeTexts, wanted: str, running: str) -> str:
        if wrong is None and HUB in running and "new line" in running:
            raise NotParsable("not what the platform writes")
        return candidate(self, wanted, running)

    monkeypatch.setattr(FakeCheck, "faults", broken)
    monkeypatch.setattr(FakeTexts, "candidate", unreadable)
    assert isinstance(error_of(lambda: run(bench, plan)), expected)
    assert runs(bench, SPOKE) == before[1]
    assert (runs(bench, HUB) == before[0]) is (expected is RolledBack)
