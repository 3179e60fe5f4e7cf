"""Runs the product's path over a simulated fleet for some cycles, and says what each did and what it took."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.monitoring.heard import Heard
from agent.monitoring.ports import Outcome
from tests.bench.moonshot.ledger import Cycle, Ledger
from tests.bench.moonshot.watching import Moment, Watch, rss_mib, size_of
from tests.bench.polling.exporter import cpu_s
from tests.bench.polling.fleet import MODELS, fleet
from tests.bench.polling.pipeline import pipeline
from tests.bench.responder import SPOKE, Responder, is_dead

#: At most so many seconds between two polls of a device where a cycle takes four minutes; in proportion otherwise.
LIMIT_S, PERIOD_S = 300.0, 240.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to run; ``dead`` is the share of the dead in thousandths, a period of 0 means as fast as it goes."""

    devices: int
    cycles: int
    period_s: float
    dead: int = 0
    model: str = "SNMPv3 SHA-256/AES"
    timeout_s: float = 2.0

    @property
    def limit_s(self) -> float:
        """The longest interval between two polls of a device that is not late."""
        return max(LIMIT_S, self.period_s * LIMIT_S / PERIOD_S)


@dataclass(frozen=True, slots=True)
class Turn:
    """A cycle and what it took: by the clock, of processors for us and for the agents, and octets in the databases."""

    cycle: Cycle
    wall_s: float
    own_cpu_s: float
    agents_cpu_s: float
    kept: int


@dataclass(frozen=True, slots=True)
class Report:
    """All cycles, and memory: before there was a fleet, before the first poll, and after the last one.

    ``steady`` polls told nothing new, of all.
    """

    order: Order
    turns: tuple[Turn, ...]
    moments: tuple[Moment, ...]
    empty_mib: float
    ordered_mib: float
    polled_mib: float
    agents_mib: float
    steady: int


async def run(order: Order, said: Callable[[Turn], None] = lambda _: None, processor: int | None = None) -> Report:
    """Start the agents and the path, and run the cycles; ``said`` hears of each. Agents have a ``processor``."""
    ended = steady = 0
    dead = frozenset(number for number in range(order.devices) if is_dead(number, order.dead))
    ledger = Ledger(order.devices, dead, order.limit_s)

    def heard(one: Heard, _: Outcome | None) -> None:
        nonlocal ended, steady
        ended += 1
        steady += one.record is not None and one.sample is None
        ledger.hear(one)

    with Responder(SPOKE, processor=processor) as agents, tempfile.TemporaryDirectory(prefix="moonshot-") as place:
        agents.dead(order.dead)
        folder, empty_mib = Path(place), rss_mib()
        ordered = fleet(agents.port, MODELS[order.model], order.timeout_s)
        async with pipeline(ordered, range(order.devices), folder, heard) as path:
            ordered_mib = rss_mib()
            watch = Watch(agents.pid, lambda: ended)
            turns: list[Turn] = []
            async with watch.watching():
                for _ in range(order.cycles):
                    start, own, theirs, kept = time.monotonic(), time.process_time(), cpu_s(agents.pid), size_of(folder)
                    await path.cycle(order.period_s)
                    turn = Turn(
                        ledger.cycle(), round(time.monotonic() - start, 1), round(time.process_time() - own, 2),
                        round(cpu_s(agents.pid) - theirs, 2), size_of(folder) - kept,
                    )  # fmt: skip
                    turns.append(turn)
                    said(turn)
            return Report(
                order, tuple(turns), tuple(watch.moments), round(empty_mib, 1), round(ordered_mib, 1),
                round(rss_mib(), 1), round(rss_mib(agents.pid), 1), steady,
            )  # fmt: skip
