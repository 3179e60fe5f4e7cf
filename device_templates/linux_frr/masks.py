"""The platform's declared masks, read from masks.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources

from device_templates.linux_frr.reading.syntax import Node


class Kind(StrEnum):
    """What a masked line is; see masks.toml."""

    SYSTEM = "system"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Mask:
    """One group of patterns with the reason that is shown for them."""

    kind: Kind
    reason: str
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def _masks() -> tuple[Mask, ...]:
    text = resources.files("device_templates.linux_frr").joinpath("masks.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["mask"]
    return tuple(Mask(Kind(row["kind"]), row["reason"], _any(row["lines"])) for row in rows)


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def mask_of(path: tuple[Node, ...], node: Node) -> Mask | None:
    """The mask of a line; None where it counts."""
    joined = " > ".join([*(one.text for one in path), node.text])
    return next((mask for mask in _masks() if mask.pattern.fullmatch(joined)), None)
