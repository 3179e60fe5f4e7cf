"""Changes to kill at any call, and what must be true of every router afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

import pytest
from sqlalchemy import select

from agent.errors import AgentError
from agent.provisioning.recover import Recovered
from agent.store.leases import leases
from inventory import Inventory
from tests.unit.provisioning.bench import HUB, SPOKE, Bench, Process, make_bench, want, want_both, want_spoke
from tests.unit.provisioning.fakes import Fault, Killed, lasting

CHANGES = {"spoke": ((SPOKE,), want_spoke), "hub and spoke": ((HUB, SPOKE), want_both)}
#: Which of a change's moments are tried: of the longer one a sample, but in ``make soak``.
MOMENTS = pytest.mark.parametrize(
    ("change", "every"),
    [("spoke", 1), ("hub and spoke", 7), pytest.param("hub and spoke", 1, marks=pytest.mark.soak)],
)

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


def faults(number: int, every: int) -> Iterator[tuple[int, bool]]:
    """Before and after a call, for each of them; ``every`` of them only, by an odd number, so that both come."""
    return islice(((at, after) for at in range(number) for after in (False, True)), 0, None, every)
