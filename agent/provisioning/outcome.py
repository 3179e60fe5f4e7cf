"""Whether a change did what it was for: tunnels and routing to the other routers, seen from the router itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from agent.errors import CommandRejected
from agent.provisioning.plan import link
from agent.provisioning.ports import Device
from device_templates import platform_of, vpn_ref
from device_templates.shows import ESTABLISHED, TunnelState
from inventory import SiteView


def shown(device: Device) -> Callable[[str], str]:
    """What the router shows now, asked once each; nothing where it does not have the feature yet."""

    @cache
    def show(command: str) -> str:
        try:
            return device.show(command)
        except CommandRejected:
            return ""

    return show


@dataclass(frozen=True, slots=True)
class LinkState:
    """One link of a router: the tunnel's state and that of the routing session inside it; empty: not there."""

    tunnel: str
    routing: str

    @property
    def up(self) -> bool:
        """Whether traffic can take it."""
        return self.tunnel == TunnelState.UP and self.routing == ESTABLISHED

    def fault(self) -> str:
        """What is missing, in words."""
        if self.tunnel != TunnelState.UP:
            return f"no tunnel ({self.tunnel or 'no registration'})"
        return f"no routing session ({self.routing or 'none configured'})"


class LinkCheck:
    """Implements ``agent.provisioning.ports.OutcomeCheck`` by what the router shows and pings through its links."""

    def links(self, device: Device, view: SiteView) -> frozenset[str]:
        """The links that are up now, to peers that the inventory has."""
        return frozenset(name for name, state in self.states(device, view).items() if state.up)

    def states(self, device: Device, view: SiteView) -> dict[str, LinkState]:
        """All links to peers that the inventory has, whether up or not."""
        shows, show = platform_of(view).shows, shown(device)
        found = {}
        for vpn in view.vpns:
            ref = vpn_ref(view, vpn)
            tunnels = {peer.tunnel: peer.state.value for peer in shows.tunnels(show, ref).value}
            routing = shows.neighbors(show, ref).value
            for peer in peers_of(view, vpn):
                session = routing[peer].state if peer in routing else ""
                found[link(vpn, peer)] = LinkState(tunnels.get(peer, ""), session)
        return found

    def kept(self, view: SiteView, links: frozenset[str], configuration: str) -> frozenset[str]:
        """Those of ``links`` that ``configuration`` still provides for, because it has their VPN's tunnel."""
        platform = platform_of(view)
        has = {vpn for vpn in view.vpns if platform.carries(configuration, vpn_ref(view, vpn))}
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
        return tuple(down) or self._silent(device, view, required)

    def _silent(self, device: Device, view: SiteView, required: frozenset[str]) -> tuple[str, ...]:
        faults = []
        for name in sorted(required):
            vpn, peer = name.split()
            if not device.ping(peer, vrf=platform_of(view).vrf_of(vpn_ref(view, vpn))).received:
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
