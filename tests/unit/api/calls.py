"""One call of each operation on things of a given customer, for tests that go through all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.unit.api.conftest import Client


@dataclass(frozen=True)
class Call:
    """A request; ``named``: it names something of the customer, so that somebody else's token must get 404."""

    method: str
    path: str
    named: bool = True
    json: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def by(self, client: Client) -> httpx.Response:
        """Send it."""
        return client.request(self.method, self.path, json=self.json, headers=self.headers)


WORDS = {"words": "told by telephone"}
INCIDENTS = {"acme": "INC-000001", "bolt": "INC-000003"}
REQUESTS = {"acme": "SSR-000001", "bolt": "SSR-000002"}
PLANS = {"acme": "P-00000001", "bolt": "P-00000002"}


def calls(customer: str, key: str = "k") -> dict[str, Call]:
    """Every operation by its id, on things of ``customer``."""
    routers, archive = f"/v1/inventory/routers/{customer}-lon-r1", f"/v1/archive/routers/{customer}-lon-r1"
    incident, request = f"/v1/incidents/{INCIDENTS[customer]}", f"/v1/requests/{REQUESTS[customer]}"
    submission = {
        "kind": "add_static_route",
        "customer": customer,
        "site": "leeds",
        "parameters": {"vpn": "corporate", "prefix": "10.10.40.0/24", "via": "10.10.2.254"},
    }
    return {
        "getHealth": Call("GET", "/v1/health", named=False),
        "getToken": Call("GET", "/v1/token", named=False),
        "getOpenApi": Call("GET", "/v1/openapi.json", named=False),
        "listEvents": Call("GET", "/v1/events", named=False),
        "listCustomers": Call("GET", "/v1/inventory/customers", named=False),
        "getCustomer": Call("GET", f"/v1/inventory/customers/{customer}"),
        "listSites": Call("GET", "/v1/inventory/sites", named=False),
        "getSite": Call("GET", f"/v1/inventory/customers/{customer}/sites/leeds"),
        "listRouters": Call("GET", "/v1/inventory/routers", named=False),
        "getRouter": Call("GET", routers),
        "listLyncServers": Call("GET", "/v1/inventory/lync-servers", named=False),
        "getLyncServer": Call("GET", f"/v1/inventory/lync-servers/{customer}-lync-fe1"),
        "listPlans": Call("GET", "/v1/plans", named=False),
        "getPlan": Call("GET", f"/v1/plans/{PLANS[customer]}"),
        "makePlan": Call("POST", "/v1/plans", json={"customer": customer, "site": "leeds"}),
        "listArchivedRouters": Call("GET", "/v1/archive/routers", named=False),
        "listVersions": Call("GET", f"{archive}/versions"),
        "getVersion": Call("GET", f"{archive}/versions/1"),
        "compareVersions": Call("GET", f"{archive}/diff?older=1&newer=2"),
        "getStatus": Call("GET", "/v1/status", named=False),
        "listServerStates": Call("GET", "/v1/status/lync-servers", named=False),
        "listAlarms": Call("GET", "/v1/alarms?cleared=true", named=False),
        "listIncidents": Call("GET", "/v1/incidents?closed=true", named=False),
        "getIncident": Call("GET", incident),
        "contactIncident": Call("POST", f"{incident}/contact", json=WORDS),
        "confirmIncident": Call("POST", f"{incident}/confirm", json=WORDS),
        "reopenIncident": Call("POST", f"{incident}/reopen", json=WORDS),
        "clearIncident": Call("POST", f"{incident}/clear", json=WORDS),
        "listRequestKinds": Call("GET", "/v1/requests/catalogue", named=False),
        "submitRequest": Call("POST", "/v1/requests", json=submission, headers={"Idempotency-Key": key}),
        "listRequests": Call("GET", "/v1/requests", named=False),
        "getRequest": Call("GET", request),
        "approveRequest": Call("POST", f"{request}/approve", json={}),
        "cancelRequest": Call("POST", f"{request}/cancel", json={"why": "not wanted any more"}),
    }
