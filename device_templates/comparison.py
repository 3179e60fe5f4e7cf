"""What comparing two configurations gives; secrets are hidden, and alike where they are equal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PathLine:
    """One line with what it stands under: sections, or a file and its sections."""

    path: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return " > ".join((*self.path, self.text))


@dataclass(frozen=True, slots=True)
class MaskedLine:
    """A line that did not count, and why; ``side`` is ``a`` or ``b``."""

    path: tuple[str, ...]
    text: str
    reason: str
    side: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two configurations, compared."""

    only_in_a: tuple[PathLine, ...]
    only_in_b: tuple[PathLine, ...]
    masked: tuple[MaskedLine, ...]

    @property
    def equal(self) -> bool:
        """Whether nothing but masked lines differs."""
        return not self.only_in_a and not self.only_in_b


@dataclass(frozen=True, slots=True)
class FeatureDiff:
    """What changes for one feature; ``lines`` shows it like a diff, with secrets hidden and sections for context."""

    title: str
    clause: str
    added: tuple[PathLine, ...]
    removed: tuple[PathLine, ...]
    lines: tuple[str, ...]
