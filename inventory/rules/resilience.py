"""This service beside a primary MPLS access: never primary, one LAN, HSRP and offload [WV-4, WV-8, WV-12]."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface

from inventory.rules.access import is_host
from inventory.rules.base import Finding, Ground, Place, SiteRule, at, site_networks, warning
from inventory.site import Hsrp, Match
from inventory.workspace import SiteView

_MOST_VRRP_GROUPS = 255


def two_routers(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The primary access has a router of its own beside this one."""
    if view.site.resilience and view.site.resilience.primary.router.lower() == view.router.name.lower():
        place = at(view, "resilience", "primary", "router")
        yield Finding(place, "is this site's own router", "name the MPLS router; resilience uses two")


def secondary_speed(view: SiteView, _: Ground) -> Iterator[Finding]:
    """A secondary access slower than the primary degrades the service while it stands in."""
    if view.site.resilience is None:
        return
    speed, primary = min(view.site.access.down_kbps, view.site.access.up_kbps), view.site.resilience.primary.access_kbps
    if speed < primary:
        message = f"the secondary access has {speed} kb/s, below the primary's {primary} kb/s"
        place = at(view, "resilience", "primary", "access_kbps")
        yield warning(place, message, "tell the customer that service is degraded while it stands in")


def hsrp(view: SiteView, _: Ground) -> Iterator[Finding]:
    """Both routers share a LAN of each VPN with different addresses and one virtual address."""
    if view.site.resilience is None:
        return
    groups: dict[int, Place] = {}
    for name, one in view.site.resilience.hsrp.items():
        place = at(view, "resilience", "hsrp", name)
        if one.group in groups:
            yield Finding(place / "group", f"group {one.group} is used twice", "use one a VPN", also=groups[one.group])
        groups.setdefault(one.group, place / "group")
        yield from _hsrp_addresses(view, name, one, place)


def _hsrp_addresses(view: SiteView, vpn: str, one: Hsrp, place: Place) -> Iterator[Finding]:
    lans = view.site.lans.get(vpn, ())
    if not lans:
        yield Finding(place, f"the site has no LAN in a VPN {vpn}", f"add lans.{vpn}, or remove the group")
        return
    for key, address in (("virtual", one.virtual), ("primary_address", one.primary_address)):
        lan = next((lan for lan in lans if address in lan.address.network), None)
        if lan is None:
            message = f"{address} is in no LAN of {vpn} at this site"
            yield Finding(place / key, message, "take an address of the LAN that both routers share")
        elif address == lan.address.ip:
            message = f"{address} is this router's own address"
            yield Finding(place / key, message, "the virtual address and both routers' own are three different ones")
        elif not is_host(IPv4Interface((address, lan.address.network.prefixlen))):
            message = f"{address} is the network's own or the broadcast address of the LAN {lan.address.network}"
            yield Finding(place / key, message, "take a host address of the LAN that both routers share")
    if one.virtual == one.primary_address:
        message = "is the virtual address too"
        yield Finding(place / "primary_address", message, "the virtual address and both routers' own are different")


def never_primary(view: SiteView, _: Ground) -> Iterator[Finding]:
    """In every VPN that the site joins the MPLS router is primary, and it is followed by reachability."""
    if view.site.resilience is None:
        return
    for name in view.site.tunnels:
        if name not in view.site.resilience.hsrp:
            message = f"{name} has no HSRP group: this service would be its only, and so its primary, way"
            yield warning(at(view, "resilience", "hsrp"), message, f"add hsrp.{name}, or leave the VPN")
    tracked = view.site.resilience.primary.track
    local = [network for name in view.site.lans for network in site_networks(view.site, name)]
    tunnels = [vpn.tunnel_network for name, vpn in view.customer.vpns.items() if name in view.site.tunnels]
    if any(tracked in network for network in [*local, *tunnels]):
        message = f"{tracked} is reached without the primary access, so its loss would not be seen"
        place = at(view, "resilience", "primary", "track")
        yield Finding(place, message, "track a destination that only the primary access leads to")


def offload(view: SiteView, _: Ground) -> Iterator[Finding]:
    """Offloaded traffic is picked by something, in a VPN whose LAN both routers share."""
    if view.site.resilience is None:
        return
    names: dict[str, Place] = {}
    for index, one in enumerate(view.site.resilience.offload):
        place = at(view, "resilience", "offload", index)
        if one.name in names:
            yield Finding(place / "name", f"{one.name} is used twice", "name each differently", also=names[one.name])
        names.setdefault(one.name, place / "name")
        if one.vpn not in view.site.tunnels:
            yield Finding(place / "vpn", f"the site does not join a VPN {one.vpn}", "name one that it joins")
        elif one.vpn not in view.site.resilience.hsrp:
            message = f"{one.vpn} shares no LAN with the primary router"
            yield Finding(place / "vpn", message, f"add hsrp.{one.vpn}, or name another VPN")
        if one.match == Match():
            yield Finding(place / "match", "picks no traffic", "say what is offloaded; the rest stays on the primary")


def no_way_back(view: SiteView, _: Ground) -> Iterator[Finding]:
    """What reaches this router never goes back to the MPLS router: no route through their LAN leads to it."""
    if view.site.resilience is None:
        return
    for name, one in view.site.resilience.hsrp.items():
        for number, lan in enumerate(view.site.lans.get(name, ())):
            for position, route in enumerate(lan.routes):
                if route.via in (one.virtual, one.primary_address):
                    place = at(view, "lans", name, number, "routes", position, "via")
                    message = f"{route.via} leads back to the primary router, and traffic must not go back there"
                    yield Finding(place, message, "name a router behind the LAN, or leave the route to the primary")


def hsrp_key(view: SiteView, _: Ground) -> Iterator[Finding]:
    """Only HSRP has keys: VRRP version 3 knows no authentication [RFC 5798, 9]."""
    resilience = view.site.resilience
    for vpn, one in resilience.hsrp.items() if resilience and resilience.protocol == "vrrp" else ():
        if one.authentication is not None:
            place = at(view, "resilience", "hsrp", vpn, "authentication")
            yield Finding(place, "VRRP has no authentication", "leave it out, or write protocol: hsrp")


def vrrp_groups(view: SiteView, _: Ground) -> Iterator[Finding]:
    """VRRP numbers its groups from 1 to 255 [RFC 5798, 5.2.3]."""
    resilience = view.site.resilience
    if resilience is None or resilience.protocol != "vrrp":
        return
    for vpn, one in resilience.hsrp.items():
        if not 1 <= one.group <= _MOST_VRRP_GROUPS:
            place = at(view, "resilience", "hsrp", vpn, "group")
            yield Finding(place, "VRRP has the groups 1 to 255", "give both routers another group")


RULES = (
    SiteRule("WV-4", two_routers),
    SiteRule("WV-4", secondary_speed),
    SiteRule("WV-8", offload),
    SiteRule("WV-8", no_way_back),
    SiteRule("WV-12", hsrp),
    SiteRule("WV-12", never_primary),
    SiteRule("WV-12", hsrp_key),
    SiteRule("WV-12", vrrp_groups),
)
