"""A lab under this machine's own kernel: it starts in a second, and has what this kernel has."""

from __future__ import annotations

import shutil
import subprocess

from agent.lab.real.machine import launch, write_inside
from agent.lab.real.outside import Place
from agent.lab.real.plan import Plan


class Namespaces:
    """Boxes as namespaces of this machine."""

    def missing(self) -> list[str]:
        """iproute2, and nothing else."""
        return [] if shutil.which("ip") else ["ip is missing: apt-get install iproute2"]

    def address(self, place: Place) -> str:
        """A socket in the lab's folder."""
        return str(place.folder / "door")

    def start(self, place: Place, plan: Plan) -> subprocess.Popen[bytes]:
        """Start the inside by itself; it makes its namespaces and takes one end of the link."""
        return launch(place, write_inside(place, plan, guest=False, device=place.device))
