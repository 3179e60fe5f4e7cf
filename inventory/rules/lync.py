"""Lync pools and servers: features, options, support and its link, NTP for edges [LY-1 to LY-10]."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.customer import Customer
from inventory.lync import Pool, Release, Server, Support
from inventory.rules.base import CustomerRule, Finding, Ground, Place, of, site_networks, warning

#: Access numbers for dial-in conferencing that the charges include [LY-2].
INCLUDED_NUMBERS = 20
#: The newest release that is managed [LY-5].
CURRENT = Release.LYNC_2013
_FRONT_ENDS = frozenset({"front_end", "standard_edition"})


def pools(customer: Customer, ground: Ground) -> Iterator[Finding]:
    """A pool stands at a site of the customer, and a front end or standard edition server gives its features."""
    for name, pool in customer.lync.pools.items():
        place = of(customer, "lync", "pools", name)
        if pool.site not in customer.sites and not ground.is_broken(of(customer, "sites", pool.site)):
            known = ", ".join(customer.sites)
            yield Finding(place / "site", f"there is no site {pool.site}", f"name one of: {known}")
        roles = [server.role for server in customer.lync.servers.values() if server.pool == name]
        if not _FRONT_ENDS & set(roles) and not _some_broken(ground, customer, "servers"):
            message = "no server of this pool gives the standard features"
            yield Finding(place, message, "add a front_end or a standard_edition server")
        if "standard_edition" in roles and len([role for role in roles if role in _FRONT_ENDS]) > 1:
            yield Finding(
                place, "a standard edition server is the only front end of its pool", "make it a pool of its own"
            )


def servers(customer: Customer, ground: Ground) -> Iterator[Finding]:
    """A server belongs to a pool of the customer."""
    for name, server in customer.lync.servers.items():
        if server.pool in customer.lync.pools or ground.is_broken(of(customer, "lync", "pools", server.pool)):
            continue
        known = ", ".join(customer.lync.pools) or "none yet"
        place = of(customer, "lync", "servers", name, "pool")
        yield Finding(place, f"there is no pool {server.pool}", f"name one of: {known}")


def server_addresses(customer: Customer, _: Ground) -> Iterator[Finding]:
    """A server other than an edge is in a LAN of its pool's site."""
    for name, server in customer.lync.servers.items():
        pool = customer.lync.pools.get(server.pool)
        site = customer.sites.get(pool.site) if pool else None
        if site is None or server.role == "edge":
            continue
        if not any(server.address in network for vpn in site.lans for network in site_networks(site, vpn)):
            message = f"{server.address} is in no LAN of its pool's site"
            place = of(customer, "lync", "servers", name, "address")
            yield warning(place, message, "correct the address, or add the LAN or route it is behind")


def dial_in(customer: Customer, _: Ground) -> Iterator[Finding]:
    """Dial-in conferencing has different numbers; more than those included are agreed to be charged."""
    for place, pool in _pools(customer):
        ordered = pool.features.dial_in_conferencing
        if ordered is None:
            continue
        here = place / "features" / "dial_in_conferencing" / "numbers"
        if len(ordered.numbers) > INCLUDED_NUMBERS and not ordered.chargeable_numbers_agreed:
            message = f"{len(ordered.numbers)} access numbers, and {INCLUDED_NUMBERS} are included"
            yield Finding(here, message, "remove some, or set chargeable_numbers_agreed: true once the customer agreed")
        if len(set(ordered.numbers)) < len(ordered.numbers):
            yield Finding(here, "names a number twice", "keep each once")


def unified_messaging(customer: Customer, _: Ground) -> Iterator[Finding]:
    """Exchange unified messaging complements Enterprise Voice, and needs Exchange 2007 SP1 or later."""
    for place, pool in _pools(customer):
        ordered, here = pool.features.exchange_um, place / "features" / "exchange_um"
        if ordered is None:
            continue
        if not pool.features.enterprise_voice:
            yield Finding(
                here, "Exchange unified messaging complements Enterprise Voice", "order enterprise_voice as well"
            )
        if ordered.exchange == "2007":
            yield Finding(
                here / "exchange", "Exchange 2007 needs service pack 1 at least", "upgrade it to 2007-sp1 first"
            )


def federation(customer: Customer, _: Ground) -> Iterator[Finding]:
    """A federation is agreed by both enterprises and has public certificates; public IM has licences too."""
    for place, pool in _pools(customer):
        for index, partner in enumerate(pool.features.federation):
            here = place / "features" / "federation" / index
            if not partner.agreed:
                message = f"{partner.domain} has not agreed to federate"
                yield Finding(here / "agreed", message, "set agreed: true once both have")
            if not partner.public_certificate:
                yield Finding(here / "public_certificate", "federation needs a public certificate", "buy it first")
        public, here = pool.features.public_im, place / "features" / "public_im"
        if public and not public.licences:
            yield Finding(
                here / "licences", "public IM needs the customer's licences", "set licences: true once bought"
            )
        if public and not public.public_certificate:
            yield Finding(here / "public_certificate", "public IM needs a public certificate", "buy it first")


def partners(customer: Customer, _: Ground) -> Iterator[Finding]:
    """Each partner of a federation and each public provider is named once."""
    for place, pool in _pools(customer):
        domains = [partner.domain for partner in pool.features.federation]
        if len(set(domains)) < len(domains):
            yield Finding(place / "features" / "federation", "names a domain twice", "keep each once")
        public = pool.features.public_im
        if public and len(set(public.providers)) < len(public.providers):
            here = place / "features" / "public_im" / "providers"
            yield Finding(here, "names a provider twice", "keep each once")


def edge_features(customer: Customer, ground: Ground) -> Iterator[Finding]:
    """External access, federation and public IM go through an edge server."""
    has_edge = any(server.role == "edge" for server in customer.lync.servers.values())
    if has_edge or _some_broken(ground, customer, "servers"):
        return
    for place, pool in _pools(customer):
        features = pool.features
        wanted = {
            "external_access": features.external_access,
            "federation": bool(features.federation),
            "public_im": features.public_im is not None,
        }
        for name, is_ordered in wanted.items():
            if is_ordered:
                yield Finding(place / "features" / name, f"{name} needs an edge server", "add a server with role: edge")


def full_resilience(customer: Customer, ground: Ground) -> Iterator[Finding]:
    """Full resilience is more than one server: with a single front end its loss is the pool's."""
    for place, pool in _pools(customer):
        front_ends = [s for s in customer.lync.servers.values() if s.pool == place.path[-1] and s.role == "front_end"]
        if pool.resilience == "full" and len(front_ends) < 2 and not _some_broken(ground, customer, "servers"):
            message = "full resilience needs two front ends at least"
            yield Finding(place / "resilience", message, "add a front_end server, or order partial")


def support_link(customer: Customer, _: Ground) -> Iterator[Finding]:
    """Application support needs a dedicated management link."""
    for place, server in _servers(customer):
        if server.support and server.management_link is None:
            message = "application support needs a dedicated management link"
            yield Finding(place / "management_link", message, "add management_link: {type: dsl} or {type: mpls}")


def support_features(customer: Customer, _: Ground) -> Iterator[Finding]:
    """Application support is ordered with one of its features at least."""
    for place, server in _servers(customer):
        if server.support == Support():
            yield warning(place / "support", "none of its features is selected", "select some, or remove it")


def upgrades(customer: Customer, _: Ground) -> Iterator[Finding]:
    """An upgrade that is there and is not ordered suspends the service level."""
    for place, server in _servers(customer):
        pool = customer.lync.pools.get(server.pool)
        if server.support and not server.support.upgrades and pool and pool.version is not CURRENT:
            message = f"Lync Server {pool.version.value} is not the current version, and no upgrades are ordered"
            remedy = "order support.upgrades: without them the service level is suspended"
            yield warning(place / "support" / "upgrades", message, remedy)


def backups(customer: Customer, _: Ground) -> Iterator[Finding]:
    """The configuration is backed up where it can be exported: at a front end or a standard edition server."""
    for place, server in _servers(customer):
        if server.support and server.support.backup and server.role not in _FRONT_ENDS:
            message = f"a server of role {server.role} does not export the configuration"
            remedy = "order the backup on a front_end or a standard_edition server of its deployment"
            yield Finding(place / "support" / "backup", message, remedy)


def proactive_support(customer: Customer, _: Ground) -> Iterator[Finding]:
    """Faults can be found before the customer reports them only where the server can be asked."""
    for place, server in _servers(customer):
        if server.support and server.support.proactive and server.snmp is None:
            yield Finding(place / "snmp", "proactive support needs SNMP", "add snmp: {credentials: NAME}")


def edge_time(customer: Customer, _: Ground) -> Iterator[Finding]:
    """The customer supplies an NTP source for edge servers."""
    for _place, server in _servers(customer):
        pool = customer.lync.pools.get(server.pool)
        if server.role == "edge" and pool and pool.ntp is None:
            here = of(customer, "lync", "pools", server.pool, "ntp")
            yield Finding(here, "its edge server needs the customer's NTP source", "add ntp: ADDRESS")


def _pools(customer: Customer) -> Iterator[tuple[Place, Pool]]:
    for name, pool in customer.lync.pools.items():
        yield of(customer, "lync", "pools", name), pool


def _servers(customer: Customer) -> Iterator[tuple[Place, Server]]:
    for name, server in customer.lync.servers.items():
        yield of(customer, "lync", "servers", name), server


def _some_broken(ground: Ground, customer: Customer, kind: str) -> bool:
    """Whether some pool or server of the customer was left out, so that what is missing may be there."""
    return any(place.customer == customer.customer and place.path[:2] == ("lync", kind) for place in ground.broken)


RULES = (
    CustomerRule("LY-1", pools),
    CustomerRule("LY-1", servers),
    CustomerRule("LY-1", server_addresses),
    CustomerRule("LY-2", dial_in),
    CustomerRule("LY-2", unified_messaging),
    CustomerRule("LY-2", federation),
    CustomerRule("LY-2", partners),
    CustomerRule("LY-2", edge_features),
    CustomerRule("LY-2", full_resilience),
    CustomerRule("LY-4", support_link),
    CustomerRule("LY-4", support_features),
    CustomerRule("LY-5", upgrades),
    CustomerRule("LY-7", backups),
    CustomerRule("LY-9", proactive_support),
    CustomerRule("LY-10", edge_time),
)
