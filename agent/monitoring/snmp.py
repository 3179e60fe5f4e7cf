"""Polls routers by SNMP, and now and then their SSH for its greeting: what comes back becomes a sample."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.monitoring.garbage import rarely_searched
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer, Greets, InterfaceReading, Sample
from agent.monitoring.services import conditions
from agent.monitoring.watch import expected_groups, expected_interfaces, registers_with, watches_peers
from collectors.engine import Engine
from collectors.greeting import Greeting, Stage, greeting
from collectors.modules import Module, modules_of
from collectors.polling import DevicePoller, Polled, PollOrder, full
from collectors.reading import Reading, Row
from collectors.snmp import Failure, Target
from inventory import SiteView
from inventory.platforms import PLATFORMS

log = logging.getLogger(__name__)

#: Nobody answered; every other failure is an answer that cannot be used, or a question that was not asked.
SILENT = frozenset({Failure.TIMEOUT})
NOT_ASKED = frozenset({Failure.NOT_SENT, Failure.CLOSED})

#: Seconds that SSH has for its greeting.
GREETING_S = 5.0
#: Connections to SSH that are open at once: each takes a file descriptor.
MOST_GREETINGS = 128


@dataclass(frozen=True, slots=True)
class Door:
    """Where a router's SSH is reached, and every how many seconds it is tried; where it did not greet, at each poll."""

    host: str
    port: int
    every_s: float


@dataclass(frozen=True, slots=True)
class RouterOrder:
    """All that is needed to poll a router; ``door`` is None where its SSH is not tried."""

    poll: PollOrder
    door: Door | None = None


@asynccontextmanager
async def snmp_poller(clock: Callable[[], float] = time.time) -> AsyncIterator[SnmpPoller]:
    """A poller that lives as long as the block: what SNMPv3 learns of routers is kept in it. ``clock`` is Unix time."""
    with rarely_searched():
        async with Engine(clock=clock) as engine:
            yield SnmpPoller(DevicePoller(engine))


class SnmpPoller:
    """Polls routers; as it hears of one that answers, its SSH is tried where that is due.

    ``greeting_s`` is how long SSH has for its greeting. So many connections are open at most: a router that finds no
    room is tried with its next poll.
    """

    def __init__(self, poller: DevicePoller, greeting_s: float = GREETING_S) -> None:
        self._poller = poller
        self._greeting_s = greeting_s
        #: When the poll began with which a router's SSH last greeted, in Unix seconds.
        self._greeted: dict[str, float] = {}
        self._trying = 0

    async def round(self, turns: Iterable[tuple[float, RouterOrder]], told: Callable[[Heard], None]) -> None:
        """Poll many, each not before its moment on the loop's clock; ends when all that were begun were told."""
        doors: dict[str, Door] = {}
        greetings: set[asyncio.Task[None]] = set()

        def orders() -> Iterator[tuple[float, PollOrder]]:
            for at, order in turns:
                if order.door is not None:
                    doors[order.poll.device] = order.door
                yield at, order.poll

        def heard(polled: Polled) -> None:
            door = doors.pop(polled.device, None)
            if door is None or not self._is_due(polled, door):
                told(heard_of(polled))
                return
            greetings.add(task := asyncio.create_task(greeted(polled, door)))
            task.add_done_callback(greetings.discard)

        async def greeted(polled: Polled, door: Door) -> None:
            told(heard_of(polled, await self._greets(polled, door)))

        try:
            await self._poller.round(orders(), heard)
            while greetings:
                await asyncio.wait(greetings)
        finally:
            for task in greetings:
                task.cancel()

    async def read(self, order: RouterOrder) -> Heard:
        """Poll one router now, beside a round; its sample is whole."""
        polled = await self._poller.read(order.poll)
        return heard_of(polled, await self._greets(polled, order.door))

    def reconsider(self) -> None:
        """Give back the turn of the round that waits for its moment, and take the next one anew."""
        self._poller.reconsider()

    def attend(self, router: str) -> None:
        """Bring a whole sample of a router with its next poll."""
        self._poller.attend(router)

    def forget(self, router: str) -> None:
        """A router has left the inventory."""
        self._poller.forget(router)
        self._greeted.pop(router, None)

    def _is_due(self, polled: Polled, door: Door) -> bool:
        """Whether to try SSH: not of a router that does not answer, and not where there is no room."""
        last = self._greeted.get(polled.device)
        lately = last is not None and 0 <= polled.at - last < door.every_s
        return polled.failure is None and not lately and self._trying < MOST_GREETINGS

    async def _greets(self, polled: Polled, door: Door | None) -> Greets | None:
        """How far SSH got; None where it was not tried."""
        if door is None or not self._is_due(polled, door):
            return None
        self._trying += 1
        try:
            found: Greeting = await greeting(door.host, door.port, self._greeting_s)
        except Exception as error:  # noqa: BLE001 - an error of ours: the router has answered all the same
            log.error("trying SSH of %s failed: %s: %s", polled.device, type(error).__name__, error)
            return None
        finally:
            self._trying -= 1
        if found.stage is Stage.GREETED:
            self._greeted[polled.device] = polled.at
        else:
            self._greeted.pop(polled.device, None)
        return Greets(found.stage.value)


def heard_of(polled: Polled, greets: Greets | None = None) -> Heard:
    """What one poll brought: a sample where something may be other than before.

    Where an error of ours spoils it the router was asked all the same, and what it said cannot be used.
    """
    try:
        return _heard_of(polled, greets)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told of this router and harms no other
        log.error("what %s answered cannot be read: %s: %s", polled.device, type(error).__name__, error)
        why = f"the poll failed: {error or type(error).__name__}"
        return Heard(polled.device, polled.at, Answer.UNUSABLE, why, requests=polled.requests, lost=polled.lost)


def _heard_of(polled: Polled, greets: Greets | None) -> Heard:
    sample, answer, reason = None, Answer.ANSWERED, ""
    if polled.failure is not None:
        answer, reason = _answer(polled)
    elif polled.reading is not None or greets not in (None, Greets.GREETED):
        sample = neutral(polled, greets)
    return Heard(
        polled.device,
        polled.at,
        answer,
        reason,
        polled.uptime_s,
        None if polled.round_trip_s is None else polled.round_trip_s * 1000,
        polled.cpu_percent,
        polled.requests,
        polled.lost,
        polled.record,
        sample,
    )


def poll_order(site: SiteView, target: Target) -> PollOrder:
    """What is read of a router: by the SNMP agent that its platform has, and by what the inventory ordered of it."""
    interfaces = frozenset(expected_interfaces(site))
    expected = {
        "interfaces": interfaces,
        "ports": interfaces,
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


def _answer(found: Polled) -> tuple[Answer, str]:
    """How a poll ended, and why it did not end well."""
    if found.failure is None:
        return Answer.ANSWERED, ""
    answer = Answer.SILENT if found.failure in SILENT else Answer.UNUSABLE
    answer = Answer.NOT_ASKED if found.failure in NOT_ASKED else answer
    return answer, f"{found.failure}: {found.detail}" if found.detail else str(found.failure)


def neutral(found: Polled, greets: Greets | None = None) -> Sample:
    """The sample that states are decided from, also of a poll that was steady."""
    (answer, reason), told = _answer(found), full(found).reading or Reading()
    interfaces, tunnels = told.tables.get("interfaces"), told.tables.get("ipsec")
    return Sample(
        router=found.device,
        at=datetime.fromtimestamp(found.at, UTC),
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
        counters=_counters(told),
        requests=found.requests,
        lost=found.lost,
        peers=None if tunnels is None else frozenset(tunnels),
        greets=greets,
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


def _counters(told: Reading) -> dict[str, float]:
    values = {name: told.figures[name] for name in FIGURES if name in told.figures}
    for interface, row in told.tables.get("interfaces", {}).items():
        for name in OCTETS:
            cell = row.get(name)
            if cell is not None and not isinstance(cell, str):
                values[f"{interface} {name}"] = cell
    return values
