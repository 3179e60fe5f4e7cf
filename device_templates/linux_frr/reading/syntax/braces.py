"""Cuts files with braces into statements: words, quotes and comments are told apart, inline braces stay inside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from device_templates.errors import NotParsable
from device_templates.linux_frr.reading.syntax.node import DEEPEST, Builder, Node

#: Turns a statement into its normal form; "" for one that says nothing.
Normal = Callable[[str], str]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|#[^\n]*|[{};\n]|[^"#{};\n]+|["#]', re.DOTALL)


def blocks(text: str, name: str, opens: Callable[[str], bool], normal: Normal, first: int = 1) -> Node:
    """The statements of ``text`` under a node called ``name``, by the lines where they end, numbered from ``first``.

    ``opens`` tells whether a brace behind these words begins a block; another one is part of its statement. Raises
    NotParsable where braces do not fit.
    """
    root = Builder(name, number=first - 1)
    open_ = [root]
    for kind, words, place in _statements(text, opens):
        number = first + place
        if kind == "{":
            if len(open_) > DEEPEST:
                raise NotParsable("its blocks are nested too deep", where=name)
            open_.append(open_[-1].section(normal(words), words, ordered=words.startswith("chain "), number=number))
        elif kind == "}":
            if len(open_) == 1:
                raise NotParsable("a brace closes what was not opened", where=name)
            open_.pop()
        elif said := normal(words):
            open_[-1].line(said, words, number=number)
    if len(open_) > 1:
        raise NotParsable("a block has no end", where=name)
    return root.built()


def _statements(text: str, opens: Callable[[str], bool]) -> Iterator[tuple[str, str, int]]:
    """Kind, words and place: ``;`` for a statement, ``{`` for the head of a block, ``}`` for its end."""
    parts: list[str] = []
    inline = place = 0
    for piece in _TOKEN.findall(text):
        here, place = place, place + piece.count("\n")
        if piece.startswith("#"):
            continue
        words = " ".join("".join(parts).split()) if piece in ("{", "}", ";", "\n") and not inline else ""
        if piece == "{" and not inline and opens(words):
            yield "{", words, here
            parts.clear()
        elif piece == "{":
            inline += 1
            parts.append(" { ")
        elif piece == "}" and inline:
            inline -= 1
            parts.append(" } ")
        elif piece in ("}", ";", "\n") and not inline:
            if words:
                yield ";", words, here
            parts.clear()
            if piece == "}":
                yield "}", "", here
        else:
            parts.append(" " if piece == "\n" else piece)
    if rest := " ".join("".join(parts).split()):
        yield ";", rest, place
