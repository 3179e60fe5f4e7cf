"""Translation of addresses: sources that leave by an interface, and inside addresses that are reached from outside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from device_templates.cisco_iosxe.reading.grammar import NotUnderstood, Reader
from device_templates.cisco_iosxe.reading.traffic.classes import Lists, picked
from device_templates.cisco_iosxe.reading.traffic.lists import TCP, UDP, port
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import after, word
from device_templates.model import EVERYTHING, At, NatRule, NatStatic, RouteMap, Selection

_PROTOCOLS = {"tcp": TCP, "udp": UDP}


@dataclass(slots=True)
class Source:
    """``ip nat inside source`` while lists and route maps may still come."""

    by: str
    name: str
    vrf: str
    outside: str
    pool: str
    overload: bool
    line: int

    def finished(self, lists: Lists, route_maps: dict[str, RouteMap]) -> NatRule:
        """The rule with the traffic that it takes."""
        selection = picked(lists, (self.name,)) if self.by == "list" else _mapped(route_maps.get(self.name))
        return NatRule(self.vrf, selection, self.outside, self.overload, self.pool, At(self.line))


def _mapped(route_map: RouteMap | None) -> Selection:
    """What the clauses of a route map permit; those that deny are not needed where lists say what is taken."""
    if route_map is None:
        return EVERYTHING
    return Selection(tuple(way for one in route_map.clauses if one.permit for way in one.selection.ways))


def source(reader: Reader, rest: list[str], node: Node) -> Source:
    """Reads ``ip nat inside source list|route-map X interface I|pool P [vrf V] [overload]``, and NVI's form."""
    by, name, kind, target = rest[:4]
    if by not in {"list", "route-map"} or kind not in {"interface", "pool"}:
        raise NotUnderstood
    reader.use("access-list" if by == "list" else "route-map", name, node)
    target = reader.use("interface" if kind == "interface" else "nat-pool", target, node)
    vrf, options = _vrf(reader, rest[4:], node)
    if set(options) - {"overload", "match-in-vrf"}:
        raise NotUnderstood
    outside, pool = (target, "") if kind == "interface" else ("", target)
    return Source(by, name, vrf, outside, pool, "overload" in options, node.line)


@dataclass(slots=True)
class Static:
    """``ip nat inside source static`` while the route map that it may name may still come."""

    found: NatStatic
    route_map: str

    def finished(self, route_maps: dict[str, RouteMap]) -> NatStatic:
        """The translation with the traffic for which it holds."""
        return replace(self.found, selection=_mapped(route_maps.get(self.route_map)))


def static(reader: Reader, rest: list[str], node: Node) -> Static:
    """Reads ``ip nat inside source static [tcp|udp] A [PORT] B|interface I [PORT] [vrf V] [route-map M]``."""
    words = list(rest)
    protocol = _PROTOCOLS.get(words[0], 0)
    if protocol:
        del words[0]
    inside = IPv4Address(words.pop(0))
    inside_port = port(words.pop(0), protocol) if protocol else 0
    if words[0] == "interface":
        outside = reader.use("interface", words[1], node)
        del words[:2]
    else:
        outside = str(IPv4Address(words.pop(0)))
    outside_port = port(words.pop(0), protocol) if protocol else 0
    vrf, options = _vrf(reader, words, node)
    route_map = after(options, "route-map")
    if route_map:
        reader.use("route-map", route_map, node)
    if set(options) - {"extendable", "no-alias", "match-in-vrf", "route-map", route_map}:
        raise NotUnderstood
    found = NatStatic(vrf, inside, inside_port, outside, outside_port, protocol, at=At(node.line))
    return Static(found, route_map)


def _vrf(reader: Reader, words: list[str], node: Node) -> tuple[str, list[str]]:
    """The table that a line names, "" for the global one, and its other options."""
    if "vrf" not in words:
        return "", words
    at = words.index("vrf")
    return reader.use("vrf", word(words[at + 1 : at + 2]), node), [*words[:at], *words[at + 2 :]]
