"""Add and remove static routes of a VPN: networks behind a customer's LAN."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from agent.requests.kind import Change, Conflict, Kind, Parameters
from inventory import Inventory, SiteView
from inventory.fields import Address, Name, Network, VlanId
from inventory.intent import Edit, PathPart
from inventory.site import Lan, StaticRoute


class RouteParameters(Parameters):
    """Which network of which VPN, and behind which of the site's LANs."""

    vpn: Name
    """The VPN that the network belongs to."""
    prefix: Network
    """The network behind the LAN, as 10.10.8.0/22."""
    vlan: VlanId | None = None
    """The LAN's VLAN, where the site has several LANs in the VPN and the next hop does not tell."""


class AddParameters(RouteParameters):
    """A network that is reached through a router of the customer in the site's LAN."""

    via: Address
    """The customer's router in the LAN that leads there."""


class RemoveParameters(RouteParameters):
    """A network that is no longer reached there."""

    via: Address | None = None
    """The customer's router that led there; if given, the route must be by it."""


def add(inventory: Inventory, view: SiteView, wanted: AddParameters) -> Change:
    """The route in the LAN that its next hop is in. What the rules say of overlaps is left to them."""
    lan = _lan_towards(view, wanted)
    _refuse_what_no_route_is(view, lan, wanted)
    for site in inventory.members(view.customer, wanted.vpn):
        for route in _routes(site, wanted.vpn):
            if route.prefix == wanted.prefix:
                raise Conflict(
                    f"{wanted.prefix} is routed already: by {route.via} at {site.name}",
                    rule="INV-16",
                    remedy="remove that route first, or leave it",
                )
    edit = Edit(path=_path(view, wanted.vpn, lan), add={"prefix": str(wanted.prefix), "via": str(wanted.via)})
    return Change((edit,), _subject(view, wanted))


def remove(_: Inventory, view: SiteView, wanted: RemoveParameters) -> Change:
    """The route of the site that leads to exactly this network."""
    _joined(view, wanted.vpn)
    found = [
        (lan, route)
        for lan in view.site.lans.get(wanted.vpn, ())
        for route in lan.routes
        if route.prefix == wanted.prefix and wanted.vlan in (None, lan.vlan)
    ]
    if not found:
        known = ", ".join(str(route.prefix) for route in _routes(view, wanted.vpn))
        raise Conflict(
            f"{view.name} has no static route to {wanted.prefix} in {wanted.vpn}",
            rule="WV-22",
            remedy=f"there are routes to: {known or 'no network'}",
        )
    lan, route = found[0]
    if wanted.via is not None and route.via != wanted.via:
        raise Conflict(
            f"the route to {wanted.prefix} is by {route.via}, not by {wanted.via}", rule="WV-22", remedy="correct via"
        )
    edit = Edit(path=_path(view, wanted.vpn, lan), remove={"prefix": str(route.prefix), "via": str(route.via)})
    return Change((edit,), _subject(view, wanted))


def _lan_towards(view: SiteView, wanted: AddParameters) -> Lan:
    """The one LAN of the VPN at the site that the next hop is in."""
    _joined(view, wanted.vpn)
    lans = [lan for lan in view.site.lans.get(wanted.vpn, ()) if wanted.vlan in (None, lan.vlan)]
    near = [lan for lan in lans if wanted.via in lan.address.network]
    if len(near) == 1:
        return near[0]
    networks = ", ".join(f"{lan.address.network} (VLAN {lan.vlan})" for lan in lans) or "none"
    if near:
        raise Conflict(f"several LANs hold {wanted.via}", rule="WV-22", remedy=f"name the vlan: {networks}")
    raise Conflict(
        f"the next hop {wanted.via} is in no LAN of {wanted.vpn} at {view.name}",
        rule="INV-8",
        remedy=f"name the customer's router in one of: {networks}",
    )


def _refuse_what_no_route_is(view: SiteView, lan: Lan, wanted: AddParameters) -> None:
    if wanted.prefix.prefixlen == 0:
        raise Conflict(
            "a default route is not a network behind the LAN",
            rule="INV-8",
            remedy=f"name the networks; internet for {view.name} is an order for split tunnelling",
            order="split tunnelling",
        )
    if not _usable(wanted.prefix):
        raise Conflict(f"{wanted.prefix} is no network that a customer uses", rule="INV-8", remedy="correct prefix")
    if wanted.via == lan.address.ip:
        raise Conflict(
            f"the next hop {wanted.via} is the managed router itself",
            rule="INV-8",
            remedy="name the customer's router in this LAN",
        )


def _usable(network: IPv4Network) -> bool:
    """Whether hosts of a site can have these addresses."""
    first, last = network[0], network[-1]
    never = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
    return not any(network.overlaps(IPv4Network(one)) for one in never) and first <= last < IPv4Address("224.0.0.0")


def _joined(view: SiteView, vpn: str) -> None:
    if vpn not in view.site.tunnels:
        raise Conflict(
            f"{view.name} does not join a VPN {vpn}",
            rule="WV-6",
            remedy=f"it joins: {', '.join(view.vpns)}; joining a further one is an order",
            order="" if vpn not in view.customer.vpns else "further VPN",
        )


def _routes(view: SiteView, vpn: str) -> tuple[StaticRoute, ...]:
    """The static routes of a VPN at a site."""
    return tuple(route for lan in view.site.lans.get(vpn, ()) for route in lan.routes)


def _path(view: SiteView, vpn: str, lan: Lan) -> tuple[PathPart, ...]:
    return ("sites", view.name, "lans", vpn, {"vlan": lan.vlan}, "routes")


def _subject(view: SiteView, wanted: RouteParameters) -> str:
    return f"{view.key} {wanted.vpn} route {wanted.prefix}"


KINDS = (
    Kind(
        name="add_static_route",
        title="Reach a network behind a LAN of the site",
        parameters=AddParameters,
        change=add,
        example={"vpn": "corporate", "prefix": "10.10.32.0/22", "via": "10.10.2.254"},
        clauses=("WV-22", "INV-8", "INV-16"),
    ),
    Kind(
        name="remove_static_route",
        title="No longer reach a network behind a LAN of the site",
        parameters=RemoveParameters,
        change=remove,
        example={"vpn": "corporate", "prefix": "10.10.32.0/22"},
        clauses=("WV-22",),
    ),
)
