"""Routing tables: connected and static routes, and what BGP adds, as each router would hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network

from agent.lab.net.stations import Station
from agent.lab.routing.sessions import Table
from agent.lab.running.config import Interface
from agent.lab.running.statics import StaticRoute


@dataclass(frozen=True, slots=True)
class Route:
    """One route; ``code`` as IOS prints it (C, L, S, B). ``peer`` is the BGP neighbour it came from."""

    prefix: IPv4Network
    code: str
    distance: int = 0
    via: IPv4Address | None = None
    interface: str = ""
    peer: IPv4Address | None = None


class Rib:
    """The routes of one table, looked up by the longest prefix."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: dict[tuple[int, int], Route] = {}
        self._masks: tuple[tuple[int, int], ...] = ()  # lengths that there are, longest first, with their masks
        for route in routes:
            self.add(route)

    def add(self, route: Route) -> None:
        """Take a route in, unless a nearer one for its prefix is there."""
        key = (route.prefix.prefixlen, int(route.prefix.network_address))
        old = self._routes.get(key)
        if old is None or route.distance < old.distance:
            self._routes[key] = route
            self._masks = ()

    def exact(self, prefix: IPv4Network) -> Route | None:
        """The route for exactly ``prefix``."""
        return self._routes.get((prefix.prefixlen, int(prefix.network_address)))

    def lookup(self, address: IPv4Address) -> Route | None:
        """The route that ``address`` takes."""
        value = int(address)
        if not self._masks:
            lengths = sorted({length for length, _ in self._routes}, reverse=True)
            self._masks = tuple((length, (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF) for length in lengths)
        for length, mask in self._masks:
            route = self._routes.get((length, value & mask))
            if route is not None:
                return route
        return None

    def routes(self) -> list[Route]:
        """All routes by address, then length, as IOS lists them."""
        return sorted(self._routes.values(), key=lambda one: (int(one.prefix.network_address), one.prefix.prefixlen))

    def copy(self) -> Rib:
        """A table of its own with the same routes."""
        return Rib(self._routes.values())


#: Whether an interface's line protocol is up.
ProtocolUp = Callable[[Station, Interface], bool]
#: Whether a router's tracked object is up.
TrackUp = Callable[[str, int], bool]


def base_ribs(stations: Mapping[str, Station], protocol_up: ProtocolUp, track_up: TrackUp) -> dict[Table, Rib]:
    """Connected and static routes of every table of every router."""
    ribs: dict[Table, Rib] = {}
    for station in stations.values():
        if station.powered:
            for vrf in ("", *sorted(station.config.vrfs)):
                whole = ribs.get((station.name, ""))
                ribs[station.name, vrf] = _base(station, vrf, protocol_up, track_up, whole)
            _replicate(station, ribs)
    return ribs


def _replicate(station: Station, ribs: dict[Table, Rib]) -> None:
    """Routes that a VRF takes over from another table keep their way out."""
    codes = {"all": "CSB", "connected": "C", "static": "S"}
    policies = station.config.policies
    for one in station.config.replications:
        source, target = ribs.get((station.name, one.source)), ribs.get((station.name, one.vrf))
        if source is None or target is None:
            continue
        for route in source.routes():
            wanted = route.code in codes.get(one.kind, "")
            if wanted and (not one.route_map or policies.map_permits(one.route_map, route.prefix)):
                found = resolve(source, route.via) if route.via and not route.interface else None
                if found or route.interface:
                    target.add(replace(route, interface=route.interface or (found[0].interface if found else "")))


def _base(station: Station, vrf: str, protocol_up: ProtocolUp, track_up: TrackUp, whole: Rib | None) -> Rib:
    """``whole`` is the global table, where this is another."""
    rib = Rib(())
    for interface in station.config.interfaces.values():
        address = station.address(interface) if interface.vrf == vrf else None
        if address is None or not protocol_up(station, interface):
            continue
        if not interface.unnumbered:
            rib.add(Route(address.network, "C", interface=interface.name))
            if address.network.prefixlen < 32:
                rib.add(Route(IPv4Network(address.ip), "L", interface=interface.name))
    access = station.device.access
    wan = station.interface(access.interface)
    if wan and wan.dhcp and wan.vrf == vrf and station.address(wan):
        rib.add(Route(IPv4Network("0.0.0.0/0"), "S", 254, access.gateway))
    pending = [
        route
        for route in station.config.routes
        if route.vrf == vrf and (route.track is None or track_up(station.name, route.track))
    ]
    for _ in range(2):  # a route may lean on one that stands below it
        for route in pending:
            made = _static(station, route, rib, whole, protocol_up)
            if made:
                rib.add(made)
    return rib


def _static(station: Station, route: StaticRoute, rib: Rib, whole: Rib | None, protocol_up: ProtocolUp) -> Route | None:
    """The route that a line comes to now, None where its way out is not there."""
    via, out = route.via, route.interface
    if route.dhcp:
        wan = station.interface(station.device.access.interface)
        if wan is None or not wan.dhcp or not station.address(wan) or out not in {"", wan.name}:
            return None
        via, out = station.device.access.gateway, wan.name
    if not _usable(station, whole if route.through_global and whole else rib, via, out, protocol_up):
        return None
    if route.through_global and whole and via and not out:
        found = resolve(whole, via)
        out = found[0].interface if found else ""
    return Route(route.prefix, "S", route.distance, via, out)


def _usable(station: Station, rib: Rib, via: IPv4Address | None, name: str, protocol_up: ProtocolUp) -> bool:
    if name:
        if name.startswith("Null"):
            return True
        interface = station.interface(name)
        return interface is not None and protocol_up(station, interface)
    found = rib.lookup(via) if via else None
    return found is not None and found.prefix.prefixlen > 0


def resolve(rib: Rib, address: IPv4Address) -> tuple[Route, IPv4Address] | None:
    """The route with an exit interface that ``address`` takes, and the next hop on it."""
    hop = address
    for _ in range(5):
        route = rib.lookup(hop)
        if route is None:
            return None
        if route.interface:
            return route, route.via or hop
        if route.via is None or route.via == hop:
            return None
        hop = route.via
    return None
