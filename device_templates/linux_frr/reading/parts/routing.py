"""BGP and static routes of a router: each VPN has a process of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise

from device_templates.linux_frr.reading.parts.files import Files
from device_templates.linux_frr.reading.syntax import Node
from device_templates.model import Bgp, BgpNeighbor, BgpVrf, StaticRoute

_LISTEN = re.compile(r"bgp listen range (\S+) peer-group (\S+)")
_LIST = re.compile(r"prefix-list (\S+) (in|out)")
_NUMBER = re.compile(r"\d{1,10}")


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
    said: dict[str, list[str]] = {}
    for line in (*node.children, *family.children):
        words = line.text.split(" ", 2)
        if words[0] == "neighbor" and len(words) > 2:
            said.setdefault(words[1], []).append(words[2])
    neighbors = {name: _neighbor(files, name, _with_group(said, lines)) for name, lines in said.items()}
    networks = (network(text.split(" ")[0]) for text in family.rests("network"))
    return BgpVrf(
        vrf=vpn,
        router_id=address(node.rest("bgp router-id")),
        networks=tuple(found for found in networks if found is not None),
        listen=tuple(listen),
        neighbors=tuple(neighbors.values()),
        asn=_asn(node),
    )


def _with_group(said: dict[str, list[str]], lines: list[str]) -> list[str]:
    """What is said of a neighbour, then what is said of its group."""
    groups = [line.removeprefix("peer-group ") for line in lines if line.startswith("peer-group ")]
    return [*lines, *(line for group in groups for line in said.get(group, ()) if line != "peer-group")]


def _neighbor(files: Files, name: str, lines: Iterable[str]) -> BgpNeighbor:
    lines = list(lines)
    lists: dict[str, str] = {}
    for line in lines:
        if found := _LIST.fullmatch(line):
            lists.setdefault(found[2], found[1])
    passwords = [files.secret(f"neighbor {name} {line}") for line in lines if line.startswith("password ")]
    return BgpNeighbor(
        name=name,
        remote_as=_number(_rest(lines, "remote-as")),
        group="peer-group" in lines,
        password=next(iter(passwords), ""),
        reflector_client="route-reflector-client" in lines,
        prefix_list_in=lists.get("in", ""),
        prefix_list_out=lists.get("out", ""),
        maximum_prefix=_number(_rest(lines, "maximum-prefix")),
    )


def _rest(lines: Iterable[str], head: str) -> str:
    return next((line[len(head) + 1 :] for line in lines if line.startswith(f"{head} ")), "")


def routes(files: Files) -> tuple[StaticRoute, ...]:
    """All static routes: of the front door, and of each VPN."""
    known, found = files.network, []
    if known.gateway is not None:
        found.append(StaticRoute("", IPv4Network("0.0.0.0/0"), str(known.gateway)))
    found += [StaticRoute("", prefix, known.management) for prefix in known.networks]
    for vpn in known.vpns:
        for text in files.frr(vpn.name).rests("ip route"):
            words = text.split()
            prefix = network(words[0]) if words else None
            if prefix is not None and len(words) > 1:
                found.append(StaticRoute(vpn.name, prefix, words[1], _lookup(words)))
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
