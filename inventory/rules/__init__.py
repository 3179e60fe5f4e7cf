"""The rules that accept or refuse an inventory: one function each, with the identifier of the service rule."""

from __future__ import annotations

from inventory.rules.access import RULES as ACCESS
from inventory.rules.base import Rule

#: Every rule that an inventory can decide, in the order of their subjects.
RULES: tuple[Rule, ...] = (*ACCESS,)

__all__ = ["RULES"]
