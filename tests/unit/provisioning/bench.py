"""Provisioning on the fake routers: the acme workspace, a store in memory, and a process that can be killed."""

from __future__ import annotations

import itertools
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine

from agent.archive.cipher import Cipher
from agent.provisioning.planner import Planner
from agent.provisioning.ports import Ports, Runtime, Timing
from agent.provisioning.recover import Recovery
from agent.provisioning.transaction import Provisioning
from agent.store.base import open_store
from agent.store.journal import SqlLedger
from agent.store.plans import SqlPlans
from inventory import Inventory, Secret
from tests.tables import create_all
from tests.unit.provisioning.fakes import (
    FakeArchive,
    FakeCheck,
    FakeDevices,
    FakeEvents,
    FakeTexts,
    Fault,
    Gate,
    Gated,
    World,
)

HUB, SPOKE = "acme-lon-r1", "acme-lee-r1"
TIMING = Timing(revert_s=300, settle_s=120, poll_s=10, grace_s=30, return_s=120, lease_s=600)


@dataclass
class Bench:
    """The world, the store, and whoever works with them."""

    inventory: Inventory
    world: World
    engine: Engine
    texts: FakeTexts
    events: FakeEvents = field(default_factory=FakeEvents)
    processes: Any = field(default_factory=lambda: itertools.count(1))
    ids: Any = field(default_factory=lambda: itertools.count(1))
    live: set[str] = field(default_factory=set)
    archive: Any = None

    def process(self, fault: Fault | None = None) -> Process:
        """A new process, with a fault of its own."""
        gate = Gate(fault)
        owner = f"process-{next(self.processes)}"
        self.live.add(owner)
        if self.archive is None:
            self.archive = FakeArchive(gate)
        archive = FakeArchive(gate)
        archive.kept = self.archive.kept
        cipher = Cipher(Secret(urlsafe_b64encode(bytes(32)).decode()))
        ports = Ports(
            devices=FakeDevices(self.world, gate),
            texts=lambda _view: self.texts,
            archive=archive,
            plans=SqlPlans(self.engine, cipher),
            ledger=Gated(SqlLedger(self.engine), "ledger", gate),
            events=Gated(self.events, "events", gate),
        )

        def sleep(seconds: float) -> None:
            with gate("sleep"):
                self.world.sleep(seconds)

        runtime = Runtime(
            clock=self.world.clock,
            sleep=sleep,
            new_id=lambda: f"P-{next(self.ids)}",
            owner=owner,
            may_live=lambda name: name in self.live,
        )
        return Process(self, gate, owner, ports, runtime)


@dataclass
class Process:
    """One process of the agent."""

    bench: Bench
    gate: Gate
    owner: str
    ports: Ports
    runtime: Runtime

    @property
    def planner(self) -> Planner:
        return Planner(self.ports, self.runtime)

    @property
    def provisioning(self) -> Provisioning:
        return Provisioning(self.ports, self.runtime, TIMING, FakeCheck())

    @property
    def recovery(self) -> Recovery:
        return Recovery(self.ports, self.runtime, TIMING, FakeCheck())

    def end(self) -> None:
        """The process is gone; its owner name is known to be dead."""
        self.bench.live.discard(self.owner)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def make_bench(inventory: Inventory, world: World | None = None, url: str = "sqlite://") -> Bench:
    """Three routers that run something old, and are intended to."""
    world = world or World()
    for name in inventory.router_names:
        world.add(name, f"hostname {name}\nold line\nown certificate of {name}\n")
    engine = open_store(url)
    create_all(engine)
    wanted = {name: f"hostname {name}\nold line\n" for name in inventory.router_names}
    return Bench(inventory, world, engine, FakeTexts(wanted))


def open_bench(folder: Path, inventory: Inventory) -> Bench:
    """The bench that is in ``folder``, with its store in a file; the hub and the Leeds spoke should change."""
    url = f"sqlite:///{folder / 'store.db'}"
    world = World(folder / "world.json")
    if not (folder / "world.json").exists():
        bench = make_bench(inventory, world, url)
    else:
        bench = Bench(inventory, world, open_store(url), FakeTexts({}))
    want_both(bench)
    bench.ids = (str(uuid4()) for _ in itertools.count())
    return bench


def want(bench: Bench, router: str, *lines: str) -> None:
    """Let ``router`` be intended to run ``lines``."""
    bench.texts.wanted[router] = "".join(f"{line}\n" for line in (f"hostname {router}", *lines))


def want_spoke(bench: Bench, *more: str) -> None:
    """A change of the Leeds spoke that brings its links up."""
    want(bench, SPOKE, "new line", "link corporate 10.255.8.1", "link cctv 10.255.16.1", *more)


def want_both(bench: Bench) -> None:
    """A change of the hub and of the Leeds spoke."""
    want(bench, HUB, "new line")
    want_spoke(bench)
