"""Whom a router speaks BGP with: the routers of its VPNs by their tunnels, all of them, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding
from agent.verification.ground import Ground, VpnGround, cite, one
from agent.verification.routing.sessions import Speaker, speakers
from device_templates.model import NOWHERE, At, Bgp, BgpVrf
from inventory.site import Site


def neighbors_are_routers(ground: Ground) -> Iterator[Finding]:
    """Every neighbour that is named is a router of the VPN: nobody answers elsewhere, or somebody else does [WV-3]."""
    for vpn in ground.vpns:
        known = {str(site.tunnels[vpn.name]) for site in _sites(vpn)}
        for speaker in speakers(vpn):
            for neighbor in speaker.family.neighbors:
                if not neighbor.group and neighbor.name not in known:
                    message = f"VPN {vpn.name}: BGP neighbour {neighbor.name} is no router of the VPN"
                    option = f".{vpn.option('hubs')}"
                    yield one(speaker.member.view, "WV-3", message, lines=speaker.of(neighbor), option=option)


def _sites(vpn: VpnGround) -> list[Site]:
    customer = vpn.members[0].view.customer if vpn.members else None
    return [site for site in customer.sites.values() if vpn.name in site.tunnels] if customer else []


def strangers_are_not_heard(ground: Ground) -> Iterator[Finding]:
    """BGP has neighbours in VPNs only, and takes them by ranges from the VPN's tunnel network only [WV-6]."""
    for view, model in ground.routers:
        tables = {member.interface.vrf for member in ground.members_of(view)}
        for family in model.bgp.vrfs if model.bgp else ():
            where = f"VRF {family.vrf}" if family.vrf else "the global table"
            named = [(one.name, one.at) for one in family.neighbors if one.active and not one.group]
            for stranger, at in (*named, *((str(network), family.at) for network, _ in family.listen)):
                if family.vrf not in tables:
                    message = f"BGP has a neighbour in {where}, which is no VPN's: {stranger}"
                    yield one(view, "WV-6", message, lines=cite(view.router.name, at))
    for vpn in ground.vpns:
        for speaker in speakers(vpn):
            for network, group in speaker.family.listen:
                if not network.subnet_of(vpn.vpn.tunnel_network):
                    message = f"VPN {vpn.name}: group {group} takes neighbours of {network}, outside the tunnels"
                    lines = cite(speaker.member.router, speaker.family.at, "listen")
                    option = f".{vpn.option('tunnel_network')}"
                    yield one(speaker.member.view, "WV-6", message, lines=lines, option=option)


def sessions_leave_by_tunnels(ground: Ground) -> Iterator[Finding]:
    """A session starts from the tunnel's address, which is the one that its other end knows [WV-3]."""
    for vpn in ground.vpns:
        for speaker in speakers(vpn):
            interface, model = speaker.member.interface, speaker.member.model
            for neighbor in speaker.family.neighbors:
                source = model.interface(neighbor.source)
                lends = source.address.ip if source and source.address else neighbor.source
                if neighbor.source and neighbor.source != interface.name and str(lends) != str(speaker.address):
                    message = f"VPN {vpn.name}: the session with {neighbor.name} starts from {neighbor.source}"
                    lines = (*speaker.of(neighbor, "source"), *speaker.member.of_interface("address"))
                    yield one(speaker.member.view, "WV-3", message, lines=lines, option=f"tunnels.{vpn.name}")


def all_spokes_are_taken(ground: Ground) -> Iterator[Finding]:
    """A hub takes as many neighbours by ranges as there are routers in them, over all its VPNs [WV-3]."""
    processes: dict[tuple[str, str], list[tuple[VpnGround, Speaker]]] = {}
    for vpn in ground.vpns:
        for speaker in speakers(vpn):
            if speaker.family.listen:
                process = "" if speaker.family.asn is None else vpn.name
                processes.setdefault((speaker.member.router, process), []).append((vpn, speaker))
    for listening in processes.values():
        _, speaker = listening[0]
        limit, at = _limit(speaker)
        wanted = sum(_in_ranges(vpn, one) for vpn, one in listening)
        if limit is not None and wanted > limit:
            message = f"BGP takes {limit} neighbours by ranges at most, and {wanted} routers are in them"
            yield one(speaker.member.view, "WV-3", message, lines=cite(speaker.member.router, at, "listen_limit"))


def _limit(speaker: Speaker) -> tuple[int | None, At]:
    """How many neighbours its process takes, and where that is said."""
    bgp = speaker.member.model.bgp
    said: Bgp | BgpVrf | None = speaker.family if speaker.family.asn is not None else bgp
    return (said.listen_limit, said.at) if said else (None, NOWHERE)


def _in_ranges(vpn: VpnGround, speaker: Speaker) -> int:
    """How many routers of a VPN, at hand or not, come to a router by its ranges."""
    others = (site.tunnels[vpn.name] for site in _sites(vpn))
    ranges = [network for network, _ in speaker.family.listen]
    return sum(
        address != speaker.address and str(address) not in speaker.named and any(address in one for one in ranges)
        for address in others
    )


CHECKS = (
    neighbors_are_routers,
    strangers_are_not_heard,
    sessions_leave_by_tunnels,
    all_spokes_are_taken,
)
