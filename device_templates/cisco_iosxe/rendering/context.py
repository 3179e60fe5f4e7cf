"""What partials may know of a router: plain texts, numbers and tuples, worked out from the inventory once."""

from __future__ import annotations

from dataclasses import dataclass, field

from device_templates.cisco_iosxe.rendering.dialect import Dialect
from device_templates.cisco_iosxe.rendering.options.every import RouterOptions, VpnOptions
from device_templates.cisco_iosxe.rendering.prefix import Prefix


@dataclass(frozen=True, slots=True)
class Route:
    """A static route towards a network behind the LAN."""

    address: str
    mask: str
    via: str


@dataclass(frozen=True, slots=True)
class Lan:
    """Our address in one VLAN."""

    vlan: int
    address: str
    mask: str


@dataclass(frozen=True, slots=True)
class PortUse:
    """A switch port and the VLAN it is in."""

    name: str
    vlan: int


@dataclass(frozen=True, slots=True)
class HubPeer:
    """Another hub of a VPN: site name, tunnel address and internet address."""

    name: str
    tunnel: str
    nbma: str


@dataclass(frozen=True, slots=True)
class VpnContext:
    """One VPN of the router.

    ``networks`` are announced to the other sites, ``members`` is what any site may announce, ``to_spokes`` what a hub
    announces, ``own`` what a spoke announces (prefix-list entries). ``bgp_password`` is of type 7.
    """

    name: str
    vrf: str
    id: int
    asn: int
    hub: bool
    address: str
    mask: str
    network: str
    summary: Prefix | None
    hubs: tuple[HubPeer, ...]
    lans: tuple[Lan, ...]
    ports: tuple[PortUse, ...]
    routes: tuple[Route, ...]
    networks: tuple[Prefix, ...]
    members: tuple[str, ...]
    to_spokes: tuple[str, ...]
    own: tuple[str, ...]
    maximum_prefix: int
    options: VpnOptions
    nhrp_authentication: str = field(repr=False)
    bgp_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RouterContext:
    """Who the router is; ``management`` is its address in VRF MGMT, ``version`` its release as IOS writes it."""

    name: str
    fqdn: str
    management: str
    location: str
    version: str


@dataclass(frozen=True, slots=True)
class AccessContext:
    """The internet access; addresses are "" with DHCP."""

    interface: str
    provider: str
    dhcp: bool
    nat: bool
    address: str
    mask: str
    gateway: str
    up_kbps: int


@dataclass(frozen=True, slots=True)
class CentreContext:
    """The management centre; ``ntp_key`` and ``tacacs_key`` are of type 7."""

    peer: str
    identity: str
    domain: str
    contact: str
    networks: tuple[Prefix, ...]
    ntp: tuple[str, ...]
    syslog: tuple[str, ...]
    snmp_managers: tuple[str, ...]
    tacacs: tuple[str, ...]
    banner: tuple[str, ...]
    psk: str = field(repr=False)
    ntp_key: str = field(repr=False)
    tacacs_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginContext:
    """The fleet's login; only its hash stands in the configuration."""

    user: str
    hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CertificatesContext:
    """Where the router gets its certificate, and whom it takes for a router of the same customer.

    ``vrf`` is "" where the authority is asked over the internet access; ``source`` is the interface that asks.
    ``unit`` is the organisational unit that all routers of the customer have in their certificates; ``port`` is
    written as in an access list.
    """

    trustpoint: str
    url: str
    address: str
    port: str
    fingerprint: str
    vrf: str
    source: str
    subject: str
    unit: str


@dataclass(frozen=True, slots=True)
class IkeContext:
    """How the routers of the VPNs prove who they are: ``psk`` is "" with certificates."""

    psk: str = field(repr=False)
    certificates: CertificatesContext | None


@dataclass(frozen=True, slots=True)
class SnmpContext:
    """The fleet's SNMPv3 user."""

    user: str


@dataclass(frozen=True, slots=True)
class FeedContext:
    """The customer's SNMP feed."""

    vrf: str
    user: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnusedPorts:
    """Ports that nothing was ordered for, of a model that is known."""

    routed: tuple[str, ...]
    switched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BgpContext:
    """The routing process; one AS for all VPNs of a customer, that of its VPN with the lowest id.

    ``listen_limit`` is how many spokes a hub takes over all its VPNs, 0 where the router's own hundred is enough.
    """

    asn: int
    listen_limit: int


@dataclass(frozen=True, slots=True)
class Context:
    """Everything; the fields are the variables of the partials, and ``vpn`` is one of ``vpns`` in turn."""

    router: RouterContext
    access: AccessContext
    centre: CentreContext
    login: LoginContext
    snmp: SnmpContext
    ike: IkeContext
    bgp: BgpContext
    vpns: tuple[VpnContext, ...]
    feed: FeedContext | None
    unused: UnusedPorts
    options: RouterOptions
    dialect: Dialect
