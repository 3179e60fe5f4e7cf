"""What a rule is: a function that looks at valid records and tells what it finds, with the place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network

from inventory.customer import Customer
from inventory.errors import Severity
from inventory.rules.networks import Networks
from inventory.settings import RouterModel, Settings
from inventory.site import Router, Site
from inventory.workspace import SiteView

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A field of a customer's file, or of spokesman.toml where ``customer`` is None."""

    customer: str | None
    path: Path

    def __truediv__(self, key: str | int) -> Place:
        return Place(self.customer, (*self.path, key))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has to say of a place; ``also`` is the other place of a conflict between two."""

    place: Place
    message: str
    remedy: str = ""
    severity: Severity = Severity.ERROR
    also: Place | None = None


def warning(place: Place, message: str, remedy: str = "") -> Finding:
    """A finding that asks a person to look and refuses nothing."""
    return Finding(place, message, remedy, Severity.WARNING)


@dataclass(frozen=True)
class Ground:
    """What rules stand on: the records that are valid in form, and the names of those that are not.

    ``settings`` is None where spokesman.toml cannot be used; ``broken`` holds the sites, pools and servers that were
    left out, so that a reference to one of them is not called unknown as well.
    """

    settings: Settings | None
    customers: tuple[Customer, ...]
    broken: frozenset[Place] = field(default_factory=frozenset)

    @cached_property
    def views(self) -> tuple[SiteView, ...]:
        """All sites, in the order of their files."""
        return tuple(SiteView(c, name, site) for c in self.customers for name, site in c.sites.items())

    def is_broken(self, place: Place) -> bool:
        """Whether something stands at ``place`` that could not be read."""
        return place in self.broken

    def model(self, router: Router) -> RouterModel | None:
        """What spokesman.toml knows of a router's model."""
        if self.settings is None:
            return None
        platform = self.settings.platforms.get(router.platform)
        return platform.models.get(router.model) if platform else None

    @cached_property
    def _members(self) -> dict[tuple[str, str], tuple[Site, ...]]:
        found: dict[tuple[str, str], list[Site]] = {}
        for view in self.views:
            for vpn in view.site.tunnels:
                found.setdefault((view.customer.customer, vpn), []).append(view.site)
        return {key: tuple(sites) for key, sites in found.items()}

    def members(self, customer: Customer, vpn: str) -> tuple[Site, ...]:
        """The sites that join a VPN."""
        return self._members.get((customer.customer, vpn), ())

    @cached_property
    def _networks(self) -> dict[tuple[str, str], Networks[None]]:
        return {
            key: Networks((network, None) for site in sites for network in site_networks(site, key[1]))
            for key, sites in self._members.items()
        }

    def is_in_lan(self, address: IPv4Address, customer: Customer, vpn: str) -> bool:
        """Whether an address is in a LAN of a VPN, or in what is routed behind one, at any site."""
        networks = self._networks.get((customer.customer, vpn))
        return networks is not None and networks.around(address) is not None


def site_networks(site: Site, vpn: str) -> Iterator[IPv4Network]:
    """The LANs of a VPN at one site, and what is routed behind them."""
    for lan in site.lans.get(vpn, ()):
        yield lan.address.network
        for route in lan.routes:
            yield route.prefix


def at(view: SiteView, *path: str | int) -> Place:
    """A field of a site."""
    return Place(view.customer.customer, ("sites", view.name, *path))


def of(customer: Customer, *path: str | int) -> Place:
    """A field of a customer."""
    return Place(customer.customer, path)


@dataclass(frozen=True, slots=True)
class SiteRule:
    """A rule that looks at one site after the other."""

    identifier: str
    check: Callable[[SiteView, Ground], Iterable[Finding]]

    def run(self, ground: Ground) -> Iterator[Finding]:
        for view in ground.views:
            yield from self.check(view, ground)


@dataclass(frozen=True, slots=True)
class CustomerRule:
    """A rule that looks at one customer after the other."""

    identifier: str
    check: Callable[[Customer, Ground], Iterable[Finding]]

    def run(self, ground: Ground) -> Iterator[Finding]:
        for customer in ground.customers:
            yield from self.check(customer, ground)


@dataclass(frozen=True, slots=True)
class WorkspaceRule:
    """A rule that looks at everything at once."""

    identifier: str
    check: Callable[[Ground], Iterable[Finding]]

    def run(self, ground: Ground) -> Iterator[Finding]:
        yield from self.check(ground)


Rule = SiteRule | CustomerRule | WorkspaceRule
