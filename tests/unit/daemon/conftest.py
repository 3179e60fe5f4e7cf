"""A workspace's inventory, a fake network, and a daemon on them with the real store."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.daemon import Daemon, Jobs, Place, Stores
from agent.errors import Unreachable
from agent.events import Event
from agent.incidents.desk import Desk
from agent.incidents.incident import Incident
from agent.monitoring.heard import Heard, told_by
from agent.monitoring.sample import Answer, InterfaceReading, Sample
from agent.monitoring.views import Roster
from agent.store.base import open_store
from agent.store.figures import FleetFigures
from agent.store.fleet import Fleet, Mark
from agent.store.history import History
from agent.store.incidents import Incidents
from agent.store.runs import Runs
from agent.store.service_level import ServiceLevels
from agent.store.states import States
from inventory import Inventory, InventoryError, Problem
from inventory.customer import Customer
from inventory.settings import Settings
from tests.settings import CENTRE
from tests.tables import create_all
from tests.unit.monitoring.rounds import Rounds

UP = InterfaceReading(admin_up=True, oper_up=True)


def _site(number: int) -> dict[str, object]:
    access = {"provided_by": "apa", "interface": "GigabitEthernet0/0/0", "address": "dhcp"}
    return {
        "orders": [{"reference": f"ORD-{number}", "status": "accepted"}],
        "access": {**access, "down_kbps": 1000, "up_kbps": 1000},
        "router": {
            "name": f"acme-r{number}",
            "platform": "cisco_iosxe",
            "release": "17.9",
            "model": "C1111-8P",
            "management": {"address": f"10.254.0.{number}", "credentials": "fleet"},
            "snmp": {"credentials": "fleet-v3"},
        },
        "tunnels": {"corporate": f"10.255.8.{number}"},
        "lans": {},
        "service_management": "enhanced",
        "options": {"proactive_monitoring": True},
    }


def make_inventory(routers: int, digest: str = "d1", period_s: int = 2) -> Inventory:
    """``routers`` sites of one customer, acme-r1 and so on; the first is the hub."""
    sites = {f"site-{number}": _site(number) for number in range(1, routers + 1)}
    vpn = {"id": 10, "hubs": ["site-1"], "tunnel_network": "10.255.8.0/21", "asn": 65010, "ike": {"psk": "psk"}}
    customer = Customer.model_validate({"customer": "acme", "name": "Acme", "vpns": {"corporate": vpn}, "sites": sites})
    settings = {
        "management_centre": CENTRE,
        "credentials": {"fleet": {"kind": "ssh", "username": "spokesman", "password": "pw"}},
        "store": {"master_key": "key"},
        "schedules": {"poll_period_s": period_s, "reload_period_s": 2, "poll_timeout_s": 0.1, "poll_retries": 0},
    }
    return Inventory(Path("/nowhere"), Settings.model_validate(settings), {"acme": customer}, digest)


async def _until(moment: float) -> None:
    await asyncio.sleep(moment - asyncio.get_running_loop().time())


@dataclass
class World(Rounds[Any]):
    """Everything outside of the daemon, as told by a test."""

    folder: Path
    inventory: Inventory = field(default_factory=lambda: make_inventory(3))
    refused: str = ""
    silent: set[str] = field(default_factory=set)
    hung: set[str] = field(default_factory=set)
    #: What is down, by router.
    down: dict[str, str] = field(default_factory=dict)
    failing_backups: set[str] = field(default_factory=set)
    broken_backups: set[str] = field(default_factory=set)
    at_work: set[str] = field(default_factory=set)
    hung_backups: set[str] = field(default_factory=set)
    polls: list[tuple[float, str]] = field(default_factory=list)
    backups: list[str] = field(default_factory=list)
    recovered: int = 0
    diagnosed: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    #: Called with each poll, in the event loop; a test blocks the loop here.
    on_poll: Callable[[str], None] = lambda _name: None
    released: threading.Event = field(default_factory=threading.Event)
    _ordered: Inventory | None = None
    _names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(_until)
        engine = open_store(f"sqlite:///{self.folder / 'store.db'}")
        create_all(engine)
        self.engine = engine
        self.incidents = Incidents(engine)
        self.history = History(f"sqlite:///{self.folder / 'history.db'}")
        self.level = ServiceLevels(engine)
        figures = FleetFigures(engine)
        self.stores = Stores(States(engine), self.incidents, self.history, Runs(engine), figures, self.level)
        self.began = time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def daemon(self, port: int = 0) -> Daemon:
        """A daemon on this world; /metrics on a port of the system's choice unless one is given."""
        jobs = Jobs(self.poller, self.orders, self.load, self, self.recover, self.diagnose, self)
        desk = Desk(self.incidents, self, self.now)
        return Daemon(Place(self.folder / "daemon.lock", port=port), jobs, self.stores, desk, self.now)

    def play(self, story: Callable[[Daemon], Awaitable[None]]) -> None:
        """Run a daemon until ``story`` ends."""

        async def run() -> None:
            stop, daemon = asyncio.Event(), self.daemon()
            serving = asyncio.create_task(daemon.serve(stop))
            telling = asyncio.ensure_future(story(daemon))
            await asyncio.wait({serving, telling}, return_when=asyncio.FIRST_COMPLETED)
            stop.set()
            await serving
            await telling

        asyncio.run(run())

    def manage(self, routers: int) -> None:
        """The inventory changes to that many routers."""
        self.inventory = make_inventory(routers, f"with {routers}")

    # What the daemon asks of it.

    @asynccontextmanager
    async def poller(self) -> AsyncIterator[Any]:
        yield self

    def orders(self, inventory: Inventory) -> Any:
        """A router's name is enough for this world."""
        if inventory is not self._ordered:
            self._ordered, self._names = inventory, {name: name for name in inventory.router_names}
        return self._names

    async def read(self, order: str) -> Heard:
        return told_by(await self.poll(order))

    async def poll(self, name: str) -> Sample:
        at = self.now()
        self.polls.append((time.monotonic() - self.began, name))
        self.on_poll(name)
        if name in self.hung:
            await asyncio.sleep(3600)
        if name in self.silent:
            return Sample(name, at, Answer.SILENT, "no answer")
        rows = {one: replace(UP, oper_up=one != self.down.get(name)) for one in ("GigabitEthernet0/0/0", "Tunnel10")}
        return Sample(name, at, Answer.ANSWERED, uptime_s=time.monotonic(), engine_boots=3, interfaces=rows)

    def load(self) -> Inventory:
        if self.refused:
            raise InventoryError((Problem("customers/acme.yaml", 31, "sites.leeds", self.refused, "WV-1"),))
        Fleet(self.engine).keep(Roster.of(self.inventory), Mark("", self.inventory.digest, self.now()))
        return self.inventory

    def take(self, router: str, reason: str, author: str) -> None:
        self.backups.append(router)
        if router in self.hung_backups:
            self.released.wait(60)
        if router in self.broken_backups:
            raise ValueError("a fault of ours")
        if router in self.failing_backups:
            raise Unreachable("nothing answers", where=router)

    def recover(self) -> None:
        self.recovered += 1

    def diagnose(self, incident: Incident, inventory: Inventory) -> None:
        self.diagnosed.append(incident.reference)
        self.incidents.change(incident.reference, lambda one: replace(one, diagnosed_at=self.now()))

    def running(self, routers: Collection[str]) -> frozenset[str]:
        return frozenset(routers) & self.at_work

    def changed(self, router: str, since: datetime, until: datetime) -> bool:
        return False

    def in_service(self, sites: Collection[str]) -> frozenset[str]:
        return frozenset(sites)

    def record(self, event: Event) -> None:
        self.events.append(event)


async def eventually(look: Callable[[], object], within_s: float = 30) -> None:
    """Wait until ``look`` is true."""
    end = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.02)


@pytest.fixture
def wait() -> Callable[..., Awaitable[None]]:
    """Waits until something is true."""
    return eventually


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three routers, all well."""
    made = World(tmp_path)
    yield made
    made.released.set()
