"""An answer lost at any call, a process that stood still, a full disk, Ctrl-C: no router is left unknown."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest

from agent.errors import AgentError, ConfigurationProblem, LeaseLost, RolledBack, Uncertain
from agent.events import Result
from inventory import Inventory
from tests.unit.provisioning.bench import HUB, SPOKE, Bench, want_spoke
from tests.unit.provisioning.fakes import Fault, Killed, error_of
from tests.unit.provisioning.killing import CHANGES, MOMENTS, calls, faults, free, ready, recover, sides


@MOMENTS
def test_one_lost_answer_anywhere(inventory: Inventory, change: str, every: int) -> None:
    routers = CHANGES[change][0]
    for at, after in faults(calls(inventory, change), every):
        bench, plan = ready(inventory, change)
        with bench.process(Fault(at, "timeout", after)) as process:
            error = error_of(partial(process.provisioning.execute, inventory, plan, "eve"))
        side = sides(bench, routers)
        assert side == ({"old"} if error else {"new"}), f"call {at} {process.gate.calls[at]}: {error}"
        assert free(bench)
        assert bench.events.events[-1].action == "provision"
        if isinstance(error, RolledBack):
            assert all(router in str(error) for router in routers)


def test_an_abandoned_change_waits_for_its_lease_while_its_owner_may_live(bench: Bench) -> None:
    want_spoke(bench)
    with bench.process() as process:
        plan = process.planner.plan(bench.inventory, "leeds", who="eve")
    hung = bench.process(Fault(30, "kill"))
    with suppress(Killed):
        hung.provisioning.execute(bench.inventory, plan.id, "eve")
    assert hung.gate.dead
    assert recover(bench) == ()
    refused = error_of(lambda: bench.process().provisioning.execute(bench.inventory, plan.id, "adam"))
    assert "in progress" in str(refused)
    bench.world.sleep(700)
    assert len(recover(bench)) == 1
    assert free(bench)


def test_a_process_that_stood_still_touches_nothing_after_it_was_taken_over(bench: Bench) -> None:
    want_spoke(bench, "cut management")
    with bench.process() as process:
        plan = process.planner.plan(bench.inventory, "leeds", who="eve")

    def stand_still() -> None:
        bench.world.while_asleep = lambda: None
        bench.world.sleep(1000)
        assert [one.result for one in recover(bench)] == [Result.ROLLED_BACK]

    bench.world.while_asleep = stand_still
    slow = bench.process()
    with pytest.raises(LeaseLost):
        slow.provisioning.execute(bench.inventory, plan.id, "eve")
    assert sides(bench, (SPOKE,)) == {"old"}
    assert [call.partition(".")[0] for call in slow.gate.calls[-2:]] == ["ledger", "events"]
    assert bench.events.events[-1].result is Result.UNCERTAIN


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.soak)])
def test_a_full_disk_leaves_no_router_unknown(inventory: Inventory, every: int) -> None:
    ends = set()
    for at in range(0, calls(inventory, "hub and spoke"), every):
        bench, plan = ready(inventory, "hub and spoke")
        with bench.process(Fault(at, "disk full")) as process:
            error = error_of(partial(process.provisioning.execute, inventory, plan, "eve"))
        assert error is not None
        ends.add(type(error))
        bench.world.load()
        if any(bench.world.routers[name]["pending"] for name in (HUB, SPOKE)):
            assert isinstance(error, Uncertain)
            assert error.commands
        recover(bench)
        assert len(sides(bench, (HUB, SPOKE))) == 1
        assert free(bench)
    assert ends == {ConfigurationProblem, Uncertain}


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.soak)])
def test_ctrl_c_takes_the_change_back(inventory: Inventory, every: int) -> None:
    for at in range(0, calls(inventory, "spoke"), every):
        bench, plan = ready(inventory, "spoke")
        process = bench.process(Fault(at, "ctrl-c"))
        try:
            process.provisioning.execute(inventory, plan, "eve")
        except (AgentError, KeyboardInterrupt):
            assert sides(bench, (SPOKE,)) == {"old"}
        else:
            assert sides(bench, (SPOKE,)) == {"new"}
        process.end()
        recover(bench)
        assert free(bench)
