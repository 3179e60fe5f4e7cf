"""/v1/inventory: what is managed."""

from __future__ import annotations

from fastapi import APIRouter

from agent.api.caller import Work, Worker
from agent.api.problems import not_found
from agent.api.views.common import CustomerName, HostName, Limit, NameCursor, Page, SiteName, by_name
from agent.api.views.inventory import (
    CustomerView,
    LyncServerView,
    RouterView,
    SiteDocument,
    customer_view,
    router_view,
    server_view,
    site_document,
)
from inventory import Inventory, SiteView
from inventory.customer import Customer

router = APIRouter(prefix="/inventory", tags=["inventory"])


@router.get("/customers", operation_id="listCustomers", summary="List customers")
def list_customers(work: Worker, limit: Limit = 50, cursor: NameCursor = None) -> Page[CustomerView]:
    """The customers that this token may see, by name. Needs a good inventory on the disk, as all of `/inventory`."""
    inventory = work.serving.inventory()
    customers = [one for one in inventory.customers.values() if work.whole or one.customer == work.token.customer]
    return by_name(customers, lambda one: one.customer, lambda one: _customer(work, inventory, one), (cursor, limit))


@router.get("/customers/{customer}", operation_id="getCustomer", summary="Show a customer")
def get_customer(work: Worker, customer: CustomerName) -> CustomerView:
    """A customer: contacts, VPNs, and its sites as far as this token may see them."""
    inventory = work.serving.inventory()
    found = inventory.customers.get(customer)
    if found is None or not (work.whole or customer == work.token.customer):
        raise not_found("customer", customer)
    return _customer(work, inventory, found)


@router.get("/sites", operation_id="listSites", summary="List sites")
def list_sites(work: Worker, limit: Limit = 50, cursor: NameCursor = None) -> Page[SiteDocument]:
    """The sites that this token may see, by `customer/site`."""
    return by_name(_sites(work), lambda view: view.key, site_document, (cursor, limit))


@router.get("/customers/{customer}/sites/{site}", operation_id="getSite", summary="Show a site")
def get_site(work: Worker, customer: CustomerName, site: SiteName) -> SiteDocument:
    """A site: its orders, access, VPNs and LANs."""
    return site_document(site_of(work, work.serving.inventory(), customer, site))


@router.get("/routers", operation_id="listRouters", summary="List routers")
def list_routers(work: Worker, limit: Limit = 50, cursor: NameCursor = None) -> Page[RouterView]:
    """The managed routers that this token may see, by name."""
    return by_name(
        _sites(work), lambda view: view.router.name, lambda view: router_view(view, staff=work.staff), (cursor, limit)
    )


@router.get("/routers/{router}", operation_id="getRouter", summary="Show a router")
def get_router(work: Worker, router: HostName) -> RouterView:
    """A managed router."""
    for view in _sites(work):
        if view.router.name == router:
            return router_view(view, staff=work.staff)
    raise not_found("router", router)


@router.get("/lync-servers", operation_id="listLyncServers", summary="List Lync servers")
def list_lync_servers(work: Worker, limit: Limit = 50, cursor: NameCursor = None) -> Page[LyncServerView]:
    """The managed Lync servers that this token may see, by name."""
    servers = [view for view in work.serving.inventory().servers() if work.sees(view.site.key)]
    return by_name(servers, lambda view: view.name, server_view, (cursor, limit))


@router.get("/lync-servers/{server}", operation_id="getLyncServer", summary="Show a Lync server")
def get_lync_server(work: Worker, server: HostName) -> LyncServerView:
    """A managed Lync server."""
    for view in work.serving.inventory().servers():
        if view.name == server and work.sees(view.site.key):
            return server_view(view)
    raise not_found("Lync server", server)


def site_of(work: Work, inventory: Inventory, customer: str, site: str) -> SiteView:
    """A site that the token may see; Refusal (404) for others and for none alike."""
    found = inventory.customers.get(customer)
    if found is None or site not in found.sites or not work.token.may_see(customer, site):
        raise not_found("site", f"{customer}/{site}")
    return inventory.site(f"{customer}/{site}")


def _sites(work: Work) -> list[SiteView]:
    return [view for view in work.serving.inventory().sites() if work.sees(view.key)]


def _customer(work: Work, inventory: Inventory, customer: Customer) -> CustomerView:
    sites = tuple(name for name in sorted(customer.sites) if work.token.may_see(customer.customer, name))
    return customer_view(inventory, customer, sites)
