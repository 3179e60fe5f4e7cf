"""What customers and routers refer to in spokesman.toml: credentials and secrets, and the settings among themselves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from inventory.customer import Customer
from inventory.rules.base import Finding, Ground, Place, WorkspaceRule, at, of
from inventory.settings import Settings

_SNMP = ("snmp-v3", "snmp-v2c")


def credentials(ground: Ground) -> Iterator[Finding]:
    """Credentials that are named exist, and are of the kind that is needed."""
    if ground.settings is None:
        return
    for place, name, kinds in _named_credentials(ground):
        entry = ground.settings.credentials.get(name)
        if entry is None:
            known = (
                ", ".join(key for key, one in ground.settings.credentials.items() if one.kind in kinds) or "none yet"
            )
            message = f"there is no entry {name} in [credentials] of spokesman.toml"
            yield Finding(place, message, f"add it there; of this kind are known: {known}")
        elif entry.kind not in kinds:
            message = f"{name} holds credentials of kind {entry.kind}"
            yield Finding(place, message, f"name an entry of kind {' or '.join(kinds)}")


def _named_credentials(ground: Ground) -> Iterator[tuple[Place, str, tuple[str, ...]]]:
    for view in ground.views:
        router, feed = view.router, view.site.options.snmp_feed
        yield at(view, "router", "management", "credentials"), router.management.credentials, ("ssh",)
        yield at(view, "router", "snmp", "credentials"), router.snmp.credentials, _SNMP
        if feed:
            yield at(view, "options", "snmp_feed", "credentials"), feed.credentials, ("snmp-v3",)
    for customer in ground.customers:
        for name, server in customer.lync.servers.items():
            place = of(customer, "lync", "servers", name)
            yield place / "credentials", server.credentials, ("winrm",)
            if server.snmp:
                yield place / "snmp" / "credentials", server.snmp.credentials, _SNMP


def secrets(ground: Ground) -> Iterator[Finding]:
    """A secret's bare name is an entry of [secrets], and such an entry says where the secret is."""
    if ground.settings is None:
        return
    remedy = "add the entry, or write env:NAME, file:PATH or keyring:SERVICE/USER"
    for place, reference in _references(ground, ground.settings):
        if ":" not in reference and reference not in ground.settings.secrets:
            # The text is not repeated: it may be a secret that was written where its name belongs.
            yield Finding(place, "is no entry of [secrets] in spokesman.toml", remedy)
    for name, reference in ground.settings.secrets.items():
        if ":" not in reference:
            place = Place(None, ("secrets", name))
            yield Finding(place, "must say where the secret is", "write env:NAME, file:PATH or keyring:SERVICE/USER")


def _references(ground: Ground, settings: Settings) -> Iterator[tuple[Place, str]]:
    for customer in ground.customers:
        for name, vpn in customer.vpns.items():
            place = of(customer, "vpns", name)
            fields = ((place / "ike" / "psk", vpn.ike.psk), (place / "bgp_password", vpn.bgp_password),
                      (place / "nhrp_authentication", vpn.nhrp_authentication))  # fmt: skip
            yield from ((where, reference) for where, reference in fields if reference)
        yield from _standby_keys(customer)
    centre = Place(None, ("management_centre",))
    yield centre / "ike_psk", settings.management_centre.ike_psk
    yield centre / "ntp_key", settings.management_centre.ntp_key
    if settings.management_centre.tacacs_key:
        yield centre / "tacacs_key", settings.management_centre.tacacs_key
    yield Place(None, ("store", "master_key")), settings.store.master_key
    for name, webhook in settings.webhooks.items():
        for key, reference in (("secret", webhook.secret), ("previous_secret", webhook.previous_secret)):
            if reference:
                yield Place(None, ("webhooks", name, key)), reference
    for key in ("bearer_token", "password"):
        if reference := getattr(settings.remote_write, key, None):
            yield Place(None, ("remote_write", key)), reference
    for name, entry in settings.credentials.items():
        for key in ("password", "auth", "priv", "community"):
            if reference := getattr(entry, key, None):
                yield Place(None, ("credentials", name, key)), reference


def _standby_keys(customer: Customer) -> Iterator[tuple[Place, str]]:
    for site, its in customer.sites.items():
        for vpn, group in its.resilience.hsrp.items() if its.resilience else ():
            if group.authentication:
                yield of(customer, "sites", site, "resilience", "hsrp", vpn, "authentication"), group.authentication


def tacacs(ground: Ground) -> Iterator[Finding]:
    """TACACS+ servers share a key with the routers."""
    if ground.settings and bool(ground.settings.management_centre.tacacs) != bool(
        ground.settings.management_centre.tacacs_key
    ):
        place = Place(None, ("management_centre", "tacacs"))
        yield Finding(place, "tacacs and tacacs_key need each other", "add the other, or remove this one")


def centre_hosts(ground: Ground) -> Iterator[Finding]:
    """What routers send the management centre goes by the management tunnel, which leads to its networks only."""
    if ground.settings is None:
        return
    centre = ground.settings.management_centre
    known = ", ".join(map(str, centre.networks))
    for key, hosts in (("ntp", centre.ntp), ("syslog", centre.syslog), ("snmp_managers", centre.snmp_managers)):
        for index, host in enumerate(hosts):
            if not any(host in network for network in centre.networks):
                place = Place(None, ("management_centre", key, index))
                message = f"{host} is in none of management_centre.networks, so not reached by the management tunnel"
                yield Finding(place, message, f"take an address of {known}, or add its network there")


def translations(ground: Ground) -> Iterator[Finding]:
    """Translated networks are as large as those they stand for, and no address is translated twice."""
    if ground.settings is None:
        return
    rules = list(enumerate(ground.settings.reach.nat))
    for index, nat in rules:
        place = Place(None, ("reach", "nat", index))
        if nat.managed.prefixlen != nat.reached.prefixlen:
            yield Finding(place / "reached", "has another prefix length than managed", "write networks of one size")
        for port in nat.ports:
            if int(port) > 65535:
                yield Finding(place / "ports", f"{port} is no port", "write one from 1 to 65535")
    for (index, one), (other_index, other) in combinations(rules, 2):
        if one.managed.overlaps(other.managed):
            place = Place(None, ("reach", "nat", other_index, "managed"))
            also = Place(None, ("reach", "nat", index, "managed"))
            yield Finding(place, f"{other.managed} overlaps {one.managed}", "translate each address once", also=also)


def ping_command(ground: Ground) -> Iterator[Finding]:
    """The command that pings is told the address."""
    if ground.settings and not any("{address}" in word for word in ground.settings.reach.ping):
        place = Place(None, ("reach", "ping"))
        yield Finding(place, "does not hold {address}", "put {address} where the address goes")


RULES = (
    WorkspaceRule("INV-11", credentials),
    WorkspaceRule("INV-12", secrets),
    WorkspaceRule("INV-13", tacacs),
    WorkspaceRule("WV-7", centre_hosts),
    WorkspaceRule("INV-13", translations),
    WorkspaceRule("INV-13", ping_command),
)
