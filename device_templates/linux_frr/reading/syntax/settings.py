"""Reads settings in sections: swanctl.conf, keepalived.conf, and the TOML of network.toml."""

from __future__ import annotations

import re

from device_templates.linux_frr.reading.syntax.braces import blocks
from device_templates.linux_frr.reading.syntax.node import Builder, Node

#: Longer than an array is that is written on several lines.
_LONGEST = 10_000
_SETTING = re.compile(r"([\w.-]+) ?= ?(.*)")
_HEADER = re.compile(r"(\[\[?)([A-Za-z0-9_.-]+)(\]\]?)")
_PLAIN = re.compile(r"[^\s\"#{}\\](?:[^\"#{}\\]*[^\s\"#{}\\])?")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'')


def swanctl(text: str, name: str, first: int = 1) -> Node:
    """The sections of strongSwan's settings under a node called ``name``, lines from ``first``. Raises NotParsable."""
    return blocks(text, name, lambda words: "=" not in words, _setting, first)


def keepalived(text: str, name: str, first: int = 1) -> Node:
    """The blocks of keepalived under a node called ``name``, lines from ``first``. Raises NotParsable."""
    plain = "\n".join("" if line.lstrip().startswith("!") else line for line in text.split("\n"))
    return blocks(plain, name, lambda _: True, str, first)


def _setting(words: str) -> str:
    """``key = value``, in quotes only where the value has to have them."""
    found = _SETTING.fullmatch(words)
    if found is None:
        return words
    value = unquoted(found[2]) if _QUOTED.fullmatch(found[2].strip()) else re.sub(r" ?, ?", ", ", found[2].strip())
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f"{found[1]} = {value}" if _PLAIN.fullmatch(value) else f'{found[1]} = "{escaped}"'


def unquoted(value: str) -> str:
    """A value without its quotes, and what is escaped in it as it is meant."""
    found = _QUOTED.fullmatch(value.strip())
    if found is None:
        return value.strip()
    return re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[2]


def toml(text: str, name: str, first: int = 1) -> Node:
    """The tables of a TOML file under a node called ``name``, lines from ``first``; one of an array by its ``name``."""
    root = Builder(name, merge=False, number=first - 1)
    parents: dict[str, Builder] = {}
    section = root
    for header, place, lines in _tables(text):
        if header:
            path = header.strip("[]")
            names = (line.partition("=")[2].strip().strip('"') for line, _ in lines if line.startswith("name ="))
            own = next(names, "")
            above = parents.get(path.rpartition(".")[0], root)
            shown = f"{header} {own}".strip() if header.startswith("[[") else header
            section = parents[path] = above.section(shown, header, number=first + place)
        for line, number in lines:
            section.line(line, number=first + number)
    return root.built()


def _tables(text: str) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Each header with its place and lines, ``key = value`` and place; an array on several lines is one."""
    tables: list[tuple[str, int, list[tuple[str, int]]]] = [("", 0, [])]
    pending = ""
    place = -1
    for raw in text.split("\n"):
        place += 1
        line = f"{pending} {_uncommented(raw)}".strip()
        pending = ""
        if _HEADER.fullmatch(line):
            tables.append((line, place, []))
        elif len(line) < _LONGEST and re.match(r"[\w.\"-]+ *= *\[", line) and line.count("[") > line.count("]"):
            pending = line
        elif line:
            key, _, value = line.partition("=")
            tables[-1][2].append((f"{key.strip()} = {' '.join(value.split())}", place))
    if pending:
        tables[-1][2].append((pending, place))
    return tables


def _uncommented(line: str) -> str:
    """A line without the comment at its end; what stands in quotes is no comment."""
    found = re.match(r'((?:[^"#]|"(?:[^"\\]|\\.)*")*)(?:#.*)?$', line)
    return (found[1] if found else line).strip()
