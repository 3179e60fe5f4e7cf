"""What is wrong in a router's document is found by the check that is for it; an unharmed one has no such finding."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import pytest

from agent.verification import Finding, verify
from device_templates import platform_of
from device_templates.model import RouterModel
from inventory import Inventory, Severity
from inventory.loader import load_workspace
from tests.unit.verification.document_mistakes import DOCUMENTS

CASE = Path(__file__).parents[2] / "golden" / "linux_frr" / "options"


@cache
def _case() -> tuple[Inventory, dict[str, str]]:
    inventory = load_workspace(CASE / "workspace")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((CASE / "expected").glob("*.doc"))}
    return inventory, texts


@cache
def _model(router: str, text: str) -> RouterModel:
    return platform_of(_case()[0].router(router)).read_model(text)


def _findings(router: str = "", there: str = "", instead: str = "") -> list[Finding]:
    inventory, texts = _case()
    changed = {
        name: _sealed(text.replace(there, instead, 1)) if name == router else text for name, text in texts.items()
    }
    return list(verify({name: _model(name, text) for name, text in changed.items()}, inventory))


def _sealed(text: str) -> str:
    body, _, last = text.rpartition("%% end ")
    return f"{body}%% end {last.split()[0]} {hashlib.sha256(body.encode()).hexdigest()}\n"


def test_the_unharmed_documents_are_only_said_not_to_be_proved_in_one_thing() -> None:
    assert {(one.check, one.severity) for one in _findings()} == {("proved-by-packets", Severity.WARNING)}


@pytest.mark.parametrize(("check", "router", "there", "instead"), DOCUMENTS)
def test_a_wrong_line_is_found(check: str, router: str, there: str, instead: str) -> None:
    assert there in _case()[1][router]
    found = [one for one in _findings(router, there, instead) if one.check == check]
    assert found
    assert all(router in one.routers for one in found)
    assert any(line.router == router for one in found for line in one.lines)


def test_what_is_offloaded_may_leave_by_nothing_but_the_tunnel() -> None:
    drop = '    oifname != "gre10" iifname { "vlan10" } ip daddr 10.10.1.0/24 tcp dport 873 drop comment "backups"\n'
    found = [one for one in _findings("acme-lee-r1", drop, "") if one.check == "policies-take-what-is-offloaded"]
    assert {one.rule for one in found} == {"WV-8"}
    assert found[0].flow is not None
    assert found[0].flow.destination_port == 873


def test_a_spoke_that_calls_itself_as_another_router_does_is_found() -> None:
    inventory, texts = _case()
    alike = _sealed(texts["acme-lee-r1"].replace("      id = 10.254.0.12\n", "      id = 198.51.100.10\n"))
    texts = {**texts, "acme-lee-r1": alike}
    models = {name: _model(name, text) for name, text in texts.items()}
    found = [one for one in verify(models, inventory) if one.check == "identities-are-kept-apart"]
    assert [set(one.routers) for one in found] == [set(texts)] * 2, "in both VPNs"
    cited = {texts[line.router].split("\n")[line.number - 1] for one in found for line in one.lines}
    assert cited == {"      id = 198.51.100.10"}
