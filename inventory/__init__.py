"""What is managed and what was ordered: the workspace's inventory and the rules that accept or refuse it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Each name is imported when it is first used: the models and rules take longer to import than most commands need to
# answer from what is kept.
if TYPE_CHECKING:
    from inventory.errors import InventoryError, Problem, Severity, UnknownName
    from inventory.loader import load_settings, load_workspace
    from inventory.secret import Secret
    from inventory.workspace import Inventory, ServerView, SiteView

__all__ = [
    "Inventory",
    "InventoryError",
    "Problem",
    "Secret",
    "ServerView",
    "Severity",
    "SiteView",
    "UnknownName",
    "load_settings",
    "load_workspace",
]

_HOMES = {
    "errors": ("InventoryError", "Problem", "Severity", "UnknownName"),
    "loader": ("load_settings", "load_workspace"),
    "secret": ("Secret",),
    "workspace": ("Inventory", "ServerView", "SiteView"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return found
