"""The neutral model of a router's configuration: what verification and plans reason about, whatever the platform.

It holds no secret: passwords and keys are fingerprints, equal where the secrets are equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network


@dataclass(frozen=True, slots=True)
class NhrpServer:
    """A hub as a router sees it: tunnel address, and internet address where it is stated."""

    address: IPv4Address
    nbma: IPv4Address | None


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The tunnel side of an interface; ``mode`` is ``gre multipoint`` or ``ipsec``, ``mss`` and ``mtu`` in bytes.

    ``host_address``: the interface's address is a host's alone, and NHRP makes the routes to the others.
    """

    source: str
    destination: IPv4Address | None
    mode: str
    key: int | None
    network_id: int | None
    nhrp_authentication: str
    servers: tuple[NhrpServer, ...]
    redirect: bool
    shortcut: bool
    protection: str
    shared: bool
    host_address: bool = False


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface; ``vrf`` is "" in the global table, ``unnumbered`` the interface that lends its address.

    A VRF may be a network namespace. ``sealed``: nothing is forwarded between it and any other interface.
    """

    name: str
    vrf: str = ""
    address: IPv4Interface | None = None
    dhcp: bool = False
    unnumbered: str = ""
    shutdown: bool = False
    mtu: int | None = None
    mss: int | None = None
    vlan: int | None = None
    access_lists: tuple[str, ...] = ()
    service_policies: tuple[str, ...] = ()
    tunnel: Tunnel | None = None
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Vrf:
    """A VRF; route targets as written."""

    name: str
    rd: str = ""
    imports: frozenset[str] = frozenset()
    exports: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class IkeProposal:
    """An IKEv2 proposal; algorithms have one name on all platforms, ``aes-gcm-256`` and ``sha384``, groups a number."""

    name: str
    encryption: tuple[str, ...]
    integrity: tuple[str, ...]
    prf: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IkeKey:
    """One peer of a keyring and the fingerprint of its key; ``peer`` is its network, None for a name."""

    keyring: str
    peer: IPv4Network | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class IkeProfile:
    """An IKEv2 profile; ``identity`` and ``remote`` as written, ``maps`` the certificate maps that peers must fit.

    ``methods`` are ``pre-share``, ``rsa-sig`` and ``ecdsa-sig``.
    """

    name: str
    identity: str
    remote: tuple[str, ...]
    methods: frozenset[str]
    keyring: str
    trustpoint: str
    maps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trustpoint:
    """An authority as a router knows it, and the name that the router has in its certificate.

    ``checks`` are the ways to find out whether a certificate was revoked, in order.
    """

    name: str
    url: str
    fingerprint: str
    subject: str
    checks: tuple[str, ...]
    automatic: bool


@dataclass(frozen=True, slots=True)
class CertificateMap:
    """Which certificates fit: ``(field, operator, value)``, all of them, in small letters without needless blanks."""

    name: str
    conditions: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Transform:
    """An IPsec transform set; ``algorithms`` as ``esp-gcm 256``, ``mode`` is ``tunnel`` or ``transport``."""

    name: str
    algorithms: str
    mode: str


@dataclass(frozen=True, slots=True)
class IpsecProfile:
    """An IPsec profile: the names of what it uses, and its perfect forward secrecy group, as ``group20``."""

    name: str
    transforms: tuple[str, ...]
    ike_profile: str
    pfs: str


@dataclass(frozen=True, slots=True)
class Crypto:
    """Everything that tunnels are protected by; ``policies`` maps each IKEv2 policy to its proposals."""

    proposals: tuple[IkeProposal, ...] = ()
    policies: tuple[tuple[str, tuple[str, ...]], ...] = ()
    keys: tuple[IkeKey, ...] = ()
    profiles: tuple[IkeProfile, ...] = ()
    transforms: tuple[Transform, ...] = ()
    ipsec_profiles: tuple[IpsecProfile, ...] = ()
    trustpoints: tuple[Trustpoint, ...] = ()
    maps: tuple[CertificateMap, ...] = ()


@dataclass(frozen=True, slots=True)
class BgpNeighbor:
    """A neighbour or peer group: ``name`` is its address or the group's name."""

    name: str
    remote_as: int | None
    group: bool
    password: str
    reflector_client: bool
    prefix_list_in: str
    prefix_list_out: str
    maximum_prefix: int | None


@dataclass(frozen=True, slots=True)
class BgpVrf:
    """The address family of one VRF; ``listen`` maps ranges to peer groups.

    ``asn`` is that of a process of its own, None where the VRF is one of the router's only process.
    """

    vrf: str
    router_id: IPv4Address | None
    networks: tuple[IPv4Network, ...]
    listen: tuple[tuple[IPv4Network, str], ...]
    neighbors: tuple[BgpNeighbor, ...]
    asn: int | None = None


@dataclass(frozen=True, slots=True)
class Bgp:
    """The routing process; ``asn`` is that of the first VRF where each has a process of its own."""

    asn: int
    router_id: IPv4Address | None
    vrfs: tuple[BgpVrf, ...]


@dataclass(frozen=True, slots=True)
class StaticRoute:
    """A static route; ``target`` is the next hop or interface as written, ``lookup`` another table it looks in."""

    vrf: str
    prefix: IPv4Network
    target: str
    lookup: str = ""


@dataclass(frozen=True, slots=True)
class SnmpGroup:
    """An SNMP group with its views and access list."""

    name: str
    level: str
    read: str
    write: str
    access: str


@dataclass(frozen=True, slots=True)
class AccessList:
    """An access list: its entries without numbers and remarks."""

    name: str
    entries: tuple[str, ...]

    @property
    def permits(self) -> tuple[str, ...]:
        """The entries that permit."""
        return tuple(entry for entry in self.entries if entry.startswith("permit"))


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that a line uses by name: ``kind`` is such as ``access-list`` or ``vrf``, ``place`` the line."""

    kind: str
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class RouterModel:
    """One router's configuration. ``defined`` and ``used`` name what lines define and use by name."""

    hostname: str
    interfaces: tuple[Interface, ...] = ()
    vrfs: tuple[Vrf, ...] = ()
    crypto: Crypto = Crypto()
    bgp: Bgp | None = None
    routes: tuple[StaticRoute, ...] = ()
    snmp_groups: tuple[SnmpGroup, ...] = ()
    access_lists: tuple[AccessList, ...] = ()
    users: tuple[tuple[str, str], ...] = ()
    defined: frozenset[tuple[str, str]] = frozenset()
    used: tuple[Reference, ...] = ()

    def interface(self, name: str) -> Interface | None:
        """An interface by its full name."""
        return next((one for one in self.interfaces if one.name == name), None)

    def tunnels(self) -> tuple[tuple[Interface, Tunnel], ...]:
        """Every tunnel interface."""
        return tuple((one, one.tunnel) for one in self.interfaces if one.tunnel is not None)

    def access_list(self, name: str) -> AccessList | None:
        """An access list by its name."""
        return next((one for one in self.access_lists if one.name == name), None)
