"""Polling by hand: every router is told of once, what was heard is kept first, and an interrupt loses nothing heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.app.polling import BATCH, Polled, Polling
from agent.errors import ConfigurationProblem
from agent.monitoring.cycle.ports import Refused
from agent.monitoring.heard import Heard
from agent.monitoring.keeping.keeper import Kept
from agent.monitoring.reach import Reach
from agent.monitoring.sample import Answer
from agent.scaffold import create
from inventory import Inventory, load_workspace

AT = 1_796_000_000.0


class Rounds:
    """Every router answers, but those that hang do so for ever."""

    def __init__(self, hanging: frozenset[str] = frozenset()) -> None:
        self.hanging, self.ended = hanging, False

    async def round(self, turns: Iterable[tuple[float, Any]], told: Callable[[Heard], None]) -> None:
        try:
            names = [name for _, name in turns]
            for name in names:
                if name not in self.hanging:
                    told(Heard(name, AT, Answer.SILENT, "no answer"))
                    await asyncio.sleep(0)
            if self.hanging & set(names):
                await asyncio.Event().wait()
        finally:
            self.ended = True


class Ground:
    """What is kept and told, in the order in which it happened."""

    def __init__(self, inventory: Inventory) -> None:
        self.views = tuple(inventory.sites())
        self.happened: list[tuple[str, str]] = []
        self.told: list[Polled] = []
        self.lost: dict[str, str] = {}

    def keep(self, batch: Sequence[Heard]) -> Kept:
        assert len(batch) <= BATCH
        self.happened += [("kept", one.router) for one in batch]
        lost = {one.router: why for one in batch if (why := self.lost.get(one.router))}
        return Kept((None,) * len(batch), (), lost)

    def tell(self, one: Polled) -> None:
        self.happened.append(("told", one.router))
        self.told.append(one)

    @property
    def orders(self) -> Any:
        return {view.router.name: view.router.name for view in self.views}

    async def poll(self, rounds: Rounds, stop: asyncio.Event | None = None, **parts: Any) -> bool:
        used = {"orders": self.orders, "keep": self.keep, "told": self.tell} | parts
        return await asyncio.wait_for(Polling(**used).poll(rounds, self.views, stop or asyncio.Event()), 20)


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    create(tmp_path / "workspace", "virtual")
    return Ground(load_workspace(tmp_path / "workspace"))


def test_each_router_is_kept_and_then_told(ground: Ground) -> None:
    assert asyncio.run(ground.poll(Rounds()))
    names = {view.router.name for view in ground.views}
    assert {one.router for one in ground.told} == names
    assert len(ground.happened) == 2 * len(names)
    for name in names:
        assert ground.happened.index(("kept", name)) < ground.happened.index(("told", name))
    one = next(one for one in ground.told if one.router == "acme-lee-r1")
    assert (one.site, one.answer, one.reach, one.wrong) == (
        "acme/leeds", Answer.SILENT, Reach.UNKNOWN, ("no answer",)
    )  # fmt: skip


def test_a_router_that_cannot_be_asked_is_told_with_the_others(ground: Ground) -> None:
    orders = ground.orders | {"acme-lee-r1": Refused("file:secrets/snmp: the secret is empty")}
    assert asyncio.run(ground.poll(Rounds(), orders=orders))
    answers = {one.router: one for one in ground.told}
    assert len(answers) == len(ground.views)
    assert answers["acme-lee-r1"].answer is Answer.NOT_ASKED
    assert "file:secrets/snmp" in answers["acme-lee-r1"].wrong[0]


def test_a_poll_that_was_left_out_is_told_with_its_reason(ground: Ground) -> None:
    ground.lost["acme-lee-r1"] = "RuntimeError in states.py: no such thing"
    assert asyncio.run(ground.poll(Rounds()))
    found = {one.router: one for one in ground.told}
    assert found["acme-lee-r1"].wrong == (
        "no answer", "it could not be kept: RuntimeError in states.py: no such thing"
    )  # fmt: skip
    assert [name for name, one in found.items() if not one.kept] == ["acme-lee-r1"]


def test_an_interrupt_keeps_what_was_heard_and_leaves_nothing_running(ground: Ground) -> None:
    rounds = Rounds(frozenset({"acme-lon-r1"}))

    async def interrupted() -> bool:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, stop.set)
        whole = await ground.poll(rounds, stop)
        assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
        return whole

    assert not asyncio.run(interrupted())
    assert {one.router for one in ground.told} == {"acme-lee-r1", "acme-yor-r1"}
    assert rounds.ended


@pytest.mark.parametrize("hanging", [frozenset({"acme-lon-r1"}), frozenset[str]()])
def test_what_cannot_be_kept_is_told_and_ends_the_poll_at_once(ground: Ground, hanging: frozenset[str]) -> None:
    def full(_batch: Sequence[Heard]) -> Kept:
        raise ConfigurationProblem("the disk is full", where="var/spokesman.db", remedy="make room")

    rounds = Rounds(hanging)
    with pytest.raises(ConfigurationProblem, match="full"):
        asyncio.run(ground.poll(rounds, keep=full))
    assert {one.router for one in ground.told} == {view.router.name for view in ground.views} - hanging
    assert {(one.wrong, one.kept) for one in ground.told} == {(("no answer", "it could not be kept"), False)}
    assert rounds.ended
