"""Who may do what: every operation, every role, on one's own things and on another customer's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.api.application import World, described
from agent.api.caller import MAY, UNLIMITED
from agent.api.document import operations
from agent.app.tokens import Tokens
from agent.store.audit import AuditStore
from agent.tokens import Role
from tests.unit.api.calls import calls
from tests.unit.api.conftest import Client, client_of
from tests.unit.api.filled import Filled

OPERATIONS = sorted(calls("acme"))
PUBLIC = {"getHealth"}
#: The table as docs/api.md promises it, written down a second time on purpose.
READ = {
    "getToken", "getOpenApi", "listCustomers", "getCustomer", "listSites", "getSite", "listRouters", "getRouter",
    "listLyncServers", "getLyncServer", "getStatus", "listServerStates", "listAlarms", "listIncidents", "getIncident",
    "listRequestKinds", "listRequests", "getRequest",
}  # fmt: skip
STORED = {"listPlans", "getPlan", "listArchivedRouters", "listVersions", "getVersion", "compareVersions"}
DESK = {"contactIncident", "confirmIncident", "reopenIncident", "clearIncident", "approveRequest", "cancelRequest"}
EXPECTED = {
    Role.ENGINEER: READ | STORED | DESK | {"makePlan", "submitRequest", "listEvents"},
    Role.OPERATOR: READ | STORED | DESK | {"listEvents"},
    Role.AUTOMATION: READ | STORED | {"submitRequest"},
    Role.CUSTOMER: READ | {"submitRequest"},
}


@pytest.fixture(scope="module")
def clients(shared: Filled) -> dict[tuple[Role, bool], Client]:
    """A client for each role, without a limit and limited to acme."""
    unlimited = {(role, False): client_of(shared, shared.token(role)) for role in Role if role is not Role.CUSTOMER}
    return unlimited | {(role, True): client_of(shared, shared.token(role, "acme")) for role in Role}


def test_there_is_a_call_for_every_operation_and_a_row_in_the_table() -> None:
    documented = {operation["operationId"] for _, operation in operations(described())}
    assert documented == set(OPERATIONS)
    assert documented - PUBLIC == set(MAY)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_role_may_do_what_the_table_says_and_sees_only_its_own(
    operation: str, clients: dict[tuple[Role, bool], Client]
) -> None:
    for (role, limited), client in clients.items():
        own = calls("acme", f"{role}-{limited}")[operation].by(client)
        other_call = calls("bolt", f"{role}-{limited}-2")[operation]
        other = other_call.by(client)
        told = (operation, role, limited, own.status_code, other.status_code, own.text, other.text)
        if operation in PUBLIC:
            assert own.status_code == 200, told
        elif operation not in EXPECTED[role] or (limited and operation in UNLIMITED):
            assert (own.status_code, other.status_code) == (403, 403), told
        else:
            assert own.status_code in (200, 201, 409), told
            assert (other.status_code == 404) == (limited and other_call.named), told
            if limited:
                assert "bolt" not in own.text.replace("bolt-lon-r1 is", ""), told


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nothing_but_health_answers_without_a_valid_token(operation: str, nobody: Client) -> None:
    call = calls("acme")[operation]
    for header in (None, "Bearer ", "Bearer spk_" + "A" * 43, "Basic YTpi", "Bearer a b", f"bearer {'x' * 5000}"):
        headers = {"Authorization": header} if header else {}
        answer = nobody.request(call.method, call.path, json=call.json, headers=call.headers | headers)
        assert answer.status_code == (200 if operation in PUBLIC else 401), (header, answer.text)
        if operation not in PUBLIC:
            assert answer.headers["www-authenticate"].startswith("Bearer realm=")


def test_what_is_somebody_elses_and_what_is_not_are_told_in_the_same_words(shared: Filled) -> None:
    client = client_of(shared, shared.token(Role.CUSTOMER, "acme"))
    pairs = (
        ("/v1/inventory/routers/bolt-lon-r1", "/v1/inventory/routers/none-lon-r1"),
        ("/v1/inventory/customers/bolt", "/v1/inventory/customers/none"),
        ("/v1/incidents/INC-000003", "/v1/incidents/INC-000999"),
        ("/v1/requests/SSR-000002", "/v1/requests/SSR-000999"),
    )
    for theirs, nobodys in pairs:
        answers = [client.get(path).json() for path in (theirs, nobodys)]
        names = [path.rpartition("/")[2] for path in (theirs, nobodys)]
        shown = [(one["status"], one["detail"].replace(name, "X")) for one, name in zip(answers, names, strict=True)]
        assert shown[0] == shown[1]
        assert shown[0][0] == 404


def test_a_token_limited_to_a_site_sees_no_other_site_of_its_customer(shared: Filled) -> None:
    client = client_of(shared, shared.token(Role.CUSTOMER, "acme", "leeds"))
    assert [one["site"] for one in client.get("/v1/inventory/sites").json()["items"]] == ["acme/leeds"]
    assert [one["router"] for one in client.get("/v1/status").json()["items"]] == ["acme-lee-r1"]
    assert {one["incident"] for one in client.get("/v1/incidents?closed=true").json()["items"]} == {"INC-000001"}
    assert {one["subject"] for one in client.get("/v1/alarms").json()["items"]} == {"acme-lee-r1"}
    assert {one["site"] for one in client.get("/v1/requests").json()["items"]} <= {"leeds"}
    for path in ("/v1/inventory/customers/acme/sites/london", "/v1/incidents/INC-000002", "/v1/requests/SSR-000001"):
        assert client.get(path).status_code == 404
    assert client.get("/v1/inventory/customers/acme").json()["sites"] == ["leeds"]
    assert "acme-lon-r1" not in client.get("/v1/incidents/INC-000001").text


def test_a_revoked_token_is_refused_at_once_and_an_expired_one_when_its_time_has_come(workspace: Filled) -> None:
    now = [datetime.now(UTC)]
    secret = workspace.token(Role.ENGINEER, name="short", days=1)
    client = client_of(workspace, secret, World(clock=lambda: now[0]))
    assert client.get("/v1/token").status_code == 200
    now[0] += timedelta(days=1, seconds=1)
    late = client.post("/v1/incidents/INC-000001/contact", json={"words": "x"})
    assert (late.status_code, "expired" in late.json()["detail"]) == (401, True)
    now[0] -= timedelta(days=1)
    Tokens(workspace.serving.engine).revoke("short", "tests")
    answer = client.get("/v1/token")
    assert (answer.status_code, answer.json()["detail"]) == (401, "the token was revoked")
    refused = [one for one in AuditStore(workspace.serving.engine).events() if one.who == "api:short"]
    assert [(one.action, one.result.value, one.subject) for one in refused] == [
        ("api.POST", "refused", "/v1/incidents/INC-000001/contact")
    ]


def test_every_write_and_every_refused_write_is_in_the_audit(workspace: Filled) -> None:
    client = client_of(workspace, workspace.token(Role.ENGINEER, name="desk"))
    customer = client_of(workspace, workspace.token(Role.CUSTOMER, "acme", name="portal"))
    assert client.post("/v1/incidents/INC-000001/contact", json={"words": "hello"}).status_code == 200
    assert client.post("/v1/incidents/INC-000001/contact", json={"words": ""}).status_code == 422
    assert client.post("/v1/incidents/INC-000009/contact", json={"words": "x"}).status_code == 404
    assert client.post("/v1/incidents/INC-000001/confirm", json={"words": "x"}).status_code == 409
    assert client.post("/v1/plans", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert client.request("PUT", "/v1/plans", json={}).status_code == 405
    assert customer.post("/v1/incidents/INC-000001/contact", json={"words": "x"}).status_code == 403
    events = [one for one in AuditStore(workspace.serving.engine).events() if one.action.startswith("api.")]
    assert [(one.who, one.action, one.result.value, one.detail[:3]) for one in events] == [
        ("api:desk", "api.contactIncident", "done", "200"),
        ("api:desk", "api.contactIncident", "refused", "422"),
        ("api:desk", "api.contactIncident", "refused", "404"),
        ("api:desk", "api.confirmIncident", "refused", "409"),
        ("api:desk", "api.POST", "refused", "400"),
        ("api:desk", "api.PUT", "refused", "405"),
        ("api:portal", "api.contactIncident", "refused", "403"),
    ]
    assert all(one.subject.startswith("/v1/") for one in events)
