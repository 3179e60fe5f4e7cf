"""From evidence to a first conclusion: what, where and why. Pure; where evidence is missing it guesses nothing."""

from agent.faults.conclusion.rules import conclude
from agent.faults.conclusion.terms import Cause, Conclusion, Place

__all__ = ["Cause", "Conclusion", "Place", "conclude"]
