"""A site: its orders, internet access, router, tunnels and LANs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from inventory.fields import (
    AccessAddress,
    Address,
    CredentialName,
    Day,
    Dscp,
    Flag,
    Form,
    HostName,
    InterfaceAddress,
    InterfaceName,
    Line,
    Model,
    ModelName,
    Name,
    Network,
    Port,
    Positive,
    SecretRef,
    TimeOfDay,
    VlanId,
    Whole,
)
from inventory.options import Options
from inventory.platforms import PlatformName


class Provider(StrEnum):
    """Who provides an internet access [WV-2]."""

    APA = "apa"
    CPA = "cpa"


class ServiceManagement(StrEnum):
    """The two levels of service management [WV-5]."""

    BASIC = "basic"
    ENHANCED = "enhanced"


class OrderStatus(StrEnum):
    """Where an order stands [WV-21]."""

    QUOTED = "quoted"
    SIGNED = "signed"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    REQUOTED = "requoted"
    DELIVERED = "delivered"


class Licence(Model):
    """An encryption or import licence that must be proved before delivery [WV-16]."""

    kind: Literal["encryption", "import"]
    required: Flag = True
    """Whether delivery waits for the proof."""
    proof: Line | None = None
    """What proves it, such as the number of the licence."""
    recorded: Day | None = None
    """The day on which the proof was recorded."""


OrderReference = Annotated[
    str, Form(r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$", "an order's reference: letters, digits and . _ / -, at most 40")
]


class Order(Model):
    """An order for a site; the maintenance option is stated on it [WV-4, 2.2.2]."""

    reference: OrderReference
    status: OrderStatus
    """Only an accepted order lets the site be provisioned [WV-21]."""
    signed: Day | None = None
    """The day of signature, from which cancellation is charged."""
    requested: Day | None = None
    """The delivery date that the customer asked for."""
    indicative: Day | None = None
    """The provider's estimate of the delivery date."""
    replaces: OrderReference | None = None
    """The order that was cancelled for this one after a new quotation."""
    maintenance: Line | None = None
    """The maintenance option, such as 24x7x4; it must be stated [WV-4]."""
    service_level: Literal["apa", "none"] = "none"
    """apa where the service levels for provided access apply [WV-33]."""
    licences: tuple[Licence, ...] = ()


class ActiveWindow(Model):
    """A specified, repeated time in which the service level is suspended [WV-32]; ``from`` and ``to`` are HH:MM."""

    days: Line
    """Days of the week: Sat, Mon-Fri, Mon,Wed or daily."""
    start: Annotated[TimeOfDay, Field(alias="from")]
    end: Annotated[TimeOfDay, Field(alias="to")]
    reason: Line


class Access(Model):
    """The internet access of a site [WV-2]; speeds in kb/s, the interface is the one facing the internet."""

    provided_by: Provider
    """apa: the provider's; cpa: the customer's own."""
    supplier: Line | None = None
    """Who delivers the access."""
    media: Literal["10base-t", "100base-tx"] = "100base-tx"
    """10base-t carries 10000 kb/s, 100base-tx 100000 kb/s."""
    connector: Literal["rj-45"] = "rj-45"
    interface: InterfaceName
    """The routed port that faces the internet."""
    address: AccessAddress
    """The static address with its prefix length, or dhcp. A hub needs a static one [WV-1]."""
    gateway: Address | None = None
    """The next router of a static access."""
    nat: Flag = False
    """Whether a modem translates the address on its way."""
    down_kbps: Positive
    """Ordered speed towards the site, kb/s."""
    up_kbps: Positive
    """Ordered speed from the site, kb/s."""
    installed: Flag | None = None
    """Whether the customer's own access is installed and working [WV-15]."""
    up_to: Flag = False
    """Whether the speed is only an upper limit [WV-15]."""
    required_kbps: Positive | None = None
    """The throughput that the service needs, kb/s."""
    download_limit_gb: Positive | None = None
    """The volume that the supplier includes, GB in two months [WV-18]."""


class Management(Model):
    """How the management centre reaches a router: the address of its management tunnel [WV-7]."""

    address: Address
    """The address of the management tunnel."""
    port: Port = 22
    """The TCP port of SSH."""
    credentials: CredentialName
    """An entry of [credentials] of kind ssh."""


class RouterSnmp(Model):
    """How the router's SNMP agent is asked."""

    port: Port = 161
    """The UDP port of the agent."""
    credentials: CredentialName
    """An entry of [credentials] of kind snmp-v3 or snmp-v2c."""


class Router(Model):
    """The one managed router of an access [WV-4]; ``serial`` may follow at enrolment."""

    name: HostName
    platform: PlatformName
    release: Annotated[
        str,
        Form(
            r"^\d+\.\d+(\.\d+[a-z]?|\(\d+[a-z]?\)[A-Z]+\d*[a-z]?)?$",
            'a software release: its number in quotes, as "17.9" or "15.7(3)M8"',
        ),
    ]
    model: ModelName
    serial: (
        Annotated[str, Form(r"^[A-Za-z0-9][A-Za-z0-9.-]{2,31}$", "a serial number: letters, digits, dots and dashes")]
        | None
    ) = None
    """The serial number; it may follow at enrolment."""
    management: Management
    snmp: RouterSnmp
    backup_at: TimeOfDay = "02:00"
    """When the daily backup is taken, in the customer's time zone."""


class StaticRoute(Model):
    """A route of a VPN towards a network behind the LAN."""

    prefix: Network
    via: Address


class Lan(Model):
    """One customer LAN of a VPN: its VLAN, switch ports and our address in it."""

    vlan: VlanId
    ports: Annotated[tuple[InterfaceName, ...], Field(min_length=1)]
    """The switch ports of this LAN, and of no other."""
    address: InterfaceAddress
    """The router's own address, with the LAN's prefix length."""
    routes: tuple[StaticRoute, ...] = ()
    """Networks behind this LAN."""


class Primary(Model):
    """The MPLS (IPCG) router beside ours that is primary [WV-8, WV-12]."""

    router: HostName
    """The MPLS router's name; it is not managed here."""
    service: Literal["ipcg"]
    access_kbps: Positive
    """The speed of the primary access, kb/s."""
    track: Address
    """An address that only the primary access leads to."""


class Hsrp(Model):
    """The HSRP group of one VPN's LAN."""

    group: Annotated[Whole, Field(ge=0, le=4095)]
    virtual: Address
    """The address that the hosts use as their gateway."""
    primary_address: Address
    """The MPLS router's own address in this LAN."""
    authentication: SecretRef | None = None
    """The key by which both routers of an HSRP group know each other."""


class Match(Model):
    """What picks traffic: every field that is given must match, each by one of its values."""

    dscp: tuple[Dscp, ...] = ()
    protocol: Literal["tcp", "udp"] | None = None
    source: tuple[Network, ...] = ()
    destination: tuple[Network, ...] = ()
    source_port: tuple[Port, ...] = ()
    destination_port: tuple[Port, ...] = ()


class Offload(Model):
    """Low-priority traffic that leaves by this router's tunnel [WV-8]."""

    name: Name
    vpn: Name
    match: Match


class Resilience(Model):
    """This router as secondary of an IPCG site [WV-4, WV-8, WV-12]."""

    primary: Primary
    protocol: Literal["hsrp", "vrrp"] = "hsrp"
    """What both routers share the hosts' gateway by: HSRP is one maker's own, VRRP [RFC 5798] anybody's."""
    hsrp: Annotated[dict[Name, Hsrp], Field(min_length=1)]
    """One group for each VPN that both routers serve."""
    offload: tuple[Offload, ...] = ()
    """What leaves by this router although the primary works."""


class Site(Model):
    """A customer site; ``tunnels`` and ``lans`` are keyed by VPN, and a site joins the VPNs of ``tunnels``."""

    orders: Annotated[tuple[Order, ...], Field(min_length=1)]
    active_windows: tuple[ActiveWindow, ...] = ()
    """Times in which the service level is suspended [WV-32]."""
    access: Access
    router: Router
    tunnels: dict[Name, Address]
    """The VPNs that the site joins, each with its own tunnel address."""
    lans: dict[Name, tuple[Lan, ...]]
    """The LANs of each VPN that the site joins."""
    service_management: ServiceManagement
    """basic, or enhanced for traffic prioritisation and proactive monitoring [WV-5]."""
    options: Options = Options()
    resilience: Resilience | None = None
    """Only where this router stands beside a primary MPLS access."""
