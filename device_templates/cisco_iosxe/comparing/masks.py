"""The platform's declared masks, read from masks.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources


class Kind(StrEnum):
    """What a masked line is; see masks.toml."""

    VOLATILE = "volatile"
    CHASSIS = "chassis"
    SYSTEM = "system"
    FRESH = "fresh"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Mask:
    """One group of patterns with the reason that is shown for them."""

    kind: Kind
    reason: str
    pattern: re.Pattern[str]
    since: tuple[int, ...] = ()

    def holds(self, release: tuple[int, ...]) -> bool:
        """Whether the mask is one of ``release``; () is a release that is not known."""
        return not self.since or (bool(release) and release >= self.since)


@dataclass(frozen=True, slots=True)
class Masks:
    """All masks of the platform."""

    masks: tuple[Mask, ...]
    ordered: re.Pattern[str]

    def find(self, path: tuple[str, ...], release: tuple[int, ...], kinds: frozenset[Kind]) -> Mask | None:
        """The first mask of these kinds that covers the line whose path, itself included, is ``path``."""
        joined = " > ".join(path)
        for mask in self.masks:
            if mask.kind in kinds and mask.holds(release) and mask.pattern.fullmatch(joined):
                return mask
        return None

    def is_ordered(self, path: tuple[str, ...]) -> bool:
        """Whether the order of the lines under ``path`` is part of what they say."""
        return self.ordered.fullmatch(" > ".join(path)) is not None


@lru_cache(maxsize=1)
def masks() -> Masks:
    """The masks of IOS-XE."""
    text = resources.files("device_templates.cisco_iosxe").joinpath("masks.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    rows = tuple(
        Mask(Kind(row["kind"]), row["reason"], _any(row["lines"]), release_of(row.get("since", "")))
        for row in data["mask"]
    )
    return Masks(rows, _any(data["ordered"]))


def release_of(text: str) -> tuple[int, ...]:
    """``17.9`` as (17, 9), to be compared; () for none."""
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
