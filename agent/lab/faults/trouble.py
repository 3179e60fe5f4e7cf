"""What is wrong on purpose in one lab: breaks and mends, and says what routers and accesses are like meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from agent.lab.clock import LabClock
from agent.lab.errors import LabError
from agent.lab.faults.breakage import Breakage
from agent.lab.faults.certificates import expire, expired, prolong
from agent.lab.faults.conditions import Conditions, Draws
from agent.lab.faults.keys import correct, mistype, mistyped
from agent.lab.faults.kinds import OF_THE_BOX, Break, Fault, asked, kind_of
from agent.lab.faults.load import Load
from agent.lab.faults.wear import Wear
from agent.lab.router import VirtualRouter


class Trouble:
    """``routers`` are the lab's, ``broken`` what is kept of their faults, ``chance`` what decides about each packet."""

    def __init__(self, routers: Mapping[str, VirtualRouter], clock: LabClock, broken: Breakage) -> None:
        self.broken = broken
        self.chance = Draws()
        self.wear = Wear()
        self._routers = routers
        self._clock = clock
        self._loads: dict[str, tuple[int, Load]] = {}
        for name in broken.having(Break.LOSS):
            self._worn(name)

    def damage(self, name: str, what: str, value: float | None, vpn: str) -> Fault:
        """Break something of a device; LabError where it cannot be broken so."""
        router, kind = self._routers[name], asked(what, value, vpn)
        fault = Fault(kind, self._clock.now(), value, vpn, router.boots)
        if kind in OF_THE_BOX and not router.up:
            raise LabError(f"{name} has no power or is booting: {kind} needs a router that runs")
        if kind is Break.KEY:
            if any(one.kind is kind for one in self.of(name)):
                raise LabError(f"{name}: a key is broken already; lab repair brings the right one back")
            fault = mistype(router, fault)
        if kind is Break.CERTIFICATE:
            fault = expire(router, fault)
        self.load(router)
        self.broken.add(name, fault)
        self.load(router)
        self._worn(name)
        return fault

    def mend(self, name: str, what: str) -> None:
        """Undo one ``damage`` of a device, or every one."""
        kinds = [kind_of(what)] if what else list(Break)
        router = self._routers[name]
        self.load(router)
        for fault in self.broken.drop(name, kinds):
            if fault.kind is Break.KEY:
                correct(router, fault)
            if fault.kind is Break.CERTIFICATE:
                prolong(router, fault)
        self.load(router)
        self._worn(name)

    def _worn(self, name: str) -> None:
        self.wear.change(name, self.broken.value(name, Break.LOSS), self._clock.now())

    def of(self, name: str) -> tuple[Fault, ...]:
        """What is broken of a device; what a boot or the right lines have mended meanwhile is forgotten."""
        router = self._routers[name]
        self.broken.drop(name, [one.kind for one in self.broken.of(name) if _over(router, one)])
        return self.broken.of(name)

    def conditions(self, router: VirtualRouter) -> Conditions:
        """What a router and its access are like now."""
        faults = {fault.kind: fault.value or 0.0 for fault in self.of(router.name)}
        return Conditions(
            faults.get(Break.LOSS, 0.0), faults.get(Break.DELAY, 0.0), faults.get(Break.CPU, 0.0), Break.SSH in faults
        )

    def quiet(self, router: VirtualRouter) -> float:
        """Percent of a router's processor that its own work takes."""
        return 2.0 + sum(router.chassis.serial.encode()) % 9

    def load(self, router: VirtualRouter) -> Load:
        """The load of a router's processor, with its history since the boot."""
        now, quiet = self._clock.now(), self.quiet(router)
        level = max(quiet, self.conditions(router).load)
        boots, load = self._loads.get(router.name, (-1, Load(quiet, now)))
        if boots != router.boots:
            load = Load(quiet, router.booted_at, quiet, quiet)
        if load.level != level:
            load = load.moved(level, now)
        self._loads[router.name] = (router.boots, load)
        return load


def _over(router: VirtualRouter, fault: Fault) -> bool:
    if fault.kind in OF_THE_BOX and fault.boots != router.boots:
        return True
    if fault.kind is Break.KEY:
        return not mistyped(router, fault)
    return fault.kind is Break.CERTIFICATE and not expired(router, fault)
