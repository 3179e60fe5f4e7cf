"""Show output that depends on the network, as IOS-XE prints it."""

from __future__ import annotations

from agent.lab.net.world import LabWorld
from agent.lab.router import VirtualRouter


def show(world: LabWorld, router: VirtualRouter, words: list[str]) -> str | None:
    """The output of a show command, given in full keywords; None where it does not depend on the network."""
    return None
