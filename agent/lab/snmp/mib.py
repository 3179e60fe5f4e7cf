"""What a virtual router's agent shows: the same state that its command line and the network have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agent.lab.config import ConfigTree
from agent.lab.net.world import LabWorld
from agent.lab.router import VirtualRouter
from agent.lab.shows.common import View
from agent.lab.shows.interfaces import input_errors
from agent.lab.snmp import environment, ipsec, nhrp, queueing, services, standby
from agent.lab.snmp.ber import Oid, Value
from agent.lab.snmp.interfaces import InterfaceTable
from agent.lab.snmp.values import gauge, identifier, number, octets, text, ticks

#: An instance with what gives its value when it is asked for.
Row = tuple[Oid, Callable[[], Value]]

_SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
_ENTITY: Oid = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
_ENGINE: Oid = (1, 3, 6, 1, 6, 3, 10, 2, 1)
_CISCO: Oid = (1, 3, 6, 1, 4, 1, 9, 9)
_PRODUCTS: Oid = (1, 3, 6, 1, 4, 1, 9, 1)
#: Memory of the routers, in octets.
_MEMORY, _USED = 2_000_000_000, 612_000_000


class RouterMib:
    """Instances are listed anew when configuration, boots or tunnels change; values are always of this moment."""

    def __init__(self, router: VirtualRouter, world: LabWorld) -> None:
        self._router = router
        self._world = world
        self._interfaces = InterfaceTable(router, world.network, lambda name: input_errors(self._view(), name))
        self._of: tuple[ConfigTree, object] | None = None
        self._rows: dict[Oid, Callable[[], Value]] = {}
        self._oids: list[Oid] = []
        self._objects: set[Oid] = set()

    def now(self) -> RouterMib:
        """Itself, with the instances of this moment."""
        router, world = self._router, self._world
        world.network()
        state = (router.boots, world.journal.version(world.clock.now()), tuple(world.shortcuts))
        if self._of is None or self._of[0] is not router.running or self._of[1] != state:
            self._of = (router.running, state)
            self._rows = dict(self._all())
            self._oids = sorted(self._rows)
            self._objects = {oid[:-1] for oid in self._oids}
        return self

    def _view(self) -> View:
        network = self._world.network()
        station = network.stations[self._router.name]
        return View(self._router, self._world, network, station, self._world.clock.now())

    def oids(self) -> list[Oid]:
        """All instances in order."""
        return self._oids

    def value(self, oid: Oid) -> Value | None:
        """The value of an instance, None where there is none."""
        found = self._rows.get(oid)
        return found() if found else None

    def has_object(self, oid: Oid) -> bool:
        """Whether there is another instance of the same object."""
        return oid[:-1] in self._objects

    def _all(self) -> Iterator[Row]:
        yield from self._system()
        yield from self._interfaces.rows()
        yield from self._entity()
        yield from self._engine()
        yield from self._load()
        yield from self._configuration()
        yield from services.processor(self._view)
        yield from services.bgp(self._view)
        yield from services.ntp(self._view)
        yield from ipsec.rows(self._view)
        yield from nhrp.rows(self._view, self._interfaces.indices)
        yield from standby.groups(self._view, self._interfaces.indices)
        yield from standby.probes(self._view)
        yield from queueing.rows(self._view, self._interfaces.indices)
        yield from environment.rows(self._view)

    def _system(self) -> Iterator[Row]:
        router, running = self._router, self._router.running
        name = router.hostname + (f".{domain}" if (domain := running.value("ip domain name")) else "")
        values: list[Callable[[], Value]] = [
            lambda: text(description(router)),
            lambda: identifier((*_PRODUCTS, *_product(router.chassis.model))),
            lambda: ticks(router.uptime),
            lambda: text(running.value("snmp-server contact") or ""),
            lambda: text(name),
            lambda: text(running.value("snmp-server location") or ""),
            lambda: number(78),
        ]
        for column, value in enumerate(values, 1):
            yield (*_SYSTEM, column, 0), value

    def _entity(self) -> Iterator[Row]:
        chassis = self._router.chassis
        columns: dict[int, Value] = {
            2: text(f"Cisco {chassis.model} Chassis"),
            4: number(0),
            5: number(3),
            7: text("Chassis"),
            10: text(chassis.release),
            11: text(chassis.serial),
            12: text("Cisco Systems Inc"),
            13: text(chassis.model),
            16: number(1),
        }
        for column, value in columns.items():
            yield (*_ENTITY, column, 1), _fixed(value)

    def _engine(self) -> Iterator[Row]:
        router = self._router
        yield (*_ENGINE, 1, 0), lambda: octets(router.engine_id)
        yield (*_ENGINE, 2, 0), lambda: number(router.boots)
        yield (*_ENGINE, 3, 0), lambda: number(router.engine_time)
        yield (*_ENGINE, 4, 0), lambda: number(1500)

    def _load(self) -> Iterator[Row]:
        free = _MEMORY - _USED
        cpu: dict[int, Value] = {
            2: number(1),
            12: gauge(_USED // 1024),
            13: gauge(free // 1024),
        }
        for column, value in cpu.items():
            yield (*_CISCO, 109, 1, 1, 1, 1, column, 1), _fixed(value)
        pool: dict[int, Value] = {2: text("Processor"), 5: gauge(_USED), 6: gauge(free)}
        for column, value in pool.items():
            yield (*_CISCO, 48, 1, 1, 1, column, 1), _fixed(value)
        enhanced: dict[int, Value] = {3: text("Processor"), 7: gauge(_USED), 8: gauge(free)}
        for column, value in enhanced.items():
            yield (*_CISCO, 221, 1, 1, 1, 1, column, 1, 1), _fixed(value)

    def _configuration(self) -> Iterator[Row]:
        """ccmHistory: sysUpTime when the configurations changed; 0 for what was before the boot."""
        router = self._router
        yield (*_CISCO, 43, 1, 1, 1, 0), lambda: ticks(router.running_changed - router.booted_at)
        yield (*_CISCO, 43, 1, 1, 2, 0), lambda: ticks(router.running_saved - router.booted_at)
        yield (*_CISCO, 43, 1, 1, 3, 0), lambda: ticks(router.startup_changed - router.booted_at)


def _fixed(value: Value) -> Callable[[], Value]:
    return lambda: value


def description(router: VirtualRouter) -> str:
    """sysDescr, in the form in which IOS-XE gives it."""
    numbers = ".".join(([*re.findall(r"\d+", router.chassis.release), "1", "1"])[:3])
    kind = router.model
    return (
        f"Cisco IOS Software, {kind.family} Software ({kind.image.upper()}), Version {numbers}, "
        "RELEASE SOFTWARE (fc1)\r\nTechnical Support: http://www.cisco.com/techsupport\r\n"
    )


def _product(model: str) -> tuple[int]:
    """An entry of ciscoProducts; models without a known one get the virtual router's."""
    return (_KNOWN.get(model, 1537),)


#: CISCO-PRODUCTS-MIB.
_KNOWN = {"ISR4321/K9": 2093, "CSR1000V": 1537}
