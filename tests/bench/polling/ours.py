"""Ours, as a child: polls the fleet as the product does, and says how many devices answered and values came."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

from tests.bench.polling.child import choose_codec, serve

if TYPE_CHECKING:
    from agent.monitoring.heard import Heard


def main(port: int, devices: int, kind: str, model: str, values: int) -> None:
    """Serve cycles over so many devices, each of which tells so many values.

    ``kind`` and ``model`` are in the words of fleet.KINDS and MODELS.

    What is measured is the usual state of a fleet, in which nothing has happened for long: polls are counted as in the
    product, and the twenty minutes that belong to them are left out.
    """
    choose_codec()
    from collectors.polling import poller
    from inventory.settings import Thresholds
    from tests.bench.polling.fleet import KINDS, MODELS
    from tests.bench.polling.pipeline import pipeline

    found: list[Heard] = []
    # Polled as fast as it goes, devices wait for each other: that they are slow then says nothing of them.
    patient = Thresholds(slow_floor_ms=10_000, loss_percent=90)
    with ExitStack() as stack:
        stack.enter_context(patch.object(poller, "CALM_S", 0.0))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="ours-")))
        runner = stack.enter_context(asyncio.Runner())
        manager = pipeline(
            KINDS[kind](port, MODELS[model]), range(devices), folder, lambda heard, _: found.append(heard), patient
        )
        running = runner.run(manager.__aenter__())

        def cycle() -> tuple[int, int]:
            found.clear()
            runner.run(running.cycle(0.0))
            whole = sum(is_whole(heard) for heard in found)
            return whole, whole * values

        for _ in range(poller.CALM_POLLS + 2):
            cycle()
        serve(cycle)
        runner.run(manager.__aexit__(None, None, None))


def is_whole(heard: Heard) -> bool:
    """Whether a device answered, and all that was asked."""
    return heard.record is not None and (heard.sample is None or not heard.sample.faults)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
