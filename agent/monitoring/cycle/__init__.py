"""The poll cycle: whose turn it is when, polls by the round and alone, and what they bring in batches."""

from agent.monitoring.cycle.cycle import Cycle
from agent.monitoring.cycle.pace import EXTRA_POLLS, CycleReport, Pace
from agent.monitoring.cycle.ports import Doubt, Keep, Poller, Reason, Refused, Taken, Trouble, Troubled, doubts
from agent.monitoring.cycle.times import Times, steady

__all__ = [
    "EXTRA_POLLS",
    "Cycle",
    "CycleReport",
    "Doubt",
    "Keep",
    "Pace",
    "Poller",
    "Reason",
    "Refused",
    "Taken",
    "Times",
    "Trouble",
    "Troubled",
    "doubts",
    "steady",
]
