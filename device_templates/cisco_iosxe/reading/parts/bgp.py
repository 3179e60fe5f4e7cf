"""BGP: the process, its address families, and neighbours with what they have of their groups."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Reader, Take, uses, value
from device_templates.cisco_iosxe.reading.secrets import secrets_in
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import address, network, nothing, number, refused, sentence, word
from device_templates.model import At, Bgp, BgpNeighbor, BgpVrf

#: How many neighbours a router takes by ranges where nothing else is said, and the distances of what it learns.
_LISTEN_LIMIT, _DISTANCES = 100, (20, 200)
_MODES = ("active", "passive")


@dataclass(slots=True)
class _Family(Draft):
    """An address family, or the process itself, whose lines outside of families are of the global table."""

    vrf: str = ""
    neighbors: dict[str, Draft] = field(default_factory=dict)
    families: list[_Family] = field(default_factory=list)


def _neighbor(draft: _Family, rest: list[str], node: Node) -> None:
    neighbor = draft.neighbors.get(rest[0]) or Draft(draft.reader, node.line)
    entry, depth = _NEIGHBOR.find(rest[1:])
    if entry is None:
        raise NotUnderstood
    if entry.take is not None:
        entry.take(neighbor, rest[1 + depth :], node)
    draft.neighbors[rest[0]] = neighbor


def _group(draft: Draft, rest: list[str], node: Node) -> None:
    """``neighbor G peer-group`` makes a group, ``neighbor A peer-group G`` takes part in one."""
    if rest:
        draft.put("member_of", word(rest), node)
    else:
        draft.put("group", True, node)


def _listed(kind: str, name: str) -> Take[Draft]:
    def take(draft: Draft, rest: list[str], node: Node) -> None:
        which, direction = rest
        if direction not in {"in", "out"}:
            raise NotUnderstood
        draft.put(f"{name}_{direction}", draft.reader.use(kind, which, node), node)

    return take


def _password(draft: Draft, _: list[str], node: Node) -> None:
    draft.put("password", draft.reader.mark(secrets_in(node.text)[0].plain), node)


def _maximum(draft: Draft, rest: list[str], node: Node) -> None:
    """One that is only told of when it is passed, bounds nothing."""
    draft.put("maximum_prefix", None if "warning-only" in rest[1:] else number(rest[0]), node)


def _default(draft: Draft, rest: list[str], node: Node) -> None:
    if rest:
        draft.reader.use("route-map", rest[rest.index("route-map") + 1], node)
    draft.put("default_route", True, node)


def _self(draft: Draft, rest: list[str], node: Node) -> None:
    if rest not in ([], ["all"]):
        raise NotUnderstood
    draft.put("next_hop_self", True, node)


def _mode(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("passive", _MODES.index(word(rest)) == 1, node)


def _asn(rest: list[str]) -> int:
    """An autonomous system, also in the form with a dot."""
    high, dot, low = word(rest).partition(".")
    return (number(high) << 16) + number(low) if dot else number(high)


_NEIGHBOR: Grammar[Draft] = Grammar(
    "bgp neighbor",
    {
        "remote-as": value("remote_as", _asn),
        "peer-group": _group,
        "password": _password,
        "activate": value("activate", nothing),
        "shutdown": value("shutdown", nothing),
        "route-reflector-client": value("reflector_client", nothing),
        "prefix-list": _listed("prefix-list", "prefix_list"),
        "distribute-list": _listed("access-list", "access_list"),
        "route-map": _listed("route-map", "map"),
        "maximum-prefix": _maximum,
        "next-hop-self": _self,
        "default-originate": _default,
        "transport connection-mode": _mode,
        "update-source": uses("source", "interface"),
    },
)


def _not_active(draft: _Family, rest: list[str], node: Node) -> None:
    name = node.text.split()[2]
    neighbor = draft.neighbors.setdefault(name, Draft(draft.reader, node.line))
    neighbor.put("activate", refused(rest), node)


def _listen(draft: _Family, rest: list[str], node: Node) -> None:
    if rest[1] != "peer-group" or rest[3:4] not in ([], ["remote-as"]):
        raise NotUnderstood
    draft.add("listen", (network([rest[0]]), rest[2]), node)


def _listen_limit(draft: _Family, rest: list[str], node: Node) -> None:
    draft.put("listen_limit", number(word(rest)), node)


def _distance(draft: _Family, rest: list[str], node: Node) -> None:
    """``distance bgp EXTERNAL INTERNAL LOCAL``."""
    external, internal, _local = map(number, rest)
    draft.put("distances", (external, internal), node)


def _network(draft: _Family, rest: list[str], node: Node) -> None:
    words = list(rest)
    if "route-map" in words:
        at = words.index("route-map")
        draft.reader.use("route-map", words[at + 1], node)
        del words[at : at + 2]
    if words[1:2] == ["mask"]:
        del words[1]
    draft.add("networks", network(words) if len(words) > 1 or "/" in words[0] else _classful(words[0]), node)


def _classful(text: str) -> IPv4Network:
    """The network of an address without a mask [RFC 791]."""
    first = int(IPv4Address(text)) >> 24
    return IPv4Network(f"{text}/{8 if first < 128 else 16 if first < 192 else 24}", strict=False)


def _aggregate(draft: _Family, rest: list[str], node: Node) -> None:
    if set(rest[2:]) - {"summary-only", "as-set"}:
        raise NotUnderstood
    draft.add("aggregates", network(rest[:2]), node)
    if "summary-only" in rest:
        draft.add("summaries", network(rest[:2]), node)


#: What routes can be taken from.
_SOURCES = frozenset(
    {"application", "bgp", "connected", "eigrp", "isis", "iso-igrp", "lisp", "mobile", "nhrp", "odr"}
    | {"ospf", "ospfv3", "rip", "static", "vrf"}
)


def _redistribute(draft: _Family, rest: list[str], node: Node) -> None:
    if rest[0] not in _SOURCES:
        raise NotUnderstood
    if "route-map" in rest:
        draft.reader.use("route-map", rest[rest.index("route-map") + 1], node)
    draft.add("sources", sentence(rest), node)


def _default_information(draft: _Family, rest: list[str], node: Node) -> None:
    nothing(rest)
    draft.put("default_information", True, node)


def _no_default(draft: _Family, rest: list[str], node: Node) -> None:
    nothing(rest)
    draft.put("inactive", True, node)


def _router_id(draft: _Family, rest: list[str], node: Node) -> None:
    draft.put("router_id", address(rest), node)


_LINES: dict[str, Take[_Family]] = {
    "bgp router-id": _router_id,
    "bgp listen range": _listen,
    "bgp listen limit": _listen_limit,
    "distance bgp": _distance,
    "no bgp default ipv4-unicast": _no_default,
    "network": _network,
    "aggregate-address": _aggregate,
    "redistribute": _redistribute,
    "default-information originate": _default_information,
    "neighbor": _neighbor,
    "no neighbor * activate": _not_active,
}
_FAMILY: Grammar[_Family] = Grammar("bgp family", _LINES)


def _family(draft: _Family, rest: list[str], node: Node) -> None:
    if rest not in ([], ["unicast"]):
        raise NotUnderstood
    family = _Family(draft.reader, node.line)
    family.neighbors = {name: _copied(one) for name, one in draft.neighbors.items()}
    draft.families.append(draft.reader.under(node, _FAMILY, family))


def _copied(draft: Draft) -> Draft:
    """A neighbour of the process in a family, where it has to be activated."""
    values = {name: value_ for name, value_ in draft.values.items() if name != "activate"}
    return Draft(draft.reader, draft.line, values, dict(draft.lines))


def _vrf_family(draft: _Family, rest: list[str], node: Node) -> None:
    vrf = draft.reader.use("vrf", word(rest), node)
    draft.families.append(draft.reader.under(node, _FAMILY, _Family(draft.reader, node.line, vrf=vrf)))


_PROCESS: Grammar[_Family] = Grammar(
    "bgp",
    _LINES,
    {
        "address-family ipv4": _family,
        "address-family ipv4 vrf": _vrf_family,
        "address-family ipv4 unicast vrf": _vrf_family,
    },
)


def bgp(reader: Reader, rest: list[str], node: Node) -> Bgp:
    """Reads the process."""
    asn = _asn(rest)
    process = reader.under(node, _PROCESS, _Family(reader, node.line))
    default = not process.values.get("inactive", False)
    families = list(process.families)
    if not any(one.vrf == "" for one in families) and (
        process.neighbors or {"networks", "listen"} & set(process.values)
    ):
        families.insert(0, process)
    router_id = process.values.get("router_id")
    vrfs = tuple(_vrf(one, process, default=default) for one in families)
    lines = tuple((name, line) for name, line in process.lines.items() if name in {"router_id", "listen_limit"})
    return Bgp(asn, router_id, vrfs, process.values.get("listen_limit", _LISTEN_LIMIT), At(node.line, lines))


def _vrf(family: _Family, process: _Family, *, default: bool) -> BgpVrf:
    values = family.values
    return BgpVrf(
        vrf=family.vrf,
        router_id=values.get("router_id"),
        networks=family.all("networks"),
        listen=(*(process.all("listen") if not family.vrf and family is not process else ()), *family.all("listen")),
        neighbors=tuple(_finished(family, name, default=default) for name in family.neighbors),
        aggregates=family.all("aggregates"),
        summaries=family.all("summaries"),
        sources=family.all("sources"),
        distances=values.get("distances", _DISTANCES),
        at=family.at,
    )


def _finished(family: _Family, name: str, *, default: bool) -> BgpNeighbor:
    """A neighbour with what its group says."""
    own = family.neighbors[name]
    group = family.neighbors.get(own.values.get("member_of", ""), Draft(own.reader, 0))
    said: ChainMap[str, Any] = ChainMap(own.values, {key: one for key, one in group.values.items() if key != "group"})
    lines = {**group.lines, **own.lines}
    if "activate" in lines or "shutdown" in lines:
        lines["active"] = lines.get("shutdown", lines.get("activate", own.line))
    return BgpNeighbor(
        name=name,
        remote_as=said.get("remote_as"),
        group=said.get("group", False),
        password=said.get("password", ""),
        reflector_client=said.get("reflector_client", False),
        prefix_list_in=said.get("prefix_list_in", ""),
        prefix_list_out=said.get("prefix_list_out", ""),
        maximum_prefix=said.get("maximum_prefix"),
        active=said.get("activate", default) and not said.get("shutdown", False),
        map_in=said.get("map_in", ""),
        map_out=said.get("map_out", ""),
        next_hop_self=said.get("next_hop_self", False),
        default_route=said.get("default_route", False),
        source=said.get("source", ""),
        access_list_in=said.get("access_list_in", ""),
        access_list_out=said.get("access_list_out", ""),
        passive=said.get("passive", False),
        at=At(own.line, tuple(lines.items())),
    )
