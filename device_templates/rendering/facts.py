"""Facts of the service that every platform writes down: who announces what in a VPN, and whose logins are meant."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Interface, IPv4Network

from device_templates.errors import NotRenderable
from device_templates.rendering.words import SecretWords
from inventory import Inventory, SiteView
from inventory.customer import Customer, Vpn
from inventory.rules.platforms import unfit_user
from inventory.settings import SnmpV3Credentials, SshCredentials

#: Routes a VPN may hold beyond what the inventory knows today, so that adding a site breaks no session.
PREFIX_HEADROOM = 500


def process_asn(customer: Customer) -> int:
    """The AS of every router of a customer: some have one BGP process, so one AS carries all of its VPNs."""
    return min(customer.vpns.values(), key=lambda vpn: vpn.id).asn


def fleet_login(inventory: Inventory, view: SiteView) -> SshCredentials:
    """The SSH login of a router; raises NotRenderable where the credentials are of another kind."""
    found = inventory.settings.credentials.get(view.router.management.credentials)
    if not isinstance(found, SshCredentials):
        raise _no_credentials(view, "router.management.credentials", "ssh")
    return found


def fleet_user(inventory: Inventory, view: SiteView) -> SnmpV3Credentials:
    """The SNMPv3 user that polls a router.

    Raises NotRenderable for v2c, which this service does not offer, and for what the platform cannot do [INV-20].
    """
    return _snmp_user(inventory, view, "router.snmp.credentials", view.router.snmp.credentials)


def feed_user(inventory: Inventory, view: SiteView) -> SnmpV3Credentials | None:
    """The SNMPv3 user of the customer's feed [WV-13]; raises what ``fleet_user`` does."""
    feed = view.site.options.snmp_feed
    return None if feed is None else _snmp_user(inventory, view, "options.snmp_feed.credentials", feed.credentials)


def _snmp_user(inventory: Inventory, view: SiteView, field: str, name: str) -> SnmpV3Credentials:
    found = inventory.settings.credentials.get(name)
    if not isinstance(found, SnmpV3Credentials):
        raise _no_credentials(view, field, "snmp-v3")
    if (unfit := unfit_user(view.router, name, found)) is not None:
        message, remedy = unfit
        raise NotRenderable(message, where=at(view, field), rule="INV-20", remedy=remedy)
    return found


def passphrases(user: SnmpV3Credentials, words: SecretWords) -> tuple[str, str]:
    """What an SNMPv3 user is authenticated and encrypted by: at least 8 characters each [RFC 3414, 11.2]."""
    auth, priv = (
        words(reference or "", f"{what} passphrase of SNMP user {user.username}", shortest=8, longest=64)
        for what, reference in (("authentication", user.auth), ("privacy", user.priv))
    )
    return auth, priv


def _no_credentials(view: SiteView, field: str, kind: str) -> NotRenderable:
    return NotRenderable(
        f"needs credentials of kind {kind}",
        where=at(view, field),
        remedy="name an entry of [credentials] in spokesman.toml of that kind",
    )


def at(view: SiteView, field: str) -> str:
    """A field of a site, as errors name it."""
    return f"{view.customer.customer}: sites.{view.name}.{field}"


def static_access(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    """A static address without its gateway leads nowhere [WV-1]."""
    access = view.site.access
    if access.address != "dhcp" and access.gateway is None:
        yield NotRenderable(
            "a static address needs a gateway",
            where=at(view, "access.gateway"),
            rule="WV-1",
            remedy="add access.gateway",
        )


def hub_address(hub: SiteView, vpn: str) -> IPv4Interface:
    """The internet address that a hub's tunnels end at; raises NotRenderable without one, or without a tunnel."""
    address = hub.site.access.address
    if not isinstance(address, IPv4Interface) or vpn not in hub.site.tunnels:
        raise NotRenderable(
            "a hub needs a static address and a tunnel address in its VPN",
            where=at(hub, "access.address"),
            rule="WV-1",
            remedy="set both, or designate another hub",
        )
    return address


def own_networks(view: SiteView, name: str) -> list[IPv4Network]:
    """The LANs of a site in a VPN, and the networks behind them."""
    lans = view.site.lans.get(name, ())
    return sorted({lan.address.network for lan in lans} | {route.prefix for lan in lans for route in lan.routes})


def members(customer: Customer, name: str) -> tuple[IPv4Network, ...]:
    """What any site of a VPN may announce: the summary, and each LAN or route outside it."""
    return _members(_Same(customer), name)


class _Same:
    """A customer as itself: to compare ten thousand sites takes longer than to ask them."""

    __slots__ = ("customer",)

    def __init__(self, customer: Customer) -> None:
        self.customer = customer

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.customer is self.customer

    def __hash__(self) -> int:
        return id(self.customer)


@lru_cache(maxsize=16)
def _members(same: _Same, name: str) -> tuple[IPv4Network, ...]:
    """Worked out once for all sites of a customer."""
    customer, summary = same.customer, same.customer.vpns[name].summary
    found = {summary} if summary else set[IPv4Network]()
    first, last = (int(summary[0]), int(summary[-1])) if summary else (1, 0)
    for site in customer.sites.values():
        for lan in site.lans.get(name, ()) if name in site.tunnels else ():
            for network in (lan.address.network, *(route.prefix for route in lan.routes)):
                if not first <= int(network.network_address) <= int(network.broadcast_address) <= last:
                    found.add(network)
    return tuple(sorted(found))


def announced(view: SiteView, name: str, vpn: Vpn) -> list[IPv4Network]:
    """A hub announces the VPN's summary beside its own networks, so that phase 3 spokes need no other route."""
    extra = [vpn.summary] if vpn.summary and view.is_hub(name) else []
    return sorted({*own_networks(view, name), *extra})


def to_spokes(view: SiteView, name: str, vpn: Vpn) -> list[IPv4Network]:
    """What a hub tells spokes: the summary hides everything inside it; without one, every network of the VPN."""
    known = members(view.customer, name)
    return list(known) if vpn.summary else sorted({*known, *own_networks(view, name)})


def entry(network: IPv4Network, summary: IPv4Network | None) -> str:
    """A prefix-list entry: inside the summary any network, else exactly this one."""
    return f"{network} le 32" if network == summary else str(network)


def shared_key(view: SiteView, words: SecretWords) -> tuple[str, str]:
    """How a router's VPNs prove who they are: ``(key, "")``, or ``("", authority)`` with certificates.

    GRE between two routers is one flow to IPsec whatever VPN it carries, so they share the method and the key. Raises
    NotRenderable where they differ.
    """
    keys = {name: words(vpn.ike.psk, f"IKE key of VPN {name}") for name, vpn in view.vpns.items() if vpn.ike.psk}
    names = {vpn.ike.certificates for vpn in view.vpns.values() if vpn.ike.certificates}
    if len(set(keys.values())) + len(names) != 1:
        raise NotRenderable(
            f"VPNs {', '.join(sorted(view.vpns))} differ in their IKE keys or authorities, "
            "but tunnels on one internet interface share one",
            where=at(view, "tunnels"),
            rule="WV-3",
            remedy="give the VPNs of one router the same ike",
        )
    return (next(iter(keys.values())), "") if keys else ("", names.pop())


def psk_warning(view: SiteView) -> tuple[str, ...]:
    """For people: what a shared key cannot tell apart."""
    shared = [name for name, vpn in view.vpns.items() if vpn.ike.psk is not None]
    if not shared:
        return ()
    return (
        f"VPN {', '.join(shared)}: any site that learns the group's key can join; certificates tell sites apart [WV-3]",
    )
