"""What may be there once only: names, serials, references and addresses, across the whole workspace [WV-7]."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from ipaddress import IPv4Network

from inventory.customer import Customer
from inventory.rules.base import CustomerRule, Finding, Ground, Place, WorkspaceRule, at, of
from inventory.rules.networks import Networks
from inventory.settings import ManagementCentre
from inventory.site import Lan


def _repeated(items: Iterable[tuple[Hashable, Place]], what: str, remedy: str) -> Iterator[Finding]:
    """A finding at each later place of a value, naming the first."""
    first: dict[Hashable, Place] = {}
    for value, place in items:
        other = first.setdefault(value, place)
        if other is not place:
            yield Finding(place, what, remedy, also=other)


def router_names(ground: Ground) -> Iterator[Finding]:
    """A router's name is its own, whatever the letters' case, and so is a Lync server's."""
    names: list[tuple[Hashable, Place]] = [
        (view.router.name.lower(), at(view, "router", "name")) for view in ground.views
    ]
    for customer in ground.customers:
        names += [(name.lower(), of(customer, "lync", "servers", name)) for name in customer.lync.servers]
    yield from _repeated(names, "is the name of another device", "name each device differently")


def primary_routers(ground: Ground) -> Iterator[Finding]:
    """The MPLS router of a resilient site is none of the routers managed here."""
    managed = {view.router.name.lower(): at(view, "router", "name") for view in ground.views}
    for view in ground.views:
        if view.site.resilience is None:
            continue
        name = view.site.resilience.primary.router.lower()
        if name in managed and name != view.router.name.lower():
            place = at(view, "resilience", "primary", "router")
            message = "is a router of this service, which is never primary"
            yield Finding(place, message, "name the MPLS router", also=managed[name])


def serials(ground: Ground) -> Iterator[Finding]:
    """A serial number belongs to one router."""
    items = [(v.router.serial, at(v, "router", "serial")) for v in ground.views if v.router.serial]
    yield from _repeated(items, "is the serial number of another router", "read it from the router itself")


def order_references(ground: Ground) -> Iterator[Finding]:
    """An order's reference names one order."""
    items = [
        (order.reference, at(view, "orders", index, "reference"))
        for view in ground.views
        for index, order in enumerate(view.site.orders)
    ]
    yield from _repeated(items, "is the reference of another order", "give each order its own")


def management_addresses(ground: Ground) -> Iterator[Finding]:
    """A management address reaches one device."""
    items = [(v.router.management.address, at(v, "router", "management", "address")) for v in ground.views]
    yield from _repeated(items, "is the management address of another router", "take a free one")


def access_addresses(ground: Ground) -> Iterator[Finding]:
    """A static address of the internet belongs to one router; behind translation it is no address of the internet."""
    items = [
        (view.site.access.address.ip, at(view, "access", "address"))
        for view in ground.views
        if view.site.access.address != "dhcp" and not view.site.access.nat
    ]
    yield from _repeated(items, "is the address of another access", "write each access's own address")


def tunnel_addresses(customer: Customer, _: Ground) -> Iterator[Finding]:
    """A tunnel address of a VPN belongs to one router."""
    items = [
        ((vpn, address), of(customer, "sites", name, "tunnels", vpn))
        for name, site in customer.sites.items()
        for vpn, address in site.tunnels.items()
    ]
    yield from _repeated(items, "is the tunnel address of another router", "take a free one; renumber no other")


def lync_addresses(customer: Customer, _: Ground) -> Iterator[Finding]:
    """A Lync server's address is its own."""
    items = [
        (server.address, of(customer, "lync", "servers", name, "address"))
        for name, server in customer.lync.servers.items()
    ]
    yield from _repeated(items, "is the address of another server", "write each server's own address")


def access_numbers(ground: Ground) -> Iterator[Finding]:
    """A number for dial-in conferencing leads to one pool."""
    items = [
        (number, of(customer, "lync", "pools", name, "features", "dial_in_conferencing", "numbers", index))
        for customer in ground.customers
        for name, pool in customer.lync.pools.items()
        if (ordered := pool.features.dial_in_conferencing)
        for index, number in enumerate(dict.fromkeys(ordered.numbers))
    ]
    yield from _repeated(items, "is an access number of another pool", "give each pool its own numbers")


def overlapping_networks(customer: Customer, _: Ground) -> Iterator[Finding]:
    """Within a VPN no LAN or routed network overlaps another, at any of its sites."""
    for vpn in customer.vpns:
        found: list[tuple[IPv4Network, Place]] = []
        for name, site in customer.sites.items():
            for index, lan in enumerate(site.lans.get(vpn, ())):
                place = of(customer, "sites", name, "lans", vpn, index)
                found.append((lan.address.network, place / "address"))
                found += [(r.prefix, place / "routes" / n / "prefix") for n, r in enumerate(lan.routes)]
        yield from _overlaps(found, f"another network of {vpn}")


def tunnel_networks(customer: Customer, _: Ground) -> Iterator[Finding]:
    """A customer's tunnel networks overlap neither each other nor a LAN, nor what is routed behind one."""
    networks = [(vpn.tunnel_network, of(customer, "vpns", n, "tunnel_network")) for n, vpn in customer.vpns.items()]
    yield from _overlaps(networks, "another VPN's tunnel network")
    for place, network in _lan_networks(customer):
        for name, other in customer.vpns.items():
            if network.overlaps(other.tunnel_network):
                message = f"overlaps {name}'s tunnel network {other.tunnel_network}"
                also = of(customer, "vpns", name, "tunnel_network")
                yield Finding(place, message, "renumber one of them", also=also)


def _lan_networks(customer: Customer) -> Iterator[tuple[Place, IPv4Network]]:
    """Every LAN's network, and what is routed behind it."""
    for site, vpn, index, lan in _lans(customer):
        place = of(customer, "sites", site, "lans", vpn, index)
        yield place / "address", lan.address.network
        yield from ((place / "routes" / number / "prefix", one.prefix) for number, one in enumerate(lan.routes))


def _lans(customer: Customer) -> Iterator[tuple[str, str, int, Lan]]:
    for site_name, site in customer.sites.items():
        for vpn, lans in site.lans.items():
            yield from ((site_name, vpn, index, lan) for index, lan in enumerate(lans))


def _overlaps(items: list[tuple[IPv4Network, Place]], what: str) -> Iterator[Finding]:
    """A finding at each network that overlaps one before it; sorted, so that the widest comes first."""
    ordered = sorted(enumerate(items), key=lambda one: (one[1][0], one[0]))
    widest: tuple[IPv4Network, Place] | None = None
    for _, (network, place) in ordered:
        if widest is not None and network.subnet_of(widest[0]):
            message = f"{network} overlaps {widest[0]}, {what}"
            yield Finding(place, message, "renumber one of them", also=widest[1])
        else:
            widest = (network, place)


def management_apart(ground: Ground) -> Iterator[Finding]:
    """A router's management address is in no customer's network, so that its tunnel stays apart from theirs."""
    networks = Networks(_customer_networks(ground))
    for view in ground.views:
        address = view.router.management.address
        if found := networks.around(address):
            message = f"{address} lies in the customer network {found[0]}"
            place = at(view, "router", "management", "address")
            yield Finding(place, message, "take one of the management centre's addresses", also=found[1])


def centre_apart(ground: Ground) -> Iterator[Finding]:
    """No customer's network holds the management centre: routers would look for it there, and be lost."""
    if ground.settings is None:
        return
    centre = list(_centre_networks(ground.settings.management_centre))
    for network, place in _customer_networks(ground):
        for name, its, there in centre:
            if network.overlaps(its):
                message = f"{network} overlaps the management centre's {name} {its}"
                yield Finding(place, message, "renumber it: routers reach the centre there", also=there)


def _centre_networks(centre: ManagementCentre) -> Iterator[tuple[str, IPv4Network, Place]]:
    place = Place(None, ("management_centre",))
    yield "peer", IPv4Network(centre.peer), place / "peer"
    yield "tunnel_peer", IPv4Network(centre.tunnel_peer), place / "tunnel_peer"
    for index, network in enumerate(centre.networks):
        yield "network", network, place / "networks" / index


def _customer_networks(ground: Ground) -> Iterator[tuple[IPv4Network, Place]]:
    for customer in ground.customers:
        for name, vpn in customer.vpns.items():
            yield vpn.tunnel_network, of(customer, "vpns", name, "tunnel_network")
    for view in ground.views:
        for name, lans in view.site.lans.items():
            for index, lan in enumerate(lans):
                place = at(view, "lans", name, index)
                yield lan.address.network, place / "address"
                yield from ((r.prefix, place / "routes" / n / "prefix") for n, r in enumerate(lan.routes))
        if view.site.options.ilan:
            yield view.site.options.ilan.address.network, at(view, "options", "ilan", "address")


RULES = (
    WorkspaceRule("INV-14", router_names),
    WorkspaceRule("INV-14", serials),
    WorkspaceRule("INV-14", order_references),
    WorkspaceRule("INV-15", access_addresses),
    WorkspaceRule("INV-15", management_addresses),
    CustomerRule("INV-15", tunnel_addresses),
    CustomerRule("INV-15", lync_addresses),
    WorkspaceRule("LY-2", access_numbers),
    CustomerRule("INV-16", overlapping_networks),
    CustomerRule("INV-16", tunnel_networks),
    WorkspaceRule("WV-7", management_apart),
    WorkspaceRule("WV-7", centre_apart),
    WorkspaceRule("WV-12", primary_routers),
)
