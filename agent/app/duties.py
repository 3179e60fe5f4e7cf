"""What a part of the agent has the daemon do beside polling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inventory import Inventory


@dataclass(frozen=True, slots=True)
class Duty:
    """Work that is done again and again beside the poll cycle, such as sending webhooks.

    ``run`` blocks; it is called in a thread of its own with the last good inventory, at once and then every
    ``period_s`` seconds, never twice at a time. An AgentError that it raises is logged in one line and stops nothing.
    """

    name: str
    period_s: float
    run: Callable[[Inventory], None]
