"""Polling two fleets of simulated devices: with what any poller asks of a router, and with what ours asks of a spoke.

Of a plain router 48 objects are asked by GET: eight scalars, and ten columns of ifXTable for each of four interfaces.
The product takes its whole path, with typed samples, state and rows written. snmp_exporter GETs them all at once, which
costs it less than to walk the columns. Of a spoke, what watching a service needs: one GET, and a walk of its tunnels,
whose rows ours asks for by GET where it found them, and walks again in every 15th poll; peers walk in each. A poller is
a process of its own on one processor, and the agents are on the other one. Ours tells its history the times of cycles
of four minutes, which is how it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product

from tests.bench.polling.asked import Asked, asked_of
from tests.bench.polling.child import Child, running
from tests.bench.polling.contest import Poller, PollRow, contest, processors
from tests.bench.polling.exporter import exporter
from tests.bench.polling.fleet import KINDS, MODELS
from tests.bench.responder import SPOKE, Responder

#: Devices: pysnmp's first cycle is quadratic, so that more than 500 an engine are not its best.
DEVICES, FEW = 2_000, 500

OURS, PYSNMP = "tests.bench.polling.ours", "tests.bench.polling.with_pysnmp"


@dataclass(frozen=True, slots=True)
class Ring:
    """Where pollers of one kind of fleet and one security model meet; their processes end with ``stack``."""

    stack: ExitStack
    agents: Responder
    kind: str
    model: str
    asked: Asked

    def child(self, name: str, module: str, devices: int, *, plain: bool = False) -> Child:
        """A poller that is a child of ours; ``plain``: without anything compiled."""
        arguments = {"port": self.agents.port, "kind": self.kind, "model": self.model, "values": self.asked.values}
        process = self.stack.enter_context(running(module, arguments | {"devices": devices}, plain=plain))
        return Child(name, devices, devices, self.asked.values, process)

    def peers(self) -> tuple[Poller, ...]:
        """All that ours is compared with."""
        scraped = self.stack.enter_context(exporter(self.agents.port, MODELS[self.model], self.asked))
        return scraped.of(DEVICES, DEVICES), self.child(f"pysnmp {version('pysnmp')}", PYSNMP, FEW)


def rows(rounds: int) -> Iterator[PollRow]:
    """For each kind of fleet and security model, with the codec compiled and in plain Python: each peer."""
    with Responder(SPOKE, processor=processors()[1]) as agents:
        for (kind, fleet), (model, credentials) in product(KINDS.items(), MODELS.items()):
            with ExitStack() as stack:
                ring = Ring(stack, agents, kind, model, asked_of(fleet(agents.port, credentials).order))
                peers = ring.peers()
                for codec, plain in (("compiled", False), ("plain Python", True)):
                    own = ring.child(codec, OURS, DEVICES, plain=plain)
                    for peer in peers:
                        yield contest(f"{DEVICES:,} {kind}, {model}", own, peer, rounds)
