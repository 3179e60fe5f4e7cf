"""docs/rules.md names every rule, and its inventory column is what the registry holds."""

from __future__ import annotations

import re
from pathlib import Path

from inventory.rules import RULES

DOCUMENT = Path(__file__).parents[3] / "docs" / "rules.md"


def _inventory_column() -> dict[str, str]:
    rows = re.findall(r"^\| ((?:WV|LY|INV)-\d+) \| ([^|]*) \|", DOCUMENT.read_text(), re.MULTILINE)
    assert len(rows) == len({rule for rule, _ in rows})
    return {rule: cell.strip() for rule, cell in rows}


def test_the_inventory_column_agrees_with_the_registry() -> None:
    decided = {rule for rule, cell in _inventory_column().items() if cell != "—"}
    assert decided == {rule.identifier for rule in RULES}


def test_every_clause_of_both_services_has_a_row() -> None:
    webvpn = [*range(1, 19), *range(20, 27), *range(30, 35)]
    expected = {f"WV-{number}" for number in webvpn} | {f"LY-{number}" for number in range(1, 13)}
    assert expected <= set(_inventory_column())


def test_warnings_are_marked_where_a_rule_only_warns() -> None:
    for rule in ("INV-3", "INV-4", "INV-5", "WV-3", "WV-5", "WV-25"):
        assert _inventory_column()[rule].startswith("(w)"), rule
