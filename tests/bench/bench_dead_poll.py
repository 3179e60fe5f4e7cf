"""Polling simulated spokes of which a fifth is dead, each asked three times, two seconds each time.

Every living one must have answered in each cycle, of ours and of pysnmp's; counted are those that did.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import version

from tests.bench.bench_fleet_poll import OURS, PYSNMP, Ring
from tests.bench.polling.asked import asked_of
from tests.bench.polling.child import Child
from tests.bench.polling.contest import PollRow, contest, processors
from tests.bench.polling.fleet import KINDS, MODELS
from tests.bench.responder import SPOKE, Responder, is_dead

DEVICES, FEW = 10_000, 500
#: Of a thousand.
DEAD = 200
KIND, MODEL = "spokes", "SNMPv3 SHA-256/AES"
#: Cycles with silent devices take long.
MOST_ROUNDS = 3


def rows(rounds: int) -> Iterator[PollRow]:
    """One row."""
    with Responder(SPOKE, processor=processors()[1]) as agents, ExitStack() as stack:
        agents.dead(DEAD)
        ring = Ring(stack, agents, KIND, MODEL, asked_of(KINDS[KIND](agents.port, MODELS[MODEL]).order))
        own = _beside_dead(ring.child("compiled", OURS, DEVICES))
        peer = _beside_dead(ring.child(f"pysnmp {version('pysnmp')}", PYSNMP, FEW))
        poll = f"{DEVICES:,} spokes, {DEVICES - own.living:,} dead, {MODEL}"
        yield contest(poll, own, peer, min(rounds, MOST_ROUNDS))


def _beside_dead(child: Child) -> Child:
    """It, of whose devices some are dead."""
    child.living = sum(not is_dead(number, DEAD) for number in range(child.devices))
    return child
