"""Service options: what each needs beside itself [WV-5, WV-9, WV-10, WV-11, WV-13, WV-14]."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from inventory.options import TrafficPrioritisation
from inventory.rules.access import is_host, kept_for, on_the_internet
from inventory.rules.base import Finding, Ground, Place, SiteRule, at, warning
from inventory.site import ServiceManagement
from inventory.workspace import SiteView

#: What the SNMP feed goes to at most [WV-13].
FEED_HOSTS = 2
_ENHANCED = "order service_management: enhanced, or leave the option out"


def enhanced_is_used(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The enhanced level is ordered where one of its options is."""
    site = view.site
    wanted = site.options.proactive_monitoring or site.options.traffic_prioritisation
    if site.service_management is ServiceManagement.ENHANCED and not wanted:
        message = "enhanced is ordered without traffic prioritisation or proactive monitoring"
        yield warning(at(view, "service_management"), message, "order one of them, or the basic level")


def prioritisation_is_enhanced(view: SiteView, _: Ground) -> Iterator[Finding]:
    """Traffic prioritisation is part of the enhanced level only."""
    if view.site.options.traffic_prioritisation and view.site.service_management is ServiceManagement.BASIC:
        place = at(view, "options", "traffic_prioritisation")
        yield Finding(place, "traffic prioritisation needs the enhanced level", _ENHANCED)


def shared_policy(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The one egress policy gives each class a share, of one kind, and no more than the whole."""
    ordered, place = view.site.options.traffic_prioritisation, at(view, "options", "traffic_prioritisation", "policy")
    if ordered is None:
        return
    for name, one in ordered.policy.items():
        if (one.priority_percent is None) == (one.bandwidth_percent is None):
            message = "needs exactly one of priority_percent and bandwidth_percent"
            yield Finding(place / name, message, "keep one of them")
    total = sum((one.priority_percent or 0) + (one.bandwidth_percent or 0) for one in ordered.policy.values())
    if total > 100:
        yield Finding(place, f"the classes have {total} percent together", "give them at most 100")


def classification(view: SiteView, _: Ground) -> Iterator[Finding]:
    """Each VPN's traffic is classified by itself, into classes of the shared policy."""
    ordered = view.site.options.traffic_prioritisation
    if ordered is None:
        return
    place = at(view, "options", "traffic_prioritisation", "classification")
    for vpn, classes in ordered.classification.items():
        yield from _joined(view, vpn, place / vpn)
        for name, classifier in classes.items():
            if name not in ordered.policy:
                known = ", ".join(ordered.policy)
                yield Finding(place / vpn / name, f"the policy has no class {name}", f"use one of: {known}")
            if not (classifier.dscp or classifier.protocol or classifier.source_port or classifier.destination_port):
                yield Finding(place / vpn / name, "picks no traffic", "add dscp, protocol or ports")
    yield from _unused_classes(view, ordered)


def _unused_classes(view: SiteView, ordered: TrafficPrioritisation) -> Iterator[Finding]:
    used = {name for classes in ordered.classification.values() for name in classes}
    for name in ordered.policy:
        if name not in used:
            place = at(view, "options", "traffic_prioritisation", "policy", name)
            yield warning(place, "no VPN's traffic belongs to this class", "classify some, or remove the class")


def monitoring_is_enhanced(view: SiteView, _: Ground) -> Iterator[Finding]:
    """Proactive monitoring is part of the enhanced level only."""
    if view.site.options.proactive_monitoring and view.site.service_management is ServiceManagement.BASIC:
        place = at(view, "options", "proactive_monitoring")
        yield Finding(place, "proactive monitoring needs the enhanced level", _ENHANCED)


def breakout(view: SiteView, _: Ground) -> Iterator[Finding]:
    """Internet breakout is for a VPN that the site joins and has a LAN in."""
    if ordered := view.site.options.internet_breakout:
        place = at(view, "options", "internet_breakout", "vpn")
        yield from _joined(view, ordered.vpn, place)
        if ordered.vpn in view.site.tunnels and not view.site.lans.get(ordered.vpn):
            yield Finding(place, f"the site has no LAN in {ordered.vpn}", f"add lans.{ordered.vpn}")


def ilan(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The iLAN has a port, a VLAN and a network of its own, apart from every LAN and tunnel network."""
    ordered, place = view.site.options.ilan, at(view, "options", "ilan")
    if ordered is None:
        return
    network = ordered.address.network
    if network.prefixlen > 30 or not is_host(ordered.address):
        yield Finding(
            place / "address", "is no host address of a network with room for guests", "correct the prefix length"
        )
    if kept := kept_for(network):
        message = f"{network} is no network that guests can have: {kept}"
        yield Finding(place / "address", message, "use a private network of its own, as 192.168.50.1/24")
    for name, lans in view.site.lans.items():
        for index, lan in enumerate(lans):
            other = at(view, "lans", name, index)
            if ordered.port in lan.ports:
                yield Finding(place / "port", "is a port of a customer LAN", "use a further port", also=other / "ports")
            if ordered.vlan == lan.vlan:
                yield Finding(
                    place / "vlan", "is the VLAN of a customer LAN", "use a further VLAN", also=other / "vlan"
                )
            if network.overlaps(lan.address.network):
                remedy = "use a network of its own"
                yield Finding(place / "address", f"overlaps {lan.address.network}", remedy, also=other / "address")
    for name in view.site.tunnels:
        vpn = view.customer.vpns.get(name)
        if vpn and network.overlaps(vpn.tunnel_network):
            message = f"overlaps {name}'s tunnel network {vpn.tunnel_network}"
            yield Finding(place / "address", message, "use a network of its own")


def name_servers(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The name servers that guests are told are on the internet: they reach nothing else."""
    ordered = view.site.options.ilan
    for index, server in enumerate(ordered.dns if ordered else ()):
        if not on_the_internet(server):
            place = at(view, "options", "ilan", "dns", index)
            yield Finding(place, f"guests do not reach {server}: it is not on the internet", "name a public server")


def feed_hosts(view: SiteView, ground: Ground) -> Iterator[Finding]:
    """The SNMP feed goes to at most two hosts, in the customer's LANs of its VPN."""
    feed, place = view.site.options.snmp_feed, at(view, "options", "snmp_feed")
    if feed is None:
        return
    yield from _joined(view, feed.vpn, place / "vpn")
    if len(feed.hosts) > FEED_HOSTS:
        message = f"the feed goes to at most two hosts, not {len(feed.hosts)}"
        yield Finding(place / "hosts", message, "keep two of them")
    if len(set(feed.hosts)) < len(feed.hosts):
        yield Finding(place / "hosts", "names a host twice", "keep each once")
    for index, host in enumerate(feed.hosts):
        yield from _customer_host(view, ground, feed.vpn, host, place / "hosts" / index)


def feed_credentials(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The customer's feed has an SNMP user of its own, never the provider's."""
    feed = view.site.options.snmp_feed
    if feed and feed.credentials in (view.router.snmp.credentials, view.router.management.credentials):
        place = at(view, "options", "snmp_feed", "credentials")
        message = "gives the customer the credentials that the provider manages the router with"
        yield Finding(place, message, "add an entry to [credentials] for the customer's feed")


def firewall_logging(view: SiteView, ground: Ground) -> Iterator[Finding]:
    """Firewall logs go to a host of the customer, in a VPN that the site joins."""
    ordered, place = view.site.options.firewall_logging, at(view, "options", "firewall_logging")
    if ordered is None:
        return
    yield from _joined(view, ordered.vpn, place / "vpn")
    yield from _customer_host(view, ground, ordered.vpn, ordered.host, place / "host")
    if not (view.site.options.internet_breakout or view.site.options.ilan):
        message = "the site has no firewall: neither internet breakout nor iLAN is ordered"
        yield warning(place, message, "order one of them, or leave firewall logging out")


def _joined(view: SiteView, vpn: str, place: Place) -> Iterator[Finding]:
    """A finding where an option names a VPN that the site does not join."""
    if vpn not in view.site.tunnels:
        joined = ", ".join(view.site.tunnels) or "none"
        yield Finding(place, f"the site does not join a VPN {vpn}", f"name one that it joins: {joined}")


def _customer_host(view: SiteView, ground: Ground, vpn: str, host: IPv4Address, place: Place) -> Iterator[Finding]:
    """A finding where an address is not that of a customer's host in the VPN."""
    if vpn not in view.site.tunnels:
        return
    own = {lan.address.ip for lans in view.site.lans.values() for lan in lans}
    if host in own:
        yield Finding(place, f"{host} is the router's own address", "name the customer's host")
    elif not ground.is_in_lan(host, view.customer, vpn):
        message = f"{host} is in no customer LAN of {vpn}"
        yield Finding(place, message, "correct the address, or add the LAN or route it is behind")


RULES = (
    SiteRule("WV-5", enhanced_is_used),
    SiteRule("WV-9", prioritisation_is_enhanced),
    SiteRule("WV-9", shared_policy),
    SiteRule("WV-9", classification),
    SiteRule("WV-10", monitoring_is_enhanced),
    SiteRule("WV-11", breakout),
    SiteRule("WV-11", ilan),
    SiteRule("WV-11", name_servers),
    SiteRule("WV-13", feed_hosts),
    SiteRule("WV-13", feed_credentials),
    SiteRule("WV-14", firewall_logging),
)
