"""From inventory to context: which addresses, routes, prefixes and secrets one router's partials see."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Interface

from device_templates.cisco_iosxe.hashing import stable_salt, type9
from device_templates.cisco_iosxe.names import vrf_of
from device_templates.cisco_iosxe.rendering import context as c
from device_templates.cisco_iosxe.rendering.dialect import dialect_of, numbers_of
from device_templates.cisco_iosxe.rendering.ike import ike
from device_templates.cisco_iosxe.rendering.options.every import router_options, vpn_options
from device_templates.cisco_iosxe.rendering.prefix import Prefix
from device_templates.cisco_iosxe.rendering.secrets import IosWords
from device_templates.rendering import facts
from device_templates.rendering.facts import feed_user, fleet_login, fleet_user, process_asn
from device_templates.texts import Secrets
from inventory import Inventory, SiteView
from inventory.customer import Vpn

#: Spokes that a hub takes by itself, and at most.
_LISTEN_STEP, _LISTEN_MOST = 100, 5000
#: From a password and its salt to what the device stores.
Hash = Callable[[str, str], str]


def context_of(inventory: Inventory, view: SiteView, secrets: Secrets, hashed: Hash = type9) -> c.Context:
    """Everything that partials may know of ``view``'s router; raises NotRenderable or SecretUnusable."""
    words = IosWords(view.router.name, secrets)
    return c.Context(
        router=_router(inventory, view),
        access=_access(view),
        centre=_centre(inventory, words),
        login=_login(inventory, view, words, hashed),
        snmp=c.SnmpContext(fleet_user(inventory, view).username),
        ike=ike(inventory, view, words),
        bgp=c.BgpContext(process_asn(view.customer), _listen_limit(inventory, view)),
        vpns=tuple(_vpn(inventory, view, name, vpn, words) for name, vpn in view.vpns.items()),
        feed=_feed(inventory, view),
        unused=_unused(inventory, view),
        options=router_options(inventory, view),
        dialect=dialect_of(view.router.release),
    )


def _router(inventory: Inventory, view: SiteView) -> c.RouterContext:
    router = view.router
    domain = inventory.settings.management_centre.domain
    return c.RouterContext(
        name=router.name,
        fqdn=f"{router.name}.{domain}",
        management=str(router.management.address),
        location=view.key,
        version=".".join(map(str, numbers_of(router.release))),
    )


def _access(view: SiteView) -> c.AccessContext:
    access = view.site.access
    fixed = access.address if isinstance(access.address, IPv4Interface) else None
    provider = access.provided_by.value.upper()
    return c.AccessContext(
        interface=access.interface,
        provider=f"{provider}, {access.supplier}" if access.supplier else provider,
        dhcp=fixed is None,
        nat=access.nat,
        address=str(fixed.ip) if fixed else "",
        mask=str(fixed.netmask) if fixed else "",
        gateway=str(access.gateway) if access.gateway else "",
        up_kbps=access.up_kbps,
    )


def _centre(inventory: Inventory, words: IosWords) -> c.CentreContext:
    centre = inventory.settings.management_centre
    return c.CentreContext(
        peer=str(centre.peer),
        identity=centre.identity,
        domain=centre.domain,
        contact=centre.contact,
        networks=tuple(Prefix.of(network) for network in centre.networks),
        ntp=tuple(map(str, centre.ntp)),
        syslog=tuple(map(str, centre.syslog)),
        snmp_managers=tuple(map(str, centre.snmp_managers)),
        tacacs=tuple(map(str, centre.tacacs)),
        banner=centre.banner,
        psk=words(centre.ike_psk, "IKE key of the management tunnel"),
        ntp_key=words.type7(centre.ntp_key, "NTP key", longest=32),
        tacacs_key=words.type7(centre.tacacs_key, "TACACS+ key"),
    )


def _login(inventory: Inventory, view: SiteView, words: IosWords, hashed: Hash) -> c.LoginContext:
    credentials = fleet_login(inventory, view)
    password = words(credentials.password, "password of the fleet's login", longest=64)
    salt = stable_salt(view.router.name, credentials.username, password)
    return c.LoginContext(credentials.username, hashed(password, salt))


def _listen_limit(inventory: Inventory, view: SiteView) -> int:
    """By hundreds, so that it seldom changes; IOS takes a hundred by itself, 5000 at most [BGP Dynamic Neighbors]."""
    hubs = [(name, vpn) for name, vpn in view.vpns.items() if view.is_hub(name)]
    spokes = sum(len(inventory.members(view.customer, name)) - len(vpn.hubs) for name, vpn in hubs)
    return min(-(-spokes // _LISTEN_STEP) * _LISTEN_STEP, _LISTEN_MOST) if spokes > _LISTEN_STEP else 0


def _feed(inventory: Inventory, view: SiteView) -> c.FeedContext | None:
    feed, user = view.site.options.snmp_feed, feed_user(inventory, view)
    if feed is None or user is None:
        return None
    return c.FeedContext(vrf_of(feed.vpn), user.username, tuple(map(str, feed.hosts)))


def _vpn(inventory: Inventory, view: SiteView, name: str, vpn: Vpn, words: IosWords) -> c.VpnContext:
    site = view.site
    lans = site.lans.get(name, ())
    routes = [route for lan in lans for route in lan.routes]
    members = facts.members(view.customer, name)
    return c.VpnContext(
        name=name,
        vrf=vrf_of(name),
        id=vpn.id,
        asn=vpn.asn,
        hub=view.is_hub(name),
        address=str(site.tunnels[name]),
        mask=str(vpn.tunnel_network.netmask),
        network=str(vpn.tunnel_network),
        summary=Prefix.of(vpn.summary) if vpn.summary else None,
        hubs=tuple(_hub(hub, name) for hub in inventory.hubs(view, name)),
        lans=tuple(c.Lan(lan.vlan, str(lan.address.ip), str(lan.address.netmask)) for lan in lans),
        ports=tuple(c.PortUse(port, lan.vlan) for lan in lans for port in lan.ports),
        routes=tuple(
            c.Route(str(route.prefix.network_address), str(route.prefix.netmask), str(route.via)) for route in routes
        ),
        networks=tuple(Prefix.of(network) for network in facts.announced(view, name, vpn)),
        members=tuple(facts.entry(network, vpn.summary) for network in members),
        to_spokes=tuple(str(network) for network in facts.to_spokes(view, name, vpn)),
        own=tuple(map(str, facts.own_networks(view, name))),
        maximum_prefix=len(members) + facts.PREFIX_HEADROOM,
        options=vpn_options(inventory, view, name, words),
        nhrp_authentication=words.optional(vpn.nhrp_authentication, f"NHRP authentication of VPN {name}", longest=8),
        bgp_password=words.type7(vpn.bgp_password, f"BGP password of VPN {name}"),
    )


def _hub(hub: SiteView, vpn: str) -> c.HubPeer:
    address = facts.hub_address(hub, vpn)
    return c.HubPeer(hub.name, str(hub.site.tunnels[vpn]), str(address.ip))


def _unused(inventory: Inventory, view: SiteView) -> c.UnusedPorts:
    model = inventory.model(view.router)
    if model is None:
        return c.UnusedPorts((), ())
    used = {view.site.access.interface}
    if view.site.options.ilan:
        used.add(view.site.options.ilan.port)
    used.update(port for lans in view.site.lans.values() for lan in lans for port in lan.ports)
    return c.UnusedPorts(
        tuple(port for port in model.interfaces if port not in used),
        tuple(port for port in model.switch_ports if port not in used),
    )
