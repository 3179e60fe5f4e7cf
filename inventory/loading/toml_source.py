"""TOML with positions: the standard parser's values, and a small search for the line of each key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from inventory.errors import Problem

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
#: Room for a line that lists 48 ports; dotted keys without end take the parser's time.
_MAX_LINE = 2000
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def parse(name: str, text: str) -> tuple[dict[str, Any] | None, tuple[Problem, ...]]:
    """The document's values, or the one problem that the parser stopped at."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _MAX_LINE:
            message = f"has more than {_MAX_LINE} characters in a line"
            return None, (Problem(name, number, "", message, remedy="write the list on several lines"),)
    try:
        return tomllib.loads(text), ()
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return None, (_problem(name, text, error),)


def _problem(name: str, text: str, error: Exception) -> Problem:
    if not isinstance(error, tomllib.TOMLDecodeError):
        return Problem(name, 0, "", "is nested too deep, or holds a number too large", remedy="simplify it")
    words = str(error)
    place = _PLACE.search(words)
    line = int(place.group(1)) if place and place.group(1) else text.count("\n") + 1
    message = "is not TOML: " + _PLACE.sub("", words)
    return Problem(name, line, "", message, remedy="check quotes, brackets and keys in this line")


def lines(text: str) -> dict[Path, int]:
    """Where each table and key begins, by its path; what stands inside a value has the line of its key."""
    found: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _table(tuple(_parts(header.group(2))), header.group(1) == "[[", counts)
            for depth in range(1, len(table) + 1):
                found.setdefault(table[:depth], number)
        elif key := _KEY.match(line):
            path = table
            for part in _parts(key.group(1)):
                path = (*path, part)
                found.setdefault(path, number)
    return found


def _table(path: Path, is_array: bool, counts: dict[Path, int]) -> Path:
    """The path of a table, with the number of its element where it, or a table above it, is an array's."""
    full: Path = ()
    for index, part in enumerate(path):
        full = (*full, part)
        if is_array and index == len(path) - 1:
            counts[full] = counts.get(full, -1) + 1
        if full in counts:
            full = (*full, counts[full])
    return full


def _parts(dotted: str) -> Iterator[str]:
    for part in _PART.findall(dotted):
        yield part[1:-1] if part[0] in "\"'" else part
