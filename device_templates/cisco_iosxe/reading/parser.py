"""From a configuration text to the neutral model."""

from __future__ import annotations

import re

from device_templates.cisco_iosxe.reading.crypto import crypto
from device_templates.cisco_iosxe.reading.lookup import address, has, interface_address, number, rest, rests
from device_templates.cisco_iosxe.reading.references import definitions, uses
from device_templates.cisco_iosxe.reading.routing import bgp, routes
from device_templates.cisco_iosxe.reading.secrets import secrets_in
from device_templates.cisco_iosxe.reading.tree import Node, parse
from device_templates.model import AccessList, Applied, Interface, NhrpServer, RouterModel, SnmpGroup, Tunnel, Vrf
from device_templates.texts import Mark, fingerprint


def read_model(text: str, mark: Mark = fingerprint) -> RouterModel:
    """The neutral model of a configuration; secrets become what ``mark`` makes of them. Raises NotParsable."""
    tree = parse(text)
    return RouterModel(
        hostname=next((name for name, _ in tree.sections("hostname")), ""),
        interfaces=tuple(_interface(name, node, mark) for name, node in tree.sections("interface")),
        vrfs=tuple(_vrf(name, node) for name, node in tree.sections("vrf definition")),
        crypto=crypto(tree, mark),
        bgp=bgp(tree, mark),
        routes=routes(tree),
        snmp_groups=tuple(_group(text) for text, _ in tree.sections("snmp-server group")),
        access_lists=tuple(_access_list(text, node) for text, node in tree.sections("ip access-list")),
        users=tuple(_user(text, mark) for text, _ in tree.sections("username")),
        defined=definitions(tree),
        used=uses(tree),
    )


def _interface(name: str, node: Node, mark: Mark) -> Interface:
    return Interface(
        name=name,
        vrf=rest(node, "vrf forwarding") or rest(node, "ip vrf forwarding"),
        address=interface_address(rest(node, "ip address")),
        dhcp=rest(node, "ip address").startswith("dhcp"),
        unnumbered=rest(node, "ip unnumbered"),
        shutdown=has(node, "shutdown"),
        mtu=number(rest(node, "ip mtu")),
        mss=number(rest(node, "ip tcp adjust-mss")),
        vlan=number(rest(node, "switchport access vlan")),
        access_lists=tuple(_applied(text) for text in rests(node, "ip access-group")),
        service_policies=tuple(_applied(" ".join(reversed(text.split()))) for text in rests(node, "service-policy")),
        tunnel=_tunnel(node, mark) if name.startswith("Tunnel") else None,
    )


def _applied(text: str) -> Applied:
    name, _, direction = text.partition(" ")
    return Applied(name, {"input": "in", "output": "out"}.get(direction, direction))


def _tunnel(node: Node, mark: Mark) -> Tunnel:
    protection = rest(node, "tunnel protection ipsec profile").split()
    mode = rest(node, "tunnel mode")
    return Tunnel(
        source=rest(node, "tunnel source"),
        destination=address(rest(node, "tunnel destination")),
        mode="ipsec" if mode.startswith("ipsec") else mode or "gre ip",
        key=number(rest(node, "tunnel key")),
        network_id=number(rest(node, "ip nhrp network-id")),
        nhrp_authentication=next((mark(one.plain) for child in _nhrp(node) for one in secrets_in(child.text)), ""),
        servers=tuple(server for text in rests(node, "ip nhrp nhs") if (server := _server(text)) is not None),
        redirect=any(True for _ in rests(node, "ip nhrp redirect")),
        shortcut=has(node, "ip nhrp shortcut"),
        protection=protection[0] if protection else "",
        shared="shared" in protection[1:],
    )


def _nhrp(node: Node) -> list[Node]:
    return [child for child in node.children if child.text.startswith("ip nhrp ")]


def _server(text: str) -> NhrpServer | None:
    tunnel = address(text)
    nbma = re.search(r"\bnbma (\S+)", text)
    return NhrpServer(tunnel, address(nbma[1]) if nbma else None) if tunnel else None


def _vrf(name: str, node: Node) -> Vrf:
    targets = [child.text.split() for child in _all(node) if child.text.startswith("route-target ")]
    return Vrf(
        name,
        rest(node, "rd"),
        frozenset(words[2] for words in targets if len(words) > 2 and words[1] in {"import", "both"}),
        frozenset(words[2] for words in targets if len(words) > 2 and words[1] in {"export", "both"}),
    )


def _all(node: Node) -> list[Node]:
    return [one for _, one in node.walk()]


def _group(text: str) -> SnmpGroup:
    words = text.split()
    after = {word: words[at + 1] for at, word in enumerate(words[:-1])}
    return SnmpGroup(
        words[0],
        " ".join(words[1:3]),
        after.get("read", ""),
        after.get("write", ""),
        after.get("access", ""),
    )


def _access_list(text: str, node: Node) -> AccessList:
    entries = (re.sub(r"^\d+ ", "", child.text) for child in node.children)
    return AccessList(text.split()[-1], tuple(entry for entry in entries if not entry.startswith("remark")))


def _user(text: str, mark: Mark) -> tuple[str, str]:
    found = secrets_in(f"username {text}")
    return text.split()[0], mark(found[0].plain) if found else ""
