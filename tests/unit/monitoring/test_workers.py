"""Worker processes: shards, real children that are killed, stopped and orphaned, and what goes over the wire."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agent.monitoring.cycle import CycleReport, Doubt, Pace, Reason, Refused, Taken, Trouble, steady
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.monitoring.snmp import RouterOrder, poll_order
from agent.monitoring.workers import messages, remote
from agent.monitoring.workers.fleet import Fleet, open_fleet
from agent.monitoring.workers.messages import Packing, Unpacking
from agent.monitoring.workers.remote import Remote
from agent.monitoring.workers.wire import Wire, packed
from collectors.modules import Type
from collectors.record import Column, Layout, Packed, Role
from collectors.snmp import Community, Target
from inventory import Secret
from tests.unit.collectors import agents
from tests.unit.collectors.agents import Agent, agent, serving
from tests.unit.monitoring.conftest import build_inventory

PACE = Pace.of(3.0, 1.0, 0)
ROUTERS = tuple(f"r{number}" for number in range(8))


@dataclass
class Kept:
    """What a daemon would keep."""

    polls: list[Taken] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    doubtful: dict[str, Doubt] = field(default_factory=dict)

    async def keep(self, batch: Sequence[Taken]) -> Mapping[str, Doubt]:
        self.polls += batch
        return {
            taken.heard.router: self.doubtful.pop(taken.heard.router)
            for taken in batch
            if taken.heard.router in self.doubtful
        }

    def of(self, router: str) -> list[float]:
        return [taken.began for taken in self.polls if taken.heard.router == router]


async def eventually(look: Callable[[], object], within_s: float = 100) -> None:
    end = steady() + within_s
    while not look():
        assert steady() < end, "it never came"
        await asyncio.sleep(0.02)


def orders(of: Agent, routers: Sequence[str] = ROUTERS) -> dict[str, RouterOrder | Refused]:
    view = build_inventory({"leeds": "leeds"}).router("leeds")
    asked = poll_order(view, of.target(1.0, 0))
    return {name: RouterOrder(type(asked)(name, asked.target, asked.modules, asked.expected)) for name in routers}


@asynccontextmanager
async def fleet_of(processes: int, kept: Kept) -> AsyncIterator[tuple[Fleet, Agent]]:
    polling = open_fleet(processes, _never, kept.keep, kept.troubles.append)
    async with agent(serving(agents.router())) as router, polling as fleet:
        yield fleet, router


def _never() -> Any:
    raise AssertionError("this process does not poll")


def play(story: Callable[[Fleet, Agent, Kept], Awaitable[None]], processes: int = 2) -> Kept:
    kept = Kept()

    async def run() -> None:
        async with fleet_of(processes, kept) as (fleet, router):
            await story(fleet, router, kept)
            await fleet.stop(2.0)

    asyncio.run(run())
    return kept


def pids(fleet: Fleet) -> list[int | None]:
    return [worker.pid for worker in fleet.workers if isinstance(worker, Remote)]


def test_each_worker_polls_its_shard_and_a_cycle_is_over_when_all_are() -> None:
    async def story(fleet: Fleet, router: Agent, kept: Kept) -> None:
        # A period in which a busy machine starts both workers: who is late by then is not waited for.
        fleet.change(orders(router), (), {}, Pace.of(12.0, 1.0, 0))
        report = await fleet.run(steady())
        assert report.polls == len(ROUTERS)
        await eventually(lambda: len(kept.polls) == len(ROUTERS))
        first, second = pids(fleet)
        assert first != second

    kept = play(story)
    assert sorted(taken.heard.router for taken in kept.polls) == list(ROUTERS)
    assert {taken.heard.answer for taken in kept.polls} == {Answer.ANSWERED}
    assert all(taken.heard.sample is not None and taken.heard.record is not None for taken in kept.polls)


def test_a_worker_that_is_killed_is_replaced_and_nobody_is_left_out() -> None:
    async def story(fleet: Fleet, router: Agent, kept: Kept) -> None:
        fleet.change(orders(router), (), {}, Pace.of(6.0, 1.0, 0))
        running = asyncio.ensure_future(fleet.run(steady()))
        await eventually(lambda: len(kept.polls) >= 2)
        former = pids(fleet)
        for pid in former:
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        await running
        await fleet.run(steady())  # what was under way in them when they died comes in the next cycle
        await eventually(lambda: {taken.heard.router for taken in kept.polls} == set(ROUTERS))
        assert not set(pids(fleet)) & set(former)

    kept = play(story)
    assert {trouble.reason for trouble in kept.troubles} >= {Reason.WORKER_DIED}
    assert all(trouble.until > trouble.since for trouble in kept.troubles)


def test_a_worker_that_stands_still_is_killed_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "SILENT_LOOKS", 2)

    async def story(fleet: Fleet, router: Agent, kept: Kept) -> None:
        fleet.change(orders(router), (), {}, PACE)
        await fleet.run(steady())
        await eventually(lambda: len(kept.polls) == len(ROUTERS))
        former = pids(fleet)
        assert former[0] is not None
        os.kill(former[0], signal.SIGSTOP)
        await eventually(lambda: pids(fleet)[0] not in (None, former[0]))
        assert (await fleet.run(steady())).polls == len(ROUTERS)

    play(story)


class Shard:
    """A worker whose cycles end when the test has them end."""

    def __init__(self) -> None:
        self.starts: list[float] = []
        self.over = asyncio.Event()

    def change(self, *_: object) -> None: ...

    def at_once(self, router: str) -> None: ...

    def attend(self, router: str) -> None: ...

    async def run(self, start: float) -> CycleReport:
        self.starts.append(start)
        await self.over.wait()
        return CycleReport(start, steady(), 1)

    async def stop(self, within_s: float) -> int:
        return 0


def test_a_worker_that_is_never_done_holds_up_no_other_and_follows_when_it_is() -> None:
    async def story() -> None:
        well, ill = Shard(), Shard()
        well.over.set()
        fleet = Fleet([well, ill])
        fleet.change({}, (), {}, Pace.of(0.05, 1.0, 0))
        begun = []
        for _ in range(3):
            begun.append(steady())
            assert (await asyncio.wait_for(fleet.run(begun[-1]), 20)).polls == 1
        assert well.starts == begun
        assert ill.starts == begun[:1], "not two cycles of one worker at a time"
        ill.over.set()
        await eventually(lambda: ill.starts == [begun[0], begun[2]], 20)
        assert (await fleet.run(steady())).polls == 2
        ill.over.clear()
        well.over.clear()
        running = asyncio.create_task(fleet.run(steady()))
        await asyncio.sleep(0.2)
        assert not running.done(), "where nobody is done the cycle is late"
        running.cancel()
        assert await fleet.stop(0.0) == 0

    asyncio.run(story())


def test_whatever_ends_a_worker_it_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "AGAIN_S", 0.001)
    errors = [EOFError("gone"), IndexError("list index out of range"), ValueError("no such layout")]
    lives: list[float | None] = []

    async def life(_: Remote, died: float | None) -> None:
        lives.append(died)
        if errors:
            raise errors.pop()
        await asyncio.sleep(60)

    monkeypatch.setattr(Remote, "_life", life)

    async def story() -> None:
        kept = Kept()
        async with Remote("worker", kept.keep, kept.troubles.append):
            await eventually(lambda: len(lives) == 4, 5)

    asyncio.run(story())
    assert [died is None for died in lives] == [True, False, False, False]


def test_told_polls_doubts_and_changes_reach_the_worker() -> None:
    async def story(fleet: Fleet, router: Agent, kept: Kept) -> None:
        fleet.change(orders(router), (), {}, Pace(240.0, 10.0, 0.2))
        await eventually(lambda: None not in pids(fleet))
        kept.doubtful["r1"] = Doubt.AGAIN
        fleet.at_once("r1")
        await eventually(lambda: len(kept.of("r1")) == 2)
        assert 0.2 <= kept.of("r1")[1] - kept.of("r1")[0] < 5
        fleet.change({"r1": Refused("no such secret")}, ("r2",), {}, PACE)
        fleet.at_once("r1")
        fleet.at_once("r2")
        await eventually(lambda: len(kept.of("r1")) == 3)
        assert (kept.polls[-1].heard.answer, kept.polls[-1].heard.reason) == (Answer.NOT_ASKED, "no such secret")
        assert not kept.of("r2")

    play(story)


ORPHAN = """
import asyncio, sys
from agent.monitoring.workers.remote import Remote

async def main():
    async def keep(batch):
        return {}
    async with Remote("worker", keep, print) as worker:
        while worker.pid is None or worker._wire is None or not worker._wire.received:
            await asyncio.sleep(0.05)
        print(worker.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def test_a_worker_ends_when_its_daemon_is_killed_and_heeds_no_signal_of_the_group() -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(child, signal.SIGTERM)
    os.kill(child, signal.SIGINT)
    assert Path(f"/proc/{child}").exists()
    command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
    assert command[1:4] == [b"-P", b"-m", b"agent.monitoring.workers.child"]
    assert len(command) == 6, "the number of a socket, and nothing else"
    parent.kill()
    parent.wait()
    asyncio.run(eventually(lambda: not Path(f"/proc/{child}").exists()))


def test_secrets_go_over_the_wire_and_into_no_other_pickle() -> None:
    target = Target("127.0.0.1", 161, Community(Secret("very private")))
    view = build_inventory({"leeds": "leeds"}).router("leeds")
    asked = RouterOrder(poll_order(view, target))
    change = messages.Change({"r": asked}, (), {}, PACE)

    async def over() -> Any:
        import socket

        ours, theirs = socket.socketpair()
        near, far = await Wire.on(ours), await Wire.on(theirs)
        near.send(change)
        received = await far.receive()
        near.close()
        with pytest.raises(EOFError):
            await far.receive()
        far.close()
        return received

    received = asyncio.run(over())
    assert received.orders["r"] == asked
    assert received.orders["r"].poll.modules[0] is asked.poll.modules[0], "modules are the same objects"
    assert b"very private" in packed(change)
    assert len(packed(change)) < 3000


def test_a_layout_goes_over_the_wire_once() -> None:
    layout = Layout((Column("", "", "uptime_s", Type.TICKS, Role.TIME),))
    polls = [
        Taken(1.5, Heard("r1", 3.0, Answer.ANSWERED, record=Packed(layout, True, b"\x01abc"))),
        Taken(2.5, Heard("r2", 4.0, Answer.SILENT, "no answer", lost=3)),
        Taken(3.5, Heard("r3", 5.0, Answer.ANSWERED, record=Packed(layout, False, b"\x02"))),
    ]
    packing, unpacking = Packing(), Unpacking()
    first, second = packing.batch(1, polls), packing.batch(2, polls)
    assert (len(first.layouts), len(second.layouts)) == (1, 0)
    assert unpacking.polls(first) == polls
    assert unpacking.polls(second) == polls
