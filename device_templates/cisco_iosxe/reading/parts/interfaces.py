"""Interfaces, and the VRFs that they are in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Reader, uses, value
from device_templates.cisco_iosxe.reading.parts.standbys import STANDBY_LINES, standbys
from device_templates.cisco_iosxe.reading.parts.tunnels import TUNNEL_LINES, tunnel
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import interface_address, nothing, number, refused, whole, word
from device_templates.model import Applied, At, Interface, Replica, Vrf

_SVI = re.compile(r"(?:Vlan|BDI)(\d{1,4})")
_DIRECTIONS = {"in": "in", "out": "out", "input": "in", "output": "out"}


def _vrf(draft: Draft, rest: list[str], node: Node) -> None:
    """IOS takes the addresses away from an interface that changes its table."""
    name = draft.reader.use("vrf", word(rest), node)
    for lost in ("address", "secondaries", "dhcp", "unnumbered"):
        draft.drop(lost)
    draft.put("vrf", name, node)


def _address(draft: Draft, rest: list[str], node: Node) -> None:
    if rest[0] in {"dhcp", "negotiated"}:
        draft.put("dhcp", True, node)
        draft.lines["address"] = node.line
    elif rest[2:] == ["secondary"]:
        draft.add("secondaries", interface_address(rest[:2]), node)
    else:
        draft.put("address", interface_address(rest), node)


def _no_address(draft: Draft, rest: list[str], node: Node) -> None:
    nothing(rest)
    draft.put("address", None, node)
    draft.drop("dhcp")


def _access_group(draft: Draft, rest: list[str], node: Node) -> None:
    name, direction = rest[0], _direction(word(rest[1:]))
    _apply(draft, "access_lists", Applied(draft.reader.use("access-list", name, node), direction, At(node.line)))


def _service_policy(draft: Draft, rest: list[str], node: Node) -> None:
    direction, name = rest
    policy = Applied(draft.reader.use("policy-map", name, node), _direction(direction), At(node.line))
    _apply(draft, "service_policies", policy)


def _direction(word_: str) -> str:
    if word_ not in _DIRECTIONS:
        raise NotUnderstood
    return _DIRECTIONS[word_]


def _apply(draft: Draft, name: str, applied: Applied) -> None:
    """One list or policy a direction: the last that is given counts."""
    others = [one for one in draft.values.get(name, ()) if one.direction != applied.direction]
    draft.values[name] = [*others, applied]
    draft.lines.setdefault(name, applied.at.line)


def _nat(draft: Draft, rest: list[str], node: Node) -> None:
    sides = {"inside": "inside", "outside": "outside", "enable": "both"}
    if word(rest) not in sides:
        raise NotUnderstood
    draft.put("nat", sides[rest[0]], node)


def _link_mtu(draft: Draft, rest: list[str], node: Node) -> None:
    if "mtu" not in draft.values:
        draft.put("mtu", whole(rest), node)


def _bandwidth(draft: Draft, rest: list[str], node: Node) -> None:
    if len(rest) == 1:
        draft.put("bandwidth_kbps", number(rest[0]), node)


def _port_mode(draft: Draft, rest: list[str], node: Node) -> None:
    if rest[0] not in {"access", "trunk", "dynamic"}:
        raise NotUnderstood
    draft.put("trunk", rest[0] != "access", node)


def _voice(draft: Draft, rest: list[str], node: Node) -> None:
    """Voice in a VLAN of its own; else it is in the port's."""
    if word(rest).isdecimal():
        draft.put("voice_vlan", number(rest[0]), node)
    elif rest[0] not in {"dot1p", "untagged", "none"}:
        raise NotUnderstood


def _mss(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("mss", number(word(rest)), node)


_INTERFACE: Grammar[Draft] = Grammar(
    "interface",
    {
        "vrf forwarding": _vrf,
        "ip vrf forwarding": _vrf,
        "ip address": _address,
        "no ip address": _no_address,
        "ip unnumbered": uses("unnumbered", "interface"),
        "shutdown": value("shutdown", nothing),
        "no shutdown": value("shutdown", refused),
        "bandwidth": _bandwidth,
        "mtu": _link_mtu,
        "ip mtu": value("mtu", whole),
        "ip tcp adjust-mss": _mss,
        "switchport access vlan": value("vlan", whole),
        "switchport mode": _port_mode,
        "switchport voice vlan": _voice,
        "ip access-group": _access_group,
        "service-policy": _service_policy,
        "zone-member security": uses("zone", "zone"),
        "ip nat": _nat,
        "ip policy route-map": uses("policy", "route-map"),
        **TUNNEL_LINES,
        **STANDBY_LINES,
    },
)


def interface(draft: Draft, name: str, node: Node) -> None:
    """Takes the lines of an interface."""
    draft.values["name"] = name
    draft.reader.under(node, _INTERFACE, draft)


def finished(drafts: Sequence[Draft]) -> tuple[Interface, ...]:
    """The interfaces that drafts became."""
    switches = {_module(one) for one in drafts if "vlan" in one.values or "trunk" in one.values}
    return tuple(_finished(one, port=_module(one) in switches) for one in drafts)


def _module(draft: Draft) -> str:
    """The slot that a port is in: where one port of it is a switch's, all of them are."""
    name: str = draft.values["name"]
    return name.rpartition("/")[0] or name


def _finished(draft: Draft, *, port: bool) -> Interface:
    """One of them; ``port``: it belongs to a switch."""
    values = draft.values
    found = _SVI.fullmatch(values["name"])
    return Interface(
        name=values["name"],
        vrf=values.get("vrf", ""),
        address=values.get("address"),
        dhcp=values.get("dhcp", False),
        unnumbered=values.get("unnumbered", ""),
        shutdown=values.get("shutdown", False),
        mtu=values.get("mtu"),
        mss=values.get("mss"),
        vlan=values.get("vlan"),
        svi=int(found[1]) if found else None,
        access_lists=draft.all("access_lists"),
        service_policies=draft.all("service_policies"),
        tunnel=tunnel(draft) if values["name"].startswith("Tunnel") else None,
        zone=values.get("zone", ""),
        policy=values.get("policy", ""),
        nat=values.get("nat", ""),
        standbys=standbys(draft),
        secondaries=draft.all("secondaries"),
        trunk=_may_trunk(draft, port=port),
        voice_vlan=values.get("voice_vlan"),
        bandwidth_kbps=values.get("bandwidth_kbps"),
        at=draft.at,
    )


def _may_trunk(draft: Draft, *, port: bool) -> bool:
    """Ports of IOS-XE negotiate where no mode is said; whether classic IOS shows the mode they have is not known."""
    routed = {"address", "vrf", "unnumbered"} & set(draft.lines)
    negotiates = port and not routed and not draft.reader.classic
    if negotiates:
        draft.lines.setdefault("trunk", draft.lines.get("vlan", draft.line))
    return bool(draft.values.get("trunk", negotiates))


@dataclass(slots=True)
class VrfDraft(Draft):
    """A VRF while its lines are read."""

    imports: set[str] = field(default_factory=set)
    exports: set[str] = field(default_factory=set)


def _target(draft: VrfDraft, rest: list[str], node: Node) -> None:
    way, target = rest[0], word(rest[1:2])
    if rest[2:] not in ([], ["stitching"]) or way not in {"import", "export", "both"}:
        raise NotUnderstood
    if way != "export":
        draft.imports.add(target)
        draft.lines.setdefault("imports", node.line)
    if way != "import":
        draft.exports.add(target)
        draft.lines.setdefault("exports", node.line)


def _import(draft: VrfDraft, rest: list[str], node: Node) -> None:
    """``import ipv4 unicast [N] map M``: routes of the global table's BGP."""
    words = [one for one in rest if not one.isdecimal()]
    if words[:-1] != ["ipv4", "unicast", "map"]:
        raise NotUnderstood
    route_map = draft.reader.use("route-map", words[-1], node)
    draft.add("replicas", Replica("", "bgp", route_map, At(node.line)), node)


def _rd(draft: VrfDraft, rest: list[str], node: Node) -> None:
    draft.put("rd", word(rest), node)


def _most_routes(draft: VrfDraft, rest: list[str], node: Node) -> None:
    """``maximum routes LIMIT warn-threshold|warning-only``: the last only tells of it."""
    draft.put("most_routes", None if rest[1:] == ["warning-only"] else number(rest[0]), node)


def _family(draft: VrfDraft, _: list[str], node: Node) -> None:
    draft.put("ipv4", True, node)
    draft.reader.under(node, _VRF, draft)


def _replicate(draft: VrfDraft, rest: list[str], node: Node) -> None:
    """``route-replicate from vrf V unicast|multicast PROTOCOL [route-map M]``."""
    words = list(rest)
    source = words.pop(0)
    if words.pop(0) != "unicast":
        raise NotUnderstood
    route_map = ""
    if words[-2:-1] == ["route-map"]:
        route_map = draft.reader.use("route-map", words[-1], node)
        del words[-2:]
    if source != "global":
        draft.reader.use("vrf", source, node)
    protocol = " ".join(words) or "all"
    draft.add("replicas", Replica("" if source == "global" else source, protocol, route_map, At(node.line)), node)


_VRF: Grammar[VrfDraft] = Grammar(
    "vrf",
    {
        "rd": _rd,
        "route-target": _target,
        "import": _import,
        "route-replicate from vrf": _replicate,
        "maximum routes": _most_routes,
    },
    {"address-family ipv4": _family},
)


def vrf(reader: Reader, name: str, node: Node) -> Vrf:
    """Reads a VRF."""
    draft = reader.under(node, _VRF, VrfDraft(reader, node.line))
    imports, exports = frozenset(draft.imports), frozenset(draft.exports)
    ipv4 = draft.values.get("ipv4", not node.text.startswith("vrf definition "))
    rd, most = draft.values.get("rd", ""), draft.values.get("most_routes")
    return Vrf(name, rd, imports, exports, draft.all("replicas"), ipv4, most, draft.at)
