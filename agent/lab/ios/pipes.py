"""Output filters: ``| include``, ``exclude``, ``begin``, ``section``, ``count``."""

from __future__ import annotations

import re
from collections.abc import Callable


def piped(text: str, pipe: str) -> str:
    """``text`` through ``include|exclude|begin|section|count EXPRESSION``; words may be short."""
    verb, _, expression = pipe.strip().partition(" ")
    names = [name for name in ("include", "exclude", "begin", "section", "count") if verb and name.startswith(verb)]
    if not names or not expression:
        return "% Incomplete command.\n\n"
    try:
        wanted = re.compile(expression.strip())
    except re.error:
        return "% Failed to compile regular expression.\n"
    return _PIPES[names[0]](text.splitlines(), wanted)


def _section(rows: list[str], wanted: re.Pattern[str]) -> str:
    kept: list[str] = []
    depth = -1
    for row in rows:
        indent = len(row) - len(row.lstrip())
        if depth >= 0 and indent > depth and row.strip():
            kept.append(row)
            continue
        depth = -1
        if wanted.search(row):
            kept.append(row)
            depth = indent
    return "".join(row + "\n" for row in kept)


def _begin(rows: list[str], wanted: re.Pattern[str]) -> str:
    at = next((number for number, row in enumerate(rows) if wanted.search(row)), len(rows))
    return "".join(row + "\n" for row in rows[at:])


_PIPES: dict[str, Callable[[list[str], re.Pattern[str]], str]] = {
    "include": lambda rows, wanted: "".join(row + "\n" for row in rows if wanted.search(row)),
    "exclude": lambda rows, wanted: "".join(row + "\n" for row in rows if not wanted.search(row)),
    "count": lambda rows, wanted: (
        f"Number of lines which match regexp = {sum(1 for row in rows if wanted.search(row))}\n"
    ),
    "begin": _begin,
    "section": _section,
}
