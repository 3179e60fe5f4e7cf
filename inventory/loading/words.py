"""Validation errors in plain sentences: what is wrong and what to write, never a secret and no library's jargon."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]

#: How many errors of form are told of one file.
MAX_TOLD = 200

_WANTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "dict_type": "a mapping of names to values",
    "tuple_type": "a list",
}
_LIMITS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
_LIKE_BOOL = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """An error at a path of the file; ``suggested`` is the key that was probably meant, ``unknown`` a stray key."""

    path: Path
    message: str
    remedy: str
    unknown: bool = False
    suggested: str = ""


def sentences(error: ValidationError, data: Any, model: type[BaseModel]) -> tuple[Sentence, ...]:
    """One sentence an error, at the path of the file; a value that fits no alternative is told once.

    Of a file with more than MAX_TOLD errors the first are told, and that there are more.
    """
    found: dict[Path, Sentence] = {}
    details = error.errors(include_url=False)
    for one in details[:MAX_TOLD]:
        if one["type"] == "too_short" and one.get("input"):
            continue  # its items are wrong themselves, and were told of
        path = file_path(one["loc"], data, is_missing=one["type"] == "missing")
        found.setdefault(path, _sentence(one, path, model))
    if len(details) > MAX_TOLD:
        found[()] = Sentence(
            (), f"holds {len(details) - MAX_TOLD} more errors", "correct the first ones, and check again"
        )
    return tuple(found.values())


def file_path(loc: Path, data: Any, *, is_missing: bool = False) -> Path:
    """The part of ``loc`` that leads through ``data``: names of alternatives and key markers fall out."""
    path: list[str | int] = []
    at = data
    for index, part in enumerate(loc):
        is_last = index == len(loc) - 1
        if isinstance(at, Mapping) and (part in at or (is_last and is_missing)):
            path.append(part)
            at = at.get(part)
        elif isinstance(at, list) and isinstance(part, int) and part < len(at):
            path.append(part)
            at = at[part]
    return tuple(path)


def _sentence(error: ErrorDetails, path: Path, model: type[BaseModel]) -> Sentence:
    kind, context, value = error["type"], error.get("ctx", {}), error.get("input")
    if kind == "plain":
        return Sentence(path, *_empty_or(value, str(context["message"]), str(context["remedy"])))
    if kind == "missing":
        return Sentence(path, "is missing", "add it")
    if kind == "extra_forbidden":
        return _unknown_key(error["loc"], path, model)
    if kind in _WANTED:
        return Sentence(path, *_empty_or(value, f"must be {_WANTED[kind]}", _retype(kind, value) or "correct it"))
    if kind in ("literal_error", "enum"):
        return Sentence(
            path, *_empty_or(value, f"must be {context['expected']}", _close(value, str(context["expected"])))
        )
    if kind in _LIMITS:
        words, key = _LIMITS[kind]
        return Sentence(path, f"must be {words} {context[key]}", "correct the number")
    if kind == "too_short":
        return Sentence(path, "must not be empty", f"give at least {context['min_length']}")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return Sentence(path, "must say its kind", f"add kind: one of {context.get('expected_tags', 'ssh, snmp-v3')}")
    if kind.startswith(("datetime_", "timezone_")):
        return Sentence(path, "must be a moment with its offset, such as 2026-12-01T22:00+00:00", "write it like that")
    return Sentence(path, "is not a value that fits here", "see spokesman inventory schema")


def _empty_or(value: object, message: str, remedy: str) -> tuple[str, str]:
    return ("has no value", "give it one, or remove the key") if value is None else (message, remedy)


def _retype(kind: str, value: object) -> str:
    """How to write the same thing so that it has the wanted type."""
    if kind == "bool_type" and isinstance(value, str) and value.lower() in _LIKE_BOOL:
        return f"write {_LIKE_BOOL[value.lower()]}"
    if kind == "string_type" and isinstance(value, bool | int | float):
        return "put it in quotes"
    if kind in ("int_type", "float_type") and isinstance(value, str):
        return "write digits only, without quotes, units or leading zeros"
    if kind == "tuple_type":
        return "write [one, two], or one item a line after a hyphen"
    return ""


def _close(value: object, expected: str) -> str:
    """The alternative that was probably meant."""
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    is_word = isinstance(value, str) and not value.isdigit()
    close = difflib.get_close_matches(str(value).lower(), choices, 1, 0.6) if is_word else []
    return f"did you mean {close[0]}?" if close else "write one of them"


def _unknown_key(loc: Path, path: Path, model: type[BaseModel]) -> Sentence:
    """A stray key, with the known one nearest to it or all of them."""
    known = sorted(_keys_at(model, loc[:-1]))
    close = difflib.get_close_matches(str(loc[-1]).lower(), known, 1, 0.6)
    if close:
        return Sentence(path, "is not a known key", f"did you mean {close[0]}?", unknown=True, suggested=close[0])
    remedy = "remove it" + (f"; known here: {', '.join(known)}" if known else "")
    return Sentence(path, "is not a known key", remedy, unknown=True)


def _keys_at(model: type[BaseModel], loc: Path) -> Iterable[str]:
    """The keys of the model that stands at ``loc``, found in the JSON Schema because that knows all alternatives."""
    schema = _schema(model)
    at: dict[str, Any] = schema
    for part in loc:
        at = _step(schema, at, part)
    return list(_resolved(schema, at).get("properties", {}))


_SCHEMAS: dict[type[BaseModel], dict[str, Any]] = {}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    if model not in _SCHEMAS:
        _SCHEMAS[model] = model.model_json_schema()
    return _SCHEMAS[model]


def _step(schema: dict[str, Any], at: dict[str, Any], part: str | int) -> dict[str, Any]:
    at = _resolved(schema, at)
    if isinstance(part, int):
        return dict(at.get("items", {}))
    if part in at.get("properties", {}):
        return dict(at["properties"][part])
    if part in at.get("discriminator", {}).get("mapping", {}):
        return {"$ref": at["discriminator"]["mapping"][part]}
    # A mapping whose keys have a form is described by that form.
    for other in (*at.get("patternProperties", {}).values(), at.get("additionalProperties", {})):
        if isinstance(other, dict):
            return dict(other)
    return {}


def _resolved(schema: dict[str, Any], at: dict[str, Any]) -> dict[str, Any]:
    """A schema without references and without the alternative null."""
    while True:
        if "$ref" in at:
            at = schema["$defs"][at["$ref"].rsplit("/", 1)[1]]
        elif "anyOf" in at:
            at = next((one for one in at["anyOf"] if one.get("type") != "null"), {})
        elif len(at.get("allOf", ())) == 1:
            at = at["allOf"][0]
        else:
            return at
