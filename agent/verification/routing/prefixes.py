"""Whether the networks of a VPN reach all of its routers: announced, let through at both ends, not too many."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from agent.verification.finding import Finding, Line
from agent.verification.ground import FIX, Ground, VpnGround, cite, one
from agent.verification.routing.announcing import networks_of, told_networks_of, withheld
from agent.verification.routing.filters import Policies, Prefix, around, prefix_of
from agent.verification.routing.sessions import Speaker, speakers
from device_templates.model import BgpNeighbor, PrefixEntry


def networks_are_let_through(ground: Ground) -> Iterator[Finding]:
    """What each router offers passes its own list and its hubs', and what hubs tell on passes every other's [WV-3]."""
    for vpn in ground.vpns:
        policies = {speaker.member.router: Policies(speaker.member.model) for speaker in speakers(vpn)}
        for hub in speakers(vpn):
            if hub.member.hub:
                yield from _towards_hub(vpn, hub, policies)
                yield from _from_hub(vpn, hub, policies)


def _towards_hub(vpn: VpnGround, hub: Speaker, policies: dict[str, Policies]) -> Iterator[Finding]:
    for other in speakers(vpn):
        mine, theirs = other.towards(hub.address), hub.towards(other.address)
        if other.member.router == hub.member.router or mine is None or theirs is None:
            continue
        offered = told_networks_of(other)
        if not other.member.hub and theirs.maximum_prefix is not None and len(offered) > theirs.maximum_prefix:
            yield _too_many(vpn, hub, other, theirs, len(offered))
        for network in offered:
            own, there = other.member.router, hub.member.router
            if not policies[own].passes(mine, network, "out"):
                yield _refused(vpn, other, hub, network, (mine, "prefix_list_out"), "does not tell")
            elif not policies[there].passes(theirs, network, "in"):
                yield _refused(vpn, hub, other, network, (theirs, "prefix_list_in"), "does not take from")


def _refused(
    vpn: VpnGround, at: Speaker, peer: Speaker, network: IPv4Network, by: tuple[BgpNeighbor, str], verb: str
) -> Finding:
    neighbor, field = by
    message = f"VPN {vpn.name}: {at.member.router} {verb} {peer.member.router} the network {network}"
    summary = cite(at.member.router, at.family.at, "summaries")
    lines = (*summary, *_list_lines(at, neighbor, field), *peer.of(peer.towards(at.address)))
    routers = (at.member.router, peer.member.router)
    return Finding("WV-3", routers, message, FIX, lines=lines, option=vpn.option("summary"))


def _list_lines(speaker: Speaker, neighbor: BgpNeighbor, field: str) -> tuple[Line, ...]:
    """The line that applies a list, and the first of the list itself."""
    name = getattr(neighbor, field)
    router, lists = speaker.member.router, speaker.member.model.prefix_lists
    entries = next((found.entries for found in lists if found.name == name), ())
    where = next((line for entry in entries[:1] for line in cite(router, entry.at)), None)
    return (*speaker.of(neighbor, field), *((where,) if where else ()))


def _from_hub(vpn: VpnGround, hub: Speaker, policies: dict[str, Policies]) -> Iterator[Finding]:
    """What a hub tells other routers: it covers the whole VPN, passes their lists, and is not too much for them."""
    sent: dict[str, list[IPv4Network]] = {}
    judged: dict[tuple[object, ...], IPv4Network | None] = {}
    for other in speakers(vpn):
        theirs, mine = hub.towards(other.address), other.towards(hub.address)
        if other.member.router == hub.member.router or theirs is None or mine is None:
            continue
        if theirs.name not in sent:
            sent[theirs.name] = _sent(vpn, hub, theirs, policies)
            yield from _not_covered(vpn, hub, theirs, sent[theirs.name])
        own, connected = policies[other.member.router], _connected(other)
        told = [network for network in sent[theirs.name] if network != connected]
        key = (theirs.name, connected, *own.key(mine, "in"))
        if key not in judged:
            judged[key] = next((one for one in told if not own.passes(mine, one, "in")), None)
        if (network := judged[key]) is not None:
            yield _refused(vpn, other, hub, network, (mine, "prefix_list_in"), "does not take from")
        if mine.maximum_prefix is not None and len(sent[theirs.name]) > mine.maximum_prefix:
            yield _too_many(vpn, other, hub, mine, len(sent[theirs.name]))
        if other.member.hub:
            yield from _shadowed(vpn, hub, other, sent[theirs.name])


def _too_many(vpn: VpnGround, at: Speaker, peer: Speaker, neighbor: BgpNeighbor, sent: int) -> Finding:
    most, who = neighbor.maximum_prefix, peer.member.router
    message = f"VPN {vpn.name}: {most} prefixes at most are taken, and {who} sends {sent}: the session is ended"
    lines = (*at.of(neighbor, "maximum_prefix"), *peer.of(peer.towards(at.address)))
    return Finding("WV-3", (at.member.router, who), message, FIX, lines=lines, option=vpn.option("summary"))


def _shadowed(vpn: VpnGround, hub: Speaker, other: Speaker, sent: list[IPv4Network]) -> Iterator[Finding]:
    """A hub that is told of another one's networks by a summary alone, and has a route of its own for that."""
    told = set(map(prefix_of, sent))
    used = told - set(map(prefix_of, (*other.family.networks, *other.family.aggregates)))
    around_own = [{*around(prefix_of(network))} for network in networks_of(hub.member)]
    if any(told & places and not used & places for places in around_own):
        routers = (hub.member.router, other.member.router)
        message = f"VPN {vpn.name}: {routers[0]} tells {routers[1]} of its networks by the summary that both announce"
        to = hub.towards(other.address)
        lines = (*(_list_lines(hub, to, "prefix_list_out") if to else ()), *other.of(other.towards(hub.address)))
        yield Finding("WV-3", routers, message, FIX, lines=lines, option=vpn.option("summary"))


def _connected(speaker: Speaker) -> IPv4Network | None:
    """The network of its tunnel, which it need not be told of."""
    address = speaker.member.interface.address
    return address.network if address else None


def _sent(vpn: VpnGround, hub: Speaker, to: BgpNeighbor, policies: dict[str, Policies]) -> list[IPv4Network]:
    """What a hub tells a neighbour or a group of them; from routers of its own AS only if they are its clients."""
    known = [*hub.family.networks, *hub.family.aggregates]
    reflects = to.reflector_client or to.remote_as != hub.asn
    for other in speakers(vpn):
        theirs = hub.towards(other.address)
        if other.member.router != hub.member.router and theirs and (reflects or theirs.reflector_client):
            known += told_networks_of(other)
    own = policies[hub.member.router]
    told = (network for network in dict.fromkeys(known) if not withheld(hub, network))
    return [network for network in told if own.passes(to, network, "out")]


def _not_covered(vpn: VpnGround, hub: Speaker, to: BgpNeighbor, sent: list[IPv4Network]) -> Iterator[Finding]:
    """Networks of the VPN that a hub does not tell, neither themselves nor in a summary."""
    told = {prefix_of(network) for network in sent}
    missing = [
        (member, network)
        for member in vpn.members
        if member.router == hub.member.router or not member.hub or not to.group
        for network in networks_of(member)
        if (to.group or member.router == hub.member.router) and not told.intersection(around(prefix_of(network)))
    ]
    if missing:
        networks = ", ".join(str(network) for _, network in missing[:3]) + (", ..." if len(missing) > 3 else "")
        whom = f"{to.name} " if to.group else f"neighbour {to.name} "
        message = f"VPN {vpn.name}: {hub.member.router} does not tell {whom}of {networks}"
        routers = tuple(dict.fromkeys((hub.member.router, *(member.router for member, _ in missing))))
        lines = (*cite(hub.member.router, hub.family.at, "summaries"), *_list_lines(hub, to, "prefix_list_out"))
        yield Finding("WV-3", routers, message, FIX, lines=lines, option=vpn.option("summary"))


def lists_are_bounds(ground: Ground) -> Iterator[Finding]:
    """What neighbours may send and be sent are networks of the VPN, and nothing wider [WV-6]."""
    for vpn in ground.vpns:
        allowed = _of_vpn(vpn)
        judged: dict[PrefixEntry, bool] = {}
        for speaker in speakers(vpn):
            lists = {one.name: one.entries for one in speaker.member.model.prefix_lists}
            for neighbor in speaker.family.neighbors:
                if neighbor.default_route and neighbor.active:
                    message = f"VPN {vpn.name}: {neighbor.name} is told of a default route, whatever its lists say"
                    yield one(speaker.member.view, "WV-6", message, lines=speaker.of(neighbor, "default_route"))
            used = _used(speaker)
            for name in sorted(used):
                for entry in lists.get(name, ()):
                    if entry not in judged:
                        judged[entry] = not entry.permit or bool(allowed.intersection(around(prefix_of(entry.network))))
                    if not judged[entry]:
                        message = (
                            f"VPN {vpn.name}: prefix list {name} lets {entry.network} through, which is not the VPN's"
                        )
                        lines = cite(speaker.member.router, entry.at)
                        option = f".{vpn.option('summary')}"
                        yield one(speaker.member.view, "WV-6", message, lines=lines, option=option)


def _used(speaker: Speaker) -> set[str]:
    """The prefix lists for its neighbours, those of route maps too."""
    maps = {name for neighbor in speaker.family.neighbors for name in (neighbor.map_in, neighbor.map_out)}
    clauses = (clause for one in speaker.member.model.route_maps if one.name in maps for clause in one.clauses)
    named = {name for clause in clauses if clause.permit for name in clause.prefix_lists}
    return named.union(*((one.prefix_list_in, one.prefix_list_out) for one in speaker.family.neighbors))


def _of_vpn(vpn: VpnGround) -> set[Prefix]:
    """The networks of a VPN, of routers whose models are not at hand too."""
    networks = [vpn.vpn.tunnel_network, *([vpn.vpn.summary] if vpn.vpn.summary else [])]
    customer = vpn.members[0].view.customer if vpn.members else None
    for site in customer.sites.values() if customer else ():
        for lan in site.lans.get(vpn.name, ()):
            networks += [lan.address.network, *(route.prefix for route in lan.routes)]
    return {prefix_of(network) for network in networks}


def hubs_are_the_next_hop(ground: Ground) -> Iterator[Finding]:
    """Where NHRP alone gives routes to other tunnels, a hub tells of all networks as behind itself [WV-3]."""
    for vpn in ground.vpns:
        alone = [one for one in speakers(vpn) if one.member.tunnel.host_address and not one.member.hub]
        for hub in speakers(vpn) if len(alone) > 1 else ():
            named = {
                to.name: (to, one) for one in reversed(alone) if hub.member.hub and (to := hub.towards(one.address))
            }
            for to, spoke in named.values():
                if not to.next_hop_self and to.remote_as == hub.asn and _tells_of_others(hub, to, alone):
                    routers = (hub.member.router, spoke.member.router)
                    message = f"VPN {vpn.name}: {to.name} is told of next hops that only NHRP could give a route to"
                    lines = (*hub.of(to, "next_hop_self"), *spoke.member.of_interface("address"))
                    yield Finding("WV-3", routers, message, FIX, lines=lines)


def _tells_of_others(hub: Speaker, to: BgpNeighbor, spokes: list[Speaker]) -> bool:
    """Whether a spoke is told of another one's own networks, and not of a summary alone."""
    policies = Policies(hub.member.model)
    return any(policies.passes(to, network, "out") for one in spokes for network in networks_of(one.member))


CHECKS = (
    networks_are_let_through,
    lists_are_bounds,
    hubs_are_the_next_hop,
)
