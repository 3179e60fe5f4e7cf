"""Route maps: what policy routing does with packets, and by what BGP filters routes."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Reader
from device_templates.cisco_iosxe.reading.traffic.classes import Lists, picked
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import address, number, word, words
from device_templates.model import At, PolicyHop, RouteMap, RouteMapClause

_FIRST = 10


@dataclass(slots=True)
class Clause(Draft):
    """One clause while it is read."""

    permit: bool = True
    sequence: int = _FIRST
    hops: dict[int, PolicyHop] = field(default_factory=dict)

    def finished(self, lists: Lists) -> RouteMapClause:
        """The clause with the traffic that it takes."""
        values = self.values
        return RouteMapClause(
            permit=self.permit,
            sequence=self.sequence,
            selection=picked(lists, self.all("lists")),
            prefix_lists=self.all("prefix_lists"),
            hops=(*(self.hops[place] for place in sorted(self.hops)), *self.all("plain_hops")),
            interfaces=self.all("interfaces"),
            null=values.get("null", False),
            default=values.get("default", False),
            vrf=values.get("vrf"),
            others=self.all("others"),
            at=self.at,
        )


def _address(draft: Clause, rest: list[str], node: Node) -> None:
    kind, names = ("prefix-list", rest[1:]) if rest[0] == "prefix-list" else ("access-list", rest)
    for name in words(names):
        draft.reader.use(kind, name, node)
        draft.add("prefix_lists" if kind == "prefix-list" else "lists", name, node)
    draft.lines.setdefault("selection", node.line)


def _other(draft: Clause, _: list[str], node: Node) -> None:
    draft.add("others", " ".join(node.text.split()), node)


def _next_hop(draft: Clause, rest: list[str], node: Node) -> None:
    if rest[0] == "verify-availability":
        if len(rest) == 1:
            _other(draft, rest, node)
            return
        hop, place, track_word, track = rest[1:]
        if track_word != "track":
            raise NotUnderstood
        draft.reader.use("track", track, node)
        draft.hops[number(place)] = PolicyHop(IPv4Address(hop), number(track), At(node.line))
    else:
        _plain(draft, rest, node)
    draft.lines.setdefault("hops", node.line)


def _plain(draft: Clause, rest: list[str], node: Node) -> None:
    hops = [PolicyHop(address([one]), None, At(node.line)) for one in words(rest)]
    draft.values.setdefault("plain_hops", []).extend(hops)
    draft.lines.setdefault("hops", node.line)


def _default_hop(draft: Clause, rest: list[str], node: Node) -> None:
    _plain(draft, rest, node)
    draft.put("default", True, node)


def _elsewhere(draft: Clause, rest: list[str], node: Node) -> None:
    """``set ip vrf V next-hop A`` and ``set ip global next-hop A``."""
    name, behind = (rest[0], rest[1:]) if node.text.split()[2] == "vrf" else ("", rest)
    if behind[0] != "next-hop":
        raise NotUnderstood
    _plain(draft, behind[1:], node)
    draft.put("vrf", draft.reader.use("vrf", name, node) if name else "", node)


def _vrf(draft: Clause, rest: list[str], node: Node) -> None:
    draft.put("vrf", draft.reader.use("vrf", word(rest), node), node)


def _global(draft: Clause, rest: list[str], node: Node) -> None:
    if rest:
        raise NotUnderstood
    draft.put("vrf", "", node)


def _interface(draft: Clause, rest: list[str], node: Node) -> None:
    for name in words(rest):
        if name == "Null0":
            draft.put("null", True, node)
        else:
            draft.add("interfaces", draft.reader.use("interface", name, node), node)


def _default_interface(draft: Clause, rest: list[str], node: Node) -> None:
    _interface(draft, rest, node)
    draft.put("default", True, node)


_CLAUSE: Grammar[Clause] = Grammar(
    "route-map",
    {
        "match ip address": _address,
        "match": _other,
        "set": _other,
        "set ip next-hop": _next_hop,
        "set ip default next-hop": _default_hop,
        "set ip vrf": _elsewhere,
        "set ip global": _elsewhere,
        "set vrf": _vrf,
        "set global": _global,
        "set interface": _interface,
        "set default interface": _default_interface,
    },
)


def clause(reader: Reader, rest: list[str], node: Node) -> tuple[str, Clause]:
    """Reads ``route-map NAME [permit|deny] [NUMBER]``: the name and the clause."""
    name, options = rest[0], rest[1:] or ["permit"]
    if options[0] not in {"permit", "deny"} or len(options) > 2:
        raise NotUnderstood
    sequence = number(options[1]) if options[1:] else _FIRST
    reader.define("route-map", name)
    return name, reader.under(
        node, _CLAUSE, Clause(reader, node.line, permit=options[0] == "permit", sequence=sequence)
    )


def finished(name: str, clauses: list[Clause], lists: Lists) -> RouteMap:
    """The route map, its clauses in the order of their numbers."""
    ordered = sorted(clauses, key=lambda one: one.sequence)
    return RouteMap(name, tuple(one.finished(lists) for one in ordered), At(clauses[0].line))
