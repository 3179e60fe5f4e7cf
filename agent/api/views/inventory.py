"""Customers, sites, routers and Lync servers as the inventory has them: without secrets, and without their names."""

from __future__ import annotations

from pydantic import ConfigDict

from agent.api.views.common import View, shown
from inventory import Inventory, ServerView, SiteView
from inventory.customer import Customer
from inventory.platforms import PLATFORMS


class ContactView(View):
    """Whom the provider tells."""

    about: str
    """What they are told about: incidents, orders."""
    name: str
    email: str
    phone: str | None


class VpnView(View):
    """A VPN of a customer."""

    name: str
    id: int
    """The number of its tunnels."""
    hubs: tuple[str, ...]
    """The sites designated as hubs [WV-1], those that this token may see."""
    tunnel_network: str
    asn: int
    authentication: str
    """How its routers prove who they are: ``psk`` or ``certificates``."""


class CustomerView(View):
    """A customer of the managed services."""

    model_config = ConfigDict(
        **shown(
            {
                "customer": "acme",
                "name": "Acme Ltd",
                "timezone": "Europe/London",
                "business_hours": "Mon-Fri 08:00-17:00",
                "contacts": [
                    {"about": "incidents", "name": "Network desk", "email": "noc@acme.example", "phone": None}
                ],
                "vpns": [
                    {
                        "name": "corporate",
                        "id": 10,
                        "hubs": ["london"],
                        "tunnel_network": "10.255.8.0/21",
                        "asn": 65010,
                        "authentication": "psk",
                    }
                ],
                "sites": ["leeds", "london"],
                "lync_servers": [],
            }
        )
    )
    customer: str
    """The customer's key."""
    name: str
    timezone: str
    """A zone of the IANA database."""
    business_hours: str
    contacts: tuple[ContactView, ...]
    vpns: tuple[VpnView, ...]
    sites: tuple[str, ...]
    """The names of its sites."""
    lync_servers: tuple[str, ...]


class OrderView(View):
    """An order for a site [WV-21]."""

    reference: str
    status: str
    """quoted, signed, accepted, cancelled, requoted or delivered."""
    requested: str | None
    """The delivery date asked for: year-month-day."""
    maintenance: str | None
    service_level: str


class AccessView(View):
    """The internet access of a site [WV-2]; speeds in kb/s."""

    provided_by: str
    """``apa``: the provider's; ``cpa``: the customer's own."""
    interface: str
    address: str
    """The static address with its prefix length, or ``dhcp``."""
    down_kbps: int
    up_kbps: int


class LanView(View):
    """A customer LAN of a VPN."""

    vpn: str
    vlan: int
    ports: tuple[str, ...]
    address: str
    """The router's own address in it, with the prefix length."""
    routes: tuple[str, ...]
    """Networks behind it, each as ``network via address``."""


class JoinedVpn(View):
    """A VPN that a site joins."""

    vpn: str
    tunnel_address: str
    hub: bool
    """Whether the site is a hub of it [WV-1]."""


class SiteDocument(View):
    """A site of a customer."""

    model_config = ConfigDict(
        **shown(
            {
                "site": "acme/leeds",
                "customer": "acme",
                "name": "leeds",
                "router": "acme-lee-r1",
                "service_management": "basic",
                "proactive_monitoring": False,
                "options": ["snmp_feed"],
                "orders": [
                    {
                        "reference": "ORD-1002",
                        "status": "accepted",
                        "requested": "2026-11-30",
                        "maintenance": "next-day",
                        "service_level": "none",
                    }
                ],
                "access": {
                    "provided_by": "cpa",
                    "interface": "GigabitEthernet0/0/0",
                    "address": "dhcp",
                    "down_kbps": 40000,
                    "up_kbps": 10000,
                },
                "vpns": [{"vpn": "corporate", "tunnel_address": "10.255.8.2", "hub": False}],
                "lans": [
                    {
                        "vpn": "corporate",
                        "vlan": 10,
                        "ports": ["GigabitEthernet0/1/0"],
                        "address": "10.10.2.1/24",
                        "routes": ["10.10.16.0/22 via 10.10.2.254"],
                    }
                ],
            }
        )
    )
    site: str
    """``customer/site``: unique among all."""
    customer: str
    name: str
    router: str
    """The name of its one managed router [WV-4]."""
    service_management: str
    """basic or enhanced [WV-5]."""
    proactive_monitoring: bool
    """Whether faults open incidents by themselves [WV-10]."""
    options: tuple[str, ...]
    """The ordered options by name."""
    orders: tuple[OrderView, ...]
    access: AccessView
    vpns: tuple[JoinedVpn, ...]
    lans: tuple[LanView, ...]


class RouterView(View):
    """A managed router."""

    model_config = ConfigDict(
        **shown(
            {
                "router": "acme-lon-r1",
                "site": "acme/london",
                "platform": next(iter(PLATFORMS)),
                "release": "17.9",
                "model": "C1111-8P",
                "serial": "FCZ0000A0B1",
                "management_address": "192.0.2.11",
                "backup_at": "02:00",
            }
        )
    )
    router: str
    site: str
    """``customer/site``."""
    platform: str
    release: str
    """The software release."""
    model: str
    serial: str | None
    management_address: str | None
    """Where the management centre reaches it [WV-7]; null for a customer's token."""
    backup_at: str
    """When its daily backup is taken: HH:MM in the customer's time zone."""


class LyncServerView(View):
    """A managed Lync server."""

    model_config = ConfigDict(
        **shown(
            {
                "server": "acme-lync-fe1",
                "customer": "acme",
                "site": "acme/london",
                "pool": "fe-pool-1",
                "role": "front_end",
                "version": "2013",
                "address": "10.10.1.21",
                "support": ["backup", "proactive"],
            }
        )
    )
    server: str
    customer: str
    site: str
    """``customer/site`` of its pool."""
    pool: str
    role: str
    version: str
    """The release of Lync Server."""
    address: str
    """Its address in the customer's LAN."""
    support: tuple[str, ...]
    """What is ordered of application support [LY-4]; empty: not ordered."""


def customer_view(inventory: Inventory, customer: Customer, sites: tuple[str, ...]) -> CustomerView:
    """A customer, with those of its sites that are named."""
    servers = [view for view in inventory.servers() if view.customer.customer == customer.customer]
    return CustomerView(
        customer=customer.customer,
        name=customer.name,
        timezone=customer.calendar.timezone,
        business_hours=customer.calendar.business_hours,
        contacts=tuple(
            ContactView(about=about, name=one.name, email=one.email, phone=one.phone)
            for about, one in sorted(customer.contacts.items())
        ),
        vpns=tuple(
            VpnView(
                name=name,
                id=vpn.id,
                hubs=tuple(hub for hub in vpn.hubs if hub in sites),
                tunnel_network=str(vpn.tunnel_network),
                asn=vpn.asn,
                authentication="certificates" if vpn.ike.certificates else "psk",
            )
            for name, vpn in customer.vpns.items()
        ),
        sites=sites,
        lync_servers=tuple(sorted(view.name for view in servers if view.site.name in sites)),
    )


def site_document(view: SiteView) -> SiteDocument:
    """A site with its orders, access, VPNs and LANs."""
    site = view.site
    options = {name: getattr(site.options, name) for name in type(site.options).model_fields}
    return SiteDocument(
        site=view.key,
        customer=view.customer.customer,
        name=view.name,
        router=view.router.name,
        service_management=site.service_management.value,
        proactive_monitoring=site.options.proactive_monitoring,
        options=tuple(name for name, value in options.items() if value),
        orders=tuple(
            OrderView(
                reference=one.reference,
                status=one.status.value,
                requested=one.requested.isoformat() if one.requested else None,
                maintenance=one.maintenance,
                service_level=one.service_level,
            )
            for one in site.orders
        ),
        access=AccessView(
            provided_by=site.access.provided_by.value,
            interface=site.access.interface,
            address=str(site.access.address),
            down_kbps=site.access.down_kbps,
            up_kbps=site.access.up_kbps,
        ),
        vpns=tuple(
            JoinedVpn(vpn=vpn, tunnel_address=str(site.tunnels[vpn]), hub=view.is_hub(vpn)) for vpn in view.vpns
        ),
        lans=tuple(
            LanView(
                vpn=vpn,
                vlan=lan.vlan,
                ports=lan.ports,
                address=str(lan.address),
                routes=tuple(f"{route.prefix} via {route.via}" for route in lan.routes),
            )
            for vpn, lans in site.lans.items()
            for lan in lans
        ),
    )


def router_view(view: SiteView, *, staff: bool) -> RouterView:
    """A router; where it is managed from is for staff."""
    router = view.router
    return RouterView(
        router=router.name,
        site=view.key,
        platform=router.platform,
        release=router.release,
        model=router.model,
        serial=router.serial,
        management_address=str(router.management.address) if staff else None,
        backup_at=router.backup_at,
    )


def server_view(view: ServerView) -> LyncServerView:
    """A Lync server."""
    support = view.server.support
    ordered = {name: getattr(support, name) for name in type(support).model_fields} if support else {}
    return LyncServerView(
        server=view.name,
        customer=view.customer.customer,
        site=view.site.key,
        pool=view.server.pool,
        role=view.server.role,
        version=view.pool.version.value,
        address=str(view.server.address),
        support=tuple(name for name, value in ordered.items() if value),
    )
