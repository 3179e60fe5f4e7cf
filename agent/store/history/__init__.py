"""The history of polls: every poll for days, every hour for months, every day's availability for ever."""

from agent.store.history.asking import Day, Point
from agent.store.history.history import History, Keeping

__all__ = ["Day", "History", "Keeping", "Point"]
