"""What is managed and what was ordered: the workspace's inventory and the rules that accept or refuse it."""

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
