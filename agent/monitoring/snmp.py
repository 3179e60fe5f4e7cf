"""Polls routers by SNMP, and now and then their SSH for its greeting: what comes back becomes a sample."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.events import Clock
from agent.monitoring.ports import Poller
from agent.monitoring.sample import Answer, Greets, InterfaceReading, Sample
from agent.monitoring.services import conditions
from agent.monitoring.watch import expected_groups, expected_interfaces, registers_with, watches_peers
from collectors.engine import Engine
from collectors.greeting import Greeting, greeting
from collectors.modules import Module, modules_of
from collectors.poller import DevicePoller, Polled, PollOrder
from collectors.rates import Gap
from collectors.reading import Row
from collectors.snmp import Failure, Target
from inventory import SiteView
from inventory.platforms import PLATFORMS

#: Nobody answered; every other failure is an answer that cannot be used, or a question that was not asked.
SILENT = frozenset({Failure.TIMEOUT})
NOT_ASKED = frozenset({Failure.NOT_SENT, Failure.CLOSED})

#: Where and how a router's SNMP agent is asked; raises ConfigurationProblem for a secret that cannot be read.
TargetOf = Callable[[SiteView], Target]
#: Seconds that SSH has for its greeting.
GREETING_S = 5.0


@dataclass(frozen=True, slots=True)
class Doors:
    """Where routers' SSH is reached, and every how many seconds it is tried; one that did not greet is tried again."""

    of: Callable[[SiteView], tuple[str, int]]
    every_s: Callable[[], float]
    timeout_s: float = GREETING_S


@asynccontextmanager
async def snmp_poller(target_of: TargetOf, clock: Clock, doors: Doors | None = None) -> AsyncIterator[Poller]:
    """A poller that lives as long as the block: what SNMPv3 learns of routers is kept in it."""
    async with Engine() as engine:
        yield _SnmpPoller(DevicePoller(engine, clock), target_of, clock, doors)


class _SnmpPoller:
    def __init__(self, poller: DevicePoller, target_of: TargetOf, clock: Clock, doors: Doors | None) -> None:
        self._poller = poller
        self._target_of = target_of
        self._clock = clock
        self._doors = doors
        self._greeted: dict[str, datetime] = {}

    async def poll(self, site: SiteView) -> Sample:
        """Ask one router for what states are decided from."""
        order = poll_order(site, self._target_of(site))
        read, greets = await asyncio.gather(self._poller.read(order), self._greets(site))
        return replace(neutral(read), greets=greets)

    async def _greets(self, site: SiteView) -> Greets | None:
        """How far SSH got; None where it greeted not long ago."""
        if self._doors is None:
            return None
        name, now = site.router.name, self._clock()
        last = self._greeted.get(name)
        if last is not None and timedelta() <= now - last < timedelta(seconds=self._doors.every_s()):
            return None
        host, port = self._doors.of(site)
        found: Greeting = await greeting(host, port, self._doors.timeout_s)
        greets = Greets(found.stage.value)
        if greets is Greets.GREETED:
            self._greeted[name] = now
        else:
            self._greeted.pop(name, None)
        return greets


def poll_order(site: SiteView, target: Target) -> PollOrder:
    """What is read of a router: by the SNMP agent that its platform has, and by what the inventory ordered of it."""
    expected = {
        "interfaces": frozenset(expected_interfaces(site)),
        "nhrp_servers": frozenset(registers_with(site)),
        "standby": frozenset(expected_groups(site)),
    }
    return PollOrder(site.router.name, target, modules_for(site), tuple(expected.items()))


def modules_for(site: SiteView) -> tuple[Module, ...]:
    """The modules of its agent whose conditions, if they have any, were ordered."""
    ordered = ordered_of(site)
    return tuple(
        module
        for module in modules_of(PLATFORMS[site.router.platform].agent)
        if not module.when or module.when & ordered
    )


def ordered_of(site: SiteView) -> frozenset[str]:
    """What the inventory says of a site, in the words of the modules' conditions."""
    options = site.site.options
    words = {
        "few tunnels": watches_peers(site),
        "registers": bool(registers_with(site)),
        "registered with": any(site.is_hub(vpn) for vpn in site.vpns),
        "standby": bool(expected_groups(site)),
        "traffic prioritisation": options.traffic_prioritisation is not None,
        "proactive monitoring": options.proactive_monitoring,
    }
    return frozenset(word for word, ordered in words.items() if ordered)


def neutral(found: Polled) -> Sample:
    """The sample that states are decided from."""
    answer = Answer.ANSWERED
    if found.failure is not None:
        answer = Answer.SILENT if found.failure in SILENT else Answer.UNUSABLE
        answer = Answer.NOT_ASKED if found.failure in NOT_ASKED else answer
    reason = f"{found.failure}: {found.detail}" if found.failure and found.detail else str(found.failure or "")
    told = found.reading
    interfaces, tunnels = told.tables.get("interfaces"), told.tables.get("ipsec")
    return Sample(
        router=found.device,
        at=found.at,
        answer=answer,
        reason=reason,
        uptime_s=told.seconds("uptime_s"),
        engine_id=told.text("engine_id"),
        engine_boots=told.number("engine_boots"),
        engine_time_s=told.number("engine_time_s"),
        config_changed_s=told.seconds("config_changed_s"),
        startup_changed_s=told.seconds("startup_changed_s"),
        interfaces=None if interfaces is None else {name: _interface(row) for name, row in interfaces.items()},
        faults=tuple(str(problem) for problem in told.problems),
        round_trip_ms=None if found.round_trip_s is None else found.round_trip_s * 1000,
        counters=_counters(found),
        requests=found.requests,
        lost=found.lost,
        peers=None if tunnels is None else frozenset(tunnels),
        conditions=conditions(told),
    )


def _interface(row: Row) -> InterfaceReading:
    """Dormant, testing and unknown are not up and not proved down."""
    known = {"up": True, "down": False, "not present": False, "lower layer down": False}
    admin = None if "admin" not in row else row["admin"] != "down"
    return InterfaceReading(admin, known.get(str(row.get("oper"))))


#: What is kept for history beside the states: load and memory, and of each interface its octets.
FIGURES = ("cpu_1_min_percent", "cpu_5_min_percent", "memory_used_kb", "memory_free_kb")
OCTETS = ("in_octets", "out_octets", "discontinuity_s")


def _counters(found: Polled) -> dict[str, float]:
    told = found.reading
    values = {name: told.figures[name] for name in FIGURES if name in told.figures}
    for interface, row in told.tables.get("interfaces", {}).items():
        for name in OCTETS:
            cell = row.get(name)
            if cell is not None and not isinstance(cell, str):
                values[f"{interface} {name}"] = cell
    for (table, key, name), growth in found.rates.items():
        if not isinstance(growth, Gap):
            values[f"{key} {name}_per_s" if table == "interfaces" else f"{table} {key} {name}_per_s"] = growth
    return values
