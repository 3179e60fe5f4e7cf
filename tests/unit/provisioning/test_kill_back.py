"""Killed while a change is taken back, or killed again while it is recovered: every router ends old or new."""

from __future__ import annotations

from contextlib import suppress

import pytest

from agent.events import Result
from inventory import Inventory
from tests.unit.provisioning.bench import HUB, SPOKE
from tests.unit.provisioning.fakes import Fault, Killed
from tests.unit.provisioning.killing import CHANGES, FAILING, calls, execute, free, ready, recover, sides


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("change", FAILING)
def test_killed_anywhere_in_a_change_that_is_taken_back(inventory: Inventory, change: str, every: int) -> None:
    for at in range(0, calls(inventory, change), every):
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
        ("spoke", 7, 5),
        ("hub and spoke", 17, 11),
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
