"""Whether the BGP sessions of a VPN come up: one AS, hubs that listen, spokes that ask, one password, bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from agent.verification.finding import Finding, Line
from agent.verification.ground import FIX, Ground, Member, VpnGround, cite, one
from agent.verification.pairs.agreement import between
from device_templates.model import EVERYTHING, Bgp, BgpNeighbor, BgpVrf, RouteMap


@dataclass(frozen=True)
class Speaker:
    """One router as BGP has it in one VPN; ``named`` are its neighbours and peer groups by name."""

    member: Member
    family: BgpVrf
    asn: int | None
    named: dict[str, BgpNeighbor]

    @property
    def address(self) -> IPv4Address | None:
        address = self.member.interface.address
        return address.ip if address else None

    def towards(self, address: IPv4Address | None) -> BgpNeighbor | None:
        """What it says of the router at an address: itself, or the group of the range that holds it."""
        if address is None:
            return None
        found = self.named.get(str(address))
        ranges = [(network.prefixlen, group) for network, group in self.family.listen if address in network]
        return found or (self.named.get(max(ranges)[1]) if ranges else None)

    def opens(self, address: IPv4Address | None) -> bool:
        """Whether it opens a session with the router at an address itself, and does not only wait for it."""
        found = self.named.get(str(address))
        return found is not None and not found.passive

    def of(self, neighbor: BgpNeighbor | None, field: str = "") -> tuple[Line, ...]:
        """The line of a neighbour's field, else that of the address family."""
        at = neighbor.at if neighbor else self.family.at
        return cite(self.member.router, at, field if neighbor else "") or cite(self.member.router, self.family.at)


def speaker_of(member: Member) -> Speaker | None:
    """A member as BGP has it, None where BGP does not know its VRF."""
    bgp = member.model.bgp
    family = next((one for one in bgp.vrfs if one.vrf == member.interface.vrf), None) if bgp else None
    if bgp is None or family is None:
        return None
    asn = family.asn if family.asn is not None else bgp.asn
    return Speaker(member, family, asn, {neighbor.name: neighbor for neighbor in family.neighbors})


def speakers(vpn: VpnGround) -> list[Speaker]:
    """All members that BGP knows in a VPN."""
    return [speaker for member in vpn.members if (speaker := speaker_of(member)) is not None]


def router_ids_unique(ground: Ground) -> Iterator[Finding]:
    """No two routers have one BGP router-id, as a whole and in each VPN [WV-3]."""
    owners: dict[IPv4Address | None, list[tuple[str, Line | None]]] = {}
    for view, model in ground.routers:
        if model.bgp and _is_one_process(model.bgp):
            line = next(iter(cite(view.router.name, model.bgp.at, "router_id")), None)
            owners.setdefault(model.bgp.router_id, []).append((view.router.name, line))
    yield from _shared(owners, "", "router.management.address")
    for vpn in ground.vpns:
        inner: dict[IPv4Address | None, list[tuple[str, Line | None]]] = {}
        for speaker in speakers(vpn):
            line = next(iter(cite(speaker.member.router, speaker.family.at, "router_id")), None)
            inner.setdefault(speaker.family.router_id, []).append((speaker.member.router, line))
        inner.pop(None, None)
        yield from _shared(inner, f"VPN {vpn.name}: ", f"tunnels.{vpn.name}")


def _shared(owners: dict[IPv4Address | None, list[tuple[str, Line | None]]], where: str, _: str) -> Iterator[Finding]:
    for router_id, found in owners.items():
        if router_id is None or len(found) > 1:
            routers = tuple(dict.fromkeys(router for router, _ in found))
            lines = tuple(line for _, line in found[:4] if line)
            yield Finding("WV-3", routers, f"{where}the BGP router-id {router_id} is not unique", FIX, lines=lines)


def _is_one_process(bgp: Bgp) -> bool:
    return any(family.asn is None for family in bgp.vrfs) or not bgp.vrfs


def routing_in_every_vpn(ground: Ground) -> Iterator[Finding]:
    """Each VPN of a router has its BGP address family [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            if speaker_of(member) is None:
                bgp = member.model.bgp
                lines = (*(cite(member.router, bgp.at) if bgp else ()), *member.of_interface("vrf"))
                yield one(member.view, "WV-3", f"VPN {vpn.name}: BGP knows no VRF {member.interface.vrf}", lines=lines)


def sessions_are_known(ground: Ground) -> Iterator[Finding]:
    """A hub knows every other router of the VPN, every router each hub; one end opens the session [WV-3]."""
    for vpn in ground.vpns:
        for hub, other in _sessions(vpn):
            known = True
            for near, far in ((hub, other), (other, hub)):
                neighbor = near.towards(far.address)
                if neighbor is not None and neighbor.active:
                    continue
                known = False
                fault = "does not know" if neighbor is None else "does not take part in IPv4 with"
                yield _no_session(vpn, near, far, f"{fault} {far.member.router}", "active")
            if known and not hub.opens(other.address) and not other.opens(hub.address):
                yield _no_session(vpn, hub, other, f"waits for {other.member.router}, which waits as well", "passive")


def _no_session(vpn: VpnGround, near: Speaker, far: Speaker, fault: str, field: str) -> Finding:
    routers = (near.member.router, far.member.router)
    message = f"VPN {vpn.name}: BGP {fault}"
    lines = (*near.of(near.towards(far.address), field), *far.of(far.towards(near.address), field))
    return Finding("WV-3", routers, message, FIX, lines=lines, option=vpn.option("hubs"))


def _sessions(vpn: VpnGround) -> Iterator[tuple[Speaker, Speaker]]:
    """Each pair of a hub and another member, hubs among themselves once."""
    known = speakers(vpn)
    done: set[str] = set()
    for hub in known:
        if hub.member.hub:
            done.add(hub.member.router)
            yield from ((hub, other) for other in known if other.member.router not in done)


def autonomous_systems_agree(ground: Ground) -> Iterator[Finding]:
    """A neighbour's AS is the one that the other router runs [WV-3]."""
    for vpn in ground.vpns:
        wrong: dict[tuple[str, str, int | None], tuple[Speaker, BgpNeighbor, list[Speaker]]] = {}
        for hub, other in _sessions(vpn):
            for near, far in ((hub, other), (other, hub)):
                neighbor = near.towards(far.address)
                if neighbor is not None and far.asn is not None and neighbor.remote_as != far.asn:
                    key = (near.member.router, neighbor.name, far.asn)
                    wrong.setdefault(key, (near, neighbor, []))[2].append(far)
        for near, neighbor, others in wrong.values():
            far = others[0]
            said = f"neighbour {neighbor.name} is taken for AS {neighbor.remote_as} and is {far.asn}"
            lines = (*near.of(neighbor, "remote_as"), *_process(far))
            routers = (near.member.router, *(one.member.router for one in others))
            message = f"VPN {vpn.name}: {said}"
            yield Finding("WV-3", routers, message, FIX, lines=lines, option=vpn.option("asn"))


def _process(speaker: Speaker) -> tuple[Line, ...]:
    own = speaker.family.asn is not None or speaker.member.model.bgp is None
    at = speaker.family.at if own or speaker.member.model.bgp is None else speaker.member.model.bgp.at
    return cite(speaker.member.router, at, "asn")


def passwords_agree(ground: Ground) -> Iterator[Finding]:
    """Both ends of a session have one BGP password, and have one where it was ordered [WV-3]."""
    for vpn in ground.vpns:
        odd: dict[tuple[str, str], tuple[Speaker, list[Speaker]]] = {}
        for hub, other in _sessions(vpn):
            mine, theirs = hub.towards(other.address), other.towards(hub.address)
            if mine is None or theirs is None:
                continue
            missing = vpn.vpn.bgp_password is not None and not mine.password
            if mine.password != theirs.password or missing:
                differs = mine.password != theirs.password
                fault = "is not that of" if differs else "was ordered, and is missing here and at"
                odd.setdefault((hub.member.router, fault), (hub, []))[1].append(other)
        for (_, fault), (hub, others) in odd.items():
            yield _password(vpn, hub, others, fault)


def _password(vpn: VpnGround, hub: Speaker, others: list[Speaker], fault: str) -> Finding:
    by_router = {speaker.member.router: speaker for speaker in (hub, *others)}

    def lines(member: Member) -> tuple[Line, ...]:
        own = by_router[member.router]
        peer = others[0] if own is hub else hub
        return own.of(own.towards(peer.address), "password")

    group = [speaker.member for speaker in others]
    message = f"VPN {vpn.name}: the BGP password {fault} {hub.member.router}"
    return between(group, hub.member, "WV-3", message, lines, vpn.option("bgp_password"))


def neighbors_are_bounded(ground: Ground) -> Iterator[Finding]:
    """What a neighbour may send and be sent is bounded: lists of prefixes both ways, a maximum of them [WV-6]."""
    for vpn in ground.vpns:
        for speaker in speakers(vpn):
            maps = {one.name for one in speaker.member.model.route_maps if _picks(one)}
            for neighbor in speaker.family.neighbors:
                inwards = neighbor.prefix_list_in or neighbor.access_list_in or neighbor.map_in in maps
                outwards = neighbor.prefix_list_out or neighbor.access_list_out or neighbor.map_out in maps
                if not inwards or not outwards or neighbor.maximum_prefix is None:
                    message = f"VPN {vpn.name}: neighbour {neighbor.name} is not bounded"
                    yield one(speaker.member.view, "WV-6", message, lines=speaker.of(neighbor))


def _picks(route_map: RouteMap) -> bool:
    """Whether a route map lets through what its lists name, and nothing else."""
    return all(one.prefix_lists or one.selection != EVERYTHING for one in route_map.clauses if one.permit)


CHECKS = (
    router_ids_unique,
    routing_in_every_vpn,
    autonomous_systems_agree,
    sessions_are_known,
    passwords_agree,
    neighbors_are_bounded,
)
