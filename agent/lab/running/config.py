"""What the network needs of a running configuration, read once into records."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network, NetmaskValueError

from agent.lab.config import ConfigTree, Line
from agent.lab.running.bgp import BgpConfig, read_bgp
from agent.lab.running.crypto import CryptoConfig, read_crypto
from agent.lab.running.filters import AccessList, PolicyText, read_access_lists, read_policies

#: From this release on ``ip nhrp shortcut`` is on without being shown (seen on a C8000V 17.15).
_SHORTCUT_SINCE = (17, 15)


@dataclass(frozen=True, slots=True)
class NextHopServer:
    """``ip nhrp nhs``: the hub's tunnel address and, where it is known, its internet address."""

    address: IPv4Address
    nbma: IPv4Address | None


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The tunnel part of an interface; ``mode`` as IOS writes it, ``gre ip`` where nothing is written."""

    source: str
    destination: IPv4Address | None
    mode: str
    key: int | None
    vrf: str
    profile: str
    shared: bool
    authentication: str
    network_id: int | None
    servers: tuple[NextHopServer, ...]
    redirect: bool
    shortcut: bool
    if_state: bool
    holdtime: int = 600

    @property
    def multipoint(self) -> bool:
        """Whether it is a DMVPN tunnel."""
        return self.mode == "gre multipoint"


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface; ``vrf`` is "" in the global table."""

    name: str
    shutdown: bool = False
    vrf: str = ""
    address: IPv4Interface | None = None
    dhcp: bool = False
    unnumbered: str = ""
    description: str = ""
    access_vlan: int | None = None
    access_group_in: str = ""
    access_group_out: str = ""
    mtu: int = 1500
    bandwidth_kbps: int | None = None
    tunnel: Tunnel | None = None


@dataclass(frozen=True, slots=True)
class StaticRoute:
    """``ip route``; ``via`` or ``interface`` (or both) say where to."""

    vrf: str
    prefix: IPv4Network
    interface: str = ""
    via: IPv4Address | None = None
    dhcp: bool = False
    distance: int = 1


@dataclass(frozen=True, slots=True)
class TerminalAccess:
    """``access-class`` of one range of terminal lines; without ``any_vrf`` nobody comes in through a VRF."""

    access_list: str
    any_vrf: bool


@dataclass(frozen=True)
class RouterConfig:
    """One running configuration, as far as the network depends on it."""

    hostname: str
    vrfs: frozenset[str]
    interfaces: dict[str, Interface]
    routes: tuple[StaticRoute, ...]
    crypto: CryptoConfig
    bgp: BgpConfig | None
    terminal_access: tuple[TerminalAccess, ...] = ()
    access_lists: dict[str, AccessList] = field(default_factory=dict)
    policies: PolicyText = field(default_factory=PolicyText)

    def tunnels(self) -> list[tuple[Interface, Tunnel]]:
        """Tunnel interfaces in the order they are written."""
        return [(one, one.tunnel) for one in self.interfaces.values() if one.tunnel is not None]

    def address_of(self, interface: Interface) -> IPv4Interface | None:
        """The address of an interface, its own or borrowed by ``ip unnumbered``."""
        if interface.address is None and interface.unnumbered:
            lender = self.interfaces.get(interface.unnumbered)
            return lender.address if lender else None
        return interface.address


def read_config(tree: ConfigTree) -> RouterConfig:
    """Read a running configuration; what cannot be understood counts as not written."""
    shortcut_by_default = _release(tree.value("version") or "") >= _SHORTCUT_SINCE
    interfaces = {}
    for line in tree.interfaces():
        one = _interface(line, shortcut_by_default)
        interfaces[one.name] = one
    routes = (_route(line.words[2:]) for line in tree.children("ip route"))
    return RouterConfig(
        hostname=tree.value("hostname") or "Router",
        vrfs=frozenset(line.words[-1] for line in (*tree.children("vrf definition"), *tree.children("ip vrf"))),
        interfaces=interfaces,
        routes=tuple(route for route in routes if route is not None),
        crypto=read_crypto(tree),
        bgp=read_bgp(tree),
        terminal_access=tuple(_terminal_access(line) for line in tree.children("line vty")),
        access_lists=read_access_lists(tree),
        policies=read_policies(tree),
    )


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


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


def _interface(line: Line, shortcut_by_default: bool) -> Interface:
    words = (line.value("ip address") or "").split()
    own = None
    if len(words) >= 2 and "secondary" not in words:
        try:
            own = IPv4Interface(f"{words[0]}/{words[1]}")
        except ValueError:
            own = None
    groups = {child.words[-1]: child.words[2] for child in line.children("ip access-group") if len(child.words) == 4}
    name = line.text.removeprefix("interface ").strip()
    return Interface(
        name=name,
        shutdown=line.has("shutdown"),
        vrf=line.value("vrf forwarding") or line.value("ip vrf forwarding") or "",
        address=own,
        dhcp=words[:1] == ["dhcp"],
        unnumbered=line.value("ip unnumbered") or "",
        description=line.value("description") or "",
        access_vlan=_number(line.value("switchport access vlan")),
        access_group_in=groups.get("in", ""),
        access_group_out=groups.get("out", ""),
        mtu=_number(line.value("ip mtu")) or 1500,
        bandwidth_kbps=_number(line.value("bandwidth")),
        tunnel=_tunnel(line, shortcut_by_default) if name.startswith("Tunnel") else None,
    )


def _terminal_access(line: Line) -> TerminalAccess:
    found = [child.words for child in line.children("access-class") if "in" in child.words[2:]]
    return TerminalAccess(found[0][1], "vrf-also" in found[0]) if found else TerminalAccess("", True)


def _tunnel(line: Line, shortcut_by_default: bool) -> Tunnel:
    protection = (line.value("tunnel protection ipsec profile") or "").split()
    maps = {words[0]: words[1] for words in _values(line, "ip nhrp map") if len(words) == 2 and words[0] != "multicast"}
    return Tunnel(
        source=line.value("tunnel source") or "",
        destination=address(line.value("tunnel destination") or ""),
        mode=line.value("tunnel mode") or "gre ip",
        key=_number(line.value("tunnel key")),
        vrf=line.value("tunnel vrf") or "",
        profile=protection[0] if protection else "",
        shared="shared" in protection[1:],
        authentication=line.value("ip nhrp authentication") or "",
        network_id=_number(line.value("ip nhrp network-id")),
        servers=tuple(_servers(line, maps)),
        redirect=line.has("ip nhrp redirect"),
        shortcut=line.has("ip nhrp shortcut") or (shortcut_by_default and not line.has("no ip nhrp shortcut")),
        if_state=line.has("if-state nhrp"),
        holdtime=_number(line.value("ip nhrp holdtime")) or 600,
    )


def _servers(line: Line, maps: dict[str, str]) -> list[NextHopServer]:
    found = []
    for words in _values(line, "ip nhrp nhs"):
        server = address(words[0]) if words else None
        if server is not None:
            nbma = words[words.index("nbma") + 1] if "nbma" in words[:-1] else maps.get(words[0], "")
            found.append(NextHopServer(server, address(nbma)))
    return found


def _values(line: Line, prefix: str) -> list[list[str]]:
    skip = len(prefix.split())
    return [child.words[skip:] for child in line.children(prefix)]


def _number(text: str | None) -> int | None:
    return int(text.split()[0]) if text and text.split()[0].isdigit() else None


def _route(words: list[str]) -> StaticRoute | None:
    vrf = ""
    if words[:1] == ["vrf"] and len(words) > 1:
        vrf, words = words[1], words[2:]
    prefix = network(words)
    if prefix is None or "global" in words:
        return None  # no VRF leads into the global table yet
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
    return StaticRoute(vrf, prefix, interface, via, dhcp, distance)
