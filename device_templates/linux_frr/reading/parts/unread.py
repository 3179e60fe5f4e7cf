"""Which lines of a router's files are not understood: what no row of understood_lines.toml has."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from device_templates.linux_frr.reading.parts.files import FRONT_DOOR, Files
from device_templates.linux_frr.reading.secrets import redact
from device_templates.linux_frr.reading.syntax import Node
from device_templates.model import Unread

_FILTERS = re.compile(r"etc/nftables/(.*)\.nft")
#: Blocks of packet filters whose lines are taken with the rules that use them.
_BLOCKS = re.compile(r"table .*|(set|map|chain|ct helper) .*")
_TAKEN = re.compile(r"(table .* > )((set|map|ct helper) .*|chain [^>]+ > (type|policy) .*)")


@dataclass(frozen=True, slots=True)
class _Kind:
    """The files of one kind, and what is understood in them."""

    paths: re.Pattern[str]
    lines: re.Pattern[str]


@lru_cache(maxsize=1)
def _kinds() -> tuple[_Kind, ...]:
    text = resources.files("device_templates.linux_frr").joinpath("understood_lines.toml").read_text(encoding="utf-8")
    return tuple(
        _Kind(re.compile(row["paths"]), _any([*row.get("taken", ()), *_harmless(row)]))
        for row in tomllib.loads(text)["file"]
    )


def _harmless(row: dict[str, list[dict[str, list[str]]]]) -> list[str]:
    return [pattern for group in row.get("harmless", ()) for pattern in group["lines"]]


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or "(?!)")


def unread(files: Files) -> tuple[int, tuple[Unread, ...]]:
    """How many lines say something, and those among them that are not understood."""
    lines, found = 0, []
    for path, file in files.nodes.items():
        said = [(" > ".join(one.text for one in (*above[1:], node)), node) for above, node in file.walk() if above]
        lines += len(said)
        filters = _FILTERS.fullmatch(path)
        left = _rules(files, path, filters[1], said) if filters else _lines(path, said)
        found += [Unread(node.line, redact(node.source or node.text)) for node in left]
    return lines, tuple(sorted(found, key=lambda one: one.number))


def _lines(path: str, said: list[tuple[str, Node]]) -> list[Node]:
    kind = next((one for one in _kinds() if one.paths.fullmatch(path)), None)
    return [node for place, node in said if kind is None or not kind.lines.fullmatch(place)]


def _rules(files: Files, path: str, vpn: str, said: list[tuple[str, Node]]) -> list[Node]:
    """What is no rule of a chain and no block that rules use, and rules that are not understood."""
    chains = files.filters("" if path == FRONT_DOOR else vpn)
    strange = {id(node) for node in chains.unread}
    rule = re.compile(r"table [^>]+ > chain [^>]+ > .+")
    known = (_BLOCKS, _TAKEN, rule)
    return [
        node
        for place, node in said
        if id(node) in strange or not (_BLOCKS.fullmatch(node.text) or any(one.fullmatch(place) for one in known[1:]))
    ]
