"""From inventory to context: one VPN of a router, with the options that are ordered for it."""

from __future__ import annotations

from ipaddress import IPv4Address

from device_templates.linux_frr import names
from device_templates.linux_frr.rendering import context as c
from device_templates.linux_frr.rendering.picking import BREAKOUT, matches
from device_templates.linux_frr.rendering.qos import handles
from device_templates.rendering import facts
from device_templates.rendering.words import SecretWords
from device_templates.shows import VpnRef
from inventory import Inventory, SiteView
from inventory.customer import Vpn

#: Link-local: between the two ends of a veth pair, and in no customer's plan of addresses.
_BREAKOUTS = int(IPv4Address("169.254.0.0"))


def vpn_context(
    inventory: Inventory, view: SiteView, name: str, words: SecretWords, feed: c.Feed | None
) -> c.VpnContext:
    """Everything of one VPN; raises NotRenderable or SecretUnusable."""
    vpn, site = view.vpns[name], view.site
    lans = tuple(
        c.Lan(names.lan_of(lan.vlan), lan.ports, str(lan.address), str(lan.address.ip))
        for lan in site.lans.get(name, ())
    )
    members = facts.members(view.customer, name)
    breakout, classes = _breakout(view, name, vpn), _classes(view, name)
    hub, tunnel, network = view.is_hub(name), names.tunnel_of(VpnRef(name, vpn.id)), vpn.tunnel_network
    ordered_feed, logging = site.options.snmp_feed, site.options.firewall_logging
    return c.VpnContext(
        name=name,
        id=vpn.id,
        asn=facts.process_asn(view.customer),
        hub=hub,
        tunnel=tunnel,
        address=str(site.tunnels[name]),
        network=str(network),
        summary=str(vpn.summary) if vpn.summary else "",
        hubs=tuple(_hub(one, name) for one in inventory.hubs(view, name)),
        lans=lans,
        inner=(tunnel, *(lan.name for lan in lans)),
        lan_names=tuple(lan.name for lan in lans),
        routes=tuple(c.Route(str(one.prefix), str(one.via)) for lan in site.lans.get(name, ()) for one in lan.routes),
        networks=tuple(map(str, sorted({*facts.announced(view, name, vpn), *({network} if hub else ())}))),
        members=tuple(facts.entry(one, vpn.summary) for one in members),
        to_spokes=tuple(map(str, sorted({*facts.to_spokes(view, name, vpn), network}))),
        own=tuple(map(str, facts.own_networks(view, name))),
        maximum_prefix=len(members) + facts.PREFIX_HEADROOM,
        breakout=breakout,
        queued=site.options.traffic_prioritisation is not None,
        classes=classes,
        breakout_classes=classes if breakout else (),
        offload=_offload(view, name),
        vrrp=_vrrp(inventory, view, name),
        feed=feed if ordered_feed and ordered_feed.vpn == name else None,
        logs=logging is not None,
        bgp_password=words.optional(vpn.bgp_password, f"BGP password of VPN {name}"),
    )


def _hub(hub: SiteView, vpn: str) -> c.HubPeer:
    return c.HubPeer(hub.name, str(hub.site.tunnels[vpn]), str(facts.hub_address(hub, vpn).ip))


def _breakout(view: SiteView, name: str, vpn: Vpn) -> c.Breakout | None:
    ordered = view.site.options.internet_breakout
    if ordered is None or ordered.vpn != name:
        return None
    first = _BREAKOUTS + 4 * vpn.id
    outside, inside = IPv4Address(first + 1), IPv4Address(first + 2)
    never = sorted({*facts.members(view.customer, name), vpn.tunnel_network})
    there = {vpn.tunnel_network, vpn.summary} if view.is_hub(name) else set()
    own = set(facts.own_networks(view, name))
    return c.Breakout(
        name=f"ibo{vpn.id}",
        outer=f"ibo{vpn.id}-fd",
        inside=f"{inside}/30",
        outside=f"{outside}/30",
        outside_host=str(outside),
        allow=tuple(match for one in dict.fromkeys(ordered.allow) for match in BREAKOUT[one]),
        never=tuple(map(str, never)),
        blackholes=tuple(str(one) for one in never if one not in there and one not in own),
        ftp="ftp" in ordered.allow,
    )


def _classes(view: SiteView, name: str) -> tuple[c.Picked, ...]:
    ordered = view.site.options.traffic_prioritisation
    if ordered is None:
        return ()
    its = ordered.classification.get(name, {})
    return tuple(c.Picked(one, matches(its[one]), handle) for one, handle in handles(view).items() if one in its)


def _offload(view: SiteView, name: str) -> tuple[c.Picked, ...]:
    resilience = view.site.resilience
    ordered = resilience.offload if resilience else ()
    return tuple(c.Picked(one.name, matches(one.match), "") for one in ordered if one.vpn == name)


def _vrrp(inventory: Inventory, view: SiteView, name: str) -> c.Vrrp | None:
    resilience = view.site.resilience
    ordered = resilience.hsrp.get(name) if resilience else None
    if resilience is None or ordered is None:
        return None
    lan = next(lan for lan in view.site.lans[name] if ordered.virtual in lan.address.network)
    return c.Vrrp(
        interface=names.lan_of(lan.vlan),
        own=str(lan.address.ip),
        group=ordered.group,
        virtual=f"{ordered.virtual}/{lan.address.network.prefixlen}",
        primary=str(ordered.primary_address),
        track=str(resilience.primary.track),
        hubs=tuple(str(hub.site.tunnels[name]) for hub in inventory.hubs(view, name)),
    )
