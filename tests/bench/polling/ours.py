"""Ours, as a child: polls the fleet as the product does, and says how many devices answered and values came."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

from tests.bench.polling.child import choose_codec, serve

if TYPE_CHECKING:
    from collectors.engine import Polled, Script


def main(port: int, devices: int, model: str) -> None:
    """Serve cycles over so many devices, in the words of fleet.MODELS."""
    choose_codec()
    from collectors.engine import Device, Engine, Errand
    from collectors.engine.polled import MOST_REFUSALS
    from collectors.snmp.reading import Columns, Instances, packets
    from tests.bench.polling.asked import asked_of
    from tests.bench.polling.fleet import MODELS, fleet

    ordered = fleet(port, MODELS[model])
    asked = asked_of(ordered.order)
    wanted = packets(asked.oids)
    known = [Device(order.device, order.target) for order in ordered.orders(devices)]

    def script() -> Script[int]:
        whole = Instances(wanted, MOST_REFUSALS)
        if (yield whole) is not None:
            return 0
        came = len(whole.values)
        for columns in asked.walked:
            walk = Columns(tuple(one.oid for one in columns), 4, 128)
            if (yield walk) is not None:
                return came
            came += len(walk.values)
        return came

    with asyncio.Runner() as runner:
        engine = Engine()
        runner.run(engine.__aenter__())

        async def cycle() -> tuple[int, int]:
            found: list[int] = []

            def told(polled: Polled[Any]) -> None:
                found.append(polled.found)

            await engine.poll((Errand(device, script()) for device in known), told)
            return sum(came > 0 for came in found), sum(found)

        serve(lambda: runner.run(cycle()))
        runner.run(engine.__aexit__(None, None, None))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
