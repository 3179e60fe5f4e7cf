"""A network in virtual time, told as a story: at(60).fails("leeds"), then between(60, 120).raised("leeds", ...)."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.incidents.incident import Incident
from agent.monitoring.alarms import Alarm, Kind
from agent.monitoring.cycle import Cycle, Doubt, Pace, Taken, Times, Trouble, doubts
from agent.monitoring.heard import Heard, told_by
from agent.monitoring.keeping.keeper import Keeper, Terms
from agent.monitoring.sample import Answer, InterfaceReading, Sample
from agent.monitoring.states import RouterState
from agent.monitoring.told import Told
from agent.monitoring.watch import subjects
from agent.store.base import open_store
from agent.store.incidents import Incidents
from agent.store.states import States
from inventory import Inventory
from inventory.customer import Customer
from inventory.settings import Settings
from tests.settings import CENTRE
from tests.tables import create_all
from tests.unit.monitoring.rounds import Rounds

START = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def second(after: float) -> datetime:
    """A moment of the story."""
    return START + timedelta(seconds=after)


def _site(number: int, router: str, *, proactive: bool) -> dict[str, object]:
    access = {"provided_by": "apa", "interface": "GigabitEthernet0/0/0", "address": "dhcp"}
    return {
        "orders": [{"reference": f"ORD-{number}", "status": "accepted"}],
        "access": {**access, "down_kbps": 1000, "up_kbps": 1000},
        "router": {
            "name": router,
            "platform": "cisco_iosxe",
            "release": "17.9",
            "model": "C1111-8P",
            "management": {"address": f"10.254.0.{number}", "credentials": "fleet"},
            "snmp": {"credentials": "fleet-v3"},
        },
        "tunnels": {"corporate": f"10.255.8.{number}"},
        "lans": {},
        "service_management": "enhanced",
        "options": {"proactive_monitoring": proactive},
    }


def build_inventory(names: dict[str, str], not_proactive: frozenset[str] = frozenset()) -> Inventory:
    """Sites by name with the router ``<name>``; the first is the hub."""
    sites = {}
    for number, name in enumerate(names, 1):
        sites[name] = _site(number, names[name], proactive=name not in not_proactive)
    vpn = {"id": 10, "hubs": [next(iter(names))], "tunnel_network": "10.255.8.0/21", "asn": 65010, "ike": {"psk": "k"}}
    customer = Customer.model_validate({"customer": "acme", "name": "Acme", "vpns": {"corporate": vpn}, "sites": sites})
    fleet = {"kind": "ssh", "username": "spokesman", "password": "pw"}
    settings = {"management_centre": CENTRE, "credentials": {"fleet": fleet}, "store": {"master_key": "key"}}
    return Inventory(Path("/nowhere"), Settings.model_validate(settings), {"acme": customer}, "digest")


class VirtualTime:
    """Time that passes only when everybody waits for it."""

    def __init__(self) -> None:
        self.now = START
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = 0

    def clock(self) -> datetime:
        return self.now

    def passed(self) -> float:
        """Seconds into the story."""
        return (self.now - START).total_seconds()

    def wall(self) -> float:
        return self.now.timestamp()

    async def at(self, after: float) -> None:
        """Until that many seconds into the story."""
        await self.until(second(after))

    async def until(self, moment: datetime) -> None:
        if moment <= self.now:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (moment, self._count, future))
        await future

    async def run(self, end: datetime) -> None:
        """Let time pass up to ``end``, each waiter at its moment."""
        while True:
            for _ in range(20):  # everything that is ready runs before time moves on
                await asyncio.sleep(0)
            if not self._waiting or self._waiting[0][0] > end:
                self.now = end
                return
            moment, _, future = heapq.heappop(self._waiting)
            if not future.done():
                self.now = max(self.now, moment)
                future.set_result(None)


def _soon(_after_s: float, call: Callable[[], None]) -> asyncio.Handle:
    """Batches are kept at once: the story counts seconds."""
    return asyncio.get_running_loop().call_soon(call)


@dataclass
class FakeRouter:
    """What a router would answer; ``mode`` is up, silent, hung or broken."""

    booted: datetime
    mode: str = "up"
    boots: int = 3
    config_changed: datetime | None = None
    #: More of what its polls bring: ``requests``, ``lost``, ``round_trip_ms``, ``counters``, ``greets``, ``peers``.
    brings: dict[str, Any] = field(default_factory=dict)
    interfaces: dict[str, bool | None] = field(default_factory=lambda: {"GigabitEthernet0/0/0": True, "Tunnel10": True})


class Story(Rounds[str]):
    """Routers in virtual time, watched by the real cycle, states, alarms, incidents and store."""

    def __init__(self, states: States, incidents: Incidents, inventory: Inventory) -> None:
        self.time = VirtualTime()
        super().__init__(self.time.at)
        self.states, self.incidents = states, incidents
        self.inventory = inventory
        self.routers = {name: FakeRouter(START - timedelta(days=40)) for name in inventory.router_names}
        self.polls: list[tuple[float, str]] = []
        self.troubles: list[Trouble] = []
        self.ours: list[tuple[str, datetime]] = []
        self.at_work: set[str] = set()
        self.not_in_service: set[str] = set()
        self.told: dict[str, tuple[Told, ...]] = {}
        self.keeper = Keeper(states, self)
        self.terms = Terms(subjects(inventory), 2)
        self._script: list[tuple[datetime, str, dict[str, object]]] = []
        self._at_once: Callable[[str], None] = lambda _router: None

    # What the world does.

    def at(self, after: float) -> At:
        """What happens that many seconds into the story."""
        return At(self, second(after))

    def add(self, moment: datetime, router: str, change: dict[str, object]) -> None:
        self._script.append((moment, router, change))

    # What the agent asks of it.

    async def read(self, order: str) -> Heard:
        try:
            return told_by(await self.poll(order))
        except ValueError as error:  # the real one tells of it too
            return told_by(Sample(order, self.time.now, Answer.NOT_ASKED, f"the poll failed: {error}"))

    async def poll(self, name: str) -> Sample:
        at = self.time.now
        self.polls.append(((at - START).total_seconds(), name))
        router = self.routers[name]
        if router.mode == "hung":
            await self.time.until(at + timedelta(days=1))
        if router.mode == "broken":
            raise ValueError("a decoder that failed")
        if router.mode == "silent":
            await self.time.until(at + timedelta(seconds=6))
            return Sample(name, at, Answer.SILENT, "no answer")
        if router.mode == "refuses":
            return Sample(name, at, Answer.UNUSABLE, "wrong authentication key")
        uptime = (at - router.booted).total_seconds()
        changed = None if router.config_changed is None else (router.config_changed - router.booted).total_seconds()
        rows = {
            name: InterfaceReading(admin_up=True, oper_up=up)
            for name, up in router.interfaces.items()
            if up is not None
        }
        sample = Sample(name, at, Answer.ANSWERED, uptime_s=uptime, engine_id="80000009", engine_boots=router.boots)
        return replace(sample, engine_time_s=int(uptime), config_changed_s=changed, interfaces=rows, **router.brings)

    def running(self, routers: Collection[str]) -> frozenset[str]:
        return frozenset(routers) & self.at_work

    def changed(self, router: str, since: datetime, until: datetime) -> bool:
        return any(name == router and since <= moment <= until for name, moment in self.ours)

    def in_service(self, sites: Collection[str]) -> frozenset[str]:
        return frozenset(sites) - self.not_in_service

    async def keep(self, batch: Sequence[Taken]) -> Mapping[str, Doubt]:
        kept = self.keeper.keep([taken.heard for taken in batch], self.terms, self.told)
        return doubts(kept.outcomes)

    # Telling it, and what is to be seen.

    def run(self, until: float, period_s: float = 240) -> None:
        """Run cycles and the script up to that many seconds."""
        asyncio.run(self._run(second(until), period_s))

    async def _run(self, end: datetime, period_s: float) -> None:
        time = self.time
        cycle = Cycle(self, self.keep, Times(time.passed, time.passed, time.wall, time.at, _soon), self.troubles.append)
        self._at_once = cycle.at_once
        last = {name: (moment - START).total_seconds() for name, moment in self.states.last_polls().items()}
        orders = {view.router.name: view.router.name for view in self.inventory.sites()}
        cycle.change(orders, last=last, pace=Pace.of(period_s, 2.0, 2))
        tasks = [asyncio.create_task(self._cycles(cycle, period_s)), asyncio.create_task(self._play())]
        await time.run(end)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await cycle.stop(0)

    async def _cycles(self, cycle: Cycle[str], period_s: float) -> None:
        while True:
            start = self.time.passed()
            await cycle.run(start)
            await self.time.at(start + period_s)

    async def _play(self) -> None:
        for moment, router, change in sorted(self._script, key=lambda item: item[0]):
            await self.time.until(moment)
            if not change:
                self._at_once(router)
            for name, value in change.items():
                setattr(self.routers[router], name, value)
        self._script.clear()

    def moment(self, after: float) -> datetime:
        return second(after)

    def state(self, router: str) -> RouterState:
        return self.states.states()[router]

    def alarm(self, router: str, kind: Kind) -> Alarm | None:
        """The newest alarm of that kind, active or not."""
        found = [one for one in self.states.alarm_history(START) if one.key.subject == router and one.key.kind is kind]
        return found[0] if found else None

    def incident(self, router: str) -> Incident | None:
        found = [one for one in self.incidents.incidents(closed=True) if one.subject == router]
        return found[0] if found else None

    def between(self, first: float, last: float) -> Between:
        return Between(self, second(first), second(last))


@dataclass
class At:
    """One moment of the story."""

    story: Story
    moment: datetime

    def traps(self, router: str) -> None:
        """A trap of the router starts a poll."""
        self.story.add(self.moment, router, {})

    def fails(self, router: str) -> None:
        self.story.add(self.moment, router, {"mode": "silent"})

    def hangs(self, router: str) -> None:
        self.story.add(self.moment, router, {"mode": "hung"})

    def breaks_the_decoder(self, router: str) -> None:
        self.story.add(self.moment, router, {"mode": "broken"})

    def refuses(self, router: str) -> None:
        self.story.add(self.moment, router, {"mode": "refuses"})

    def recovers(self, router: str) -> None:
        self.story.add(self.moment, router, {"mode": "up"})

    def reboots(self, router: str) -> None:
        self.story.add(self.moment, router, {"booted": self.moment, "boots": 4, "mode": "up"})

    def interface(self, router: str, name: str, *, up: bool | None) -> None:
        """None: the row goes away."""
        rows = {**self.story.routers[router].interfaces, name: up}
        self.story.add(self.moment, router, {"interfaces": rows})

    def brings(self, router: str, **values: object) -> None:
        """From now on polls bring this as well."""
        self.story.add(self.moment, router, {"brings": values})

    def reconfigured(self, router: str) -> None:
        self.story.add(self.moment, router, {"config_changed": self.moment})

    def we_change(self, router: str) -> None:
        self.story.ours.append((router, self.moment))
        self.reconfigured(router)


@dataclass
class Between:
    """What is to be seen between two moments."""

    story: Story
    first: datetime
    last: datetime

    def raised(self, router: str, kind: Kind) -> bool:
        alarm = self.story.alarm(router, kind)
        return alarm is not None and self.first <= alarm.raised_at <= self.last

    def cleared(self, router: str, kind: Kind) -> bool:
        alarm = self.story.alarm(router, kind)
        return alarm is not None and alarm.cleared_at is not None and self.first <= alarm.cleared_at <= self.last

    def polls(self, router: str) -> list[float]:
        low, high = (self.first - START).total_seconds(), (self.last - START).total_seconds()
        return [moment for moment, name in self.story.polls if name == router and low <= moment <= high]


@pytest.fixture
def make_story(tmp_path: Path) -> Iterator[Callable[..., Story]]:
    """Makes a story of hub, leeds and york; ``not_proactive`` names sites without the option."""
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    create_all(engine)

    def make(not_proactive: frozenset[str] = frozenset(), spokes: tuple[str, ...] = ("leeds", "york")) -> Story:
        names = {name: name for name in ("hub", *spokes)}
        return Story(States(engine), Incidents(engine), build_inventory(names, not_proactive))

    yield make
    engine.dispose()


@pytest.fixture
def story(make_story: Callable[..., Story]) -> Story:
    """Hub, leeds and york, all with proactive monitoring."""
    return make_story()
