"""BGP and static routes of a router: each VPN has a process of its own."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise

from device_templates.linux_frr.reading.complete import NETWORK
from device_templates.linux_frr.reading.parts.files import Files
from device_templates.linux_frr.reading.syntax import Node
from device_templates.model import At, Bgp, BgpNeighbor, BgpVrf, PrefixEntry, PrefixList, StaticRoute

_LISTEN = re.compile(r"bgp listen range (\S+) peer-group (\S+)")
_LIST = re.compile(r"(prefix-list|route-map) (\S+) (in|out)")
_ENTRY = re.compile(
    r"(?P<name>\S+) seq (?P<seq>\d{1,9}) (?P<way>permit|deny) (?P<prefix>\S+)"
    r"(?: ge (?P<ge>\d{1,2}))?(?: le (?P<le>\d{1,2}))?"
)
_NUMBER = re.compile(r"\d{1,10}")
_DISTANCES = re.compile(r"(\d{1,3}) (\d{1,3}) \d{1,3}")
#: How many neighbours FRR takes by ranges where nothing else is said.
_LISTEN_LIMIT = 100


def bgp(files: Files) -> Bgp | None:
    """The processes of all VPNs as one, None without any; what is one process's own stands with its VPN."""
    found = [(vpn.name, node) for vpn in files.network.vpns for node in _processes(files.frr(vpn.name))]
    if not found:
        return None
    return Bgp(_asn(found[0][1]) or 0, None, tuple(_vrf(files, name, node) for name, node in found))


def _processes(file: Node) -> list[Node]:
    return [node for node in file.children if re.fullmatch(r"router bgp \d+", node.text)]


def _asn(node: Node) -> int | None:
    return _number(node.text.removeprefix("router bgp "))


def _vrf(files: Files, vpn: str, node: Node) -> BgpVrf:
    family = node.find("address-family ipv4 unicast") or Node("")
    listen = [
        (prefix, found[2])
        for one in node.children
        if (found := _LISTEN.fullmatch(one.text)) and (prefix := network(found[1]))
    ]
    said: dict[str, list[Node]] = {}
    for line in (*node.children, *family.children):
        words = line.text.split(" ", 2)
        if words[0] == "neighbor" and len(words) > 2:
            said.setdefault(words[1], []).append(replace(line, text=words[2]))
    default = not node.has("no bgp default ipv4-unicast")
    named = {name: _with_group(said, lines) for name, lines in said.items()}
    neighbors = (
        _neighbor(files, vpn, name, lines, default=default)
        for name, lines in named.items()
        if lines.has("peer-group") or address(name)  # a group has to be made before anything is said of it
    )
    return BgpVrf(
        vrf=vpn,
        router_id=address(node.rest("bgp router-id")),
        networks=_networks(family, "network"),
        listen=tuple(listen),
        neighbors=tuple(neighbors),
        asn=_asn(node),
        aggregates=_networks(family, "aggregate-address"),
        summaries=_networks(family, "aggregate-address", "summary-only"),
        sources=tuple(family.rests("redistribute")),
        distances=_distances(family),
        listen_limit=_LISTEN_LIMIT if (limit := _number(node.rest("bgp listen limit"))) is None else limit,
        at=_both(
            node.at(router_id="bgp router-id", listen="bgp listen range", listen_limit="bgp listen limit"),
            family.at(networks="network", sources="redistribute", distances="distance bgp"),
        ),
    )


def _distances(family: Node) -> tuple[int, int]:
    found = _DISTANCES.fullmatch(family.rest("distance bgp"))
    return (int(found[1]), int(found[2])) if found else (20, 200)


def _both(one: At, other: At) -> At:
    return At(one.line, (*one.fields, *other.fields))


def _networks(family: Node, head: str, option: str = "") -> tuple[IPv4Network, ...]:
    """The networks of lines, of those with a word behind it where one is named."""
    said = (text.split(" ") for text in family.rests(head))
    found = (network(words[0]) for words in said if not option or option in words)
    return tuple(one for one in found if one is not None)


def _with_group(said: dict[str, list[Node]], lines: list[Node]) -> Node:
    """What is said of a neighbour, then what is said of its group."""
    heads = [line.text for line in lines if line.text.startswith("peer-group ")]
    groups = [head.removeprefix("peer-group ") for head in heads]
    others = (line for group in groups for line in said.get(group, ()) if line.text != "peer-group")
    return Node("neighbor", (*lines, *others), line=lines[0].line)


def _neighbor(files: Files, vpn: str, name: str, lines: Node, *, default: bool) -> BgpNeighbor:
    named: dict[tuple[str, str], str] = {}
    for line in lines.children:
        if found := _LIST.fullmatch(line.text):
            named.setdefault((found[1], found[3]), own(vpn, found[2]))
    passwords = [files.secret(f"neighbor {name} password {rest}") for rest in lines.rests("password")]
    activated = (default or lines.has("activate")) and not lines.has("shutdown")
    return BgpNeighbor(
        name=name,
        remote_as=_number(lines.rest("remote-as")),
        group=lines.has("peer-group"),
        password=next(iter(passwords), ""),
        reflector_client=lines.has("route-reflector-client"),
        prefix_list_in=named.get(("prefix-list", "in"), ""),
        prefix_list_out=named.get(("prefix-list", "out"), ""),
        maximum_prefix=_number(lines.rest("maximum-prefix")),
        active=activated,
        map_in=named.get(("route-map", "in"), ""),
        map_out=named.get(("route-map", "out"), ""),
        next_hop_self=any(True for _ in lines.rests("next-hop-self")),
        default_route=any(True for _ in lines.rests("default-originate")),
        source=lines.rest("update-source"),
        passive=lines.has("passive"),
        at=lines.at(
            remote_as="remote-as",
            password="password",  # noqa: S106 - the first word of a line
            reflector_client="route-reflector-client",
            maximum_prefix="maximum-prefix",
            active="activate",
            next_hop_self="next-hop-self",
            source="update-source",
            passive="passive",
            default_route="default-originate",
        ),
    )


def routes(files: Files) -> tuple[StaticRoute, ...]:
    """All static routes: of the front door, and of each VPN."""
    known, toml = files.network, files.at(NETWORK)
    found = []
    if known.gateway is not None:
        door = toml.find("[front_door]") or Node("")
        at = At(door.at(gateway="gateway =").of("gateway"))
        found.append(StaticRoute("", IPv4Network("0.0.0.0/0"), str(known.gateway), via=known.gateway, at=at))
    management = (toml.find("[management]") or Node("")).at(networks="networks =").of("networks")
    for prefix in known.networks:
        found.append(StaticRoute("", prefix, known.management, interface=known.management, at=At(management)))
    for vpn in known.vpns:
        found += [one for text, node in files.frr(vpn.name).all("ip route") if (one := _route(vpn.name, text, node))]
    return tuple(found)


def own(vpn: str, name: str) -> str:
    """What something is called that a VPN's instance of FRR calls by its own name."""
    return f"{vpn}: {name}"


def _route(vpn: str, text: str, node: Node) -> StaticRoute | None:
    words = text.split()
    prefix = network(words[0]) if words else None
    if prefix is None or len(words) < 2:
        return None
    via, null = address(words[1]), words[1] in {"Null0", "reject"}
    interface = "" if null or via else words[1]
    distance = next((int(one) for one in words[2:] if one.isdecimal() and len(one) < 4), 1)
    return StaticRoute(vpn, prefix, words[1], _lookup(words), via, interface, distance, null=null, at=At(node.line))


def prefix_lists(files: Files) -> tuple[PrefixList, ...]:
    """The prefix lists of every VPN."""
    found = []
    for vpn in files.network.vpns:
        lists: dict[str, dict[int, PrefixEntry]] = {}
        for text, node in files.frr(vpn.name).all("ip prefix-list"):
            if (entry := _ENTRY.fullmatch(text)) and (prefix := network(entry["prefix"])):
                shortest = int(entry["ge"] or prefix.prefixlen)
                longest = int(entry["le"] or (32 if entry["ge"] else prefix.prefixlen))
                one = PrefixEntry(entry["way"] == "permit", prefix, shortest, longest, At(node.line))
                lists.setdefault(entry["name"], {})[int(entry["seq"])] = one
        for name, entries in lists.items():
            ordered = tuple(entries[place] for place in sorted(entries))
            found.append(PrefixList(own(vpn.name, name), ordered, ordered[0].at))
    return tuple(found)


def _lookup(words: list[str]) -> str:
    """The table in which the next hop is looked up, where it is another one."""
    return next((after for word, after in pairwise(words) if word in ("nexthop-vrf", "table")), "")


def address(text: str) -> IPv4Address | None:
    """The address that ``text`` begins with."""
    try:
        return IPv4Address(text.split(" ")[0])
    except ValueError:
        return None


def network(text: str) -> IPv4Network | None:
    """A network as FRR writes it."""
    try:
        return IPv4Network(text, strict=False)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    found = _NUMBER.match(text)
    return int(found[0]) if found else None
