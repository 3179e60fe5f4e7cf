"""Whether the networks on a router's own interfaces are its own: nothing routes around what is connected."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, summarize_address_range

from agent.verification.finding import Finding
from agent.verification.ground import Ground, Member, VpnGround, cite, one
from device_templates.model import Interface
from inventory import Severity
from inventory.site import Site

_TRACKED = "the destination that is tracked"


def connected_networks_are_ordered(ground: Ground) -> Iterator[Finding]:
    """No interface holds a network of another site, or the tracked destination: packets for it would end there [WV-3].

    A further address of a network that was not ordered at all is a warning.
    """
    for vpn in ground.vpns:
        places = _Places(vpn)
        for member in vpn.members:
            own = {lan.address.network for lan in member.view.site.lans.get(vpn.name, ())}
            for interface, address, field in _further(member):
                if any(address.network.subnet_of(network) for network in own):
                    continue
                lines = cite(member.router, interface.at, field)
                where = f"VPN {vpn.name}: {interface.name} has {address}"
                hidden = places.hidden_by(address.network, member)
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


class _Places:
    """The networks of a VPN in order, and whose each is; they overlap nowhere [INV-16]."""

    def __init__(self, vpn: VpnGround) -> None:
        sites = vpn.members[0].view.customer.sites if vpn.members else {}
        found = ((int(one[0]), int(one[-1]), site, lan) for one, site, lan in _lans(sites, vpn.name))
        self._all = sorted(found)
        self._tunnels = vpn.vpn.tunnel_network

    def hidden_by(self, network: IPv4Network, member: Member) -> str:
        """What of other places lies in a network that a router has on an interface; "" for nothing."""
        resilience = member.view.site.resilience
        if resilience is not None and resilience.primary.track in network:
            return _TRACKED
        at = bisect_right(self._all, (int(network[-1]), 2**32, "", True))
        while at and self._all[at - 1][1] >= int(network[0]):
            at -= 1
            first, last, site, connected = self._all[at]
            if site != member.view.name or not connected:
                return str(next(summarize_address_range(IPv4Address(first), IPv4Address(last))))
        return f"the tunnels ({self._tunnels})" if self._tunnels.overlaps(network) else ""


def _lans(sites: Mapping[str, Site], vpn: str) -> Iterator[tuple[IPv4Network, str, bool]]:
    """The networks of every site, whether its router is at hand or not; True: a LAN, False: behind one."""
    for name, site in sites.items():
        for lan in site.lans.get(vpn, ()):
            yield lan.address.network, name, True
            yield from ((route.prefix, name, False) for route in lan.routes)


CHECKS = (connected_networks_are_ordered,)
