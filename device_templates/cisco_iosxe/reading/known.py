"""Lines that no table of the reader takes: harmless ones of known_lines.toml, and those of beyond_lines.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import product
from typing import Any

from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.model import Effect


@dataclass(frozen=True, slots=True)
class Known:
    """A line by its first words; ``whole``: all that stands under it too, ``exact``: nothing follows."""

    words: tuple[str, ...]
    whole: bool
    exact: bool


@dataclass(frozen=True, slots=True)
class Feature:
    """A line, by its first words, by which a router does what the model does not have.

    ``exact``: nothing follows; ``below``: only where a line under it fits this.
    """

    words: tuple[str, ...]
    exact: bool
    name: str
    does: Effect
    below: re.Pattern[str] | None

    def fits(self, node: Node) -> bool:
        """Whether what stands under a line is such as makes the difference."""
        return self.below is None or any(self.below.search(one.text) for above, one in node.walk() if above)


@lru_cache(maxsize=1)
def _all() -> dict[str, tuple[Known, ...]]:
    found: dict[str, list[Known]] = {}
    for group in _table("known_lines")["known"]:
        for key in ("lines", "sections"):
            for pattern in group.get(key, ()):
                for under in group["under"]:
                    found.setdefault(under, []).extend(_known(pattern, whole=key == "sections"))
    return {under: tuple(lines) for under, lines in found.items()}


@lru_cache(maxsize=1)
def _features() -> dict[str, tuple[Feature, ...]]:
    found: dict[str, list[Feature]] = {}
    for group in _table("beyond_lines")["beyond"]:
        below = re.compile(group["below"]) if "below" in group else None
        for under in group["under"]:
            for name, patterns in group["lines"].items():
                for words, exact in map(_pattern, patterns):
                    found.setdefault(under, []).append(Feature(words, exact, name, group["does"], below))
    return {under: tuple(lines) for under, lines in found.items()}


def _table(name: str) -> dict[str, Any]:
    file = resources.files("device_templates.cisco_iosxe").joinpath(f"{name}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _known(pattern: str, *, whole: bool) -> list[Known]:
    if pattern.startswith("[no] "):
        return [*_known(pattern[5:], whole=whole), *_known(f"no {pattern[5:]}", whole=whole)]
    words, exact = _pattern(pattern)
    return [Known(one, whole, exact) for one in product(*(word.split("|") for word in words))]


def _pattern(pattern: str) -> tuple[tuple[str, ...], bool]:
    """The words of a pattern, and whether nothing may follow them."""
    words = tuple(pattern.split())
    return (words[:-1], False) if words[-1] == "..." else (words, True)


def known(under: str) -> tuple[Known, ...]:
    """The declared harmless lines of one kind of section, "" for those at the top."""
    return _all().get(under, ())


def features(under: str) -> tuple[Feature, ...]:
    """The declared lines of one kind of section that the model does not have."""
    return _features().get(under, ())
