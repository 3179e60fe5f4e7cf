"""No answer holds a secret; a customer's holds nothing of another customer and no way to reach devices."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from agent.api.application import described
from agent.app.app import App
from agent.tokens import Role
from inventory import load_workspace
from tests.unit.api.calls import calls
from tests.unit.api.conftest import Client, client_of
from tests.unit.api.filled import Filled


def everything(client: Client) -> list[httpx.Response]:
    """All that a client can get to see: every operation on both customers' things, answers and refusals."""
    answers = []
    for customer in ("acme", "bolt"):
        for call in calls(customer).values():
            answers.append(call.by(client))
            answers.append(client.request(call.method, call.path.replace("-lon-", "-xxx-"), json={"secret": "spk_x"}))
    for incident in range(1, 4):
        answers.append(client.get(f"/v1/incidents/INC-{incident:06d}"))
    for version in (1, 2):
        answers.append(client.get(f"/v1/archive/routers/acme-lee-r1/versions/{version}"))
    return answers


def text_of(answers: list[httpx.Response]) -> str:
    """All of the answers, headers too."""
    return "\n".join(f"{dict(one.headers)}\n{one.text}" for one in answers)


@pytest.mark.parametrize("role", Role)
def test_no_answer_holds_a_secret(role: Role, workspace: Filled) -> None:
    token = workspace.token(role, *(("acme",) if role is Role.CUSTOMER else ()))
    text = text_of(everything(client_of(workspace, token)))
    assert len(workspace.secrets) > 10
    assert not [secret for secret in workspace.secrets if len(secret) >= 6 and secret in text]
    assert token not in text
    assert not re.search(r"(file|env|keyring):[a-z]", text)
    assert str(workspace.root) not in text
    assert "Traceback" not in text


def test_archived_texts_do_hold_secrets_so_that_the_sweep_means_something(workspace: Filled) -> None:
    app = App(workspace.root, "ann")
    kept = app.archive.load("acme-lon-r1", 1).text
    assert [secret for secret in workspace.secrets if secret in kept]


def test_a_customer_sees_no_other_customer_and_no_management_address(workspace: Filled) -> None:
    answers = everything(client_of(workspace, workspace.token(Role.CUSTOMER, "acme")))
    text = text_of(answers)
    addresses = {str(view.router.management.address) for view in load_workspace(workspace.root).sites()}
    assert not [address for address in addresses if re.search(rf"(?<![\d.]){re.escape(address)}(?![\d])", text)]
    assert "PLANTED" not in text
    assert "bolt" not in text_of([one for one in answers if one.is_success]).lower()


def test_engineers_do_see_what_is_hidden_from_customers(engineer: Client) -> None:
    assert "PLANTED evidence text of bolt-lon-r1" in engineer.get("/v1/incidents/INC-000003").text
    assert engineer.get("/v1/inventory/routers/acme-lon-r1").json()["management_address"] == "10.254.0.11"
    assert "asked through bolt-lon-r1" in engineer.get("/v1/incidents/INC-000001").text


def test_a_bad_inventory_is_told_to_who_can_repair_it_and_stops_only_what_needs_one(workspace: Filled) -> None:
    engineer = client_of(workspace, workspace.token(Role.ENGINEER))
    customer = Client(engineer.app, workspace.token(Role.CUSTOMER, "acme"))
    assert engineer.get("/v1/status").status_code == 200
    _spoil(workspace.root)
    needing = ("listCustomers", "getSite", "listRouters", "getStatus", "makePlan", "submitRequest")
    for name in needing:
        answer = calls("acme")[name].by(engineer)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60"), name
        reasons = answer.json()["reasons"]
        assert any("customers/acme.yaml" in one["where"] for one in reasons), name
    told = calls("acme")["getStatus"].by(customer)
    assert (told.status_code, told.json()["reasons"], "yaml" in told.text) == (503, [], False)
    for name in ("listAlarms", "listIncidents", "getIncident", "listRequests", "getRequest", "listRequestKinds"):
        assert calls("acme")[name].by(customer).status_code == 200, name
    for name in ("listPlans", "getPlan", "getVersion", "compareVersions", "contactIncident", "listEvents"):
        assert calls("acme")[name].by(engineer).status_code == 200, name


def test_an_api_that_starts_with_a_bad_inventory_shows_what_was(workspace: Filled) -> None:
    token, limited = workspace.token(Role.ENGINEER), workspace.token(Role.CUSTOMER, "acme")
    good = (workspace.root / "customers" / "acme.yaml").read_text()
    _spoil(workspace.root)
    engineer = client_of(workspace, token)
    customer = Client(engineer.app, limited)
    for name in ("listAlarms", "getIncident", "listPlans", "listEvents", "getToken", "listArchivedRouters"):
        assert calls("acme")[name].by(engineer).status_code == 200, name
    assert calls("acme")["getRouter"].by(engineer).status_code == 503
    assert calls("acme")["listAlarms"].by(customer).status_code == 503  # whose they are is not known
    (workspace.root / "customers" / "acme.yaml").write_text(good)
    assert calls("acme")["getRouter"].by(engineer).status_code == 200
    assert calls("acme")["listAlarms"].by(customer).status_code == 200


def test_the_document_names_nothing_of_a_workspace_and_no_version_of_ours() -> None:
    text = str(described())
    assert "0.1.0" not in text
    assert "/v1/" in text


def _spoil(root: Path) -> None:
    path = root / "customers" / "acme.yaml"
    path.write_text(path.read_text().replace("address: 198.51.100.10/29", "address: dhcp"))
