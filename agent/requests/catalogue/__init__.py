"""The kinds of requests: each module here gives its own as ``KINDS``; adding one is adding a module."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from agent.requests.kind import Kind


@cache
def kinds() -> MappingProxyType[str, Kind]:
    """Every kind by name, in the order of the names."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    found = [kind for module in modules for kind in module.KINDS]
    return MappingProxyType({kind.name: kind for kind in sorted(found, key=lambda one: one.name)})
