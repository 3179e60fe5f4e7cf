"""What goes wrong inside the lab itself, as opposed to what its devices say."""

from __future__ import annotations


class LabError(Exception):
    """The root: the lab cannot do what its caller asks; the message says why and what to do."""


class ConfigTextError(LabError):
    """A configuration text that no device could have written: ``line`` is its number, from 1."""

    def __init__(self, message: str, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}: {message}")


class LabStateError(LabError):
    """The stored state of a virtual device cannot be read, or is of another lab."""
