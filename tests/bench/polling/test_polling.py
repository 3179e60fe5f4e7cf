"""The fleet in memory is what the inventory orders, and healthy; those who poll it tell how much they did."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from unittest.mock import patch

import pytest

from agent.monitoring.heard import Heard
from agent.monitoring.states import Reach, step
from collectors.polling import poller
from tests.bench.harness import UnequalWork
from tests.bench.polling.asked import asked_of
from tests.bench.polling.child import Child, running
from tests.bench.polling.contest import Cycle, contest
from tests.bench.polling.fleet import KINDS, MODELS, Fleet, fleet, routers
from tests.bench.polling.ours import is_whole
from tests.bench.polling.pipeline import pipeline
from tests.bench.responder import INTERFACES, SPOKE, Responder
from tests.bench.responder.objects import COLUMNS, SCALARS

OURS = "tests.bench.polling.ours"
V3 = "SNMPv3 SHA-256/AES"


@pytest.fixture(scope="module")
def agents() -> Iterator[Responder]:
    with Responder(SPOKE) as running_:
        yield running_


@pytest.fixture(scope="module")
def spokes(agents: Responder) -> Fleet:
    return fleet(agents.port, MODELS[V3])


def test_a_simulated_spoke_is_all_that_the_inventory_expects(spokes: Fleet, tmp_path: Path) -> None:
    async def read() -> list[Heard]:
        found: list[Heard] = []
        async with pipeline(spokes, range(3), tmp_path, lambda heard, _: found.append(heard)) as polling:
            await polling.cycle(0.0)
        return found

    for heard in asyncio.run(read()):
        assert is_whole(heard)
        assert heard.sample is not None
        state = step(None, heard.sample, spokes.subjects(range(3))[heard.router].expected, 1).state
        assert state.reach is Reach.UP
        assert {link.link for link in state.links.values()} == {"up"}


def test_of_a_router_eight_scalars_and_ten_columns_of_four_interfaces_are_asked_and_kept(
    agents: Responder, tmp_path: Path
) -> None:
    ordered = routers(agents.port, MODELS[V3])
    asked = asked_of(ordered.order)
    assert {".".join(map(str, oid)) for oid in asked.oids} == {
        *SCALARS,
        *(f"{column}.{index}" for column in COLUMNS for index in INTERFACES),
    }
    assert (len(asked.oids), asked.tables) == (48, ())
    assert [oid for packet in asked.packets for oid in packet] == list(asked.oids)

    found: list[Heard] = []

    async def read() -> None:
        async with pipeline(ordered, range(2), tmp_path, lambda heard, _: found.append(heard)) as polling:
            for _ in range(poller.CALM_POLLS + 2):
                await polling.cycle(0.0)

    with patch.object(poller, "CALM_S", 0.0):
        asyncio.run(read())
    assert all(is_whole(heard) for heard in found)
    assert found[-1].sample is None
    with closing(connect(tmp_path / "history.db")) as history:
        assert history.execute("SELECT count(*) FROM history_polls").fetchone() == (len(found),)


@pytest.mark.parametrize("kind", KINDS)
def test_a_child_polls_all_devices_with_the_plain_codec(agents: Responder, kind: str) -> None:
    values = asked_of(KINDS[kind](agents.port, MODELS[V3]).order).values
    arguments = {"port": agents.port, "devices": 20, "kind": kind, "model": V3, "values": values}
    with running(OURS, arguments, plain=True) as process:
        child = Child("ours", 20, 20, values, process)
        for _ in range(2):
            cycle = child.cycle()
            assert (cycle.devices, cycle.values) == (20, 20 * values)
            assert cycle.cpu_s > 0


class Fixed:
    """A poller that takes a given time."""

    def __init__(self, name: str, devices: int, cpu_s: float, values: int = 7) -> None:
        self.name, self.devices, self.living, self.values = name, devices, devices, 7
        self._cycle = Cycle(devices, devices * values, cpu_s, cpu_s)

    def cycle(self) -> Cycle:
        return self._cycle


def test_speeds_are_compared_by_device() -> None:
    row = contest("a poll", Fixed("ours", 1000, 0.1), Fixed("theirs", 10, 0.01), 3)
    assert (round(row.ours_per_s), round(row.peer_per_s), round(row.ratio)) == (10_000, 1000, 10)
    assert row.cells()[-2:] == ("10.0", "10.0–10.0")


def test_a_peer_that_hears_less_is_no_peer() -> None:
    with pytest.raises(UnequalWork, match="10 devices and 60 values instead of 10 devices and 70 values"):
        contest("a poll", Fixed("ours", 10, 0.1), Fixed("theirs", 10, 0.1, values=6), 1)
