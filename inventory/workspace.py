"""The loaded inventory: every customer of a workspace, indexed by the names that other parts use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from inventory.customer import Customer, Vpn
from inventory.errors import Problem, UnknownName
from inventory.lync import Pool, Server
from inventory.platforms import PlatformName
from inventory.settings import Platform, RouterModel, Settings
from inventory.site import Router, Site


@dataclass(frozen=True)
class SiteView:
    """A site with what it belongs to; ``key`` (``customer/site``) is unique in the workspace."""

    customer: Customer
    name: str
    site: Site

    @property
    def key(self) -> str:
        return f"{self.customer.customer}/{self.name}"

    @property
    def router(self) -> Router:
        return self.site.router

    @property
    def vpns(self) -> dict[str, Vpn]:
        """The VPNs that this site joins, in order of their id."""
        joined = {name: self.customer.vpns[name] for name in self.site.tunnels}
        return dict(sorted(joined.items(), key=lambda item: item[1].id))

    def is_hub(self, vpn: str) -> bool:
        """Whether this site is designated hub of ``vpn`` [WV-1]."""
        return self.name in self.customer.vpns[vpn].hubs


@dataclass(frozen=True)
class ServerView:
    """A Lync server with what it belongs to; ``name`` is unique among the names of all devices."""

    customer: Customer
    name: str
    server: Server

    @property
    def pool(self) -> Pool:
        return self.customer.lync.pools[self.server.pool]

    @property
    def site(self) -> SiteView:
        """Where its pool stands."""
        return SiteView(self.customer, self.pool.site, self.customer.sites[self.pool.site])


@dataclass(frozen=True)
class Inventory:
    """Everything that is managed; ``digest`` is SHA-256 over the files it was read from."""

    root: Path
    settings: Settings
    customers: dict[str, Customer]
    digest: str
    warnings: tuple[Problem, ...] = ()
    #: By customer, over what its devices depend on: the settings and the customer's own files.
    digests: Mapping[str, str] = field(default_factory=dict)

    def sites(self) -> Iterator[SiteView]:
        """All sites, by customer and name."""
        for _, customer in sorted(self.customers.items()):
            for name, site in sorted(customer.sites.items()):
                yield SiteView(customer, name, site)

    def digest_of(self, customer: str) -> str:
        """Equal as long as nothing moved that the customer's devices depend on; other customers' files may."""
        return self.digests.get(customer, self.digest)

    @cached_property
    def _by_router(self) -> dict[str, SiteView]:
        return {view.router.name: view for view in self.sites()}

    @cached_property
    def _by_key(self) -> dict[str, SiteView]:
        return {view.key: view for view in self.sites()}

    @property
    def router_names(self) -> tuple[str, ...]:
        return tuple(self._by_router)

    def customer(self, name: str) -> Customer:
        """A customer by its key; raises UnknownName."""
        try:
            return self.customers[name]
        except KeyError:
            raise UnknownName("customer", name, tuple(self.customers)) from None

    def router(self, name: str) -> SiteView:
        """The site of a router; raises UnknownName."""
        try:
            return self._by_router[name]
        except KeyError:
            raise UnknownName("router", name, self.router_names) from None

    def site(self, name: str) -> SiteView:
        """A site by ``customer/site``, or by its bare name where only one customer has it; raises UnknownName."""
        if name in self._by_key:
            return self._by_key[name]
        found = [view for view in self.sites() if view.name == name]
        if len(found) != 1:
            raise UnknownName("site", name, tuple(view.key for view in found) or tuple(self._by_key))
        return found[0]

    def hubs(self, view: SiteView, vpn: str) -> tuple[SiteView, ...]:
        """The hub sites of a VPN, other than ``view`` itself, in the order in which the VPN names them."""
        customer = view.customer
        names = [name for name in customer.vpns[vpn].hubs if name != view.name]
        return tuple(SiteView(customer, name, customer.sites[name]) for name in names)

    def members(self, customer: Customer, vpn: str) -> tuple[SiteView, ...]:
        """All sites that join a VPN, by name."""
        return tuple(
            SiteView(customer, name, site) for name, site in sorted(customer.sites.items()) if vpn in site.tunnels
        )

    def servers(self) -> Iterator[ServerView]:
        """All Lync servers, by customer and name."""
        for _, customer in sorted(self.customers.items()):
            for name, server in sorted(customer.lync.servers.items()):
                yield ServerView(customer, name, server)

    @cached_property
    def _by_server(self) -> dict[str, ServerView]:
        return {view.name: view for view in self.servers()}

    @property
    def server_names(self) -> tuple[str, ...]:
        return tuple(self._by_server)

    def server(self, name: str) -> ServerView:
        """A Lync server; raises UnknownName."""
        try:
            return self._by_server[name]
        except KeyError:
            raise UnknownName("server", name, self.server_names) from None

    def platform(self, name: PlatformName) -> Platform:
        """A platform's settings, or the defaults."""
        return self.settings.platforms.get(name, Platform())

    def model(self, router: Router) -> RouterModel | None:
        """What is known of a router's model."""
        return self.platform(router.platform).models.get(router.model)
