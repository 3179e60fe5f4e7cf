"""Whether the networks of a VPN reach all of its routers: announced, let through at both ends, not too many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from ipaddress import IPv4Network

from agent.verification.finding import Finding, Line
from agent.verification.ground import FIX, Ground, Member, VpnGround, cite, one
from agent.verification.pairs.routing import Speaker, speakers
from device_templates.model import BgpNeighbor, PrefixEntry, RouterModel

Prefix = tuple[int, int]


def _prefix(network: IPv4Network) -> Prefix:
    return int(network.network_address), network.prefixlen


def _around(prefix: Prefix) -> Iterator[Prefix]:
    """A network and every network that holds it, the longest first."""
    for length in range(prefix[1], -1, -1):
        yield prefix[0] & (-1 << (32 - length)), length


class PrefixFilter:
    """A list of prefixes that answers in the time of one look-up, however long it is."""

    def __init__(self, entries: Iterable[PrefixEntry]) -> None:
        self._entries: dict[Prefix, list[tuple[int, PrefixEntry]]] = {}
        for order, entry in enumerate(entries):
            self._entries.setdefault(_prefix(entry.network), []).append((order, entry))

    def decides(self, network: IPv4Network) -> PrefixEntry | None:
        """The first entry that fits a network."""
        fitting = [
            found
            for place in _around(_prefix(network))
            for found in self._entries.get(place, ())
            if found[1].shortest <= network.prefixlen <= found[1].longest
        ]
        return min(fitting, key=lambda found: found[0])[1] if fitting else None

    def permits(self, network: IPv4Network) -> bool:
        """Whether a network passes; what fits no entry does not."""
        entry = self.decides(network)
        return entry is not None and entry.permit


class Policies:
    """The lists and route maps of one router by name."""

    def __init__(self, model: RouterModel) -> None:
        self._model = model
        self._filters: dict[str, PrefixFilter | None] = {}

    @cached_property
    def _lists(self) -> dict[str, tuple[PrefixEntry, ...]]:
        return {one.name: one.entries for one in self._model.prefix_lists}

    def _filter(self, name: str) -> PrefixFilter | None:
        if name not in self._filters:
            entries = self._lists.get(name)
            self._filters[name] = PrefixFilter(entries) if entries is not None else None
        return self._filters[name]

    def _lets(self, name: str, network: IPv4Network) -> bool:
        found = self._filter(name) if name else None
        return found is None or found.permits(network)  # an undefined list lets everything pass

    def _maps(self, name: str, network: IPv4Network) -> bool:
        found = next((one for one in self._model.route_maps if one.name == name), None)
        for clause in found.clauses if found else ():
            if not clause.prefix_lists or any(self._lets(one, network) for one in clause.prefix_lists):
                return clause.permit
        return found is None

    def passes(self, neighbor: BgpNeighbor, network: IPv4Network, way: str) -> bool:
        """Whether a network is taken from (``in``) or told to (``out``) a neighbour."""
        listed, mapped = (
            (neighbor.prefix_list_in, neighbor.map_in) if way == "in" else (neighbor.prefix_list_out, neighbor.map_out)
        )
        return self._lets(listed, network) and self._maps(mapped, network)

    def key(self, neighbor: BgpNeighbor, way: str) -> tuple[object, ...]:
        """Equal for neighbours that are treated alike."""
        name = neighbor.prefix_list_in if way == "in" else neighbor.prefix_list_out
        mapped = neighbor.map_in if way == "in" else neighbor.map_out
        entries = self._lists.get(name, ())
        return (
            mapped,
            name in self._lists,
            tuple((one.permit, one.network, one.shortest, one.longest) for one in entries),
        )


def own_networks_are_announced(ground: Ground) -> Iterator[Finding]:
    """Each router announces every LAN of its VPN and the networks behind it [WV-3]."""
    for vpn in ground.vpns:
        for speaker in speakers(vpn):
            announced = set(speaker.family.networks)
            for network in networks_of(speaker.member):
                if network not in announced and not _redistributed(speaker):
                    view, router = speaker.member.view, speaker.member.router
                    lines = cite(router, speaker.family.at)
                    message = f"VPN {vpn.name}: {network} is not announced"
                    yield one(view, "WV-3", message, lines=lines, option=f"lans.{vpn.name}")


def networks_of(member: Member) -> tuple[IPv4Network, ...]:
    """The networks that a router has to offer to its VPN."""
    lans = member.view.site.lans.get(member.vpn, ())
    return tuple(network for lan in lans for network in (lan.address.network, *(one.prefix for one in lan.routes)))


def _redistributed(speaker: Speaker) -> bool:
    return bool(speaker.family.sources)


def announced_networks_are_there(ground: Ground) -> Iterator[Finding]:
    """What a router announces is in its table: a LAN that is up, or a static route of just that prefix [WV-3]."""
    for vpn in ground.vpns:
        for speaker in speakers(vpn):
            model, vrf = speaker.member.model, speaker.member.interface.vrf
            there = {route.prefix for route in model.routes if route.vrf == vrf}
            up = (one for one in model.interfaces if one.vrf == vrf and one.address is not None and not one.shutdown)
            there.update(one.address.network for one in up if one.address is not None)
            for network in speaker.family.networks:
                if network not in there:
                    lines = cite(speaker.member.router, speaker.family.at, f"networks {network}")
                    message = f"VPN {vpn.name}: {network} is announced, and no interface or route of VRF {vrf} has it"
                    yield one(speaker.member.view, "WV-3", message, lines=lines, option=f"lans.{vpn.name}")


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
        for network in networks_of(other.member):
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
    lines = (*_list_lines(at, neighbor, field), *peer.of(peer.towards(at.address)))
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
            message = (
                f"VPN {vpn.name}: {mine.maximum_prefix} prefixes at most, and the hub sends {len(sent[theirs.name])}"
            )
            lines = other.of(mine, "maximum_prefix")
            yield one(other.member.view, "WV-3", message, lines=lines, option=f".{vpn.option('summary')}")


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
            known += networks_of(other.member)
    own = policies[hub.member.router]
    return [network for network in dict.fromkeys(known) if own.passes(to, network, "out")]


def _not_covered(vpn: VpnGround, hub: Speaker, to: BgpNeighbor, sent: list[IPv4Network]) -> Iterator[Finding]:
    """Networks of the VPN that a hub does not tell, neither themselves nor in a summary."""
    told = {_prefix(network) for network in sent}
    missing = [
        (member, network)
        for member in vpn.members
        if member.router == hub.member.router or not member.hub or not to.group
        for network in networks_of(member)
        if (to.group or member.router == hub.member.router) and not told.intersection(_around(_prefix(network)))
    ]
    if missing:
        networks = ", ".join(str(network) for _, network in missing[:3]) + (", ..." if len(missing) > 3 else "")
        whom = f"{to.name} " if to.group else f"neighbour {to.name} "
        message = f"VPN {vpn.name}: {hub.member.router} does not tell {whom}of {networks}"
        routers = tuple(dict.fromkeys((hub.member.router, *(member.router for member, _ in missing))))
        lines = _list_lines(hub, to, "prefix_list_out")
        yield Finding("WV-3", routers, message, FIX, lines=lines, option=vpn.option("summary"))


def lists_are_bounds(ground: Ground) -> Iterator[Finding]:
    """What neighbours may send and be sent are networks of the VPN, and nothing wider [WV-6]."""
    for vpn in ground.vpns:
        allowed = _of_vpn(vpn)
        judged: dict[PrefixEntry, bool] = {}
        for speaker in speakers(vpn):
            lists = {one.name: one.entries for one in speaker.member.model.prefix_lists}
            used = {name for one in speaker.family.neighbors for name in (one.prefix_list_in, one.prefix_list_out)}
            for name in sorted(used):
                for entry in lists.get(name, ()):
                    if entry not in judged:
                        judged[entry] = not entry.permit or bool(allowed.intersection(_around(_prefix(entry.network))))
                    if not judged[entry]:
                        message = (
                            f"VPN {vpn.name}: prefix list {name} lets {entry.network} through, which is not the VPN's"
                        )
                        lines = cite(speaker.member.router, entry.at)
                        option = f".{vpn.option('summary')}"
                        yield one(speaker.member.view, "WV-6", message, lines=lines, option=option)


def _of_vpn(vpn: VpnGround) -> set[Prefix]:
    """The networks of a VPN, of routers whose models are not at hand too."""
    networks = [vpn.vpn.tunnel_network, *([vpn.vpn.summary] if vpn.vpn.summary else [])]
    customer = vpn.members[0].view.customer if vpn.members else None
    for site in customer.sites.values() if customer else ():
        for lan in site.lans.get(vpn.name, ()):
            networks += [lan.address.network, *(route.prefix for route in lan.routes)]
    return {_prefix(network) for network in networks}


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
    networks_behind_lans_are_routed,
    networks_are_let_through,
    lists_are_bounds,
)
