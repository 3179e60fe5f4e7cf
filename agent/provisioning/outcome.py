"""Whether a change did what it was for: tunnels and routing to the other routers, seen from the router itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from agent.errors import CommandRejected
from agent.provisioning.plan import link
from agent.provisioning.ports import Device
from inventory import SiteView

SHOW_TUNNELS = "show dmvpn"
SHOW_ROUTING = "show bgp vpnv4 unicast all summary"

_INTERFACE = re.compile(r"^Interface: (Tunnel\d+)\b")
_PEER = re.compile(r"^\s*\d+\s+(\S+)\s+(\d+\.\d+\.\d+\.\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s*$")
#: A second tunnel address behind the same NBMA address comes without its first two columns.
_SAME_NBMA = re.compile(r"^\s+(\d+\.\d+\.\d+\.\d+)\s+(UP|NHRP|IKE|IPSEC)\s+(\S+)\s+(\S+)\s*$")
_NEIGHBOUR = re.compile(r"^\*?(\d+\.\d+\.\d+\.\d+)\s+4\s+\d+(?:\s+\S+){6}\s+(.+?)\s*$")


@dataclass(frozen=True, slots=True)
class TunnelPeer:
    """One peer of ``show dmvpn``: ``state`` is UP, or the step that it is stuck in (NHRP, IKE, IPSEC)."""

    interface: str
    address: str
    state: str
    attributes: str


def tunnel_peers(output: str) -> tuple[TunnelPeer, ...]:
    """The peers that ``show dmvpn`` lists."""
    peers = []
    interface = ""
    for line in output.splitlines():
        if named := _INTERFACE.match(line):
            interface = named[1]
        elif row := _PEER.match(line):
            peers.append(TunnelPeer(interface, row[2], row[3], row[5]))
        elif row := _SAME_NBMA.match(line):
            peers.append(TunnelPeer(interface, row[1], row[2], row[4]))
    return tuple(peers)


def routing_peers(output: str) -> dict[str, str]:
    """The neighbours of ``show bgp … summary`` and their states; ``Established`` where the last column is a number."""
    found = {}
    for line in output.splitlines():
        if row := _NEIGHBOUR.match(line):
            found[row[1]] = "Established" if row[2].isdigit() else row[2]
    return found


def shown(device: Device, command: str) -> str:
    """What the router shows; nothing where it does not have the feature yet."""
    try:
        return device.show(command)
    except CommandRejected:
        return ""


@dataclass(frozen=True, slots=True)
class LinkState:
    """One link of a router: the tunnel's state and that of the routing session inside it; empty: not there."""

    tunnel: str
    routing: str

    @property
    def up(self) -> bool:
        """Whether traffic can take it."""
        return self.tunnel == "UP" and self.routing == "Established"

    def fault(self) -> str:
        """What is missing, in words."""
        if self.tunnel != "UP":
            return f"no tunnel ({self.tunnel or 'no registration'})"
        return f"no routing session ({self.routing or 'none configured'})"


class LinkCheck:
    """Implements ``agent.provisioning.ports.OutcomeCheck`` by what the router shows and pings through its links.

    ``vrf_of`` gives the name of a VPN's VRF.
    """

    def __init__(self, vrf_of: Callable[[str], str]) -> None:
        self._vrf_of = vrf_of

    def links(self, device: Device, view: SiteView) -> frozenset[str]:
        """The links that are up now, to peers that the inventory has."""
        return frozenset(name for name, state in self.states(device, view).items() if state.up)

    def states(self, device: Device, view: SiteView) -> dict[str, LinkState]:
        """All links to peers that the inventory has, whether up or not."""
        tunnels = {(peer.interface, peer.address): peer.state for peer in tunnel_peers(shown(device, SHOW_TUNNELS))}
        routing = routing_peers(shown(device, SHOW_ROUTING))
        return {
            link(vpn, peer): LinkState(tunnels.get((f"Tunnel{view.vpns[vpn].id}", peer), ""), routing.get(peer, ""))
            for vpn in view.vpns
            for peer in peers_of(view, vpn)
        }

    def kept(self, view: SiteView, links: frozenset[str], configuration: str) -> frozenset[str]:
        """Those of ``links`` that ``configuration`` still provides for, because it has their VPN's tunnel."""
        lines = set(configuration.splitlines())
        has = {vpn for vpn in view.vpns if f"interface Tunnel{view.vpns[vpn].id}" in lines}
        return frozenset(name for name in links if name.split()[0] in has)

    def faults(self, device: Device, view: SiteView, required: frozenset[str]) -> tuple[str, ...]:
        """What is missing of ``required``; pings are sent once everything else is there."""
        if not required:
            return ()
        states = self.states(device, view)
        down = [
            f"{name}: {states[name].fault() if name in states else 'no such peer in the inventory'}"
            for name in sorted(required)
            if name not in states or not states[name].up
        ]
        return tuple(down) or self._silent(device, required)

    def _silent(self, device: Device, required: frozenset[str]) -> tuple[str, ...]:
        faults = []
        for name in sorted(required):
            vpn, peer = name.split()
            if not device.ping(peer, vrf=self._vrf_of(vpn)).received:
                faults.append(f"{name}: no answer to pings through the tunnel")
        return tuple(faults)


def peers_of(view: SiteView, vpn: str) -> tuple[str, ...]:
    """Tunnel addresses of the routers that a site keeps permanent links with [WV-3]: its hubs; for a hub, everybody."""
    customer = view.customer
    names = customer.sites if view.is_hub(vpn) else customer.vpns[vpn].hubs
    return tuple(
        str(customer.sites[name].tunnels[vpn])
        for name in names
        if name != view.name and vpn in customer.sites[name].tunnels
    )
