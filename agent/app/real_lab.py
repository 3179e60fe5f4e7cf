"""The lab of real routers that an inventory describes: boxes on their accesses, hosts in their LANs, and the centre."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface

from agent.config import Secrets
from agent.errors import Refused
from agent.lab.real.topology import Centre, Host, Router, Topology
from inventory import Inventory, SiteView
from inventory.settings import Settings

#: Each LAN gets one host, at this place in it.
HOST_IN_LAN = 100
_MANAGED_LENGTH = 24


def real_topology(inventory: Inventory, secrets: Secrets) -> Topology:
    """One blank box for each router of the inventory; Refused where there is none, or one that cannot be built."""
    views = list(inventory.sites())
    if not views:
        raise Refused("the inventory has no routers", where="customers/", remedy="add sites")
    return Topology(tuple(map(_router, views)), _centre(inventory.settings, views, secrets))


def host_name(view: SiteView, vpn: str) -> str:
    """The name of the host in the first LAN of a VPN at a site."""
    return f"{view.name[:6]}-{vpn[:8]}"


def _router(view: SiteView) -> Router:
    access = view.site.access
    if not isinstance(access.address, IPv4Interface) or access.gateway is None:
        raise Refused(
            "the internet of real routers leases no addresses",
            where=f"{view.customer.customer}: sites.{view.name}.access.address",
            remedy="write a static address",
        )
    return Router(
        name=view.router.name,
        access=str(access.address),
        gateway=str(access.gateway),
        hosts=tuple(_hosts(view)),
        serial=view.router.serial or "",
        model=view.router.model,
    )


def _hosts(view: SiteView) -> Iterator[Host]:
    for vpn, lans in view.site.lans.items():
        lan = lans[0]
        address = IPv4Interface((lan.address.network[HOST_IN_LAN], lan.address.network.prefixlen))
        yield Host(host_name(view, vpn), lan.ports[0], str(address), str(lan.address.ip))


def _centre(settings: Settings, views: list[SiteView], secrets: Secrets) -> Centre:
    centre = settings.management_centre
    managed = IPv4Interface((views[0].router.management.address, _MANAGED_LENGTH)).network
    return Centre(
        address=f"{centre.peer}/24",
        gateway=str(IPv4Interface(f"{centre.peer}/24").network[2]),
        network=str(managed),
        leads_to=tuple(map(str, centre.networks)),
        outside=str(centre.snmp_managers[0]),
        own=str(centre.ntp[0]),
        identity=centre.identity,
        secrets={"": secrets(centre.ike_psk).reveal()},
        ntp_keys=(f"2 SHA256 ASCII:{secrets(centre.ntp_key).reveal()}",),
    )
