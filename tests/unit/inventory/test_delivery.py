"""A good inventory may still hold a delivery: the order, the licences, the customer's access, the platform."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from inventory import load_workspace
from inventory.delivery import hold_reasons

WORKSPACES = Path(__file__).parent / "workspaces"
ACME = "customers/acme.yaml"
Copy = Callable[..., Path]


def test_nothing_holds_an_accepted_or_a_delivered_order() -> None:
    inventory = load_workspace(WORKSPACES / "full")
    assert {view.key: hold_reasons(view) for view in inventory.sites()} == {
        "acme/leeds": (),
        "acme/london": (),
        "beta/lyon": (),
        "beta/paris": (),
    }


LICENCE = "licences: [{kind: encryption, proof: Licence 4711, recorded: 2026-10-20}]"


@pytest.mark.parametrize(
    ("site", "replacements", "rule", "field"),
    [
        (
            "london",
            [("{reference: ORD-1001, status: accepted", "{reference: ORD-1001, status: signed")],
            "WV-21",
            "orders",
        ),
        ("london", [(", proof: Licence 4711", "")], "WV-16", "orders.0.licences.0"),
        ("london", [(", recorded: 2026-10-20", "")], "WV-16", "orders.0.licences.0"),
        (
            "leeds",
            [
                ("status: accepted, signed: 2026-10-01, maintenance: 8x5", "status: quoted, maintenance: 8x5"),
                ("installed: true, ", ""),
            ],
            "WV-15",
            "access.installed",
        ),
    ],
)
def test_what_is_missing_holds_the_delivery(
    copied: Copy, site: str, replacements: list[tuple[str, str]], rule: str, field: str
) -> None:
    inventory = load_workspace(copied("full", *((ACME, old, new) for old, new in replacements)))
    view = inventory.site(site)
    reasons = {reason.rule: reason for reason in hold_reasons(view)}
    assert hold_reasons(view)
    assert reasons[rule].field == f"sites.{site}.{field}"
    assert reasons[rule].file == ACME
    assert reasons[rule].remedy


def test_a_licence_that_is_not_required_holds_nothing(copied: Copy) -> None:
    inventory = load_workspace(copied("full", (ACME, LICENCE, "licences: [{kind: import, required: false}]")))
    assert not hold_reasons(inventory.site("london"))


def test_the_designs_sample_loads_and_its_london_is_held_for_its_two_ways_of_ike() -> None:
    inventory = load_workspace(WORKSPACES / "design")
    assert {warning.rule for warning in inventory.warnings} == {"INV-3", "INV-4", "WV-4", "WV-15"}
    assert [reason.rule for reason in hold_reasons(inventory.site("london"))] == ["INV-3"]
    assert not hold_reasons(inventory.site("leeds"))
