"""spokesman request as people and programs use it: exit codes, one JSON document, and no traceback for anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from agent.cli import application
from agent.scaffold import create
from inventory.intent import Edit, Entry, written

Spokesman = Callable[..., Result]
ADD = ("add_static_route", "leeds", "vpn=corporate", "prefix=10.10.32.0/22", "via=10.10.2.254")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    create(root, "virtual")
    return root


@pytest.fixture
def spokesman(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Spokesman:
    monkeypatch.setenv("SPOKESMAN_WORKSPACE", str(workspace))
    monkeypatch.chdir(workspace)
    return lambda *arguments: CliRunner().invoke(application, ("request", *arguments))


def document(result: Result) -> Any:
    return json.loads(result.stdout)


def test_the_catalogue_shows_kinds_and_what_needs_an_order(spokesman: Spokesman) -> None:
    shown = spokesman("catalogue")
    assert shown.exit_code == 0
    assert "a person approves it" in shown.output
    assert "needs an order: further VPN" in shown.output
    one = spokesman("catalogue", "add_static_route")
    assert "The network behind the LAN" in one.output
    assert "request submit add_static_route SITE vpn=corporate" in one.output
    (schema,) = document(spokesman("catalogue", "add_static_route", "--json"))
    assert set(schema["parameters"]["required"]) == {"vpn", "prefix", "via"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("catalogue", "nothing"), 1),
        (("submit",), 1),
        (("submit", "nothing", "leeds"), 1),
        (("submit", "add_vpn", "leeds"), 1),
        (("submit", "add_vpn", "nowhere"), 1),
        ((*("submit", *ADD), "prefix=10.10.36.0/24"), 1),
        (("submit", "add_static_route", "leeds", "vpn"), 1),
        (("submit", "add_static_route", "leeds", "vpn=corporate", "prefix=10.10.32.1/22", "via=10.10.2.254"), 1),
        (("submit", *ADD, "--wish", "expedite=maybe"), 1),
        (("submit", *ADD, "--wish", "not_before=tomorrow"), 1),
        (("submit", *ADD, "--wish", "state=applied"), 1),
        (("submit", *ADD, "--key", "a b"), 1),
        (("submit", "--file", "absent.json"), 1),
        (("submit", "--file", "/"), 1),
        (("show", "SSR-000009"), 1),
        (("show",), 2),
        (("approve", "SSR-000009"), 1),
        (("cancel", "nonsense"), 1),
        (("withdraw", "SSR-000009", "--reason", "x"), 1),
        (("work", "SSR-000009"), 1),
        (("work",), 0),
        (("list",), 0),
        (("list", "--state", "lost"), 2),
        (("charges",), 0),
        (("charge", "add", "bribe", "leeds"), 2),
        (("charge", "add", "cancellation", "leeds"), 1),
        (("charge", "add", "cancellation", "leeds", "--about", "order=ORD-9"), 1),
        (("charge", "add", "expedite", "leeds", "--on", "2099-01-01"), 1),
        (("charge", "add", "expedite", "leeds", "--on", "soon"), 1),
        (("charge", "add", "expedite", "leeds", "--on", "0001-01-01"), 1),
        (("charge", "add", "expedite", "leeds", "--change", "cpe"), 1),
        (("charge", "add", "order_change", "leeds", "--about", "order=ORD-1002"), 1),
        (("charge", "add", "expedite", "leeds", "--about", "colour=red"), 1),
        (("charge", "add", "expedite", "leeds", "--about", "request=SSR-000009"), 1),
        (("charge", "add", "expedite", "leeds", "--about", "incident=INC-000009"), 1),
        (("charge", "add", "expedite", "leeds", "--about", "incident=none"), 1),
        (("charge", "add", "expedite", "leeds", "--note", "a\nb"), 1),
        (("charge", "add", "failed_site_visit", "leeds", "--on", "2026-11-01"), 0),
        (("charge", "add", "order_change", "leeds", "--about", "order=ORD-1002", "--change", "date"), 0),
    ],
)
def test_a_command_ends_with_its_code_and_one_document(
    spokesman: Spokesman, arguments: tuple[str, ...], code: int
) -> None:
    for given in (arguments, (*arguments, "--json")):
        result = spokesman(*given)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
    if code != 2:
        document(result)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"kind": 1}', b"[" * 60000, b'{"kind":"add_vpn"}',
     b'{"a":"' + b"x" * 70000 + b'"}'],
)  # fmt: skip
def test_a_file_that_is_no_request_is_refused(spokesman: Spokesman, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "request.json").write_bytes(content)
    result = spokesman("submit", "--file", str(tmp_path / "request.json"), "--json")
    assert result.exit_code == 1
    assert document(result)["error"]["message"]
    assert document(spokesman("list", "--json")) == []


def test_what_a_request_before_service_is_told_to_do_can_be_done(spokesman: Spokesman) -> None:
    refused = spokesman("submit", *ADD)
    assert "[WV-24]" in refused.output
    remedy = " ".join(refused.output.split()).partition("spokesman request ")[2]
    assert spokesman(*remedy.split()).exit_code == 0


def test_a_request_by_file_is_kept_and_repeated(spokesman: Spokesman, tmp_path: Path) -> None:
    asked = {
        "kind": "add_static_route", "customer": "acme", "site": "leeds", "key": "CR-7", "reference": "CR-7",
        "parameters": {"vpn": "corporate", "prefix": "10.10.32.0/22", "via": "10.10.2.254"},
    }  # fmt: skip
    (tmp_path / "request.json").write_text(json.dumps(asked))
    first, again = (spokesman("submit", "--file", str(tmp_path / "request.json"), "--json") for _ in range(2))
    assert document(first) == document(again)
    assert (document(first)["state"], first.exit_code) == ("refused", 1)  # the example's sites are not in service yet
    assert "not in service" in spokesman("show", "SSR-000001").output
    assert "SSR-000001" in spokesman("list").output


def test_a_cancellation_is_charged_by_its_band_once(spokesman: Spokesman, workspace: Path) -> None:
    path = workspace / "customers" / "acme.yaml"
    path.write_text(path.read_text().replace("reference: ORD-1002,", "reference: ORD-1002, indicative: 2026-12-01,"))
    cancelled = ("charge", "add", "cancellation", "leeds", "--about", "order=ORD-1002", "--on", "2026-11-15", "--json")
    first = document(spokesman(*cancelled))
    assert (first["band"], first["reference"]) == ("within_three_weeks", "CHG-000001")
    assert "twelve months' rental" in first["basis"]
    assert document(spokesman(*cancelled)) == first
    (listed,) = document(spokesman("charges", "--customer", "acme", "--since", "2026-11-01", "--json"))
    assert listed == first
    assert "ORD-1002" in spokesman("charges").output


def test_a_request_whose_site_was_given_up_is_withdrawn_although_it_breaks_the_inventory(
    spokesman: Spokesman, workspace: Path
) -> None:
    assert spokesman("submit", *ADD).exit_code == 1
    path = ("sites", "leeds", "lans", "corporate", {"vlan": 10}, "routes")
    edit = Edit.model_validate({"path": path, "add": {"prefix": "10.10.32.0/22", "via": "10.10.2.254"}})
    entry = Entry(request="SSR-000001", kind="add_static_route", edits=(edit,))
    (workspace / "customers" / "acme.requests.yaml").write_text(written("acme", (entry,)))
    customer = workspace / "customers" / "acme.yaml"
    customer.write_text(customer.read_text().replace("  leeds:\n", "  bradford:\n", 1))
    broken = spokesman("submit", *ADD)
    assert (broken.exit_code, "spokesman request withdraw SSR-000001" in broken.output) == (1, True)
    assert spokesman("withdraw", "SSR-000001", "--reason", "the site moved").exit_code == 0
    assert spokesman("list").exit_code == 0
