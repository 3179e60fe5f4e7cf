"""Whether each router announces what is its own, all of it and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network

from agent.verification.finding import Finding
from agent.verification.ground import FIX, Ground, Member, VpnGround, cite, one
from agent.verification.routing.filters import Policies
from agent.verification.routing.sessions import Speaker, speakers


def own_networks_are_announced(ground: Ground) -> Iterator[Finding]:
    """Each router announces every LAN of its VPN and the networks behind it [WV-3]."""
    for vpn in ground.vpns:
        for speaker in speakers(vpn):
            announced = {*speaker.family.networks, *_redistributed(speaker, Policies(speaker.member.model))}
            for network in networks_of(speaker.member):
                if network not in announced:
                    view, router = speaker.member.view, speaker.member.router
                    lines = cite(router, speaker.family.at)
                    message = f"VPN {vpn.name}: {network} is not announced"
                    yield one(view, "WV-3", message, lines=lines, option=f"lans.{vpn.name}")


def networks_of(member: Member) -> tuple[IPv4Network, ...]:
    """The networks that a router has to offer to its VPN."""
    lans = member.view.site.lans.get(member.vpn, ())
    return tuple(network for lan in lans for network in (lan.address.network, *(one.prefix for one in lan.routes)))


def told_networks_of(speaker: Speaker) -> tuple[IPv4Network, ...]:
    """What it tells of those: its summary, where one is told in place of what is in it."""
    return tuple(dict.fromkeys(_summary_of(speaker, network) or network for network in networks_of(speaker.member)))


def withheld(speaker: Speaker, network: IPv4Network) -> bool:
    """Whether a router tells nobody of a network, but of the summary that it is in."""
    return _summary_of(speaker, network) is not None


def _summary_of(speaker: Speaker, network: IPv4Network) -> IPv4Network | None:
    wider = (one for one in speaker.family.summaries if one != network and network.subnet_of(one))
    return min(wider, key=lambda one: one.prefixlen, default=None)


def _redistributed(speaker: Speaker, policies: Policies) -> Iterator[IPv4Network]:
    """What it takes into BGP of its own table's routes: what is connected, and what is static."""
    for source in speaker.family.sources:
        kind, *words = source.split()
        name = words[words.index("route-map") + 1] if "route-map" in words[:-1] else ""
        yield from (one for one in _own_routes(speaker.member, kind) if policies.maps(name, one))


def _own_routes(member: Member, kind: str) -> Iterator[IPv4Network]:
    """The networks of a VPN's table that are there of themselves; a default route is not taken along."""
    model, vrf = member.model, member.interface.vrf
    if kind == "static":
        yield from (route.prefix for route in model.routes if route.vrf == vrf and route.prefix.prefixlen)
    elif kind == "connected":
        up = (one for one in model.interfaces if one.vrf == vrf and not one.shutdown)
        addresses = (address for one in up for address in (one.address, *one.secondaries))
        yield from (address.network for address in addresses if address is not None)


def announced_networks_are_there(ground: Ground) -> Iterator[Finding]:
    """What a router announces is in its table: a LAN that is up, or a static route of just that prefix [WV-3]."""
    for vpn in ground.vpns:
        for speaker in speakers(vpn):
            vrf = speaker.member.interface.vrf
            there = {one for kind in ("static", "connected") for one in _own_routes(speaker.member, kind)}
            for network in speaker.family.networks:
                if network not in there:
                    lines = cite(speaker.member.router, speaker.family.at, f"networks {network}")
                    message = f"VPN {vpn.name}: {network} is announced, and no interface or route of VRF {vrf} has it"
                    yield one(speaker.member.view, "WV-3", message, lines=lines, option=f"lans.{vpn.name}")


def others_networks_are_left_to_them(ground: Ground) -> Iterator[Finding]:
    """What a router tells its neighbours is its own; a network of another site would lead here, and end here [WV-3]."""
    for vpn in ground.vpns:
        for speaker in speakers(vpn):
            policies = Policies(speaker.member.model)
            told = [neighbor for neighbor in speaker.family.neighbors if neighbor.active]
            stated = [(network, "networks") for network in speaker.family.networks]
            taken = [(network, "sources") for network in _redistributed(speaker, policies)]
            for network, field in (*stated, *taken):
                if _is_own(vpn, speaker, network) or not any(policies.passes(to, network, "out") for to in told):
                    continue
                message = f"VPN {vpn.name}: {network}, which is not its own, is announced"
                lines = cite(speaker.member.router, speaker.family.at, field)
                yield one(speaker.member.view, "WV-3", message, lines=lines, option=f"lans.{vpn.name}")


def _is_own(vpn: VpnGround, speaker: Speaker, network: IPv4Network) -> bool:
    own = (*networks_of(speaker.member), vpn.vpn.tunnel_network)
    summary = speaker.member.hub and network == vpn.vpn.summary
    return summary or any(network.subnet_of(one) for one in own)


def networks_behind_lans_are_routed(ground: Ground) -> Iterator[Finding]:
    """The networks behind a LAN are routed to the neighbour that was ordered, in the VPN's table [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            routes = [route for route in member.model.routes if route.vrf == member.interface.vrf]
            known = {(route.prefix, str(route.via or route.target)) for route in routes}
            for wanted in (behind for lan in member.view.site.lans.get(vpn.name, ()) for behind in lan.routes):
                if (wanted.prefix, str(wanted.via)) in known:
                    continue
                near = (route for route in routes if route.prefix == wanted.prefix)
                lines = tuple(line for route in near for line in cite(member.router, route.at))
                lines = lines or member.of_interface("vrf")
                message = f"VPN {vpn.name}: {wanted.prefix} is not routed to {wanted.via}"
                finding = Finding("WV-3", (member.router,), message, FIX, lines=lines)
                yield replace(finding, option=member.option(f"lans.{vpn.name}"))


CHECKS = (
    own_networks_are_announced,
    announced_networks_are_there,
    others_networks_are_left_to_them,
    networks_behind_lans_are_routed,
)
