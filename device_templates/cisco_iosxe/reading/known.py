"""Lines that say nothing to verification, as known_lines.toml declares them with their reasons."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Known:
    """A line by its first words; ``whole``: all that stands under it too, ``exact``: nothing follows."""

    words: tuple[str, ...]
    whole: bool
    exact: bool


@lru_cache(maxsize=1)
def _all() -> dict[str, tuple[Known, ...]]:
    text = resources.files("device_templates.cisco_iosxe").joinpath("known_lines.toml").read_text(encoding="utf-8")
    found: dict[str, list[Known]] = {}
    for group in tomllib.loads(text)["known"]:
        for key in ("lines", "sections"):
            for pattern in group.get(key, ()):
                for under in group["under"]:
                    found.setdefault(under, []).extend(_known(pattern, whole=key == "sections"))
    return {under: tuple(lines) for under, lines in found.items()}


def _known(pattern: str, *, whole: bool) -> list[Known]:
    words = pattern.split()
    if words[0] == "[no]":
        return [*_known(pattern[5:], whole=whole), *_known(f"no {pattern[5:]}", whole=whole)]
    exact = words[-1] != "..."
    return [Known(tuple(words if exact else words[:-1]), whole, exact)]


def known(under: str) -> tuple[Known, ...]:
    """The declared lines of one kind of section, "" for those at the top."""
    return _all().get(under, ())
