"""VPNs of a customer: hubs, members, separation up to the LAN port, and how routers prove who they are [WV-1, WV-6]."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.customer import Customer, Ike
from inventory.platforms import PLATFORMS
from inventory.rules.base import CustomerRule, Finding, Ground, Place, SiteRule, at, of, warning
from inventory.workspace import SiteView

#: The largest private network has this length (RFC 1918).
WIDEST_SUMMARY = 8
_RESERVED_ASNS = frozenset({23456, 65535})


def hubs(customer: Customer, ground: Ground) -> Iterator[Finding]:
    """A VPN's hubs are different sites of the customer that join it."""
    for name, vpn in customer.vpns.items():
        for index, hub in enumerate(vpn.hubs):
            place = of(customer, "vpns", name, "hubs", index)
            site = customer.sites.get(hub)
            if hub in vpn.hubs[:index]:
                yield Finding(place, f"{hub} is named twice", "keep one of them")
            elif site is None and not ground.is_broken(of(customer, "sites", hub)):
                known = ", ".join(customer.sites)
                yield Finding(place, f"there is no site {hub}", f"name one of: {known}")
            elif site is not None and name not in site.tunnels:
                yield Finding(place, f"{hub} is a hub of {name} and does not join it", f"add {name} to its tunnels")


def known_vpns(view: SiteView, ground: Ground) -> Iterator[Finding]:
    """Tunnels and LANs are of VPNs that the customer has; LANs only of those that the site joins."""
    known = ", ".join(view.customer.vpns)
    for name in view.site.tunnels:
        if name not in view.customer.vpns and not ground.is_broken(of(view.customer, "vpns", name)):
            yield Finding(at(view, "tunnels", name), f"there is no VPN {name}", f"name one of: {known}")
    for name in view.site.lans:
        if name not in view.site.tunnels:
            message = f"the site does not join {name}"
            yield Finding(at(view, "lans", name), message, f"add {name} to tunnels, or remove its LANs")


def one_vpn_at_least(view: SiteView, _: Ground) -> Iterator[Finding]:
    """A site joins one VPN at least, and each VPN it joins has a LAN there."""
    if not view.site.tunnels:
        yield Finding(at(view, "tunnels"), "the site joins no VPN", "add a tunnel address of one VPN at least")
    for name in view.site.tunnels:
        if not view.site.lans.get(name):
            message = f"the site joins {name} and has no LAN in it"
            yield warning(at(view, "tunnels", name), message, f"add lans.{name}, or leave the VPN")


def separate_ports(view: SiteView, _: Ground) -> Iterator[Finding]:
    """A switch port and a VLAN belong to one LAN, and so to one VPN only."""
    ports: dict[str, Place] = {}
    vlans: dict[int, Place] = {}
    for name, lans in view.site.lans.items():
        for index, lan in enumerate(lans):
            place = at(view, "lans", name, index)
            if lan.vlan in vlans:
                message, remedy = f"VLAN {lan.vlan} belongs to another LAN already", "give each LAN its own VLAN"
                yield Finding(place / "vlan", message, remedy, also=vlans[lan.vlan])
            vlans.setdefault(lan.vlan, place / "vlan")
            for number, port in enumerate(lan.ports):
                here = place / "ports" / number
                if port in ports:
                    message = f"{port} belongs to another LAN already"
                    yield Finding(here, message, "give each LAN its own ports", also=ports[port])
                ports.setdefault(port, here)


def summaries(view: SiteView, _: Ground) -> Iterator[Finding]:
    """What the hubs announce for a VPN covers its LANs; another one is reached by nobody."""
    for name, lans in view.site.lans.items():
        vpn = view.customer.vpns.get(name)
        for index, lan in enumerate(lans):
            if vpn and vpn.summary and not lan.address.network.subnet_of(vpn.summary):
                message = f"{lan.address.network} lies outside {name}'s summary {vpn.summary}"
                place = at(view, "lans", name, index, "address")
                yield warning(place, message, "widen the summary, or correct the address")


def bounded_summaries(customer: Customer, _: Ground) -> Iterator[Finding]:
    """What hubs announce for a whole VPN is no wider than /8: a wider one takes the internet into the VPN."""
    for name, vpn in customer.vpns.items():
        if vpn.summary and vpn.summary.prefixlen < WIDEST_SUMMARY:
            place = of(customer, "vpns", name, "summary")
            message = f"{vpn.summary} is wider than /{WIDEST_SUMMARY}: it takes the internet into the VPN"
            yield Finding(place, message, "give the network that holds the VPN's LANs, or none")


def numbers(customer: Customer, _: Ground) -> Iterator[Finding]:
    """Each VPN of a customer has its own id, and an AS number that is not reserved."""
    ids: dict[int, Place] = {}
    for name, vpn in customer.vpns.items():
        place = of(customer, "vpns", name, "id")
        if vpn.id in ids:
            remedy = "give each VPN its own id; it is tunnel number, key and NHRP network-id"
            yield Finding(place, f"{vpn.id} is the id of another VPN", remedy, also=ids[vpn.id])
        ids.setdefault(vpn.id, place)
        if vpn.asn in _RESERVED_ASNS:
            message, remedy = f"{vpn.asn} is a reserved AS number", "use a private one: 64512 to 65534"
            yield Finding(of(customer, "vpns", name, "asn"), message, remedy)


def ike_method(customer: Customer, ground: Ground) -> Iterator[Finding]:
    """Routers of a VPN prove who they are by a shared key or by certificates of a known authority."""
    for name, vpn in customer.vpns.items():
        place = of(customer, "vpns", name, "ike")
        if (vpn.ike.psk is None) == (vpn.ike.certificates is None):
            yield Finding(place, "needs exactly one of psk and certificates", "keep one of them")
        elif vpn.ike.certificates and ground.settings and vpn.ike.certificates not in ground.settings.pki:
            known = ", ".join(ground.settings.pki) or "none yet"
            message = f"there is no authority {vpn.ike.certificates} in [pki] of spokesman.toml"
            yield Finding(place / "certificates", message, f"add it there; known: {known}")


def nhrp_authentication(customer: Customer, ground: Ground) -> Iterator[Finding]:
    """A VPN whose routers all can has NHRP authentication: no router of another VPN is taken in by mistake."""
    for name, vpn in customer.vpns.items():
        able = all(PLATFORMS[site.router.platform].nhrp_authentication for site in ground.members(customer, name))
        if able and vpn.nhrp_authentication is None:
            place = of(customer, "vpns", name, "nhrp_authentication")
            yield warning(place, f"{name} has no NHRP authentication", "add a reference to at most 8 characters")


def ike_conflict(view: SiteView) -> tuple[str, str] | None:
    """Two VPNs of a site that prove who they are differently.

    All tunnels that start at one interface share one IPsec profile, and so one IKEv2 profile.
    """
    first: tuple[str, Ike] | None = None
    for name in view.site.tunnels:
        vpn = view.customer.vpns.get(name)
        if vpn is None:
            continue
        if first is not None and first[1] != vpn.ike:
            return first[0], name
        first = first or (name, vpn.ike)
    return None


def one_ike_a_router(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The VPNs that one router carries prove who they are in the same way, or the router is not provisioned."""
    if found := ike_conflict(view):
        message = (
            f"{found[0]} and {found[1]} differ in ike, and one router cannot carry both; it will not be provisioned"
        )
        remedy = "use the same psk, or the same certificates, in both VPNs"
        yield warning(at(view, "tunnels", found[1]), message, remedy)


def direct_tunnels(customer: Customer, ground: Ground) -> Iterator[Finding]:
    """Two spokes that are both behind address translation have no direct tunnel."""
    for name in customer.vpns:
        behind = [site for site in ground.members(customer, name) if site.access.nat]
        if len(behind) > 1:
            names = ", ".join(site.router.name for site in behind[:5]) + (", ..." if len(behind) > 5 else "")
            message = f"{names} are behind address translation: traffic between them goes through the hub"
            yield warning(of(customer, "vpns", name), message, "order public addresses where that matters")


RULES = (
    CustomerRule("WV-1", hubs),
    CustomerRule("WV-3", direct_tunnels),
    SiteRule("WV-6", known_vpns),
    SiteRule("WV-6", one_vpn_at_least),
    SiteRule("WV-6", separate_ports),
    CustomerRule("INV-1", numbers),
    CustomerRule("INV-2", ike_method),
    SiteRule("INV-3", one_ike_a_router),
    CustomerRule("INV-4", nhrp_authentication),
    SiteRule("INV-5", summaries),
    CustomerRule("INV-19", bounded_summaries),
)
