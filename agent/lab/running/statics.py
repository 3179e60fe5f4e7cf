"""Static routes of a running configuration, and routes that one table takes over from another."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError

from agent.lab.config import ConfigTree


@dataclass(frozen=True, slots=True)
class StaticRoute:
    """``ip route``; ``via`` or ``interface`` (or both) say where to."""

    vrf: str
    prefix: IPv4Network
    interface: str = ""
    via: IPv4Address | None = None
    dhcp: bool = False
    distance: int = 1
    through_global: bool = False  # the next hop is in the global table
    track: int | None = None


@dataclass(frozen=True, slots=True)
class Replication:
    """``route-replicate``: routes of one ``kind`` in ``source`` ("" is the global table) that ``vrf`` has as well."""

    vrf: str
    source: str
    kind: str
    route_map: str


def read_statics(tree: ConfigTree) -> tuple[StaticRoute, ...]:
    """All static routes, in order; what cannot be understood counts as not written."""
    routes = (_route(line.words[2:]) for line in tree.children("ip route"))
    return tuple(route for route in routes if route is not None)


def address(text: str) -> IPv4Address | None:
    """``text`` as an address, or None."""
    try:
        return IPv4Address(text)
    except AddressValueError:
        return None


def network(words: list[str]) -> IPv4Network | None:
    """Address and mask as a network, or None."""
    try:
        return IPv4Network(f"{words[0]}/{words[1]}", strict=False)
    except (AddressValueError, NetmaskValueError, ValueError, IndexError):
        return None


def _route(words: list[str]) -> StaticRoute | None:
    vrf = ""
    if words[:1] == ["vrf"] and len(words) > 1:
        vrf, words = words[1], words[2:]
    prefix = network(words)
    if prefix is None:
        return None
    rest = words[2:]
    interface, via, dhcp, distance = "", None, False, 1
    if rest and address(rest[0]) is None and rest[0] != "dhcp":
        interface, rest = rest[0], rest[1:]
    if rest and address(rest[0]) is not None:
        via, rest = address(rest[0]), rest[1:]
    elif rest[:1] == ["dhcp"]:
        dhcp, rest = True, rest[1:]
    if rest and rest[0].isdigit():
        distance = int(rest[0])
    elif dhcp:
        distance = 254
    track = int(rest[rest.index("track") + 1]) if "track" in rest[:-1] else None
    return StaticRoute(vrf, prefix, interface, via, dhcp, distance, "global" in rest, track)


def read_replications(tree: ConfigTree) -> tuple[Replication, ...]:
    """What VRFs take over from other tables."""
    found = []
    for vrf in tree.children("vrf definition"):
        for family in vrf.children("address-family ipv4"):
            for line in family.children("route-replicate"):
                words = line.words
                source, kind = words[words.index("vrf") + 1], words[words.index("unicast") + 1]
                route_map = words[-1] if "route-map" in words else ""
                found.append(Replication(vrf.words[-1], "" if source == "global" else source, kind, route_map))
    return tuple(found)
