"""Whether the networks on a router's own interfaces are its own: nothing routes around what is connected."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv4Network

from agent.verification.finding import Finding
from agent.verification.ground import Ground, Member, VpnGround, cite, one
from device_templates.model import Interface
from inventory import Severity, SiteView

_TRACKED = "the destination that is tracked"


def connected_networks_are_ordered(ground: Ground) -> Iterator[Finding]:
    """No interface holds a network of another site, or the tracked destination: packets for it would end there [WV-3].

    A further address of a network that was not ordered at all is a warning.
    """
    for vpn in ground.vpns:
        for member in vpn.members:
            own = {lan.address.network for lan in member.view.site.lans.get(vpn.name, ())}
            elsewhere = _elsewhere(vpn, member)
            for interface, address, field in _further(member):
                if any(address.network.subnet_of(network) for network in own):
                    continue
                lines = cite(member.router, interface.at, field)
                where = f"VPN {vpn.name}: {interface.name} has {address}"
                hidden = next((what for network, what in elsewhere if network.overlaps(address.network)), "")
                if hidden:
                    rule = "WV-12" if hidden == _TRACKED else "WV-3"
                    message = f"{where}, and what is for {hidden} is looked for there"
                    yield one(member.view, rule, message, lines=lines, option=f"lans.{vpn.name}")
                elif field == "secondaries":
                    message = f"{where}, which is no network of a LAN that was ordered"
                    option = f"lans.{vpn.name}"
                    yield one(member.view, "WV-3", message, lines=lines, option=option, severity=Severity.WARNING)


def _further(member: Member) -> Iterator[tuple[Interface, IPv4Interface, str]]:
    """The addresses of a VPN's interfaces but tunnels that were not ordered, and the fields that have them."""
    ordered = {lan.address for lan in member.view.site.lans.get(member.vpn, ())}
    for interface in member.model.interfaces:
        if interface.address is not None and interface.address.is_link_local:
            continue  # a link between tables of the router, of which nobody else has the network
        if interface.vrf == member.interface.vrf and interface.tunnel is None and not interface.shutdown:
            if interface.address is not None and interface.address not in ordered:
                yield interface, interface.address, "address"
            yield from ((interface, address, "secondaries") for address in interface.secondaries)


def _elsewhere(vpn: VpnGround, member: Member) -> list[tuple[IPv4Network, str]]:
    """The networks that a VPN has at other places than a router's own LANs, and what they are."""
    found = [(network, str(network)) for network in _lans(member.view, vpn.name)]
    if (resilience := member.view.site.resilience) is not None:
        found.insert(0, (IPv4Network(resilience.primary.track), _TRACKED))
    return [*found, (vpn.vpn.tunnel_network, f"the tunnels ({vpn.vpn.tunnel_network})")]


def _lans(view: SiteView, vpn: str) -> Iterator[IPv4Network]:
    """The networks of each other site's LANs, whether its router is at hand or not, and those behind its own."""
    for site in view.customer.sites.values():
        for lan in site.lans.get(vpn, ()):
            if site is not view.site:
                yield lan.address.network
            yield from (route.prefix for route in lan.routes)


CHECKS = (connected_networks_are_ordered,)
