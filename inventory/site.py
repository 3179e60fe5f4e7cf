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
    Name,
    Network,
    Port,
    Positive,
    TimeOfDay,
    VlanId,
    Whole,
)
from inventory.options import Options


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
    proof: Line | None = None
    recorded: Day | None = None


OrderReference = Annotated[
    str, Form(r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$", "an order's reference: letters, digits and . _ / -, at most 40")
]


class Order(Model):
    """An order for a site; the maintenance option is stated on it [WV-4, 2.2.2]."""

    reference: OrderReference
    status: OrderStatus
    signed: Day | None = None
    requested: Day | None = None
    indicative: Day | None = None
    replaces: OrderReference | None = None
    maintenance: Line | None = None
    service_level: Literal["apa", "none"] = "none"
    licences: tuple[Licence, ...] = ()


class ActiveWindow(Model):
    """A specified, repeated time in which the service level is suspended [WV-32]; ``from`` and ``to`` are HH:MM."""

    days: Line
    start: Annotated[TimeOfDay, Field(alias="from")]
    end: Annotated[TimeOfDay, Field(alias="to")]
    reason: Line


class Access(Model):
    """The internet access of a site [WV-2]; speeds in kb/s, the interface is the one facing the internet."""

    provided_by: Provider
    supplier: Line | None = None
    media: Literal["10base-t", "100base-tx"] = "100base-tx"
    connector: Literal["rj-45"] = "rj-45"
    interface: InterfaceName
    address: AccessAddress
    gateway: Address | None = None
    nat: Flag = False
    down_kbps: Positive
    up_kbps: Positive
    installed: Flag | None = None
    up_to: Flag = False
    required_kbps: Positive | None = None
    download_limit_gb: Positive | None = None


class Management(Model):
    """How the management centre reaches a router: the address of its management tunnel [WV-7]."""

    address: Address
    port: Port = 22
    credentials: CredentialName


class RouterSnmp(Model):
    """How the router's SNMP agent is asked."""

    port: Port = 161
    credentials: CredentialName


class Router(Model):
    """The one managed router of an access [WV-4]; ``serial`` may follow at enrolment."""

    name: HostName
    platform: Literal["cisco_iosxe"]
    release: Annotated[
        str, Form(r"^\d+\.\d+(\.\d+[a-z]?)?$", 'a software release: its number in quotes, as "17.9" or "17.9.4a"')
    ]
    model: Annotated[str, Form(r"^[A-Za-z0-9][A-Za-z0-9/-]{1,29}$", "a model: its product number, as C1111-8P")]
    serial: Annotated[str, Form(r"^[A-Z0-9]{8,14}$", "a serial number: 8 to 14 capital letters and digits")] | None = (
        None
    )
    management: Management
    snmp: RouterSnmp
    backup_at: TimeOfDay = "02:00"


class StaticRoute(Model):
    """A route of a VPN towards a network behind the LAN."""

    prefix: Network
    via: Address


class Lan(Model):
    """One customer LAN of a VPN: its VLAN, switch ports and our address in it."""

    vlan: VlanId
    ports: Annotated[tuple[InterfaceName, ...], Field(min_length=1)]
    address: InterfaceAddress
    routes: tuple[StaticRoute, ...] = ()


class Primary(Model):
    """The MPLS (IPCG) router beside ours that is primary [WV-8, WV-12]."""

    router: HostName
    service: Literal["ipcg"]
    access_kbps: Positive
    track: Address


class Hsrp(Model):
    """The HSRP group of one VPN's LAN."""

    group: Annotated[Whole, Field(ge=0, le=4095)]
    virtual: Address
    primary_address: Address


class Match(Model):
    """What picks traffic: any of the given fields must match, each one of its values."""

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
    hsrp: Annotated[dict[Name, Hsrp], Field(min_length=1)]
    offload: tuple[Offload, ...] = ()


class Site(Model):
    """A customer site; ``tunnels`` and ``lans`` are keyed by VPN, and a site joins the VPNs of ``tunnels``."""

    orders: Annotated[tuple[Order, ...], Field(min_length=1)]
    active_windows: tuple[ActiveWindow, ...] = ()
    access: Access
    router: Router
    tunnels: dict[Name, Address]
    lans: dict[Name, tuple[Lan, ...]]
    service_management: ServiceManagement
    options: Options = Options()
    resilience: Resilience | None = None
