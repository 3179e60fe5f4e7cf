"""pysnmp, as a child: one engine that lives through all cycles, the same GETs and the same GETBULK for each device."""

from __future__ import annotations

import asyncio
import json
import sys

from pysnmp.hlapi.v3arch.asyncio import (
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    bulk_cmd,
    get_cmd,
)

from collectors.polling import PollOrder
from tests.bench.peers import AT_ONCE, user_of
from tests.bench.polling.asked import asked_of
from tests.bench.polling.child import serve
from tests.bench.polling.fleet import KINDS, MODELS

#: Rows asked of a walked table at once, as ours does.
REPETITIONS = 4


def main(port: int, devices: int, kind: str, model: str, values: int) -> None:
    """Serve cycles; see tests.bench.polling.ours."""
    del values  # it counts its own
    ordered = KINDS[kind](port, MODELS[model])
    orders, asked = list(ordered.orders(range(devices))), asked_of(ordered.order)
    engine, user = SnmpEngine(), user_of(MODELS[model])
    packets = [[ObjectType(ObjectIdentity(oid)) for oid in packet] for packet in asked.packets]
    columns = [[ObjectType(ObjectIdentity(one.oid)) for one in walk] for walk in asked.walked]

    async def poll(order: PollOrder, places: asyncio.Semaphore) -> int:
        there = order.target
        async with places:
            target = await UdpTransportTarget.create(
                (there.address, there.port), timeout=there.timeout_s, retries=there.retries
            )
            came = 0
            for instances in packets:
                error, status, _, rows = await get_cmd(engine, user, target, ContextData(), *instances, lookupMib=False)
                if error or status:
                    return 0
                came += len(rows)
            for walked, walk in zip(asked.walked, columns, strict=True):
                error, status, _, rows = await bulk_cmd(
                    engine, user, target, ContextData(), 0, REPETITIONS, *walk, lookupMib=False
                )
                names = {tuple(name) for name, _ in rows}  # beyond a column's end they are those of the next one
                came += sum(name[: len(one.oid)] == one.oid for name in names for one in walked)
            return came

    async def cycle() -> tuple[int, int]:
        places = asyncio.Semaphore(AT_ONCE)
        found = await asyncio.gather(*(poll(order, places) for order in orders))
        return sum(came > 0 for came in found), sum(found)

    with asyncio.Runner() as runner:
        serve(lambda: runner.run(cycle()))
        engine.close_dispatcher()


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
