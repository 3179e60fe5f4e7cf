"""A daemon in a process of its own, for tests that kill it: says on stdout what it has acknowledged."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from agent.monitoring.ports import Known, Outcome
from agent.store.states import States
from tests.unit.daemon.conftest import World


class Telling(States):
    """Says each sample that is kept, after it is."""

    def observe(self, router: str, hubs: frozenset[str], decide: Callable[[Known], Outcome]) -> Outcome:
        outcome = super().observe(router, hubs, decide)
        state, reference = outcome.step.state, outcome.incident.reference if outcome.incident else "-"
        sys.stdout.write(f"{router} {state.polled_at.isoformat()} {state.reach} {reference}\n")
        sys.stdout.flush()
        return outcome


def main() -> None:
    """``FOLDER [silent=NAME,…] [hung=NAME,…]``."""
    world = World(Path(sys.argv[1]))
    for word in sys.argv[2:]:
        group, _, names = word.partition("=")
        getattr(world, group).update(names.split(","))
    world.stores = replace(world.stores, states=Telling(world.engine))
    world.daemon().run()


if __name__ == "__main__":
    main()
