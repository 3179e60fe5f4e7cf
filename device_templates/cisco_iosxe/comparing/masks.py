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


@dataclass(frozen=True, slots=True)
class Masks:
    """All masks of the platform."""

    masks: tuple[Mask, ...]
    ordered: re.Pattern[str]

    def find(self, path: tuple[str, ...], *kinds: Kind) -> Mask | None:
        """The first mask of these kinds that covers the line whose path, itself included, is ``path``."""
        joined = " > ".join(path)
        return next((mask for mask in self.masks if mask.kind in kinds and mask.pattern.fullmatch(joined)), None)

    def is_ordered(self, path: tuple[str, ...]) -> bool:
        """Whether the order of the lines under ``path`` is part of what they say."""
        return self.ordered.fullmatch(" > ".join(path)) is not None


@lru_cache(maxsize=1)
def masks() -> Masks:
    """The masks of IOS-XE."""
    text = resources.files("device_templates.cisco_iosxe").joinpath("masks.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    rows = tuple(Mask(Kind(row["kind"]), row["reason"], _any(row["lines"])) for row in data["mask"])
    return Masks(rows, _any(data["ordered"]))


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
