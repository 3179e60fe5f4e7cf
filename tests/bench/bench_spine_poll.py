"""Polling the same spokes with Cacti's spine, which GETs also what ours walks, and writes a row a value to MariaDB.

Its set-up is heavy, so it is measured by `python -m tests.bench --only spine` alone. MariaDB runs beside it: a row
counts spine's own processor time, the next one MariaDB's as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.bench_fleet_poll import OURS, Ring
from tests.bench.polling.asked import asked_of
from tests.bench.polling.contest import PollRow, pairs, processors, row
from tests.bench.polling.fleet import KINDS, MODELS
from tests.bench.polling.spine import spine
from tests.bench.responder import SPOKE, Responder

#: Run only when it is asked for by name.
APART = True

KIND, DEVICES = "spokes", 500
MOST_ROUNDS = 3


def rows(rounds: int) -> Iterator[PollRow]:
    """For each security model: spine alone, and with its database."""
    with Responder(SPOKE, processor=processors()[1]) as agents:
        for model, credentials in MODELS.items():
            asked = asked_of(KINDS[KIND](agents.port, credentials).order)
            with ExitStack() as stack, spine(agents.port, credentials, asked, DEVICES) as peer:
                own = Ring(stack, agents, KIND, model, asked).child("compiled", OURS, DEVICES)
                poll = f"{DEVICES:,} spokes, {model}"
                found = pairs(poll, own, peer, min(rounds, MOST_ROUNDS))
                yield row(poll, own.name, peer.name, found)
                yield row(poll, own.name, f"{peer.name} and MariaDB", found, with_beside=True)
