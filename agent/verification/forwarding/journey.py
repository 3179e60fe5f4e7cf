"""The whole way of one packet: from the site that it comes from, through every router, to where it ends.

It is built for what a finding shows, never for a proof. By a VPN's tunnel a packet goes to the next hop of its route;
where BGP brought the route, a spoke passes it to a hub, and a hub to the site that has the destination.
"""

from __future__ import annotations

from agent.verification.finding import Hop
from agent.verification.forwarding.device import Device, vpn_role
from agent.verification.forwarding.steps import step
from agent.verification.packets.sets import Packet
from agent.verification.packets.tables import UP, State, Way
from device_templates.model import Interface


def journey(device: Device, entrance: Interface | None, packet: Packet, state: State) -> tuple[Hop, ...]:
    """The way of a packet that comes by an interface: with where it was before, and where it goes from here."""
    if (origin := _origin(device, entrance, packet)) and state.tunnels:
        whole = _onward(*origin, packet, state)
        if any(hop.router == device.name for hop in whole):
            return whole
    return _onward(device, entrance, packet, state)


def _origin(device: Device, entrance: Interface | None, packet: Packet) -> tuple[Device, Interface] | None:
    """The router that a packet out of a VPN's tunnel comes from, and the LAN there."""
    vpn = _vpn(device, entrance) if entrance and entrance.tunnel else None
    name = device.others.owner(device.view, vpn, packet.source) if vpn else ""
    other = device.others.device(name) if name and name != device.name else None
    if other is None or vpn is None:
        return None
    lans = [one for one in other.of_role(vpn_role(vpn)) if not one.tunnel]
    here = (one for one in lans if one.address and int(one.address.network[0]) <= packet.source)
    fits = (one for one in here if one.address and packet.source <= int(one.address.network[-1]))
    lan = next(fits, next(iter(lans), None))
    return (other, lan) if lan else None


def _vpn(device: Device, interface: Interface | None) -> str | None:
    """The VPN that an interface belongs to."""
    role = device.roles[interface.name] if interface else ""
    return next((vpn for vpn in device.view.vpns if vpn_role(vpn) == role), None)


def _onward(device: Device, entrance: Interface | None, packet: Packet, state: State) -> tuple[Hop, ...]:
    """The way from a router on; it ends where a packet comes back to a router that it was sent to before."""
    hops: tuple[Hop, ...] = ()
    seen = {device.name}
    while True:
        one = step(device, entrance, packet, state)
        hops += one.hops
        name, vpn = _next(device, one.leaves, packet) if one.leaves else ("", "")
        if not name:
            return hops
        other = device.others.device(name)
        tunnel = next((it for it in other.of_role(vpn_role(vpn)) if it.tunnel), None) if other else None
        if other is None or tunnel is None:
            why = "its configuration is not at hand" if other is None else "it has no tunnel of the VPN"
            return (*hops, Hop(name, f"it gets the packet, and {why}"))
        if name in seen:
            return (*hops, Hop(name, f"it comes back by {tunnel.name}: it goes in a circle"))
        seen.add(name)
        device, entrance, state = other, tunnel, UP if state.tunnels else state


def _next(device: Device, way: Way, packet: Packet) -> tuple[str, str]:
    """The router at the other end of a VPN's tunnel, and the VPN; "" where a packet does not leave by one."""
    leaving = device.interfaces.get(way.interface)
    vpn = _vpn(device, leaving) if leaving and leaving.tunnel else None
    if vpn is None:
        return "", ""
    address = packet.destination if way.via is None else int(way.via)
    found = device.others.owner(device.view, vpn, address)
    near = way.via is not None or packet.destination in _tunnels(device, vpn)
    if near or device.view.is_hub(vpn):
        return (found if found != device.name else ""), vpn
    hubs = device.hubs(vpn)
    told = next((hub for hub in hubs if hub.site.tunnels[vpn] == way.teller), next(iter(hubs), None))
    return told.router.name if told else "", vpn


def _tunnels(device: Device, vpn: str) -> range:
    network = device.view.customer.vpns[vpn].tunnel_network
    return range(int(network[0]), int(network[-1]) + 1)
