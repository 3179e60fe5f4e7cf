"""Differences for people and for the driver, as one unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def unified(pairs: Iterable[tuple[str, str | None, str | None]]) -> str:
    """Of each file, by path, from the first text to the second; None stands for no file."""
    lines: list[str] = []
    for path, old, new in pairs:
        names = (path if old is not None else "/dev/null", path if new is not None else "/dev/null")
        lines += difflib.unified_diff((old or "").splitlines(), (new or "").splitlines(), *names, lineterm="")
    return "".join(f"{line}\n" for line in lines)
