"""Internet access: addresses, media, speeds, and what the router's model carries [WV-1, WV-2, WV-3, WV-15, WV-18]."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from inventory.rules.base import Finding, Ground, SiteRule, at, warning
from inventory.site import OrderStatus, Provider
from inventory.workspace import SiteView

#: What the wire carries, in kb/s [WV-2].
MEDIA_KBPS = {"10base-t": 10_000, "100base-tx": 100_000}
#: "Significantly higher" in clause 5.5 of the Web-VPN annex names no number; half as much again is the margin used.
UP_TO_MARGIN = 1.5
#: Every router keeps one tunnel to the management centre [WV-7].
MANAGEMENT_TUNNELS = 1

_UNUSABLE = {
    IPv4Network("0.0.0.0/8"): "this network",
    IPv4Network("127.0.0.0/8"): "the router itself",
    IPv4Network("169.254.0.0/16"): "links of one machine, the router's own among them",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("240.0.0.0/4"): "no use yet",
}
_TRANSLATED = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))


def hub_address(view: SiteView, _: Ground) -> Iterator[Finding]:
    """A hub's access has a static address of its own, because every router builds its tunnels to it."""
    if not any(view.name in vpn.hubs for vpn in view.customer.vpns.values()):
        return
    if view.site.access.address == "dhcp":
        yield Finding(
            at(view, "access", "address"), "a hub needs a static address", "order a static address, or name another hub"
        )
    if view.site.access.nat:
        message = "a hub cannot stand behind address translation"
        yield Finding(at(view, "access", "nat"), message, "give the router the public address itself")


def media_speed(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The speed ordered is within what the Ethernet medium carries."""
    access = view.site.access
    limit = MEDIA_KBPS[access.media]
    for key, speed in (("down_kbps", access.down_kbps), ("up_kbps", access.up_kbps)):
        if speed > limit:
            message = f"{access.media} carries at most {limit} kb/s"
            yield Finding(at(view, "access", key), message, "correct the speed or the media")


def gateway(view: SiteView, _: Ground) -> Iterator[Finding]:
    """A static address comes with a gateway inside its prefix; with DHCP the lease brings it."""
    access = view.site.access
    place = at(view, "access", "gateway")
    if access.address == "dhcp":
        if access.gateway is not None:
            yield Finding(place, "the DHCP lease brings the gateway", "remove it, or write the static address")
    elif access.gateway is None:
        yield Finding(place, "a static address needs a gateway", "add the supplier's router as gateway")
    elif not is_neighbour(access.gateway, access.address):
        message = f"is no other host of {access.address.network}"
        yield Finding(place, message, "correct the gateway, or the address and its prefix length")


def access_address(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The access's address is a host address of the internet, or said to be translated."""
    address, place = view.site.access.address, at(view, "access", "address")
    if address == "dhcp":
        return
    if any(address.ip in network for network in _UNUSABLE) or not is_host(address):
        yield Finding(place, "is no address that a router can have on the internet", "write the address as delivered")
    elif not on_the_internet(address.ip) and not view.site.access.nat:
        message = "is a private address, and the access is not said to be translated"
        yield warning(place, message, "add nat: true if the supplier's modem translates addresses")


def capacity(view: SiteView, ground: Ground) -> Iterator[Finding]:
    """The router's model carries the access's speed, both directions together, and the permanent tunnels."""
    model, access = ground.model(view.router), view.site.access
    if model is None:
        return
    speed, place = access.down_kbps + access.up_kbps, at(view, "router", "model")
    if speed > model.encrypted_kbps:
        message = f"{view.router.model} encrypts {model.encrypted_kbps} kb/s, less than the access's {speed} kb/s"
        yield warning(place, message, "order a larger model, or tell the customer of the limit")
    tunnels = permanent_tunnels(view, ground)
    if tunnels > model.tunnels:
        message = f"{view.router.model} carries {model.tunnels} tunnels, fewer than the {tunnels} permanent ones here"
        yield warning(place, message, "order a larger model, or spread the VPNs over more hubs")


def permanent_tunnels(view: SiteView, ground: Ground) -> int:
    """Tunnels that this router always keeps: a hub to every member, a spoke to every hub, and one for management."""
    count = MANAGEMENT_TUNNELS
    for name in view.site.tunnels:
        if vpn := view.customer.vpns.get(name):
            is_hub = view.name in vpn.hubs
            count += len(ground.members(view.customer, name)) - 1 if is_hub else len(vpn.hubs)
    return count


def installed(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The customer's own access is installed and working before the order is placed."""
    access = view.site.access
    if access.provided_by is not Provider.CPA or access.installed:
        return
    place = at(view, "access", "installed")
    message = "the customer's own access must be installed and working before the order"
    remedy = "set installed: true once it is, and keep the order quoted until then"
    ordered = {OrderStatus.SIGNED, OrderStatus.ACCEPTED, OrderStatus.DELIVERED}
    if any(order.status in ordered for order in view.site.orders):
        yield Finding(place, message, remedy)
    else:
        yield warning(place, message, remedy)


def up_to_speed(view: SiteView, _: Ground) -> Iterator[Finding]:
    """An "up to" access is ordered with a speed significantly above the throughput needed."""
    access = view.site.access
    if access.provided_by is not Provider.CPA or not access.up_to:
        return
    speed, place = min(access.down_kbps, access.up_kbps), at(view, "access", "required_kbps")
    if access.required_kbps is None:
        yield Finding(place, 'an "up to" access needs the throughput that is required', "add required_kbps")
    elif speed < access.required_kbps * UP_TO_MARGIN:
        message = f'an "up to" access of {speed} kb/s is not significantly above {access.required_kbps} kb/s'
        yield warning(place, message, f"order at least {UP_TO_MARGIN} times the throughput needed, each way")


def download_limit(view: SiteView, _: Ground) -> Iterator[Finding]:
    """A download limit is counted for the provider's access only."""
    access = view.site.access
    if access.download_limit_gb is not None and access.provided_by is not Provider.APA:
        place = at(view, "access", "download_limit_gb")
        yield Finding(place, "a download limit is counted for provided_by: apa only", "remove it")


def is_host(address: IPv4Interface) -> bool:
    """Whether an interface can have this address: neither the network's own nor its broadcast address."""
    network = address.network
    return network.prefixlen >= 31 or address.ip not in (network.network_address, network.broadcast_address)


def on_the_internet(address: IPv4Address) -> bool:
    """Whether an address can be reached there: it is neither private nor kept for something else."""
    return not any(address in network for network in (*_UNUSABLE, *_TRANSLATED))


def kept_for(network: IPv4Network) -> str:
    """Which addresses no host can have are in a network, and what they are for; empty where there are none."""
    return next((f"{one} is for {use}" for one, use in _UNUSABLE.items() if network.overlaps(one)), "")


def is_neighbour(other: IPv4Address, address: IPv4Interface) -> bool:
    """Whether ``other`` is another host of the network that ``address`` is in."""
    beside = IPv4Interface((other, address.network.prefixlen))
    return beside.network == address.network and other != address.ip and is_host(beside)


RULES = (
    SiteRule("WV-1", hub_address),
    SiteRule("WV-2", media_speed),
    SiteRule("WV-2", gateway),
    SiteRule("WV-2", access_address),
    SiteRule("WV-3", capacity),
    SiteRule("WV-15", installed),
    SiteRule("WV-15", up_to_speed),
    SiteRule("WV-18", download_limit),
)
