"""Addresses of one site: tunnels, LANs, static routes, ports, and management apart from them [WV-6, WV-7]."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.rules.access import is_host, is_neighbour, kept_for
from inventory.rules.base import Finding, Ground, Place, SiteRule, at, warning
from inventory.site import Lan
from inventory.workspace import SiteView


def tunnel_addresses(view: SiteView, _: Ground) -> Iterator[Finding]:
    """A tunnel's address is a host address of its VPN's tunnel network."""
    for name, address in view.site.tunnels.items():
        vpn = view.customer.vpns.get(name)
        if vpn is None:
            continue
        network = vpn.tunnel_network
        if address not in network or address in (network.network_address, network.broadcast_address):
            message = f"{address} is no host address of {name}'s tunnel network {network}"
            yield Finding(at(view, "tunnels", name), message, "take a free address of that network")


def lan_addresses(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The router's address in a LAN is one that hosts beside it can share a network with."""
    for place, _name, lan in _lans(view):
        network = lan.address.network
        if network.prefixlen > 30 or not is_host(lan.address):
            message = f"{lan.address} is no host address of a network with room for the customer's hosts"
            yield Finding(place / "address", message, "write the router's own address and the LAN's prefix length")
        if kept := kept_for(network):
            message = f"{network} is no network that a LAN can have: {kept}"
            yield Finding(place / "address", message, "renumber the LAN")


def static_routes(view: SiteView, _: Ground) -> Iterator[Finding]:
    """A static route of a VPN goes to a neighbour in its LAN, and leads to no LAN of the site itself."""
    for place, name, lan in _lans(view):
        for number, route in enumerate(lan.routes):
            here = place / "routes" / number
            if not is_neighbour(route.via, lan.address):
                message = f"{route.via} is no other host of the LAN {lan.address.network}"
                yield Finding(here / "via", message, "name the customer's router in this LAN")
            if route.prefix.prefixlen == 0:
                message = "a default route is not a network behind the LAN"
                yield Finding(here / "prefix", message, f"write the networks that {name} reaches there")


def ports(view: SiteView, ground: Ground) -> Iterator[Finding]:
    """Customer ports are switch ports of the router's model, and none is the one that faces the internet."""
    access, model = view.site.access.interface, ground.model(view.router)
    if model and access not in model.interfaces:
        message = f"{view.router.model} has no such routed interface"
        place = at(view, "access", "interface")
        yield Finding(place, message, f"use one of: {', '.join(model.interfaces)}")
    for place, port in _ports(view):
        if port == access:
            yield Finding(place, "is the interface that faces the internet", "use a switch port")
        elif model and port not in model.switch_ports:
            choices = ", ".join(model.switch_ports) or "none is described in spokesman.toml"
            yield Finding(place, f"{view.router.model} has no such switch port", f"use one of: {choices}")


def known_model(view: SiteView, ground: Ground) -> Iterator[Finding]:
    """The router's model is described in spokesman.toml, so that its ports and capacity can be checked."""
    if ground.settings is not None and ground.model(view.router) is None:
        message = f"{view.router.model} is not described in spokesman.toml: its ports and capacity are not checked"
        remedy = f"add [platforms.{view.router.platform}.models.{view.router.model}]"
        yield warning(at(view, "router", "model"), message, remedy)


def access_apart(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The internet access's network is none of the site's LANs, the guests' included."""
    address = view.site.access.address
    if address == "dhcp":
        return
    networks = [(place / "address", lan.address.network) for place, _name, lan in _lans(view)]
    if view.site.options.ilan:
        networks.append((at(view, "options", "ilan", "address"), view.site.options.ilan.address.network))
    for place, network in networks:
        if network.overlaps(address.network):
            message = f"{network} overlaps the internet access's network {address.network}"
            yield Finding(place, message, "renumber the LAN", also=at(view, "access", "address"))


def _lans(view: SiteView) -> Iterator[tuple[Place, str, Lan]]:
    for name, lans in view.site.lans.items():
        for index, lan in enumerate(lans):
            yield at(view, "lans", name, index), name, lan


def _ports(view: SiteView) -> Iterator[tuple[Place, str]]:
    for place, _name, lan in _lans(view):
        for number, port in enumerate(lan.ports):
            yield place / "ports" / number, port
    if view.site.options.ilan:
        yield at(view, "options", "ilan", "port"), view.site.options.ilan.port


RULES = (
    SiteRule("INV-6", tunnel_addresses),
    SiteRule("INV-7", lan_addresses),
    SiteRule("INV-7", access_apart),
    SiteRule("INV-8", static_routes),
    SiteRule("INV-9", ports),
    SiteRule("INV-9", known_model),
)
