"""What a lab runs in: a guest kernel, or namespaces of this machine's kernel."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from agent.lab.errors import LabError
from agent.lab.real.outside import Place
from agent.lab.real.plan import Plan

#: Debian's own: what routers run, and small.
PYTHON = "/usr/bin/python3"
#: The repository's root, where the inside finds its own modules.
_ROOT = Path(__file__).resolve().parents[3]


class Machine(Protocol):
    """Something that starts the inside."""

    def missing(self) -> list[str]:
        """What this machine lacks, each as a sentence that says what to do."""

    def address(self, place: Place) -> tuple[str, int] | str:
        """Where the inside answers."""

    def start(self, place: Place, plan: Plan) -> subprocess.Popen[bytes]:
        """Start it; what it says goes to ``console.log`` in the lab's folder."""


def write_inside(place: Place, plan: Plan, **settings: Any) -> list[str]:
    """Write what the inside reads into the lab's folder; the command that starts it."""
    (place.folder / "inside.json").write_text(json.dumps({"plan": json.loads(plan.to_json()), **settings}))
    launcher = place.folder / "launch.py"
    launcher.write_text(
        f"import sys\nsys.path.insert(0, {str(_ROOT)!r})\nsys.dont_write_bytecode = True\n"
        f"from agent.lab.real.inside.init import main\nmain({str(place.folder)!r})\n"
    )
    return [PYTHON, "-S", "-E", str(launcher)]


def launch(place: Place, command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start ``command`` with its output in the lab's folder, and remember its id there for those who clear up."""
    with (place.folder / "console.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    (place.folder / "pid").write_text(str(process.pid))
    return process


def check(machine: Machine) -> None:
    """LabError with everything that is missing."""
    missing = [] if os.geteuid() == 0 else ["root: a lab of real routers makes network interfaces"]
    if not Path(PYTHON).exists():
        missing.append(f"{PYTHON} is missing: apt-get install python3-minimal")
    missing += machine.missing()
    if missing:
        raise LabError("a lab of real routers cannot start here: " + "; ".join(missing))
