"""A small fleet that answers polls, and two ways to keep what it answers: sample by sample, and by the fast path."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from agent.monitoring.conditions import Item, Watched
from agent.monitoring.heard import Heard, told_by
from agent.monitoring.keeping import keeper
from agent.monitoring.keeping.keeper import Keeper, Terms
from agent.monitoring.reboots import TOLERANCE_S
from agent.monitoring.sample import Answer, Greets, InterfaceReading, Sample
from agent.monitoring.states import Expected
from agent.monitoring.told import Told
from agent.monitoring.watch import Subject
from agent.store.base import open_store
from agent.store.incidents import Incidents
from agent.store.states import States
from tests.tables import create_all

START = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
WAN, TUNNEL, IPSEC, HUB_ADDRESS = "GigabitEthernet0/0/0", "Tunnel10", "IPsec to hub", "198.51.100.1"
HUBS, SPOKES = ("hub", "hub2"), ("leeds", "cork")
ROUTERS = (*HUBS, *SPOKES)
#: After a poll that was not steady, or when asked to attend, as many polls tell all: fewer than the poller has, which
#: is all the harder.
WHOLE_POLLS = 2


def subjects(interfaces: tuple[str, ...] = (WAN, TUNNEL)) -> dict[str, Subject]:
    """Two hubs with one another and two spokes behind both; the site of cork has no proactive monitoring."""
    found = {}
    for name in ROUTERS:
        others = frozenset(HUBS) - {name}
        expected = Expected(interfaces)
        if name in SPOKES:
            ipsec = {IPSEC: (HUB_ADDRESS, (TUNNEL,))}
            expected = Expected(interfaces, ipsec, {"10.255.8.1": ("hub", TUNNEL)})
        tunnels = {TUNNEL: others, IPSEC: frozenset({"hub"})}
        found[name] = Subject(name, f"acme/{name}", name != "cork", expected, tunnels)
    return found


@dataclass
class Router:
    """What one router answers now."""

    name: str
    booted: datetime = START - timedelta(days=40)
    mode: Answer = Answer.ANSWERED
    boots: int = 3
    engine: str = "80000009"
    down: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    registered: bool = True
    warm: bool = False
    config_changed: datetime = START - timedelta(days=3)
    lost: int = 0
    round_trip_ms: float = 20.0
    loads: tuple[float, float] = (5.0, 4.0)
    greets: Greets | None = None
    faults: tuple[str, ...] = ()
    requests: int = 3

    def answer(self, at: datetime) -> Sample:
        """The sample of a poll that begins now."""
        if self.mode is not Answer.ANSWERED:
            return Sample(self.name, at, self.mode, f"it is {self.mode}", lost=3)
        uptime = (at - self.booted).total_seconds()
        rows = {one: InterfaceReading(True, one not in self.down) for one in (WAN, TUNNEL) if one not in self.gone}
        conditions = {Watched.ENVIRONMENT: {"inlet": Item(self.warm, f"inlet at {at.minute} degrees")}}
        if self.name in SPOKES:
            conditions[Watched.REGISTRATION] = {"10.255.8.1": Item(not self.registered, "in use or not")}
        greets, self.greets = self.greets, None
        return Sample(
            self.name,
            at,
            Answer.ANSWERED,
            uptime_s=uptime,
            engine_id=self.engine,
            engine_boots=self.boots,
            engine_time_s=int(uptime),
            config_changed_s=(self.config_changed - self.booted).total_seconds(),
            startup_changed_s=100.0,
            interfaces=rows,
            faults=self.faults,
            round_trip_ms=self.round_trip_ms + at.second / 10,
            counters={"cpu_1_min_percent": self.loads[0], "cpu_5_min_percent": self.loads[1], "octets": at.timestamp()},
            requests=self.requests,
            lost=self.lost,
            peers=frozenset() if IPSEC in self.gone else frozenset({HUB_ADDRESS}),
            greets=greets,
            conditions=conditions,
        )


def is_steady(former: Sample | None, sample: Sample) -> bool:
    """Whether a poll is handed on without its sample, as the words of ``Heard`` have it."""
    if former is None or {former.answer, sample.answer} != {Answer.ANSWERED} or former.faults or sample.faults:
        return False
    grown = (sample.uptime_s or 0.0) - (former.uptime_s or 0.0) - (sample.at - former.at).total_seconds()
    greets = sample.greets in (None, Greets.GREETED)
    return abs(grown) < TOLERANCE_S / 10 and greets and sample.lost == 0 and _deciding(former) == _deciding(sample)


def _deciding(sample: Sample) -> Sample:
    """Without what may differ."""
    bad = {kind: {name: Item(item.bad, "") for name, item in of.items()} for kind, of in sample.conditions.items()}
    bare = replace(sample, at=START, uptime_s=None, engine_time_s=None, round_trip_ms=None, requests=0, counters={})
    return replace(bare, conditions=bad, greets=None)


@dataclass
class Doing:
    """What the agent itself does, as told."""

    at_work: set[str] = field(default_factory=set)
    ours: set[str] = field(default_factory=set)
    not_in_service: set[str] = field(default_factory=set)

    def running(self, routers: Collection[str]) -> frozenset[str]:
        return frozenset(routers) & self.at_work

    def changed(self, router: str, since: datetime, until: datetime) -> bool:
        return router in self.ours

    def in_service(self, sites: Collection[str]) -> frozenset[str]:
        return frozenset(sites) - self.not_in_service


class Kept:
    """One store and the keeper on it."""

    def __init__(self, doing: Doing, url: str = "sqlite://") -> None:
        self.engine = open_store(url)
        create_all(self.engine)
        self.doing, self.terms = doing, Terms(subjects(), 2)
        self.states, self.incidents = States(self.engine), Incidents(self.engine)
        self.told: dict[str, tuple[Told, ...]] = {}
        self.keeper = Keeper(self.states, doing)
        self.former: dict[str, Sample] = {}
        self.whole: dict[str, int] = {}
        self.without = 0

    def restart(self) -> None:
        """The daemon stops, and starts again."""
        self.keeper.note()
        self.keeper, self.former = Keeper(self.states, self.doing), {}

    def another(self) -> Kept:
        """Another process on the same store."""
        other = copy(self)
        other.keeper = Keeper(self.states, self.doing)
        return other

    def orders(self, interfaces: tuple[str, ...]) -> None:
        """The inventory expects other interfaces from now on, which are asked of the routers as well."""
        self.terms = Terms(subjects(interfaces), 2)
        self.former = {}

    def one_by_one(self, samples: Iterable[Sample]) -> None:
        """Each sample on its own, and all of it."""
        for sample in samples:
            self.keeper.keep((told_by(sample),), self.terms, self.told)

    def fast(self, samples: Iterable[Sample]) -> None:
        """All in a batch, and steady polls without their sample."""
        batch = [self._heard(sample) for sample in samples]
        for router in self.keeper.keep(batch, self.terms, self.told).attend:
            self.whole[router] = WHOLE_POLLS

    def _heard(self, sample: Sample) -> Heard:
        name, heard = sample.router, told_by(sample)
        steady = is_steady(self.former.get(name), sample)
        self.former[name] = sample
        if sample.answer is not Answer.ANSWERED:
            self.whole[name] = WHOLE_POLLS
            return heard._replace(sample=None)
        if not steady:
            self.whole[name] = WHOLE_POLLS
            return heard
        if self.whole[name] > 0:
            self.whole[name] -= 1
            return heard
        self.without += 1
        return heard._replace(sample=None)

    def all_of_it(self) -> tuple[object, ...]:
        """States, alarms and incidents, but for what the fast path only carries on."""
        states = {}
        for name, state in self.states.states().items():
            greets = None if state.quality.greets is Greets.GREETED else state.quality.greets
            quality = replace(state.quality, cpu_percent=None, greets=greets)
            life = replace(state.life, engine_time_s=None) if state.life else None
            words = {
                kind: {item: replace(one, text="") for item, one in of.items()} for kind, of in state.conditions.items()
            }
            states[name] = replace(state, quality=quality, life=life, conditions=words)
        return states, self.states.alarm_history(START), self.incidents.incidents(closed=True)


class Fleet(Kept):
    """All routers answered once, a while ago."""

    def __init__(self, url: str) -> None:
        super().__init__(Doing(), url)
        self.routers = {name: Router(name) for name in ROUTERS}
        self.whole_of(*ROUTERS, at=0)

    def whole_of(self, *names: str, at: float) -> keeper.Kept:
        """Each answers, and all of it is told."""
        samples = [self.routers[name].answer(START + timedelta(seconds=at)) for name in names]
        return self.keeper.keep([told_by(sample) for sample in samples], self.terms)

    def as_before(self, *names: str, at: float) -> keeper.Kept:
        """Each answers as before."""
        return self.keeper.keep([self.heard(name, at) for name in names], self.terms)

    def heard(self, name: str, at: float) -> Heard:
        """A steady poll."""
        return told_by(self.routers[name].answer(START + timedelta(seconds=at)))._replace(sample=None)
