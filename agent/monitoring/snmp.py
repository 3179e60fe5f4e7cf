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
from agent.monitoring.watch import expected_interfaces, watches_peers
from collectors.greeting import Greeting, greeting
from collectors.poller import RouterPoller, RouterRequest
from collectors.profiles import PROFILES, Profile
from collectors.sample import AdminStatus, InterfaceSample, OperStatus, RouterSample
from collectors.snmp import Failure, SnmpClient, Target
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
    async with SnmpClient() as client:
        yield _SnmpPoller(RouterPoller(client, clock), target_of, clock, doors)


class _SnmpPoller:
    def __init__(self, poller: RouterPoller, target_of: TargetOf, clock: Clock, doors: Doors | None) -> None:
        self._poller = poller
        self._target_of = target_of
        self._clock = clock
        self._doors = doors
        self._greeted: dict[str, datetime] = {}

    async def poll(self, site: SiteView) -> Sample:
        """Ask one router for what states are decided from."""
        target, expected = self._target_of(site), frozenset(expected_interfaces(site))
        request = RouterRequest(site.router.name, target, profile_of(site), expected, watches_peers(site))
        read, greets = await asyncio.gather(self._poller.read(request), self._greets(site))
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


def profile_of(site: SiteView) -> Profile:
    """What is read of a router, by the SNMP agent that its platform has."""
    return PROFILES[PLATFORMS[site.router.platform].agent]


def neutral(found: RouterSample) -> Sample:
    """The sample that states are decided from."""
    answer = Answer.ANSWERED
    if found.failure is not None:
        answer = Answer.SILENT if found.failure in SILENT else Answer.UNUSABLE
        answer = Answer.NOT_ASKED if found.failure in NOT_ASKED else answer
    reason = f"{found.failure}: {found.detail}" if found.failure and found.detail else str(found.failure or "")
    interfaces = {name: _interface(row) for name, row in found.interfaces.items()}
    return Sample(
        router=found.router,
        at=found.at,
        answer=answer,
        reason=reason,
        uptime_s=found.uptime_s,
        engine_id=found.engine_id,
        engine_boots=found.engine_boots,
        engine_time_s=found.engine_time_s,
        config_changed_s=found.config_changed_s,
        startup_changed_s=found.startup_changed_s,
        interfaces=interfaces if answer is Answer.ANSWERED else None,
        faults=tuple(str(problem) for problem in found.problems),
        round_trip_ms=None if found.round_trip_s is None else found.round_trip_s * 1000,
        counters=_counters(found),
        requests=found.requests,
        lost=found.lost,
        peers=found.peers,
    )


def _interface(row: InterfaceSample) -> InterfaceReading:
    """Dormant, testing and unknown are not up and not proved down."""
    known = {
        OperStatus.UP: True,
        OperStatus.DOWN: False,
        OperStatus.NOT_PRESENT: False,
        OperStatus.LOWER_LAYER_DOWN: False,
    }
    admin = None if row.admin is None else row.admin is not AdminStatus.DOWN
    return InterfaceReading(admin, known.get(row.oper) if row.oper is not None else None)


def _counters(found: RouterSample) -> dict[str, float]:
    """What is kept for history beside the states: load, memory, octets."""
    values: dict[str, float | None] = {
        "cpu_1_min_percent": found.cpu_1_min_percent,
        "cpu_5_min_percent": found.cpu_5_min_percent,
        "memory_used_kb": found.memory_used_kb,
        "memory_free_kb": found.memory_free_kb,
    }
    for name, row in found.interfaces.items():
        values[f"{name} in_octets"] = row.in_octets
        values[f"{name} out_octets"] = row.out_octets
        values[f"{name} discontinuity_s"] = row.discontinuity_s
    return {name: value for name, value in values.items() if value is not None}
