"""Where in a configuration something stands, so that a verdict can show the line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class At:
    """The line of an element, from 1, and those of its fields that have lines of their own; 0: it has none."""

    line: int = 0
    fields: tuple[tuple[str, int], ...] = ()

    def of(self, field: str) -> int:
        """The line of a field; that of the element where the field has no line."""
        return next((line for name, line in self.fields if name == field), self.line)


NOWHERE = At()
