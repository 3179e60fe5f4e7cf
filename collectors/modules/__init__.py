"""What is polled, as data: a file for each module, by the kinds of agent that have it."""

from collectors.modules.loading import modules_of
from collectors.modules.module import COUNTERS, Figure, Key, Module, Object, Of, Table, Type

__all__ = ["COUNTERS", "Figure", "Key", "Module", "Object", "Of", "Table", "Type", "modules_of"]
