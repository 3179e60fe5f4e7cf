"""What the network needs of a running configuration, read once into records."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface

from agent.lab.config import ConfigTree, Line
from agent.lab.running.bgp import BgpConfig, read_bgp
from agent.lab.running.crypto import CryptoConfig, read_crypto
from agent.lab.running.filters import PolicyText, read_policies
from agent.lab.running.statics import Replication, StaticRoute, address, read_replications, read_statics
from agent.lab.traffic.access import AccessList, read_access_lists
from agent.lab.traffic.firewall import Firewall, read_firewall
from agent.lab.traffic.logs import LogHost, read_log_hosts
from agent.lab.traffic.marking import Marking, read_marking
from agent.lab.traffic.standby import Group, read_groups
from agent.lab.traffic.steering import SteeringClause, read_steering
from agent.lab.traffic.tracks import Probe, Track, read_probes, read_tracks
from agent.lab.traffic.translation import Translation, read_translations

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
    zone: str = ""
    nat: str = ""  # inside, outside or ""
    steering: str = ""  # the route map of policy routing
    marks: str = ""  # the policy of what comes in
    queues: str = ""  # the policy of what goes out
    groups: tuple[Group, ...] = ()


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
    replications: tuple[Replication, ...] = ()
    firewall: Firewall = field(default_factory=Firewall)
    translations: tuple[Translation, ...] = ()
    steering: dict[str, tuple[SteeringClause, ...]] = field(default_factory=dict)
    own_steering: str = ""  # the route map of what the router itself sends
    marking: Marking = field(default_factory=Marking)
    tracks: dict[int, Track] = field(default_factory=dict)
    probes: dict[int, Probe] = field(default_factory=dict)
    log_hosts: tuple[LogHost, ...] = ()

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
    lists = read_access_lists(tree)
    return RouterConfig(
        hostname=tree.value("hostname") or "Router",
        vrfs=frozenset(line.words[-1] for line in (*tree.children("vrf definition"), *tree.children("ip vrf"))),
        interfaces=interfaces,
        routes=read_statics(tree),
        crypto=read_crypto(tree),
        bgp=read_bgp(tree),
        terminal_access=tuple(_terminal_access(line) for line in tree.children("line vty")),
        access_lists=lists,
        policies=read_policies(tree),
        replications=read_replications(tree),
        firewall=read_firewall(tree, lists),
        translations=read_translations(tree),
        steering=read_steering(tree),
        own_steering=tree.value("ip local policy route-map") or "",
        marking=read_marking(tree, lists),
        tracks=read_tracks(tree),
        probes=read_probes(tree),
        log_hosts=read_log_hosts(tree),
    )


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


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
        access_vlan=_untagged(line),
        access_group_in=groups.get("in", ""),
        access_group_out=groups.get("out", ""),
        mtu=_number(line.value("ip mtu")) or 1500,
        bandwidth_kbps=_number(line.value("bandwidth")),
        tunnel=_tunnel(line, shortcut_by_default) if name.startswith("Tunnel") else None,
        zone=line.value("zone-member security") or "",
        nat=next((side for side in ("inside", "outside") if line.has(f"ip nat {side}")), ""),
        steering=line.value("ip policy route-map") or "",
        marks=line.value("service-policy input") or "",
        queues=line.value("service-policy output") or "",
        groups=read_groups(line),
    )


def _untagged(line: Line) -> int | None:
    """The VLAN of what hosts on a switch port send: they send it without a tag."""
    if line.has("switchport mode trunk"):
        return _number(line.value("switchport trunk native vlan"))
    return _number(line.value("switchport access vlan"))


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
