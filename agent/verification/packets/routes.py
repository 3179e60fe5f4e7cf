"""The tables of a router, as its configuration makes them, in a state of tunnels.

The most specific route decides, then the administrative distance. What BGP learns counts as everything that the prefix
lists of its sessions admit, down to their shortest length, for as long as the tunnels are up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from agent.verification.packets.admission import EVERYWHERE, admitted, covers, taken_from
from agent.verification.packets.sets import Span, span_of
from agent.verification.packets.tables import CUT, DOWN, UP, State, Table, Way
from device_templates.model import BgpNeighbor, BgpVrf, Interface, Replica, RouteMap, RouterModel, StaticRoute

#: What routers prefer: a connected network, then by origin; a lease's default route comes last [vendor's defaults].
_CONNECTED, _INTERNAL, _LEASED, _NEVER = 0, 200, 254, 255


@dataclass(frozen=True, slots=True)
class Candidate:
    """A route that may be used; ``rank`` is the length at which it competes with others."""

    span: Span
    rank: int
    distance: int
    way: Way


def tables(model: RouterModel, state: State, access: str) -> dict[str, Table]:
    """The tables of a router by VRF, "" for the global one, in a state; ``access`` is the interface to the internet."""
    return _Tables(model, state, access).build()


def states(model: RouterModel) -> tuple[State, ...]:
    """The states that make a difference."""
    followed = any(route.track is not None for route in model.routes)
    return (UP, DOWN, CUT, State(True, False), State(False, True)) if followed else (UP, DOWN, CUT)


def _is_up(interface: Interface, state: State, access: str) -> bool:
    """Whether an interface takes part in routing: a multipoint tunnel that follows NHRP is down without a hub."""
    tunnel = interface.tunnel
    if not state.access and (interface.name == access or tunnel is not None):
        return False
    goes_down = tunnel is not None and (tunnel.follows_nhrp or tunnel.mode == "ipsec")
    return not interface.shutdown and (state.tunnels or not goes_down)


class _Tables:
    def __init__(self, model: RouterModel, state: State, access: str) -> None:
        self.model, self.state = model, state
        self.up = {one.name: one for one in model.interfaces if _is_up(one, state, access)}
        names = ["", *(vrf.name for vrf in model.vrfs), *(one.vrf for one in model.interfaces)]
        self.routes: dict[str, list[Candidate]] = {name: [] for name in names}
        self.tables: dict[str, Table] = {}

    def build(self) -> dict[str, Table]:
        for interface in self.up.values():
            self.routes[interface.vrf].extend(_connected(interface))
        for route in self._followed():
            if route.null or route.interface:
                self._add(route.vrf, self._direct(route))
        self._paint()
        hopping = [route for route in self._followed() if not route.null and not route.interface]
        for _ in range(2):  # a next hop may itself be behind a next hop
            found = [(route, ways) for route in hopping if (ways := self._resolved(route))]
            for route, ways in found:
                for way in ways:
                    self._add(route.vrf, [_candidate(route, way)])
            hopping = [route for route in hopping if route not in {one for one, _ in found}]
            if found:
                self._paint()
        if copied := [one for vrf in self.model.vrfs for leak in vrf.replicas for one in self._copied(vrf.name, leak)]:
            for vrf, candidate in copied:
                self._add(vrf, [candidate])
            self._paint()
        self._learn()
        return self.tables

    def _copied(self, vrf: str, leak: Replica) -> Iterator[tuple[str, Candidate]]:
        """The routes of another table that a VRF has, too; its map picks them by prefix lists."""
        found = next((one for one in self.model.route_maps if one.name == leak.route_map), None)
        for one in self.routes.get(leak.source, ()):
            if one.rank <= 32 and (found is None or self._mapped(found, one)):
                way = replace(one.way, why=f"{one.way.why}, copied from another table", line=leak.at.line)
                yield vrf, replace(one, way=way)

    def _mapped(self, route_map: RouteMap, route: Candidate) -> bool:
        """Whether a route map takes a route: the first clause that fits decides."""
        part = (route.span, route.rank, route.rank)
        for clause in route_map.clauses:
            names = clause.prefix_lists
            if not names or any(covers(one, part) for name in names for one in admitted(self.model, name)):
                return clause.permit
        return False

    def _followed(self) -> list[StaticRoute]:
        return [route for route in self.model.routes if route.track is None or self.state.tracks]

    def _add(self, vrf: str, candidates: list[Candidate]) -> None:
        self.routes.setdefault(vrf, []).extend(candidates)

    def _direct(self, route: StaticRoute) -> list[Candidate]:
        if route.null:
            return [_candidate(route, Way("drop", why=f"static route to {route.prefix}: Null0", line=route.at.line))]
        if route.interface not in self.up:
            return []
        why = f"static route to {route.prefix}"
        return [_candidate(route, Way("out", route.interface, route.via, why, route.at.line))]

    def _resolved(self, route: StaticRoute) -> list[Way]:
        """The way to a next hop that is named by its address alone."""
        table = self.tables.get({"": route.vrf, "global": ""}.get(route.lookup, route.lookup))
        if table is None or route.via is None:
            return []
        why = f"static route to {route.prefix}"
        ways = table.find(int(route.via))
        return [Way("out", one.interface, route.via, why, route.at.line) for one in ways if one.kind == "out"]

    def _learn(self) -> None:
        if self.model.bgp is None:
            return
        learned: dict[str, list[Candidate]] = {}
        for family in self.model.bgp.vrfs if self.state.tunnels else ():
            asn = family.asn if family.asn is not None else self.model.bgp.asn
            learned[family.vrf] = [one for peer in family.neighbors for one in self._from(family, peer, asn)]
        for vrf, candidates in learned.items():
            self._add(vrf, candidates)
        for vrf, candidates in self._leaked(learned):
            self._add(vrf, candidates)
        self._paint()

    def _from(self, family: BgpVrf, peer: BgpNeighbor, asn: int) -> Iterator[Candidate]:
        """What a session or peer group may bring, by the interface that leads to it."""
        table = self.tables.get(family.vrf)
        ends = [span_of(network) for network, group in family.listen if group == peer.name]
        address = None if peer.group else _address(peer.name)
        if address is not None:
            ends = [(int(address), int(address))]
        if table is None or not peer.active:
            return
        distance = family.distances[peer.remote_as in (asn, None)]
        if distance == _NEVER:
            return
        nulls = [one for one in self.routes[family.vrf] if one.way.kind == "drop"]
        found = [way for end in ends for _, ways in table.within(end) for way in ways if way.kind == "out"]
        for way in dict.fromkeys(self._by_nhrp(family.vrf) or found):
            learned = Way("out", way.interface, None, f"learned by BGP from {peer.name}", peer.at.line, address)
            for span, shortest, longest in taken_from(self.model, peer):
                yield Candidate(span, shortest, distance, learned)
                for one in nulls:  # what catches a network while nobody announces it gives way to who does
                    if shortest < one.rank <= longest and span[0] <= one.span[0] and one.span[1] <= span[1]:
                        yield Candidate(one.span, one.rank, distance, learned)

    def _by_nhrp(self, vrf: str) -> list[Way]:
        """The tunnels of a VRF whose neighbours' addresses NHRP alone gives routes to."""
        return [
            Way("out", one.name)
            for one in self.up.values()
            if one.vrf == vrf and one.tunnel and one.tunnel.host_address
        ]

    def _leaked(self, learned: dict[str, list[Candidate]]) -> Iterator[tuple[str, list[Candidate]]]:
        """What VRFs import of each other: networks that the other announces or learned."""
        families = {family.vrf: family for family in self.model.bgp.vrfs} if self.model.bgp else {}
        for vrf in self.model.vrfs:
            for other in self.model.vrfs:
                family = families.get(other.name)
                if other.name == vrf.name or not vrf.imports & other.exports or family is None:
                    continue
                line = vrf.at.of("imports")
                own = [_imported(span, way, line) for span, way in self._announced(family)]
                yield vrf.name, own + [_imported(one.span, one.way, line) for one in learned.get(other.name, ())]

    def _announced(self, family: BgpVrf) -> Iterator[tuple[Span, Way]]:
        table = self.tables[family.vrf]
        spans = [span_of(network) for network in (*family.networks, *family.aggregates)]
        if family.sources:
            spans += [one.span for one in self.routes[family.vrf] if one.way.kind == "out"]
        for span in spans:
            for part, ways in table.within(span):
                for way in ways:
                    if way.kind == "out":
                        yield part, way

    def _paint(self) -> None:
        for vrf, candidates in self.routes.items():
            best: dict[tuple[Span, int], list[Candidate]] = {}
            for one in sorted(candidates, key=lambda one: (one.rank, -one.distance)):
                best.setdefault((one.span, one.rank), []).append(one)
            table = self.tables[vrf] = Table()
            for (span, _), group in best.items():
                nearest = min(one.distance for one in group)
                ways = dict.fromkeys(one.way for one in group if one.distance == nearest)
                table.paint(span, tuple(ways))


def _address(name: str) -> IPv4Address | None:
    """A neighbour's address; None for one of another family, or a name that is no group's."""
    try:
        return IPv4Address(name)
    except ValueError:
        return None


def _candidate(route: StaticRoute, way: Way) -> Candidate:
    return Candidate(span_of(route.prefix), route.prefix.prefixlen, route.distance, way)


def _imported(span: Span, way: Way, line: int) -> Candidate:
    leak = Way(way.kind, way.interface, way.via, "imported by its route target", line)
    return Candidate(span, 33 - (span[1] - span[0] + 1).bit_length(), _INTERNAL, leak)


def _connected(interface: Interface) -> Iterator[Candidate]:
    """An interface's network, its own address, and the default route that comes with a lease."""
    for address in (interface.address, *interface.secondaries):
        if address is None:
            continue
        network, line = address.network, interface.at.of("address")
        way = Way("out", interface.name, None, f"connected network {network}", line)
        yield Candidate(span_of(network), network.prefixlen, _CONNECTED, way)
        own = int(address.ip)
        yield Candidate((own, own), 33, _CONNECTED, Way("self", interface.name, None, "the router's own address", line))
    for standby in interface.standbys:
        if standby.virtual is not None:
            shared = int(standby.virtual)
            way = Way("self", interface.name, None, "the address that both routers share", standby.at.line)
            yield Candidate((shared, shared), 33, _CONNECTED, way)
    if interface.dhcp:
        way = Way("out", interface.name, None, "default route of the lease", interface.at.of("address"))
        yield Candidate(span_of(EVERYWHERE), 0, _LEASED, way)
