"""What partials may know of a Linux router: plain texts, numbers and tuples, worked out from the inventory once."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Route:
    """A static route towards a network behind the LAN."""

    prefix: str
    via: str


@dataclass(frozen=True, slots=True)
class Lan:
    """One LAN: the bridge, its ports, and our address in it with and without its prefix length."""

    name: str
    ports: tuple[str, ...]
    address: str
    host: str


@dataclass(frozen=True, slots=True)
class HubPeer:
    """Another hub of a VPN: site name, tunnel address and internet address."""

    name: str
    tunnel: str
    nbma: str


@dataclass(frozen=True, slots=True)
class Breakout:
    """Internet for a VPN's LAN [WV-11]: the veth pair, what it carries, and destinations that never leave by it.

    ``blackholes`` are those of them that nothing else discards while no tunnel leads there.
    """

    name: str
    outer: str
    inside: str
    outside: str
    outside_host: str
    allow: tuple[str, ...]
    never: tuple[str, ...]
    blackholes: tuple[str, ...]
    ftp: bool


@dataclass(frozen=True, slots=True)
class Picked:
    """Traffic of a VPN that belongs to a class, or is offloaded: matches of nftables, and the name it was given.

    ``handle`` is the class of the egress policy, "" where the traffic is offloaded.
    """

    name: str
    matches: tuple[str, ...]
    handle: str


@dataclass(frozen=True, slots=True)
class Vrrp:
    """This router as backup of a LAN's gateway [WV-12]; ``track`` is reached only through the primary router.

    ``hubs`` are the tunnel addresses of the VPN's other hubs: while none of them answers, the gateway is left alone.
    """

    interface: str
    own: str
    group: int
    virtual: str
    primary: str
    track: str
    hubs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """The customer's SNMP feed, inside one VPN [WV-13]."""

    user: str
    auth_protocol: str
    priv_protocol: str
    engine: str
    addresses: tuple[str, ...]
    hosts: tuple[str, ...]
    auth: str = field(repr=False)
    priv: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VpnContext:
    """One VPN of the router: a network namespace of its name.

    ``networks`` are announced to the other sites, ``members`` is what may be announced to us, ``to_spokes`` what a hub
    announces, ``own`` what a spoke announces (prefix-list entries). ``inner`` are the interfaces that traffic may
    cross between. ``queued`` says whether its traffic is prioritised, ``logs`` whether the customer has the logs of the
    firewall.
    """

    name: str
    id: int
    asn: int
    hub: bool
    tunnel: str
    address: str
    network: str
    summary: str
    hubs: tuple[HubPeer, ...]
    lans: tuple[Lan, ...]
    inner: tuple[str, ...]
    lan_names: tuple[str, ...]
    routes: tuple[Route, ...]
    networks: tuple[str, ...]
    members: tuple[str, ...]
    to_spokes: tuple[str, ...]
    own: tuple[str, ...]
    maximum_prefix: int
    breakout: Breakout | None
    queued: bool
    classes: tuple[Picked, ...]
    breakout_classes: tuple[Picked, ...]
    offload: tuple[Picked, ...]
    vrrp: Vrrp | None
    feed: Feed | None
    logs: bool
    bgp_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RouterContext:
    """Who the router is; ``management`` is its address on mgmt0, ``engine`` its SNMP engine."""

    name: str
    fqdn: str
    management: str
    location: str
    engine: str
    ssh_port: int
    snmp_port: int


@dataclass(frozen=True, slots=True)
class AccessContext:
    """The internet access; ``address`` (with its prefix length), ``host`` and ``gateway`` are "" with DHCP.

    ``identity`` is what the router calls itself towards the peers of its VPNs.
    """

    interface: str
    provider: str
    dhcp: bool
    nat: bool
    address: str
    host: str
    gateway: str
    identity: str
    up_kbps: int


@dataclass(frozen=True, slots=True)
class CentreContext:
    """The management centre."""

    peer: str
    identity: str
    domain: str
    contact: str
    networks: tuple[str, ...]
    ntp: tuple[str, ...]
    syslog: tuple[str, ...]
    snmp_managers: tuple[str, ...]
    banner: tuple[str, ...]
    psk: str = field(repr=False)
    ntp_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginContext:
    """The fleet's login; only its hash stands in the configuration."""

    user: str
    hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SnmpContext:
    """The fleet's SNMPv3 user; ``internal`` is the passphrase by which the agent asks itself what changed."""

    user: str
    auth_protocol: str
    priv_protocol: str
    auth: str = field(repr=False)
    priv: str = field(repr=False)
    internal: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HubHost:
    """An internet address that permanent tunnels go to, and the site it belongs to."""

    name: str
    nbma: str


@dataclass(frozen=True, slots=True)
class IkeContext:
    """What all VPNs share towards IPsec: the key, and the hubs' internet addresses, each once."""

    psk: str = field(repr=False)
    hubs: tuple[HubHost, ...]


@dataclass(frozen=True, slots=True)
class QosClass:
    """One class of the egress policy: handle, name, guaranteed rate, bytes a turn; the lowest precedence goes first."""

    handle: str
    name: str
    rate_kbps: int
    quantum: int
    precedence: int
    urgent: bool


@dataclass(frozen=True, slots=True)
class QosContext:
    """The egress policy that all VPNs share [WV-9]."""

    classes: tuple[QosClass, ...]
    rest_kbps: int
    rest_quantum: int
    quantum: int


@dataclass(frozen=True, slots=True)
class IlanContext:
    """The guests' LAN [WV-11]."""

    name: str
    port: str
    address: str
    network: str


@dataclass(frozen=True, slots=True)
class LoggingContext:
    """Where the customer's firewall logs go, and through which VPN's namespace [WV-14]."""

    vpn: str
    host: str


@dataclass(frozen=True, slots=True)
class Context:
    """Everything; the fields are the variables of the partials, and ``vpn`` is one of ``vpns`` in turn."""

    router: RouterContext
    access: AccessContext
    centre: CentreContext
    login: LoginContext
    snmp: SnmpContext
    ike: IkeContext
    vpns: tuple[VpnContext, ...]
    qos: QosContext | None
    ilan: IlanContext | None
    guests_queued: bool
    firewall_logging: LoggingContext | None
    unused: tuple[str, ...]
