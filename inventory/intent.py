"""customers/CUSTOMER.requests.yaml: what approved requests changed, written by the agent and applied when loading."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from inventory.fields import Model

#: A step into the data: a key of a mapping, or the keys and values that pick one item of a list.
PathPart = str | dict[str, str | int]


class Edit(Model):
    """One edit at ``path``: exactly one of adding an item to a list, removing one, and setting a value."""

    path: Annotated[tuple[PathPart, ...], Field(min_length=1, max_length=12)]
    add: JsonValue = None
    remove: JsonValue = None
    set: JsonValue = None


class Entry(Model):
    """What one request changed."""

    request: Annotated[str, Field(pattern=r"^SSR-\d{6,9}$")]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    edits: Annotated[tuple[Edit, ...], Field(min_length=1, max_length=20)]
