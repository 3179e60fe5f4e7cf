"""Whether the routing of a VPN fits: one AS, hubs that listen, spokes that ask, bounds on what is believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address

from agent.verification.finding import Finding
from agent.verification.ground import Ground, Member, one
from device_templates.model import Bgp, BgpNeighbor, BgpVrf


def router_ids_unique(ground: Ground) -> Iterator[Finding]:
    """No two routers have one BGP router-id, as a whole and in each VPN [WV-3]."""
    ids = [(view, bgp.router_id) for view, model in ground.routers if (bgp := model.bgp) and _is_one_process(bgp)]
    count = Counter(router_id for _, router_id in ids)
    for view, router_id in ids:
        if router_id is None or count[router_id] > 1:
            yield one(view, "WV-3", f"the BGP router-id {router_id} is not unique")
    for vpn in ground.vpns:
        inner = [(member, _family(member)) for member in vpn.members]
        count = Counter(family.router_id for _, family in inner if family)
        for member, family in inner:
            if family and count[family.router_id] > 1:
                yield one(member.view, "WV-3", f"VPN {vpn.name}: the BGP router-id {family.router_id} is not unique")


def _is_one_process(bgp: Bgp) -> bool:
    return any(family.asn is None for family in bgp.vrfs) or not bgp.vrfs


def routing_in_every_vpn(ground: Ground) -> Iterator[Finding]:
    """Each VPN of a router has its BGP address family [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            if _family(member) is None:
                yield one(member.view, "WV-3", f"VPN {vpn.name}: BGP knows no VRF {member.interface.vrf}")


def autonomous_systems_agree(ground: Ground) -> Iterator[Finding]:
    """A neighbour's AS is the one that the other router runs [WV-3]."""
    for vpn in ground.vpns:
        systems = {_tunnel(member): asn for member in vpn.members if (asn := _asn(member)) is not None}
        for member in vpn.members:
            for neighbor in _neighbors(member):
                wanted = _expected(neighbor, member, systems)
                if wanted is not None and neighbor.remote_as != wanted:
                    said = f"neighbour {neighbor.name} is taken for AS {neighbor.remote_as} and is {wanted}"
                    yield one(member.view, "WV-3", f"VPN {vpn.name}: {said}")


def _expected(neighbor: BgpNeighbor, member: Member, systems: dict[str, int]) -> int | None:
    """The AS that runs at the other end: of a group, that of the routers which it listens for."""
    if not neighbor.group:
        return systems.get(neighbor.name)
    family = _family(member)
    ranges = [network for network, group in family.listen if group == neighbor.name] if family else []
    heard = {
        asn
        for address, asn in systems.items()
        if address != _tunnel(member) and any(IPv4Address(address) in network for network in ranges)
    }
    return next(iter(heard)) if len(heard) == 1 else None


def hubs_hear_every_router(ground: Ground) -> Iterator[Finding]:
    """A hub listens for, or names, every other router of the VPN; every router names each hub [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            for other in vpn.members:
                if other.router != member.router and (member.hub or other.hub) and not _hears(member, other):
                    yield one(member.view, "WV-3", f"VPN {vpn.name}: BGP does not know {other.router}")


def _hears(member: Member, other: Member) -> bool:
    family = _family(member)
    address = other.interface.address
    if family is None or address is None:
        return False
    named = any(neighbor.name == str(address.ip) for neighbor in family.neighbors)
    return named or any(address.ip in network for network, _ in family.listen)


def passwords_agree(ground: Ground) -> Iterator[Finding]:
    """The routers of a VPN have one BGP password [WV-3]."""
    for vpn in ground.vpns:
        yield from vpn.disagreement("WV-3", "the BGP password", lambda member: _passwords(member))


def _passwords(member: Member) -> frozenset[str]:
    return frozenset(neighbor.password for neighbor in _neighbors(member))


def neighbors_are_bounded(ground: Ground) -> Iterator[Finding]:
    """What a neighbour may send and be sent is bounded: prefix-lists both ways, a maximum of prefixes [WV-6]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            for neighbor in _neighbors(member):
                if not neighbor.prefix_list_in or not neighbor.prefix_list_out or neighbor.maximum_prefix is None:
                    yield one(member.view, "WV-6", f"VPN {vpn.name}: neighbour {neighbor.name} is not bounded")


def own_networks_are_announced(ground: Ground) -> Iterator[Finding]:
    """Each router announces every LAN of its VPN and the networks behind it [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            family = _family(member)
            for lan in member.view.site.lans.get(vpn.name, ()):
                for network in (lan.address.network, *(route.prefix for route in lan.routes)):
                    if family is not None and network not in family.networks:
                        yield one(member.view, "WV-3", f"VPN {vpn.name}: {network} is not announced")


def _family(member: Member) -> BgpVrf | None:
    bgp = member.model.bgp
    return next((one for one in bgp.vrfs if one.vrf == member.interface.vrf), None) if bgp else None


def _asn(member: Member) -> int | None:
    family, bgp = _family(member), member.model.bgp
    return family.asn if family and family.asn is not None else bgp.asn if bgp else None


def _neighbors(member: Member) -> tuple[BgpNeighbor, ...]:
    family = _family(member)
    return family.neighbors if family else ()


def _tunnel(member: Member) -> str:
    return str(member.interface.address.ip) if member.interface.address else ""
