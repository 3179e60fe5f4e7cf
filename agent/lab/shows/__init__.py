"""Show output that depends on the network, as IOS-XE prints it."""

from __future__ import annotations

from collections.abc import Callable

from agent.lab.net.world import LabWorld
from agent.lab.router import VirtualRouter
from agent.lab.shows.bgp import bgp
from agent.lab.shows.common import View
from agent.lab.shows.crypto import crypto
from agent.lab.shows.dmvpn import dmvpn
from agent.lab.shows.interfaces import interfaces
from agent.lab.shows.nhrp import nhrp
from agent.lab.shows.ntp import ntp
from agent.lab.shows.processes import processes
from agent.lab.shows.routes import route
from agent.lab.shows.standby import sla, standby, track

#: How a command begins -> what answers it.
_COMMANDS: tuple[tuple[tuple[str, ...], Callable[[View, list[str]], str | None]], ...] = (
    (("show", "dmvpn"), dmvpn),
    (("show", "ip", "nhrp"), nhrp),
    (("show", "crypto"), crypto),
    (("show", "ip", "bgp"), bgp),
    (("show", "bgp"), bgp),
    (("show", "ip", "route"), route),
    (("show", "ip", "sla"), sla),
    (("show", "standby"), standby),
    (("show", "track"), track),
    (("show", "interfaces"), interfaces),
    (("show", "ntp"), ntp),
    (("show", "processes", "cpu"), processes),
    (("show", "logging"), lambda view, _: view.world.journal.show_logging(view.router, view.now)),
)


def show(world: LabWorld, router: VirtualRouter, words: list[str]) -> str | None:
    """The output of a show command, given in full keywords; None where it does not depend on the network."""
    for lead, answer in _COMMANDS:
        if tuple(words[: len(lead)]) == lead:
            network = world.network()
            view = View(router, world, network, network.stations[router.name], world.clock.now())
            return answer(view, words)
    return None
