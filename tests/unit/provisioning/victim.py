"""A process that runs a plan against the fake routers, and may be killed at a call: ``FOLDER PLAN AT``.

It prints ``ready`` and waits for a line, so that several can start at one moment; then how it ended.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from agent.errors import AgentError
from agent.provisioning.owner import may_live, this_owner
from agent.provisioning.transaction import Provisioning
from inventory import load_workspace
from tests.unit.provisioning.bench import TIMING, open_bench
from tests.unit.provisioning.fakes import FakeCheck, Fault


def main(folder: Path, plan: str, at: int) -> None:
    inventory = load_workspace(folder / "workspace")
    bench = open_bench(folder, inventory)
    process = bench.process(Fault(at, "sigkill", after=at % 2 == 0))
    runtime = replace(process.runtime, owner=this_owner(), may_live=may_live)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        outcome = Provisioning(process.ports, runtime, TIMING, FakeCheck()).execute(inventory, plan, "eve")
    except AgentError as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print(f"changed: {len(outcome.changed)}; calls: {len(process.gate.calls)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
