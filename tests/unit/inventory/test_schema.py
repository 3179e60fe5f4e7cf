"""The JSON Schemas that editors use accept what the product accepts, and refuse what it refuses in form."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from inventory.loading import yaml_source
from inventory.schema import customer_schema, settings_schema

WORKSPACES = Path(__file__).parent / "workspaces"
FILES = sorted(WORKSPACES.glob("*/customers/*.yaml"))


def _customer(path: Path) -> Any:
    data, _ = yaml_source.parse(path.name, path.read_text())
    return data


def _errors(schema: dict[str, Any], data: Any) -> list[str]:
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(data)]


def test_both_are_schemas_of_the_dialect_that_they_name() -> None:
    for schema in (customer_schema(), settings_schema()):
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_the_samples_are_valid(path: Path) -> None:
    assert _errors(customer_schema(), _customer(path)) == []
    assert _errors(settings_schema(), tomllib.loads((path.parent.parent / "spokesman.toml").read_text())) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("sites", "london", "access", "adress"), "dhcp"),
        (("sites", "london", "access", "address"), "198.51.100.10"),
        (("sites", "london", "router", "management", "port"), 70000),
        (("sites", "london", "active_windows", 0, "from"), "9:00"),
        (("vpns", "corporate", "ike", "psk"), "Pa$$w0rd"),
        (("lync", "pools", "fe-pool-1", "version"), 2007),
    ],
)
def test_what_is_wrong_in_form_is_shown_in_the_editor(path: tuple[str | int, ...], value: object) -> None:
    data = copy.deepcopy(_customer(WORKSPACES / "full" / "customers" / "acme.yaml"))
    at = data
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    assert _errors(customer_schema(), data)


def test_every_kind_of_record_is_described() -> None:
    for schema in (customer_schema(), settings_schema()):
        assert [name for name, one in schema["$defs"].items() if not one.get("description")] == []
