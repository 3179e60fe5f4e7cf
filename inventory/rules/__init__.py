"""The rules that accept or refuse an inventory: one function each, with the identifier of the service rule.

``WV-`` and ``LY-`` are clauses of the service documents; ``INV-`` are what the files need among themselves to be sound.
docs/rules.md lists all of them.
"""

from __future__ import annotations

from inventory.rules.access import RULES as ACCESS
from inventory.rules.addresses import RULES as ADDRESSES
from inventory.rules.base import Rule
from inventory.rules.calendars import RULES as CALENDARS
from inventory.rules.duplicates import RULES as DUPLICATES
from inventory.rules.lync import RULES as LYNC
from inventory.rules.options import RULES as OPTIONS
from inventory.rules.orders import RULES as ORDERS
from inventory.rules.platforms import RULES as PLATFORMS
from inventory.rules.references import RULES as REFERENCES
from inventory.rules.resilience import RULES as RESILIENCE
from inventory.rules.vpns import RULES as VPNS
from inventory.rules.webhooks import RULES as WEBHOOKS

#: Every rule that an inventory can decide, by subject.
RULES: tuple[Rule, ...] = (
    *(*ORDERS, *ACCESS, *VPNS, *ADDRESSES, *OPTIONS, *RESILIENCE, *CALENDARS),
    *(*LYNC, *REFERENCES, *DUPLICATES, *WEBHOOKS, *PLATFORMS),
)

__all__ = ["RULES"]
