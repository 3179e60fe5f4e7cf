"""Each rule refuses what it is there for, at the right field, and accepts what is next to it."""

from __future__ import annotations

import copy
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from inventory.customer import Customer
from inventory.rules import RULES
from inventory.rules.base import Finding, Ground, Rule
from inventory.settings import Settings

HERE = Path(__file__).parent
FULL = HERE / "workspaces" / "full"
Edit = dict[str, Any]


@cache
def _entries() -> tuple[dict[str, Any], ...]:
    files = sorted((HERE / "cases").glob("*.yaml"))
    # In C: each worker of the gate reads them all, to know what tests there are.
    return tuple(entry for file in files for entry in yaml.load(file.read_text(), yaml.CSafeLoader))


@cache
def _full() -> dict[str, Any]:
    files = {path.stem: yaml.safe_load(path.read_text()) for path in (FULL / "customers").iterdir()}
    for data in files.values():
        _dates_as_text(data)
    return {**files, "settings": tomllib.loads((FULL / "spokesman.toml").read_text())}


def _dates_as_text(data: dict[str, Any]) -> None:
    """PyYAML's own loader, used here, makes dates of them; the product's does not."""
    for site in data["sites"].values():
        for record in [one for order in site["orders"] for one in (order, *order.get("licences", ()))]:
            record.update(
                {
                    key: str(value)
                    for key, value in record.items()
                    if key in ("signed", "requested", "indicative", "recorded")
                }
            )


def _ground(edit: Edit) -> Ground:
    files = copy.deepcopy(_full())
    for where, value in edit.items():
        name, _, path = where.rpartition(":")
        _set(files[name or "acme"], path.split("."), value)
    customers = tuple(Customer.model_validate(files[name]) for name in ("acme", "beta"))
    return Ground(Settings.model_validate(files["settings"]), customers)


def _set(data: Any, path: list[str], value: Any) -> None:
    *above, last = path
    for part in above:
        data = data[int(part)] if isinstance(data, list) else data.setdefault(part, {})
    if value == "<absent>":
        data.pop(last, None)
    else:
        data[int(last) if isinstance(data, list) else last] = value


def _rule(entry: dict[str, Any]) -> Rule:
    module = entry.get("module", "")
    (found,) = [r for r in RULES if r.check.__name__ == entry["check"] and r.check.__module__.endswith(module)]
    return found


def _dotted(finding: Finding) -> str:
    return ".".join(str(part) for part in finding.place.path)


def _refused() -> list[Any]:
    return [
        pytest.param(entry, case, id=f"{entry['rule']}-{entry['check']}-{'+'.join(case['edit'])}")
        for entry in _entries()
        for case in entry["refused"]
    ]


def _accepted() -> list[Any]:
    return [
        pytest.param(entry, edit, id=f"{entry['rule']}-{entry['check']}-{'+'.join(edit)}")
        for entry in _entries()
        for edit in entry["accepted"]
    ]


@pytest.mark.parametrize(("entry", "case"), _refused())
def test_a_rule_finds_what_it_is_there_for(entry: dict[str, Any], case: dict[str, Any]) -> None:
    rule = _rule(entry)
    assert rule.identifier == entry["rule"]
    found = {(_dotted(one), str(one.severity)): one for one in rule.run(_ground(case["edit"]))}
    assert (case["at"], case.get("severity", "error")) in found
    finding = found[case["at"], case.get("severity", "error")]
    assert finding.message
    assert finding.remedy
    if "also" in case:
        assert finding.also is not None
        assert ".".join(str(part) for part in finding.also.path) == case["also"]


@pytest.mark.parametrize(("entry", "edit"), _accepted())
def test_a_rule_accepts_the_near_miss(entry: dict[str, Any], edit: Edit) -> None:
    assert [(_dotted(one), one.message) for one in _rule(entry).run(_ground(edit))] == []


def test_no_rule_has_anything_to_say_of_the_full_workspace() -> None:
    ground = _ground({})
    assert [(rule.identifier, _dotted(one), one.message) for rule in RULES for one in rule.run(ground)] == []


def test_every_rule_has_cases_of_both_kinds() -> None:
    proved = {
        (_rule(entry).check.__module__, entry["check"])
        for entry in _entries()
        if entry["refused"] and entry["accepted"]
    }
    assert {(rule.check.__module__, rule.check.__name__) for rule in RULES} == proved


def test_every_rule_says_in_one_sentence_what_it_demands() -> None:
    for rule in RULES:
        assert rule.check.__doc__, rule.check.__name__
        assert rule.check.__doc__.splitlines()[0].endswith("."), rule.check.__name__


def test_rules_need_no_settings_to_look_at_customers() -> None:
    whole = _ground({"sites.london.access.address": "dhcp", "sites.london.access.gateway": "<absent>"})
    ground = Ground(None, whole.customers)
    assert [rule.identifier for rule in RULES for _ in rule.run(ground)] == ["WV-1"]
