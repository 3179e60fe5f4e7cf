"""customers/CUSTOMER.requests.yaml: what approved requests changed; the agent writes it, the loader applies it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, model_validator

from inventory.fields import Form, Model, Name, refusal

ENDING = ".requests.yaml"
_HEAD = "# Changes that approved requests made. Spokesman writes this file; people read it. See docs/requests.md.\n"

#: A step into the data: a key of a mapping, or the keys and values that pick one item of a list.
PathPart = str | dict[str, str | int]
#: What an edit does, and the key that says so.
Action = Literal["add", "remove", "set"]
ACTIONS: tuple[Action, ...] = ("add", "remove", "set")


class Edit(Model):
    """One edit of the customer's data: exactly one of add, remove and set."""

    path: Annotated[tuple[PathPart, ...], Field(min_length=1, max_length=12)]
    """Where: keys, and for an item of a list the values that pick it."""
    add: JsonValue = None
    """An item for the list at the path; the list is made where there is none."""
    remove: JsonValue = None
    """The one item of the list at the path that has these values."""
    set: JsonValue = None
    """The value of the key at the path."""

    @model_validator(mode="after")
    def _one_action(self) -> Edit:
        if len(self._given) != 1:
            raise refusal("must be exactly one of add, remove and set", "see docs/requests.md")
        return self

    @property
    def _given(self) -> list[Action]:
        return [one for one in ACTIONS if getattr(self, one) is not None]

    @property
    def action(self) -> Action:
        """What it does."""
        return self._given[0]

    @property
    def value(self) -> JsonValue:
        """The value that is added, removed or set."""
        value: JsonValue = getattr(self, self.action)
        return value


class Entry(Model):
    """What one request changed."""

    request: Annotated[str, Form(r"^SSR-\d{6,9}$", "a request's reference: SSR- and its number")]
    kind: Annotated[str, Form(r"^[a-z][a-z0-9_]{0,40}$", "a kind of request: lower-case letters, digits and _")]
    edits: Annotated[tuple[Edit, ...], Field(min_length=1, max_length=20)]


class Intent(Model):
    """The file as a whole; ``seal`` is SHA-256 over the entries, so that a change by hand or a lost end shows."""

    customer: Name
    requests: tuple[Entry, ...]
    seal: Annotated[str, Form(r"^[0-9a-f]{64}$", "the seal that the agent writes: 64 hexadecimal digits")]


def intent_name(customer: str) -> str:
    """The file's name in the workspace."""
    return str(PurePosixPath("customers") / f"{customer}{ENDING}")


def sealed(entries: Iterable[Entry]) -> str:
    """The seal of these entries."""
    text = json.dumps([_plain(entry) for entry in entries], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def written(customer: str, entries: Iterable[Entry]) -> str:
    """The file's text: always the same for the same entries; values are JSON, which YAML reads as it is."""
    entries = tuple(entries)
    lines = [_HEAD + f"customer: {_json(customer)}", "requests:" if entries else "requests: []"]
    for entry in entries:
        lines += [f"  - request: {_json(entry.request)}", f"    kind: {_json(entry.kind)}", "    edits:"]
        for edit in entry.edits:
            lines += [f"      - path: {_json(list(edit.path))}", f"        {edit.action}: {_json(edit.value)}"]
    return "\n".join([*lines, f"seal: {_json(sealed(entries))}", ""])


def _plain(entry: Entry) -> Mapping[str, Any]:
    return entry.model_dump(mode="json", exclude_none=True)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
