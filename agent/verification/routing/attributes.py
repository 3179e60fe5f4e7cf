"""Whether routes are used as they were told: maps leave next hops and audience alone, tables have room."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, Member, VpnGround, cite, one
from agent.verification.routing.announcing import networks_of
from agent.verification.routing.sessions import Speaker, speakers
from device_templates.model import BgpNeighbor, RouteMapClause

#: Communities by which a neighbour keeps a route to itself [RFC 1997].
_KEPT = frozenset({"no-advertise", "no-export", "local-as", "local-AS"})


def next_hops_are_left_alone(ground: Ground) -> Iterator[Finding]:
    """No map of a neighbour sends what it tells of elsewhere, or keeps others from being told of it [WV-3]."""
    for vpn in ground.vpns:
        for speaker in speakers(vpn):
            for neighbor in speaker.family.neighbors:
                for way, name in (("in", neighbor.map_in), ("out", neighbor.map_out)):
                    for clause, fault in _changed(speaker, neighbor, way, name):
                        router = speaker.member.router
                        lines = (*speaker.of(neighbor, f"map_{way}"), *clause)
                        message = f"VPN {vpn.name}: route map {name} {fault} ({neighbor.name}, {way})"
                        lines = tuple(dict.fromkeys(lines)) or cite(router, speaker.family.at)
                        yield one(speaker.member.view, "WV-3", message, lines=lines)


def _changed(speaker: Speaker, neighbor: BgpNeighbor, way: str, name: str) -> Iterator[tuple[tuple[Line, ...], str]]:
    """What the clauses of a map make of routes, with the lines that say so."""
    router = speaker.member.router
    right = str(speaker.address) if way == "out" else neighbor.name
    found = next((one for one in speaker.member.model.route_maps if one.name == name), None)
    for clause in found.clauses if found else ():
        if not clause.permit:
            continue
        wrong = [hop for hop in clause.hops if str(hop.address) != right]
        if wrong:
            yield cite(router, wrong[0].at), f"gives routes the next hop {wrong[0].address}"
        if kept := _kept(clause):
            yield cite(router, clause.at), f"has neighbours keep routes to themselves: {kept}"


def _kept(clause: RouteMapClause) -> str:
    words = ((one, one.split()) for one in clause.others)
    return next((line for line, said in words if said[:2] == ["set", "community"] and _KEPT & set(said)), "")


def tables_have_room(ground: Ground) -> Iterator[Finding]:
    """The table of a VPN takes as many routes as the VPN has [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            vrf = next((one for one in member.model.vrfs if one.name == member.interface.vrf), None)
            if vrf is None or vrf.most_routes is None:
                continue
            needed = _needed(vpn, member)
            if vrf.most_routes < needed:
                message = f"VPN {vpn.name}: VRF {vrf.name} takes {vrf.most_routes} routes, and needs {needed}"
                yield one(member.view, "WV-3", message, lines=cite(member.router, vrf.at, "most_routes"))


def _needed(vpn: VpnGround, member: Member) -> int:
    """How many routes a router has at least: its own networks, the tunnels', and others' or their summary."""
    mine = set(networks_of(member))
    others = {network for one in vpn.members for network in networks_of(one)} - mine
    summarised = vpn.vpn.summary is not None and not member.hub
    return len(mine) + 1 + (min(1, len(others)) if summarised else len(others))


CHECKS = (
    next_hops_are_left_alone,
    tables_have_room,
)
