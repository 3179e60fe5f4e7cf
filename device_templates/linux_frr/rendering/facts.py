"""From inventory to context: which addresses, networks and secrets one router's partials see."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Interface

from device_templates.linux_frr import names
from device_templates.linux_frr.hashing import LONGEST_PASSWORD, hashed, stable_salt
from device_templates.linux_frr.rendering import context as c
from device_templates.linux_frr.rendering.qos import qos
from device_templates.linux_frr.rendering.snmp import engine, feed, fleet_snmp
from device_templates.linux_frr.rendering.vpns import vpn_context
from device_templates.rendering.facts import fleet_login, hub_address, shared_key
from device_templates.rendering.words import Alphabet, SecretWords
from device_templates.texts import Secrets
from inventory import Inventory, SiteView

#: From a password and its salt to what the router stores.
Hash = Callable[[str, str], str]
#: A word that strongSwan, FRR, net-snmp and chrony all read as it is, inside quotes or bare. strongSwan takes what
#: begins with 0x or 0s for the digits of another key, however few of them are some.
LINUX = Alphabet(
    re.compile(r"(?![#!]|0[xXsS])[!#-&(-\[\]-_a-~]+"),
    "strongSwan, FRR, net-snmp or chrony read otherwise",
    "use printable ASCII without blanks, quotes, backslashes and backticks, and no #, !, 0x or 0s in front",
)


def context_of(inventory: Inventory, view: SiteView, secrets: Secrets, hash_of: Hash = hashed) -> c.Context:
    """Everything that partials may know of ``view``'s router; raises NotRenderable or SecretUnusable."""
    words = SecretWords(view.router.name, secrets, LINUX)
    its_feed = feed(inventory, view, words)
    vpns = tuple(vpn_context(inventory, view, name, words, its_feed) for name in view.vpns)
    return c.Context(
        router=_router(inventory, view),
        access=_access(view),
        centre=_centre(inventory, words),
        login=_login(inventory, view, words, hash_of),
        snmp=fleet_snmp(inventory, view, words),
        ike=_ike(inventory, view, words),
        vpns=vpns,
        qos=qos(view),
        ilan=_ilan(view),
        guests_queued=bool(view.site.options.ilan and view.site.options.traffic_prioritisation),
        firewall_logging=_logging(view),
        unused=_unused(inventory, view),
    )


def _router(inventory: Inventory, view: SiteView) -> c.RouterContext:
    router = view.router
    return c.RouterContext(
        name=router.name,
        fqdn=f"{router.name}.{inventory.settings.management_centre.domain}",
        management=str(router.management.address),
        location=view.key,
        engine=engine(router.name, "fleet"),
        ssh_port=router.management.port,
        snmp_port=router.snmp.port,
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
        address=str(fixed) if fixed else "",
        host=str(fixed.ip) if fixed else "",
        gateway=str(access.gateway) if access.gateway else "",
        identity=_identity(view, fixed),
        up_kbps=access.up_kbps,
    )


def _identity(view: SiteView, fixed: IPv4Interface | None) -> str:
    """The internet address, or that of the management where others may have the same: leased or behind NAT.

    A hub keeps one association for each identity (``unique = replace``). It is an address either way: those are what
    hubs of other platforms take.
    """
    return str(fixed.ip if fixed and not view.site.access.nat else view.router.management.address)


def _centre(inventory: Inventory, words: SecretWords) -> c.CentreContext:
    centre = inventory.settings.management_centre
    return c.CentreContext(
        peer=str(centre.peer),
        identity=centre.identity,
        domain=centre.domain,
        contact=centre.contact,
        networks=tuple(map(str, centre.networks)),
        ntp=tuple(map(str, centre.ntp)),
        syslog=tuple(map(str, centre.syslog)),
        snmp_managers=tuple(map(str, centre.snmp_managers)),
        banner=centre.banner,
        psk=words(centre.ike_psk, "IKE key of the management tunnel"),
        ntp_key=words(centre.ntp_key, "NTP key", longest=32),
    )


def _login(inventory: Inventory, view: SiteView, words: SecretWords, hash_of: Hash) -> c.LoginContext:
    credentials = fleet_login(inventory, view)
    password = words(credentials.password, "password of the fleet's login", longest=min(64, LONGEST_PASSWORD))
    salt = stable_salt(view.router.name, credentials.username, password)
    return c.LoginContext(credentials.username, hash_of(password, salt))


def _ike(inventory: Inventory, view: SiteView, words: SecretWords) -> c.IkeContext:
    key, _ = shared_key(view, words)
    hubs = {hub.name: hub_address(hub, vpn).ip for vpn in view.vpns for hub in inventory.hubs(view, vpn)}
    return c.IkeContext(key, tuple(c.HubHost(name, str(address)) for name, address in sorted(hubs.items())))


def _ilan(view: SiteView) -> c.IlanContext | None:
    ilan = view.site.options.ilan
    if ilan is None:
        return None
    return c.IlanContext(names.lan_of(ilan.vlan), ilan.port, str(ilan.address), str(ilan.address.network))


def _logging(view: SiteView) -> c.LoggingContext | None:
    ordered = view.site.options.firewall_logging
    return c.LoggingContext(ordered.vpn, str(ordered.host)) if ordered else None


def _unused(inventory: Inventory, view: SiteView) -> tuple[str, ...]:
    """Ports that nothing was ordered for, of a model that is known."""
    model = inventory.model(view.router)
    if model is None:
        return ()
    used = {view.site.access.interface}
    used.update(port for lans in view.site.lans.values() for lan in lans for port in lan.ports)
    used.update({view.site.options.ilan.port} if view.site.options.ilan else ())
    return tuple(sorted({*model.interfaces, *model.switch_ports} - used))
