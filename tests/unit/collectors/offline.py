"""An engine without a network: what a device answers is a table of values, and time is set by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from collectors.codec import ber
from collectors.codec.values import REFUSED, Flat
from collectors.engine import Device, Engine, Errand, Polled, Script
from collectors.polling import DevicePoller, PollOrder
from collectors.polling import Polled as Told
from collectors.snmp import Failure, Missing, Oid, Value
from collectors.snmp.reading import Columns, Instances, Problem
from collectors.taking import flattened
from tests.unit.collectors.collected import below


class Offline:
    """Stands for the engine: ``values`` are what devices hold, ``at`` is Unix time."""

    def __init__(self, values: Mapping[Oid, Value]) -> None:
        self.values = dict(values)
        self.at = 1_800_000_000.0
        self.lost = 0
        self.silent = False
        #: Objects that are refused, and tables that are not answered, by a column of theirs.
        self.refused: set[Oid] = set()
        self.deaf: set[Oid] = set()
        self.asked: list[Oid] = []

    async def read(self, device: Device, script: Script[Any]) -> Polled[Any]:
        """The engine's."""
        return self.run(device, script)

    async def poll(self, errands: Iterable[Errand], told: Callable[[Polled[Any]], None]) -> None:
        """The engine's."""
        for errand in errands:
            told(self.run(errand.device, errand.script))

    def run(self, device: Device, script: Script[Any]) -> Polled[Any]:
        """One poll, at once."""
        self.asked.clear()
        requests, part = 0, next(script)
        while True:
            requests += 1
            try:
                part = script.send(self._answer(part))
            except StopIteration as stop:
                return Polled(device, self.at, stop.value, 0.02, requests, self.lost)

    def _answer(self, part: Instances | Columns) -> Problem | None:
        if self.silent:
            return Problem(Failure.TIMEOUT, "silent")
        if isinstance(part, Instances):
            oids = [oid for packet in part.packets for oid in packet.oids]
            self.asked += oids
            for kind, value in map(self.flat, oids):
                part.kinds.append(kind)
                part.values.append(value)
            return None
        roots = tuple(part.request.oids) if part.request is not None else ()
        self.asked += roots
        if self.deaf.intersection(roots):
            return Problem(Failure.TIMEOUT, "deaf to it")
        for oid in below(self.values, roots):
            kind, value = self.flat(oid)
            part.names.append(oid)
            part.kinds.append(kind)
            part.flat.append(value)
        return None

    def flat(self, oid: Oid) -> tuple[int, Flat]:
        """The tag and value that a device answers with."""
        if oid in self.refused:
            return REFUSED, None
        kind, value = flattened(self.values.get(oid, Missing.NO_SUCH_INSTANCE))
        return kind, ber.oid_field(value)[2:] if isinstance(value, tuple) else cast("Flat", value)


def poller_of(offline: Offline) -> DevicePoller:
    """A poller that polls it."""
    return DevicePoller(cast("Engine", offline))


def rounds(poller: DevicePoller, *orders: PollOrder) -> list[Told]:
    """One round, and what it told."""
    told: list[Told] = []
    asyncio.run(poller.round(((0.0, order) for order in orders), told.append))
    return told
