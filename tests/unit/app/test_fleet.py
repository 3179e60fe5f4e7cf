"""Status reads what is kept: no inventory while that is of the same files, and no more rows than it shows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert

from agent.app.fleet import SHOWN_WRONG, FleetReading, FleetStatus, keep_fleet, mark_of
from agent.daemon.lock import single_instance
from agent.monitoring.reach import Reach
from agent.monitoring.states import RouterState
from agent.monitoring.views import Heartbeat, Managed, Roster, Selection
from agent.scaffold import create
from agent.store.base import open_store, write
from agent.store.fleet import Fleet
from agent.store.migrate import upgrade
from agent.store.runs import Runs
from agent.store.watching.rows import columns
from agent.store.watching.tables import states
from inventory import Inventory, InventoryError, load_workspace
from inventory.places import stamp_of

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
ROUTERS, DOWN = 10_000, 40


class Ground:
    """A workspace, its store, and how often its inventory was read."""

    def __init__(self, root: Path) -> None:
        self.root, self.loads = root, 0
        self.engine = open_store(f"sqlite:///{root / 'var' / 'spokesman.db'}")
        upgrade(self.engine)

    def load(self) -> Inventory:
        self.loads += 1
        return load_workspace(self.root)

    def status(self, selection: Selection | None = None, *, whole: bool = False) -> FleetStatus:
        reading = FleetReading(self.root, self.engine, self.load, lambda: NOW)
        return reading.status(selection or Selection(), whole=whole)

    def edit(self, old: str, new: str) -> None:
        path = self.root / "customers" / "acme.yaml"
        path.write_text(path.read_text().replace(old, new))

    def daemon_runs(self, pid: int = 7, silent_s: float = 0) -> None:
        Runs(self.engine).beat(Heartbeat(pid, NOW, NOW - timedelta(seconds=silent_s), NOW, NOW, 3, ""))


def test_a_daemon_that_was_killed_is_not_said_to_run(ground: Ground) -> None:
    ground.daemon_runs()
    assert ground.status().daemon.running, "it may run elsewhere"
    lock = ground.root / "var" / "daemon.lock"
    with single_instance(lock):
        lock.write_text("7\n")
        assert ground.status().daemon.running
    found = ground.status().daemon
    assert (found.running, found.text) == (False, "the daemon is not running: process 7 ended without being stopped")
    lock.write_text("8\n")
    assert ground.status().daemon.running, "the lock is of another one"


def test_a_daemon_that_stands_still_is_not_said_to_run(ground: Ground) -> None:
    lock = ground.root / "var" / "daemon.lock"
    with single_instance(lock), subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        lock.write_text(f"{process.pid}\n")
        ground.daemon_runs(process.pid)
        assert ground.status().daemon.running
        ground.daemon_runs(process.pid, 61)
        assert "hangs" in ground.status().daemon.text
        ground.daemon_runs(process.pid)
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        found = ground.status().daemon
        assert (found.running, found.remedy) == (False, f"kill -CONT {process.pid}")
        assert f"process {process.pid} was stopped by a signal" in found.text
        process.kill()


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    create(tmp_path / "workspace", "virtual")
    ground = Ground(tmp_path / "workspace")
    yield ground
    ground.engine.dispose()


def never() -> Inventory:
    raise AssertionError("the inventory was read")


def fetched(engine: Engine, act: Callable[[], Any]) -> list[str]:
    """The statements that an act needs."""
    told: list[str] = []

    def tell(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        told.append(statement)

    event.listen(engine, "before_cursor_execute", tell)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", tell)
    return [one for one in told if one.startswith("SELECT")]


def test_ten_thousand_routers_are_summed_up_without_reading_inventory_or_states(ground: Ground) -> None:
    fleet = tuple(Managed(f"r{n:05}", f"c{n % 100}/s{n}", True) for n in range(ROUTERS))
    Fleet(ground.engine).keep(Roster(fleet, ()), mark_of(stamp_of(ground.root), "digest", NOW))
    with write(ground.engine) as connection:
        kept = [
            {"router": one.router}
            | columns(RouterState(one.router, Reach.DOWN if n < DOWN else Reach.UP, NOW - timedelta(n), "", NOW))
            | {"state": "is not read"}
            for n, one in enumerate(fleet)
        ]
        connection.execute(insert(states), kept)
    reading = FleetReading(ground.root, ground.engine, never, lambda: NOW)
    found: list[FleetStatus] = []
    statements = fetched(ground.engine, lambda: found.append(reading.status(Selection(), whole=False)))
    (shown,) = found
    assert (shown.counts.routers, shown.counts.wrong) == (ROUTERS, DOWN)
    assert shown.counts.states == {"up": ROUTERS - DOWN, "suspect": 0, "down": DOWN, "unknown": 0}
    assert [row.router for row in shown.devices] == [f"r{n:05}" for n in range(SHOWN_WRONG)]
    assert not shown.complete
    assert len(statements) <= 6
    assert not [one for one in statements if "router_states.state" in one]
    assert len(reading.status(Selection(("c7", ())), whole=True).devices) == ROUTERS // 100
    assert len(reading.status(Selection(states=frozenset({Reach.DOWN})), whole=False).devices) == DOWN


def test_the_inventory_is_read_once_while_its_files_stay(ground: Ground) -> None:
    first, again = ground.status(), ground.status()
    assert [row.router for row in first.devices] == ["acme-lee-r1", "acme-lon-r1", "acme-yor-r1"]
    assert (first, ground.loads) == (again, 1)
    ground.edit("acme-yor-r1", "acme-yor-r9")
    assert [row.router for row in ground.status().devices] == ["acme-lee-r1", "acme-lon-r1", "acme-yor-r9"]
    assert ground.loads == 2


def test_what_the_daemon_has_not_read_yet_is_said(ground: Ground) -> None:
    ground.status()
    ground.edit("acme-yor-r1", "acme-yor-r9")
    ground.daemon_runs()
    shown = ground.status()
    assert ground.loads == 1
    assert "acme-yor-r1" in [row.router for row in shown.devices]
    assert "files changed" in shown.inventory
    keep_fleet(ground.engine, load_workspace(ground.root), stamp_of(ground.root), NOW)
    shown = ground.status()
    assert shown.inventory == ""
    assert "acme-yor-r9" in [row.router for row in shown.devices]


def test_a_refused_inventory_hides_no_fleet(ground: Ground) -> None:
    ground.edit("hubs: [london]", "hubs: [londn]")
    with pytest.raises(InventoryError, match="londn"):
        ground.status()
    ground.edit("hubs: [londn]", "hubs: [london]")
    ground.status()
    ground.edit("hubs: [london]", "hubs: [londn]")
    shown = ground.status()
    assert len(shown.devices) == 3
    assert "refused (customers/acme.yaml:" in shown.inventory
