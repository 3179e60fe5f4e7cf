"""Interfaces, VRFs and tunnels of a router: network namespaces are the VRFs of the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

from device_templates.linux_frr.reading.complete import NETWORK
from device_templates.linux_frr.reading.parts.connections import (
    GRE,
    carried,
    connection_at,
    management_connection,
    protects_gre,
)
from device_templates.linux_frr.reading.parts.files import FRONT_DOOR, Files
from device_templates.linux_frr.reading.parts.network import VpnLinks
from device_templates.linux_frr.reading.parts.standbys import standbys
from device_templates.linux_frr.reading.syntax import Node
from device_templates.model import Applied, At, Interface, NhrpServer, Tunnel, Vrf

_MSS = re.compile(r"\btcp option maxseg size set (\d+)\b")
#: How a rule ends that lets a packet pass, or sends it to another chain that may.
_ENDS = re.compile(r"^(?!policy )(?:.*\b)?(accept|queue.*|(?:jump|goto) (\S+))$")
#: What GRE in the clear never fits.
_NEVER_GRE = re.compile(r'\b(?:tcp|udp|icmp|esp)\b|iif(?:name)? "lo"')
_LOGGED = re.compile(r"\blog\b.*\bgroup (\d+)\b")
_VLAN = re.compile(r"vlan(\d{1,4})")


def vrfs(files: Files) -> tuple[Vrf, ...]:
    """One for each VPN; a namespace imports and exports nothing."""
    return tuple(Vrf(vpn.name) for vpn in files.network.vpns)


def interfaces(files: Files) -> tuple[Interface, ...]:
    """Every interface that the document tells of: the front door's first, then those of each VPN."""
    found = (*_front_door(files), *(one for vpn in files.network.vpns for one in _vpn(files, vpn)))
    return tuple(replace(one, zone=one.name) if _is_filtered(files, one) else one for one in found)


def _is_filtered(files: Files, one: Interface) -> bool:
    """Whether packets are routed to and from an interface through a filter: it is no port of a bridge."""
    return bool(one.address or one.dhcp) and bool(files.filters(one.vrf).chains)


def _front_door(files: Files) -> Iterator[Interface]:
    known = files.network
    if known.front_door:
        policies = (Applied("qos.tc", "out"),) if files.at("etc/spokesman/qos.tc").children else ()
        yield Interface(
            known.front_door,
            address=known.address,
            dhcp=known.dhcp,
            mtu=known.mtu,
            access_lists=(Applied("front-door", "in"),) if files.at(FRONT_DOOR).children else (),
            service_policies=policies,
            at=_table(files, "front_door").at(address="address =", mtu="mtu ="),
        )
    if known.management:
        yield Interface(
            known.management,
            address=known.management_address,
            mtu=known.management_mtu,
            sealed=_is_sealed(files, known.management),
            tunnel=_management(files),
            at=_table(files, "management").at(address="address =", mtu="mtu ="),
        )
    if known.ilan is not None:
        yield Interface(known.ilan.name, address=known.ilan_address, at=_table(files, "ilan").at(address="address ="))
        yield from (Interface(port, vlan=_vlan(known.ilan.name)) for port in known.ilan.ports)
    for vpn in known.vpns:
        if vpn.breakout:
            yield Interface(f"{vpn.breakout}-fd", address=vpn.breakout_outside)
    yield from (Interface(port, shutdown=True) for port in known.unused)


def _is_sealed(files: Files, name: str) -> bool:
    """Whether nothing is forwarded to or from an interface of the front door.

    That is so where a chain that forwards what it is told to alone has every exception between two other interfaces.
    """
    chains = {node.text.removeprefix("chain "): node for _, node in files.at(FRONT_DOOR).walk() if node.ordered}
    letting = {chain for chain, node in chains.items() if any(_ENDS.search(rule.text) for rule in node.children)}
    return any(
        node.has("policy drop")
        and any(line.text.startswith("type filter hook forward") for line in node.children)
        and all(_is_between_others(rule.text, name) for rule in node.children if _lets(rule.text, letting))
        for node in chains.values()
    )


def _lets(rule: str, letting: set[str]) -> bool:
    """Whether a packet that fits a rule may pass; ``letting`` are the chains in which one may."""
    found = _ENDS.search(rule)
    return found is not None and (found[2] is None or found[2] in letting)


def _is_between_others(rule: str, name: str) -> bool:
    return "iifname " in rule and "oifname " in rule and "ifname !=" not in rule and f'"{name}"' not in rule


def _keeps_clear_gre_out(files: Files) -> bool:
    """Whether the front door drops GRE that is not in ESP, both ways, also while strongSwan does not run."""
    chains = [node for _, node in files.at(FRONT_DOOR).walk() if node.ordered]
    return all(any(_drops_clear_gre(node, hook) for node in chains) for hook in ("input", "output"))


def _drops_clear_gre(chain: Node, hook: str) -> bool:
    """Whether a chain at a hook drops it before any rule that could let it pass, or lets it pass in ESP alone."""
    rules = [rule.text for rule in chain.children]
    if not any(rule.startswith(f"type filter hook {hook} ") for rule in rules):
        return False
    for rule in rules:
        clear = re.search(r"\bgre\b", rule) is not None and " missing" in rule
        if clear and rule.endswith("drop") and "ifname" not in rule:
            return True
        if _ENDS.search(rule) and not _NEVER_GRE.search(rule) and "ipsec exists" not in rule:
            return False
    return "policy drop" in rules


def _management(files: Files) -> Tunnel:
    known, connection = files.network, management_connection(files)
    return Tunnel(
        source=known.front_door,
        destination=known.peer,
        mode="ipsec",
        key=known.management_key,
        network_id=None,
        nhrp_authentication="",
        servers=(),
        redirect=False,
        shortcut=False,
        protection=connection,
        shared=False,
        carries=carried(files, connection) if connection else None,
        at=_management_at(files, connection),
    )


def _management_at(files: Files, connection: str) -> At:
    table = _table(files, "management").at(key="key =", destination="peer =", mtu="mtu =")
    return At(table.line, (*table.fields, *connection_at(files, connection)))


def _table(files: Files, name: str) -> Node:
    """A table of network.toml."""
    return files.at(NETWORK).find(f"[{name}]") or Node("")


def _vpn(files: Files, vpn: VpnLinks) -> Iterator[Interface]:
    sections = {node.text.removeprefix("interface "): node for node in _sections(files.frr(vpn.name))}
    if vpn.tunnel:
        section = sections.get(vpn.tunnel, Node(vpn.tunnel))
        yield _interface(files, vpn, section, vpn.tunnel, _tunnel(files, vpn, section))
    for lan in vpn.lans:
        yield _interface(files, vpn, sections.get(lan.name, Node(lan.name)), lan.name)
        yield from (Interface(port, vpn.name, vlan=_vlan(lan.name)) for port in lan.ports)
    if vpn.breakout:
        yield Interface(vpn.breakout, vpn.name, address=vpn.breakout_inside)
    known = {vpn.tunnel, vpn.breakout, *(lan.name for lan in vpn.lans)}
    yield from (_interface(files, vpn, node, name) for name, node in sections.items() if name not in known)


def _sections(file: Node) -> list[Node]:
    return [node for node in file.children if node.text.startswith("interface ")]


def _interface(files: Files, vpn: VpnLinks, section: Node, name: str, tunnel: Tunnel | None = None) -> Interface:
    return Interface(
        name,
        vpn.name,
        address=_address(section.rest("ip address")),
        shutdown=section.has("shutdown"),
        mtu=vpn.mtu if tunnel else None,
        mss=_mss(files, vpn.name, name) if tunnel else None,
        access_lists=(Applied(vpn.name, "in"),) if files.filter(vpn.name).children else (),
        tunnel=tunnel,
        standbys=standbys(files, vpn.name, name),
        at=section.at(address="ip address", shutdown="shutdown"),
    )


def _mss(files: Files, vpn: str, name: str) -> int | None:
    rules = files.rules(f"etc/nftables/{vpn}.nft", lambda rule: "maxseg" in rule and f'oifname "{name}"' in rule)
    found = [match for rule in rules if (match := _MSS.search(rule)) is not None]
    return int(found[0][1]) if found else None


def _tunnel(files: Files, vpn: VpnLinks, section: Node) -> Tunnel:
    """The mGRE of a VPN. Its addresses are hosts': the way to each peer is a route that NHRP makes."""
    servers = tuple(one for text, node in section.all("ip nhrp nhs") if (one := _server(text, node)) is not None)
    protected = protects_gre(files, [str(one.nbma) for one in servers]) and _keeps_clear_gre_out(files)
    return Tunnel(
        source=files.network.front_door,
        destination=None,
        mode="gre multipoint",
        key=vpn.key,
        network_id=_number(section.rest("ip nhrp network-id")),
        nhrp_authentication=files.secret(f"ip nhrp authentication {section.rest('ip nhrp authentication')}"),
        servers=servers,
        redirect=section.has("ip nhrp redirect") and _shows_what_returns(files, vpn),
        shortcut=section.has("ip nhrp shortcut"),
        protection=GRE if protected else "",
        shared=True,
        host_address=True,
        not_unique=section.has("ip nhrp registration no-unique"),
        multicasts=any(True for _ in section.rests("ip nhrp map multicast")),
        registers_s=None if (held := _number(section.rest("ip nhrp holdtime"))) is None else held // 3,
        holds_s=held,
        at=_tunnel_at(files, vpn, section),
    )


def _shows_what_returns(files: Files, vpn: VpnLinks) -> bool:
    """Whether NHRP is shown what goes back out by a tunnel: its redirects are for that, by a group of the log."""
    groups = set(files.frr(vpn.name).rests("nhrp nflog-group"))
    way = f'iifname "{vpn.tunnel}" oifname "{vpn.tunnel}" '
    shown = files.rules(f"etc/nftables/{vpn.name}.nft", lambda rule: rule.startswith(way))
    return any(match[1] in groups for rule in shown if (match := _LOGGED.search(rule)) is not None)


def _tunnel_at(files: Files, vpn: VpnLinks, section: Node) -> At:
    """The lines of a tunnel: what FRR is told of NHRP, and what network.toml says of the link."""
    said = section.at(
        network_id="ip nhrp network-id",
        nhrp_authentication="ip nhrp authentication",
        servers="ip nhrp nhs",
        redirect="ip nhrp redirect",
        shortcut="ip nhrp shortcut",
        not_unique="ip nhrp registration no-unique",
        registers_s="ip nhrp holdtime",
    )
    tables = (one for _, one in files.at(NETWORK).walk() if one.text == "[vpn.tunnel]")
    link = next((one for one in tables if one.rest("name =").strip('"') == vpn.tunnel), Node(""))
    return At(said.line or link.line, (*said.fields, *link.at(key="key =", mtu="mtu =").fields))


def _server(text: str, node: Node) -> NhrpServer | None:
    words = text.split()
    try:
        nbma = IPv4Address(words[2]) if words[1:2] == ["nbma"] and len(words) > 2 else None
        return NhrpServer(IPv4Address(words[0]), nbma, at=At(node.line))
    except ValueError:
        return None


def _address(text: str) -> IPv4Interface | None:
    try:
        return IPv4Interface(text.split(" ")[0])
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


def _vlan(name: str) -> int | None:
    found = _VLAN.fullmatch(name)
    return int(found[1]) if found else None
