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


def swanctl(text: str, name: str) -> Node:
    """The sections of strongSwan's settings under a node called ``name``. Raises NotParsable."""
    return blocks(text, name, lambda words: "=" not in words, _setting)


def keepalived(text: str, name: str) -> Node:
    """The blocks of keepalived's configuration under a node called ``name``. Raises NotParsable."""
    plain = "\n".join("" if line.lstrip().startswith("!") else line for line in text.split("\n"))
    return blocks(plain, name, lambda _: True, str)


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


def toml(text: str, name: str) -> Node:
    """The tables of a TOML file under a node called ``name``; a table of an array is told by its ``name``."""
    root = Builder(name, merge=False)
    parents: dict[str, Builder] = {}
    section = root
    for header, lines in _tables(text):
        if header:
            path = header.strip("[]")
            own = next((line.partition("=")[2].strip().strip('"') for line in lines if line.startswith("name =")), "")
            above = parents.get(path.rpartition(".")[0], root)
            shown = f"{header} {own}".strip() if header.startswith("[[") else header
            section = parents[path] = above.section(shown, header)
        for line in lines:
            section.line(line)
    return root.built()


def _tables(text: str) -> list[tuple[str, list[str]]]:
    """Each header with its lines, ``key = value``; an array on several lines is one."""
    tables: list[tuple[str, list[str]]] = [("", [])]
    pending = ""
    for raw in text.split("\n"):
        line = f"{pending} {_uncommented(raw)}".strip()
        pending = ""
        if _HEADER.fullmatch(line):
            tables.append((line, []))
        elif len(line) < _LONGEST and re.match(r"[\w.\"-]+ *= *\[", line) and line.count("[") > line.count("]"):
            pending = line
        elif line:
            key, _, value = line.partition("=")
            tables[-1][1].append(f"{key.strip()} = {' '.join(value.split())}")
    if pending:
        tables[-1][1].append(pending)
    return tables


def _uncommented(line: str) -> str:
    """A line without the comment at its end; what stands in quotes is no comment."""
    found = re.match(r'((?:[^"#]|"(?:[^"\\]|\\.)*")*)(?:#.*)?$', line)
    return (found[1] if found else line).strip()
