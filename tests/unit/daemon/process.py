"""A daemon in a process of its own, for tests that kill it: says on stdout what it has acknowledged."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

from agent.monitoring.service_level import gaps, level
from agent.store.states import States, Turn
from tests.unit.daemon.conftest import World


class Telling(States):
    """Says each poll that is kept, after it is."""

    @contextmanager
    def turn(self, since: int | None) -> Iterator[Turn]:
        with super().turn(since) as turn, mock.patch.object(turn, "write", wraps=turn.write) as write:
            yield turn
        for call in write.call_args_list:
            for outcome in call.args[1]:
                state, reference = outcome.step.state, outcome.incident.reference if outcome.incident else "-"
                sys.stdout.write(f"{state.router} {state.polled_at.isoformat()} {state.reach} {reference}\n")
        sys.stdout.flush()


def main() -> None:
    """``FOLDER [silent=NAME,…] [hung=NAME,…] [limit=SECONDS]``: the last is how far polls may lie apart."""
    world = World(Path(sys.argv[1]))
    for word in sys.argv[2:]:
        group, _, names = word.partition("=")
        if group == "limit":
            for module in (gaps, level):
                vars(module)["LIMIT_S"] = float(names)
        else:
            getattr(world, group).update(names.split(","))
    world.stores = replace(world.stores, states=Telling(world.engine))
    world.daemon().run()


if __name__ == "__main__":
    main()
