"""The tunnel side of interfaces: outer packets, NHRP, protection."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from device_templates.cisco_iosxe.comparing.masks import Kind, masks
from device_templates.cisco_iosxe.reading.grammar import Draft, NotUnderstood, Take, value
from device_templates.cisco_iosxe.reading.secrets import secrets_in
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import address, nothing, number, refused, whole, word
from device_templates.model import At, NhrpServer, Tunnel

_MODES = {
    ("gre", "multipoint"): "gre multipoint",
    ("gre", "ip"): "gre ip",
    ("ipsec", "ipv4"): "ipsec",
    ("ipip",): "ipip",
}
#: What a tunnel says of itself, with a name of its own in the draft of its interface: both have a MTU and a VRF.
_FIELDS = {
    "tunnel_source": "source",
    "tunnel_destination": "destination",
    "tunnel_mode": "mode",
    "key": "key",
    "network_id": "network_id",
    "nhrp_authentication": "nhrp_authentication",
    "servers": "servers",
    "redirect": "redirect",
    "shortcut": "shortcut",
    "protection": "protection",
    "shared": "shared",
    "front_vrf": "front_vrf",
    "not_unique": "not_unique",
    "follows_nhrp": "follows_nhrp",
    "multicasts": "multicasts",
    "server_only": "server_only",
    "registers_s": "registers_s",
    "holdtime_s": "holds_s",
    "keepalive": "keepalive",
    "only_by": "only_by",
}


def _source(draft: Draft, rest: list[str], node: Node) -> None:
    source = "".join(rest)  # an interface may be typed with a blank before its number
    if not source or len(rest) > 2 or (len(rest) == 2 and not rest[0].isalpha()):
        raise NotUnderstood
    if not source[0].isdigit() and source != "dynamic":
        source = draft.reader.use("interface", source, node)
    draft.put("tunnel_source", source, node)


def _mode(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("tunnel_mode", _MODES[tuple(rest)] if tuple(rest) in _MODES else _other_mode(rest), node)


def _other_mode(rest: list[str]) -> str:
    raise NotUnderstood(" ".join(rest))


def _front_vrf(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("front_vrf", draft.reader.use("vrf", word(rest), node), node)


def _protection(draft: Draft, rest: list[str], node: Node) -> None:
    name, options = rest[0], rest[1:]
    if options not in ([], ["shared"]):
        raise NotUnderstood
    draft.put("protection", draft.reader.use("ipsec-profile", name, node), node)
    draft.put("shared", bool(options), node)


def _authentication(draft: Draft, rest: list[str], node: Node) -> None:
    word(rest)
    draft.put("nhrp_authentication", draft.reader.mark(secrets_in(node.text)[0].plain), node)


def _server(draft: Draft, rest: list[str], node: Node) -> None:
    """A hub: with its internet address where that is on the line, else in a line ``ip nhrp map``."""
    words = list(rest)
    hub = IPv4Address(words.pop(0))
    nbma = None
    if words[:1] == ["nbma"]:
        nbma, words = IPv4Address(words[1]), words[2:]
    multicast = words[:1] == ["multicast"]
    _in_a_cluster(words[1:] if multicast else words)
    draft.add("servers", NhrpServer(hub, nbma, multicast, At(node.line)), node)


def _in_a_cluster(words: list[str]) -> None:
    """Priority and cluster of a hub."""
    while words:
        if words[0] not in {"priority", "cluster"}:
            raise NotUnderstood
        number(words[1])
        words = words[2:]


def _map(draft: Draft, rest: list[str], node: Node) -> None:
    """Where a tunnel address, all that have registered, or every multicast is to be found."""
    if rest[0] == "multicast":
        if rest[1:] == ["dynamic"]:
            draft.put("multicasts", True, node)
        else:
            draft.values.setdefault("multicast_to", {})[address(rest[1:])] = node.line
        return
    if len(rest) == 3:
        IPv4Address(rest.pop(1))
    tunnel_address, nbma = (IPv4Address(one) for one in rest)
    draft.values.setdefault("mapped", {})[tunnel_address] = (nbma, node.line)


def _no_multicasts(draft: Draft, rest: list[str], node: Node) -> None:
    nothing(rest)
    draft.put("multicasts", False, node)


def _redirect(draft: Draft, rest: list[str], node: Node) -> None:
    if rest and (rest[0] != "timeout" or len(rest) != 2):
        raise NotUnderstood
    draft.put("redirect", True, node)


def _server_only(rest: list[str]) -> bool:
    if rest not in ([], ["non-caching"]):
        raise NotUnderstood
    return True


def _holdtime(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("holdtime_s", whole(rest), node)
    draft.lines.setdefault("registers_s", node.line)


def _route_via(draft: Draft, rest: list[str], node: Node) -> None:
    """``tunnel route-via INTERFACE mandatory|preferred``: only the first binds."""
    name, how = rest
    if how not in {"mandatory", "preferred"}:
        raise NotUnderstood
    name = draft.reader.use("interface", name, node)
    draft.put("only_by", name if how == "mandatory" else "", node)


def _keepalive(rest: list[str]) -> bool:
    """``[SECONDS [TRIES]]``; 0 is never."""
    return [number(one) for one in rest][:1] != [0]


TUNNEL_LINES: dict[str, Take[Draft]] = {
    "tunnel source": _source,
    "tunnel destination": value("tunnel_destination", address),
    "tunnel mode": _mode,
    "tunnel key": value("key", whole),
    "tunnel vrf": _front_vrf,
    "tunnel protection ipsec profile": _protection,
    "ip nhrp authentication": _authentication,
    "ip nhrp network-id": value("network_id", whole),
    "ip nhrp nhs": _server,
    "ip nhrp map": _map,
    "no ip nhrp map multicast dynamic": _no_multicasts,
    "ip nhrp redirect": _redirect,
    "ip nhrp shortcut": value("shortcut", nothing),
    "no ip nhrp shortcut": value("shortcut", refused),
    "ip nhrp registration no-unique": value("not_unique", nothing),
    "if-state nhrp": value("follows_nhrp", nothing),
    "ip nhrp server-only": value("server_only", _server_only),
    "ip nhrp registration timeout": value("registers_s", whole),
    "ip nhrp holdtime": _holdtime,
    "keepalive": value("keepalive", _keepalive),
    "tunnel route-via": _route_via,
}


def tunnel(draft: Draft) -> Tunnel:
    """The tunnel that an interface is, with the defaults that its release does not show."""
    values = draft.values
    mode = values.get("tunnel_mode", "gre ip")
    hidden = _hidden(draft) if mode == "gre multipoint" else lambda _: False
    return Tunnel(
        source=values.get("tunnel_source", ""),
        destination=values.get("tunnel_destination"),
        mode=mode,
        key=values.get("key"),
        network_id=values.get("network_id"),
        nhrp_authentication=values.get("nhrp_authentication", ""),
        servers=tuple(_completed(one, draft) for one in draft.all("servers")),
        redirect=values.get("redirect", False),
        shortcut=values.get("shortcut", hidden("ip nhrp shortcut")),
        protection=values.get("protection", ""),
        shared=values.get("shared", False),
        front_vrf=values.get("front_vrf", ""),
        not_unique=values.get("not_unique", False),
        follows_nhrp=values.get("follows_nhrp", False),
        multicasts=values.get("multicasts", hidden("ip nhrp map multicast dynamic")),
        mappings=tuple(
            NhrpServer(address, nbma, at=At(line)) for address, (nbma, line) in values.get("mapped", {}).items()
        ),
        server_only=values.get("server_only", False),
        registers_s=_registers(values.get("registers_s"), values.get("holdtime_s")),
        keepalive=values.get("keepalive", False),
        holds_s=values.get("holdtime_s"),
        only_by=values.get("only_by", ""),
        at=At(draft.line, tuple((own, draft.lines[name]) for name, own in _FIELDS.items() if name in draft.lines)),
    )


def _registers(timeout: int | None, holdtime: int | None) -> int | None:
    """A router registers again after a third of the time that its registrations hold, where it is not told when."""
    return timeout if timeout is not None or holdtime is None else holdtime // 3


def _hidden(draft: Draft) -> Callable[[str], bool]:
    """Whether a line is in force that is not there."""
    path, release = f"interface {draft.values['name']}", draft.reader.release
    return lambda line: masks().find((path, line), release, frozenset({Kind.HIDDEN})) is not None


def _completed(server: NhrpServer, draft: Draft) -> NhrpServer:
    """A hub with what lines ``ip nhrp map`` say of it."""
    nbma, line = draft.values.get("mapped", {}).get(server.address, (None, 0))
    if server.nbma is not None or nbma is None:
        return server
    multicasts = draft.values.get("multicast_to", {})
    lines = (("nbma", line), *((("multicast", multicasts[nbma]),) if nbma in multicasts else ()))
    return NhrpServer(server.address, nbma, server.multicast or nbma in multicasts, At(server.at.line, lines))
