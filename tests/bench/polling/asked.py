"""What our poll of a device asks, found as our poll finds it: peers are given the same instances and the same walks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from collectors.answers import columns
from collectors.modules import Object, Table
from collectors.polling import PollOrder
from collectors.questions import Questions, questions
from collectors.rows import discovery, find_rows, names
from collectors.snmp import Oid, SnmpClient, Value


@dataclass(frozen=True, slots=True)
class Asked:
    """Instances by GET, each with its object; the GETs that they are asked in; and tables that are walked."""

    instances: tuple[tuple[Oid, Object], ...]
    packets: tuple[tuple[Oid, ...], ...]
    tables: tuple[Table, ...]

    @property
    def oids(self) -> tuple[Oid, ...]:
        return tuple(oid for oid, _ in self.instances)

    @property
    def walked(self) -> tuple[tuple[Object, ...], ...]:
        """The columns of each walk."""
        return tuple(
            ((table.key.object,) if table.key.object is not None else ()) + table.columns for table in self.tables
        )

    @property
    def in_rows(self) -> tuple[tuple[Oid, Object], ...]:
        """All instances, of walked tables those of their first row: for peers that do not walk."""
        return self.instances + tuple(((*one.oid, 1), one) for walk in self.walked for one in walk)

    @property
    def values(self) -> int:
        """How many values come of a device whose walked tables have a row each."""
        return len(self.instances) + sum(len(objects) for objects in self.walked)


async def _questions(order: PollOrder) -> Questions:
    known: dict[Oid, Value] = {}
    whole: list[Oid] = []
    async with SnmpClient() as client:
        for walk in discovery(order.modules):
            known.update((await client.bulk(order.target, walk)).values)
            whole += walk
        known.update((await client.get(order.target, names(order.modules, known))).values)
    rows = find_rows(order.modules, known, whole)
    return questions(tuple(module for module in order.modules if module.every == 1), rows, order.expected)


def asked_of(order: PollOrder) -> Asked:
    """Ask the device of the order where its rows are, and say what is asked of it then."""
    found = asyncio.run(_questions(order))
    instances = tuple((slot.oid, slot.one) for slot in found.slots)
    tables = tuple(table for _, table in found.walks)
    assert all(len(columns(table)) for table in tables)
    return Asked(instances, tuple(packet.oids for packet in found.packets), tables)
