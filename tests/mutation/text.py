"""Configurations as plain lines with what each stands under: all that the mutations know of the language.

It shares nothing with the parsers: a fault is drawn on the text, by its own eyes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

#: After these words follow free text and, at its end, the character that follows them.
_BANNER = re.compile(r"banner \w+ (?P<end>\S)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its number from 0, its text without indentation, and the lines that it stands under, outermost first."""

    number: int
    text: str
    indent: int
    over: tuple[str, ...]

    def under(self, pattern: str) -> bool:
        """Whether a line above it, at any depth, fits as a whole."""
        return any(re.fullmatch(pattern, text) for text in self.over)


@dataclass(frozen=True)
class Config:
    """A configuration; ``lines`` are those that say something, in order."""

    text: str

    @cached_property
    def raw(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return tuple(_lines(self.raw))

    def find(self, pattern: str, under: str = "") -> Iterator[tuple[Line, re.Match[str]]]:
        """The lines that fit as a whole, only those that stand under one that fits ``under``, if given.

        Lines at the outermost level have nothing over them, and ``under`` is left out for them.
        """
        for line in self.lines:
            match = re.fullmatch(pattern, line.text)
            if match and (line.under(under) if under else True):
                yield line, match

    def end_of(self, line: Line) -> int:
        """The number of the first raw line after ``line`` and all that stands under it."""
        number = line.number + 1
        while number < len(self.raw) and self.raw[number].startswith(" " * (line.indent + 1)):
            number += 1
        return number

    def children(self, line: Line) -> Iterator[Line]:
        """What stands under a line, at any depth."""
        end = self.end_of(line)
        return (one for one in self.lines if line.number < one.number < end)

    def replaced(self, line: Line, *texts: str) -> str:
        """The text with other lines, at the same indentation, in place of one; what stands under it stays."""
        new = [" " * line.indent + text for text in texts]
        return "\n".join([*self.raw[: line.number], *new, *self.raw[line.number + 1 :]])

    def without(self, *lines: Line) -> str:
        """The text without some lines and all that stands under them."""
        gone = {number for line in lines for number in range(line.number, self.end_of(line))}
        return "\n".join(raw for number, raw in enumerate(self.raw) if number not in gone)

    def after(self, line: Line, *texts: str) -> str:
        """The text with further lines right after one, and what stands under it, at the same indentation."""
        new = [" " * line.indent + text for text in texts]
        end = self.end_of(line)
        return "\n".join([*self.raw[:end], *new, *self.raw[end:]])

    def inside(self, line: Line, *texts: str) -> str:
        """The text with further lines as the first under one."""
        new = [" " * (line.indent + 1) + text for text in texts]
        return "\n".join([*self.raw[: line.number + 1], *new, *self.raw[line.number + 1 :]])

    def swapped(self, one: Line, other: Line) -> str:
        """The text with two lines in each other's place."""
        raw = list(self.raw)
        raw[one.number], raw[other.number] = raw[other.number], raw[one.number]
        return "\n".join(raw)


def _lines(raw: list[str]) -> Iterator[Line]:
    over: list[tuple[int, str]] = []
    banner = ""
    for number, line in enumerate(raw):
        text = line.strip()
        if banner:
            banner = "" if banner in line else banner
            continue
        if not text or text.startswith("!"):
            continue
        indent = len(line) - len(line.lstrip())
        while over and over[-1][0] >= indent:
            over.pop()
        yield Line(number, text, indent, tuple(one for _, one in over))
        over.append((indent, text))
        found = _BANNER.match(line)
        banner = found["end"] if found and found["end"] not in line[found.end() :] else ""
