"""A process killed at any call: its recovery leaves every router old or new, and nothing held."""

from __future__ import annotations

from inventory import Inventory
from tests.unit.provisioning.fakes import Fault
from tests.unit.provisioning.killing import CHANGES, MOMENTS, calls, execute, faults, free, ready, recover, sides


@MOMENTS
def test_killed_anywhere_then_recovered(inventory: Inventory, change: str, every: int) -> None:
    routers = CHANGES[change][0]
    seen: set[tuple[str, ...]] = set()
    for at, after in faults(calls(inventory, change), every):
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
