"""While routers are polled what is under way is not searched again and again; afterwards all is as it was before."""

from __future__ import annotations

import asyncio
import gc

from agent.monitoring.garbage import YOUNG, rarely_searched
from agent.monitoring.snmp import snmp_poller
from agent.monitoring.workers.fleet import open_fleet

#: More than are under way at a time.
MANY = 20_000


def searches() -> int:
    """How often young objects were searched while many came to be that hold others, and none went."""
    before = gc.get_stats()[0]["collections"]
    held = [[number] for number in range(MANY)]
    assert len(held) == MANY
    return int(gc.get_stats()[0]["collections"] - before)


def test_objects_under_way_are_not_searched() -> None:
    usual = gc.get_threshold()
    with rarely_searched():
        gc.collect()
        assert searches() == 0
    assert gc.get_threshold() == usual
    assert searches() > 0


def test_what_is_left_over_is_found_all_the_same() -> None:
    with rarely_searched():
        before = gc.get_stats()[0]["collections"]
        for _ in range(YOUNG + 10_000):
            one: list[object] = []
            one.append(one)
        assert gc.get_stats()[0]["collections"] > before


def test_whoever_polls_or_keeps_polls_has_it_so() -> None:
    async def thresholds() -> tuple[int, int]:
        async with snmp_poller():
            polling = gc.get_threshold()[0]
        async with open_fleet(1, snmp_poller, _keep, lambda _: None):  # type: ignore[arg-type] # nothing is polled
            return polling, gc.get_threshold()[0]

    usual = gc.get_threshold()[0]
    assert min(asyncio.run(thresholds())) > usual == gc.get_threshold()[0]


async def _keep(_: object) -> dict[str, object]:
    return {}
