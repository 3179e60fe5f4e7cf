"""Reads the modules of one kind of agent from their files; a key that nobody knows is an error."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from collectors.errors import BadModule
from collectors.modules.module import Figure, Key, Module, Object, Of, Table, Type
from collectors.snmp import Oid

Spec = Mapping[str, Any]

_MODULE = {"agents", "every", "when", "scalars", "tables", "figures"}
_OBJECT = {"agents", "object", "oid", "type", "range", "states", "scale", "required", "moves"}
_KEY = {"agents", "of", "until", "also", *_OBJECT}
_OPTIONS = {"walk", "verify", "most", "same", "keeps", "discontinuity"}
_TABLE = {"key", "find", "unless", "columns", *_OPTIONS}
_FIGURE = {"agents", "by", "table", "column", "scalar", "minus"}


@cache
def modules_of(agent: str) -> tuple[Module, ...]:
    """All modules that this kind of agent has, by name.

    Raises:
        BadModule: a file says something that cannot be; the message names the file and the key.
    """
    files = sorted(resources.files("collectors.modules").iterdir(), key=lambda one: one.name)
    found = [
        read_module(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8"), agent)
        for file in files
        if file.name.endswith(".toml")
    ]
    return tuple(module for module in found if module is not None)


def read_module(name: str, text: str, agent: str) -> Module | None:
    """The module in a file's text, with what ``agent`` has of it; None: nothing."""
    try:
        spec = tomllib.loads(text)
        _known(name, spec, _MODULE)
        if agent not in spec["agents"]:
            return None
        return Module(
            name,
            int(spec.get("every", 1)),
            frozenset(spec.get("when", ())),
            tuple(_objects(f"{name}.scalars", spec.get("scalars", {}), agent)),
            tuple(_tables(name, spec.get("tables", {}), agent)),
            tuple(_figures(name, spec.get("figures", {}), agent)),
        )
    except (KeyError, ValueError, TypeError, AttributeError, tomllib.TOMLDecodeError) as error:
        raise BadModule(f"collectors/modules/{name}.toml: {error}: correct the file") from error


def number(dotted: str) -> Oid:
    """An object identifier from dotted numbers."""
    return tuple(int(part) for part in dotted.split("."))


def _known(place: str, spec: Spec, keys: set[str]) -> None:
    if unknown := spec.keys() - keys:
        raise BadModule(f"collectors/modules/{place}: nobody knows the key {min(unknown)!r}: correct or remove it")


def _of_agent(spec: Any, agent: str) -> Iterator[Spec]:
    """The alternatives in ``spec`` that this agent has."""
    for one in spec if isinstance(spec, list) else [spec]:
        if agent in one.get("agents", [agent]):
            yield one


def _objects(place: str, specs: Spec, agent: str) -> Iterator[Object]:
    for name, spec in specs.items():
        for one in _of_agent(spec, agent):
            _known(f"{place}.{name}", one, _OBJECT)
            yield _object(name, one)


def _object(name: str, spec: Spec) -> Object:
    low, high = spec.get("range", (None, None))
    states = spec.get("states")
    return Object(
        name,
        spec["object"],
        number(spec["oid"]),
        Type(spec["type"]),
        low,
        high,
        None if states is None else {int(value): str(word) for value, word in states.items()},
        spec.get("scale"),
        bool(spec.get("required", False)),
        bool(spec.get("moves", False)),
    )


def _tables(module: str, specs: Spec, agent: str) -> Iterator[Table]:
    for name, spec in specs.items():
        place = f"{module}.{name}"
        _known(place, spec, _TABLE)
        keys = list(_of_agent(spec["key"], agent))
        if not keys:
            continue
        columns = tuple(_objects(place, spec.get("columns", {}), agent))
        key = _key(place, keys[0])
        find = number(spec["find"]) if "find" in spec else key.object.oid if key.object else columns[0].oid
        options = {
            one: spec[one] for one in ("walk", "verify", "most", "same", "keeps", "discontinuity") if one in spec
        }
        yield Table(name, key, columns, find, unless=tuple(spec.get("unless", ())), **options)


def _key(place: str, spec: Spec) -> Key:
    _known(f"{place}.key", spec, _KEY)
    named = _object("key", spec) if "oid" in spec else None
    return Key(Of(spec["of"]), named, spec.get("until", ""), tuple(number(one) for one in spec.get("also", ())))


def _figures(module: str, specs: Spec, agent: str) -> Iterator[Figure]:
    for name, spec in specs.items():
        for one in _of_agent(spec, agent):
            _known(f"{module}.{name}", one, _FIGURE)
            yield Figure(name, **{key: value for key, value in one.items() if key != "agents"})
