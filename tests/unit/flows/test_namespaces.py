"""A router of namespaces is asked the same: silent on the golden configurations, and found where a line is wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from agent.verification import Finding
from agent.verification.flows import what_packets_do
from agent.verification.ground import Ground
from device_templates import platform_of
from inventory import Severity
from inventory.loader import load_workspace
from tests.unit.flows.mistakes import OF_NAMESPACES

GOLDEN = Path(__file__).parents[2] / "golden" / "linux_frr"


def _findings(case: str, there: str = "", instead: str = "") -> list[Finding]:
    inventory = load_workspace(GOLDEN / case / "workspace")
    models = {}
    for view in inventory.sites():
        text = (GOLDEN / case / "expected" / f"{view.router.name}.doc").read_text()
        if there and view.router.name == "acme-lon-r1":
            assert there in text
            text = _sealed(text.replace(there, instead, 1))
        models[view.router.name] = platform_of(view).read_model(text)
    return list(what_packets_do(Ground(inventory, models)))


def _sealed(text: str) -> str:
    """A document whose last line has the digest of the others."""
    body, _, last = text.rpartition("%% end ")
    return f"{body}%% end {last.split()[0]} {hashlib.sha256(body.encode()).hexdigest()}\n"


#: Orders that are said not to be judged by packets.
UNPROVED: dict[str, set[str]] = {"two_vpns": set(), "options": {"iLAN"}}


@pytest.mark.parametrize("case", ["two_vpns", "options"])
def test_what_was_ordered_is_what_packets_do(case: str) -> None:
    found = _findings(case)
    assert not [one for one in found if one.severity is Severity.ERROR]
    assert {one.message.split(":")[0] for one in found} == UNPROVED[case]


@pytest.mark.parametrize(("question", "there", "instead"), OF_NAMESPACES)
def test_a_wrong_line_is_found(question: str, there: str, instead: str) -> None:
    found = [one for one in _findings("options", there, instead) if one.check == question]
    assert found
    for one in found:
        assert one.routers == ("acme-lon-r1",)
        assert one.flow is None or one.flow.source != one.flow.destination
        assert not one.message.endswith(" ")
