"""A site: its orders, internet access, router, tunnels and LANs."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from inventory.fields import CredentialName, HostName, InterfaceName, Line, Model, Name, TimeOfDay
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
    required: bool = True
    proof: Line | None = None
    recorded: date | None = None


class Order(Model):
    """An order for a site; the maintenance option is stated on it [WV-4, 2.2.2]."""

    reference: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$")]
    status: OrderStatus
    signed: date | None = None
    requested: date | None = None
    indicative: date | None = None
    replaces: str | None = None
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
    address: IPv4Interface | Literal["dhcp"]
    gateway: IPv4Address | None = None
    nat: bool = False
    down_kbps: Annotated[int, Field(gt=0)]
    up_kbps: Annotated[int, Field(gt=0)]
    installed: bool | None = None
    up_to: bool = False
    required_kbps: Annotated[int, Field(gt=0)] | None = None
    download_limit_gb: Annotated[int, Field(gt=0)] | None = None


class Management(Model):
    """How the management centre reaches a router: the address of its management tunnel [WV-7]."""

    address: IPv4Address
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    credentials: CredentialName


class RouterSnmp(Model):
    """How the router's SNMP agent is asked."""

    port: Annotated[int, Field(ge=1, le=65535)] = 161
    credentials: CredentialName


class Router(Model):
    """The one managed router of an access [WV-4]; ``serial`` may follow at enrolment."""

    name: HostName
    platform: Literal["cisco_iosxe"]
    release: Annotated[str, Field(pattern=r"^\d+\.\d+(\.\d+[a-z]?)?$")]
    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]
    serial: Annotated[str, Field(pattern=r"^[A-Z0-9]{8,14}$")] | None = None
    management: Management
    snmp: RouterSnmp
    backup_at: TimeOfDay = "02:00"


class StaticRoute(Model):
    """A route of a VPN towards a network behind the LAN."""

    prefix: IPv4Network
    via: IPv4Address


class Lan(Model):
    """One customer LAN of a VPN: its VLAN, switch ports and our address in it."""

    vlan: Annotated[int, Field(ge=2, le=4094)]
    ports: Annotated[tuple[InterfaceName, ...], Field(min_length=1)]
    address: IPv4Interface
    routes: tuple[StaticRoute, ...] = ()


class Primary(Model):
    """The MPLS (IPCG) router beside ours that is primary [WV-8, WV-12]."""

    router: HostName
    service: Literal["ipcg"]
    access_kbps: Annotated[int, Field(gt=0)]
    track: IPv4Address


class Hsrp(Model):
    """The HSRP group of one VPN's LAN."""

    group: Annotated[int, Field(ge=0, le=4095)]
    virtual: IPv4Address
    primary_address: IPv4Address


class Match(Model):
    """What picks traffic: any of the given fields must match, each one of its values."""

    dscp: tuple[str, ...] = ()
    protocol: Literal["tcp", "udp"] | None = None
    source: tuple[IPv4Network, ...] = ()
    destination: tuple[IPv4Network, ...] = ()
    source_port: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = ()
    destination_port: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = ()


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
    tunnels: Annotated[dict[Name, IPv4Address], Field(min_length=1)]
    lans: dict[Name, tuple[Lan, ...]]
    service_management: ServiceManagement
    options: Options = Options()
    resilience: Resilience | None = None
