"""From inventory to context: which addresses, routes, prefixes and secrets one router's partials see."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Interface, IPv4Network

from device_templates.cisco_iosxe.hashing import stable_salt, type9
from device_templates.cisco_iosxe.rendering import context as c
from device_templates.cisco_iosxe.rendering.ike import ike
from device_templates.cisco_iosxe.rendering.secrets import SecretWords
from device_templates.errors import NotRenderable
from device_templates.texts import Secrets
from inventory import Inventory, SiteView
from inventory.customer import Customer, Vpn
from inventory.settings import SnmpV3Credentials, SshCredentials

#: Routes a VPN may hold beyond what the inventory knows today, so that adding a site breaks no session.
_PREFIX_HEADROOM = 500


#: From a password and its salt to what the device stores.
Hash = Callable[[str, str], str]


def context_of(inventory: Inventory, view: SiteView, secrets: Secrets, hashed: Hash = type9) -> c.Context:
    """Everything that partials may know of ``view``'s router; raises NotRenderable or SecretUnusable."""
    words = SecretWords(view.router.name, secrets)
    return c.Context(
        router=_router(inventory, view),
        access=_access(view),
        centre=_centre(inventory, words),
        login=_login(inventory, view, words, hashed),
        snmp=c.SnmpContext(fleet_user(inventory, view).username),
        ike=ike(inventory, view, words),
        bgp=c.BgpContext(process_asn(view.customer)),
        vpns=tuple(_vpn(inventory, view, name, vpn, words) for name, vpn in view.vpns.items()),
        feed=_feed(inventory, view),
        unused=_unused(inventory, view),
    )


def process_asn(customer: Customer) -> int:
    """The AS of every router of a customer: a router has one BGP process, so one AS carries all of its VPNs."""
    return min(customer.vpns.values(), key=lambda vpn: vpn.id).asn


def vrf_of(vpn: str) -> str:
    """The VRF of a VPN."""
    return vpn.upper()


def _router(inventory: Inventory, view: SiteView) -> c.RouterContext:
    router = view.router
    domain = inventory.settings.management_centre.domain
    return c.RouterContext(
        name=router.name,
        fqdn=f"{router.name}.{domain}",
        management=str(router.management.address),
        location=view.key,
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


def _centre(inventory: Inventory, words: SecretWords) -> c.CentreContext:
    centre = inventory.settings.management_centre
    return c.CentreContext(
        peer=str(centre.peer),
        identity=centre.identity,
        domain=centre.domain,
        contact=centre.contact,
        networks=tuple(c.Prefix.of(network) for network in centre.networks),
        ntp=tuple(map(str, centre.ntp)),
        syslog=tuple(map(str, centre.syslog)),
        snmp_managers=tuple(map(str, centre.snmp_managers)),
        tacacs=tuple(map(str, centre.tacacs)),
        banner=centre.banner,
        psk=words(centre.ike_psk, "IKE key of the management tunnel"),
        ntp_key=words.type7(centre.ntp_key, "NTP key", longest=32),
        tacacs_key=words.type7(centre.tacacs_key, "TACACS+ key"),
    )


def _login(inventory: Inventory, view: SiteView, words: SecretWords, hashed: Hash) -> c.LoginContext:
    credentials = fleet_login(inventory, view)
    password = words(credentials.password, "password of the fleet's login", longest=64)
    salt = stable_salt(view.router.name, credentials.username, password)
    return c.LoginContext(credentials.username, hashed(password, salt))


def fleet_login(inventory: Inventory, view: SiteView) -> SshCredentials:
    """The SSH login of a router; raises NotRenderable where the credentials are of another kind."""
    found = inventory.settings.credentials.get(view.router.management.credentials)
    if not isinstance(found, SshCredentials):
        raise _no_credentials(view, "router.management.credentials", "ssh")
    return found


def fleet_user(inventory: Inventory, view: SiteView) -> SnmpV3Credentials:
    """The SNMPv3 user that polls a router; raises NotRenderable for v2c, which this service does not offer."""
    found = inventory.settings.credentials.get(view.router.snmp.credentials)
    if not isinstance(found, SnmpV3Credentials):
        raise _no_credentials(view, "router.snmp.credentials", "snmp-v3")
    return found


def feed_user(inventory: Inventory, view: SiteView) -> SnmpV3Credentials | None:
    """The SNMPv3 user of the customer's feed [WV-13]."""
    feed = view.site.options.snmp_feed
    if feed is None:
        return None
    found = inventory.settings.credentials.get(feed.credentials)
    if not isinstance(found, SnmpV3Credentials):
        raise _no_credentials(view, "options.snmp_feed.credentials", "snmp-v3")
    return found


def _no_credentials(view: SiteView, field: str, kind: str) -> NotRenderable:
    return NotRenderable(
        f"needs credentials of kind {kind}",
        where=f"{view.customer.customer}: sites.{view.name}.{field}",
        remedy="name an entry of [credentials] in spokesman.toml of that kind",
    )


def _feed(inventory: Inventory, view: SiteView) -> c.FeedContext | None:
    feed, user = view.site.options.snmp_feed, feed_user(inventory, view)
    if feed is None or user is None:
        return None
    return c.FeedContext(vrf_of(feed.vpn), user.username, tuple(map(str, feed.hosts)))


def _vpn(inventory: Inventory, view: SiteView, name: str, vpn: Vpn, words: SecretWords) -> c.VpnContext:
    site = view.site
    lans = site.lans.get(name, ())
    routes = [route for lan in lans for route in lan.routes]
    own = sorted({lan.address.network for lan in lans} | {route.prefix for route in routes})
    members = _members(view.customer, name, vpn)
    return c.VpnContext(
        name=name,
        vrf=vrf_of(name),
        id=vpn.id,
        asn=vpn.asn,
        hub=view.is_hub(name),
        address=str(site.tunnels[name]),
        mask=str(vpn.tunnel_network.netmask),
        network=str(vpn.tunnel_network),
        summary=c.Prefix.of(vpn.summary) if vpn.summary else None,
        hubs=tuple(_hub(hub, name) for hub in inventory.hubs(view, name)),
        lans=tuple(c.Lan(lan.vlan, str(lan.address.ip), str(lan.address.netmask)) for lan in lans),
        ports=tuple(c.PortUse(port, lan.vlan) for lan in lans for port in lan.ports),
        routes=tuple(
            c.Route(str(route.prefix.network_address), str(route.prefix.netmask), str(route.via)) for route in routes
        ),
        networks=tuple(c.Prefix.of(network) for network in _announced(view, name, vpn, own)),
        members=tuple(_entry(network, vpn.summary) for network in members),
        to_spokes=tuple(str(network) for network in _to_spokes(vpn, own, members)),
        own=tuple(map(str, own)),
        maximum_prefix=len(members) + _PREFIX_HEADROOM,
        nhrp_authentication=words.optional(vpn.nhrp_authentication, f"NHRP authentication of VPN {name}", longest=8),
        bgp_password=words.type7(vpn.bgp_password, f"BGP password of VPN {name}"),
    )


def _hub(hub: SiteView, vpn: str) -> c.HubPeer:
    address = hub.site.access.address
    if not isinstance(address, IPv4Interface) or vpn not in hub.site.tunnels:
        raise NotRenderable(
            "a hub needs a static address and a tunnel address in its VPN",
            where=f"{hub.customer.customer}: sites.{hub.name}.access.address",
            rule="WV-1",
            remedy="set both, or designate another hub",
        )
    return c.HubPeer(hub.name, str(hub.site.tunnels[vpn]), str(address.ip))


def _members(customer: Customer, name: str, vpn: Vpn) -> list[IPv4Network]:
    """What any site of a VPN may announce: the summary, and each LAN or route outside it."""
    found = {vpn.summary} if vpn.summary else set[IPv4Network]()
    first, last = (int(vpn.summary[0]), int(vpn.summary[-1])) if vpn.summary else (1, 0)
    for site in customer.sites.values():
        for lan in site.lans.get(name, ()) if name in site.tunnels else ():
            for network in (lan.address.network, *(route.prefix for route in lan.routes)):
                if not first <= int(network.network_address) <= int(network.broadcast_address) <= last:
                    found.add(network)
    return sorted(found)


def _announced(view: SiteView, name: str, vpn: Vpn, own: list[IPv4Network]) -> list[IPv4Network]:
    """A hub announces the VPN's summary beside its own networks, so that phase 3 spokes need no other route."""
    extra = [vpn.summary] if vpn.summary and view.is_hub(name) else []
    return sorted({*own, *extra})


def _to_spokes(vpn: Vpn, own: list[IPv4Network], members: list[IPv4Network]) -> list[IPv4Network]:
    """The summary hides everything inside it; without one, spokes learn every network of the VPN."""
    return members if vpn.summary else sorted({*members, *own})


def _entry(network: IPv4Network, summary: IPv4Network | None) -> str:
    """A prefix-list entry: inside the summary any network, else exactly this one."""
    return f"{network} le 32" if network == summary else str(network)


def _unused(inventory: Inventory, view: SiteView) -> c.UnusedPorts:
    model = inventory.model(view.router)
    if model is None:
        return c.UnusedPorts((), ())
    used = {view.site.access.interface}
    used.update(port for lans in view.site.lans.values() for lan in lans for port in lan.ports)
    return c.UnusedPorts(
        tuple(port for port in model.interfaces if port not in used),
        tuple(port for port in model.switch_ports if port not in used),
    )
