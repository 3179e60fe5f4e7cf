"""A process killed at any call, and its recovery too: every router ends old or new, and nothing is held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import pytest
from sqlalchemy import select

from agent.errors import AgentError, ConfigurationProblem, LeaseLost, RolledBack, Uncertain
from agent.events import Result
from agent.provisioning.recover import Recovered
from agent.store.leases import leases
from inventory import Inventory
from tests.unit.provisioning.bench import HUB, SPOKE, Bench, Process, make_bench, want, want_both, want_spoke
from tests.unit.provisioning.fakes import Fault, Killed, error_of, lasting

CHANGES = {"spoke": ((SPOKE,), want_spoke), "hub and spoke": ((HUB, SPOKE), want_both)}


#: What the spoke should run, in a change of hub and spoke that does not hold.
FAILING = {
    "the spoke rejects a line": ("link corporate 10.255.8.1", "link cctv 10.255.16.1", "reject"),
    "the spoke loses management": ("link corporate 10.255.8.1", "link cctv 10.255.16.1", "cut management"),
    "a link of the spoke stays down": ("link corporate 10.255.8.1",),
}


def ready(inventory: Inventory, change: str) -> tuple[Bench, str]:
    """A bench with a stored plan."""
    bench = make_bench(inventory)
    if change in FAILING:
        want(bench, HUB, "new line")
        want(bench, SPOKE, *FAILING[change])
    else:
        CHANGES[change][1](bench)
    with bench.process() as process:
        plan = process.planner.plan(inventory, "leeds", who="eve")
    return bench, plan.id


def execute(bench: Bench, plan: str, fault: Fault | None = None) -> Process:
    """Run the plan in a process of its own, which may be killed."""
    with bench.process(fault) as process, suppress(Killed, AgentError):
        process.provisioning.execute(bench.inventory, plan, "eve")
    return process


def calls(inventory: Inventory, change: str) -> int:
    bench, plan = ready(inventory, change)
    return len(execute(bench, plan).gate.calls)


def recover(bench: Bench) -> tuple[Recovered, ...]:
    with bench.process() as process:
        return process.recovery.recover(bench.inventory)


def sides(bench: Bench, routers: tuple[str, ...]) -> set[str]:
    """``old`` or ``new`` for each router; nothing pending, nothing left on flash, startup as running."""
    bench.world.load()
    found = set()
    for name in routers:
        router = bench.world.routers[name]
        assert router["pending"] is None
        assert router["flash"] == {}
        assert lasting(router["startup"]) == lasting(router["running"])
        found.add("new" if lasting(router["running"]) == bench.texts.wanted[name] else "old")
        assert found <= {"new"} or lasting(router["running"]) == f"hostname {name}\nold line\n"
    return found


def free(bench: Bench) -> bool:
    """No router is leased."""
    with bench.engine.connect() as connection:
        return all(row.owner is None and row.change is None for row in connection.execute(select(leases)))


def faults(number: int) -> Iterator[tuple[int, bool]]:
    return ((at, after) for at in range(number) for after in (False, True))


@pytest.mark.parametrize("change", CHANGES)
def test_killed_anywhere_then_recovered(inventory: Inventory, change: str) -> None:
    routers = CHANGES[change][0]
    seen: set[tuple[str, ...]] = set()
    for at, after in faults(calls(inventory, change)):
        bench, plan = ready(inventory, change)
        execute(bench, plan, Fault(at, "kill", after))
        ended = recover(bench)
        side = sides(bench, routers)
        assert len(side) == 1, f"call {at} left a mixture"
        assert free(bench)
        assert recover(bench) == ()
        seen.update((str(one.result), *side) for one in ended)
        told = [event for event in bench.events.events if event.action in ("provision", "recover")]
        assert told or not ended, f"call {at} left no event"
        assert told or side == {"old"}, f"call {at} left no event"
    assert seen == {("done", "new"), ("rolled_back", "old"), ("failed", "old")}


@pytest.mark.parametrize("change", FAILING)
def test_killed_anywhere_in_a_change_that_is_taken_back(inventory: Inventory, change: str) -> None:
    for at in range(0, calls(inventory, change), 3):
        bench, plan = ready(inventory, change)
        execute(bench, plan, Fault(at, "kill", after=at % 2 == 0))
        ended = recover(bench)
        assert sides(bench, (HUB, SPOKE)) == {"old"}, f"killed at {at}"
        assert all(one.result in (Result.FAILED, Result.ROLLED_BACK) for one in ended)
        assert free(bench)
        assert recover(bench) == ()


@pytest.mark.parametrize(
    ("change", "every", "again_every"),
    [
        ("spoke", 4, 3),
        ("hub and spoke", 9, 5),
        pytest.param("spoke", 1, 1, marks=[pytest.mark.soak, pytest.mark.timeout(900)]),
        pytest.param("hub and spoke", 1, 1, marks=[pytest.mark.soak, pytest.mark.timeout(1800)]),
    ],
)
def test_killed_anywhere_and_killed_again_while_recovering(
    inventory: Inventory, change: str, every: int, again_every: int
) -> None:
    for at in range(0, calls(inventory, change), every):
        again = 0
        while _killed_twice(inventory, change, at, again):
            again += again_every


def _killed_twice(inventory: Inventory, change: str, at: int, again: int) -> bool:
    """Kill the run at one call and its recovery at another; returns whether the recovery got that far."""
    bench, plan = ready(inventory, change)
    execute(bench, plan, Fault(at, "kill", after=True))
    with bench.process(Fault(again, "kill", after=again % 2 == 0)) as process, suppress(Killed):
        process.recovery.recover(inventory)
    recover(bench)
    assert len(sides(bench, CHANGES[change][0])) == 1, f"killed at {at}, then at {again}"
    assert free(bench)
    return process.gate.dead


@pytest.mark.parametrize("change", CHANGES)
def test_one_lost_answer_anywhere(inventory: Inventory, change: str) -> None:
    routers = CHANGES[change][0]
    for at, after in faults(calls(inventory, change)):
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


def test_a_full_disk_leaves_no_router_unknown(inventory: Inventory) -> None:
    ends = set()
    for at in range(0, calls(inventory, "hub and spoke"), 2):
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


def test_ctrl_c_takes_the_change_back(inventory: Inventory) -> None:
    for at in range(calls(inventory, "spoke")):
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
