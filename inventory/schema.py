"""JSON Schema of the workspace's files, for editors: completion, and red lines while one types."""

from __future__ import annotations

from typing import Any

from inventory.customer import Customer
from inventory.fields import Model
from inventory.settings import Settings

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def customer_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of customers/NAME.yaml."""
    return _schema(Customer, "A customer of the managed services")


def settings_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of spokesman.toml, read as JSON."""
    return _schema(Settings, "A Spokesman workspace's settings")


def _schema(model: type[Model], title: str) -> dict[str, Any]:
    return {"$schema": _DIALECT, "title": title, **_without_titles(model.model_json_schema(by_alias=True))}


def _without_titles(schema: Any) -> Any:
    """The schema without the titles that only repeat names; a property may be called title, and is a mapping."""
    if isinstance(schema, list):
        return [_without_titles(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _without_titles(one) for key, one in schema.items() if key != "title" or isinstance(one, dict)}
