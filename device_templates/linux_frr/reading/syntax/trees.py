"""Which grammar each file of a document has, and whether the order of its lines counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from device_templates.linux_frr.reading.document import Document
from device_templates.linux_frr.reading.syntax.frr import frr
from device_templates.linux_frr.reading.syntax.nft import nft
from device_templates.linux_frr.reading.syntax.node import Builder, Node
from device_templates.linux_frr.reading.syntax.settings import keepalived, swanctl, toml


def flat(text: str, name: str, first: int = 1, *, ordered: bool) -> Node:
    """The lines of ``text``, numbered from ``first``, under a node called ``name``; those of a Match stand under it."""
    root = Builder(name, merge=False, ordered=ordered, number=first - 1)
    section = root
    for number, raw in enumerate(text.split("\n"), first):
        line = " ".join(raw.split())
        if not line or line.startswith("#"):
            continue
        if line.startswith("Match "):
            section = root.section(line, ordered=ordered, number=number)
        elif raw[:1].strip():
            section = root
            root.line(line, number=number)
        else:
            section.line(line, number=number)
    return root.built()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: which paths are of it, and what reads it."""

    paths: re.Pattern[str]
    read: Callable[[str, str, int], Node]


_UNORDERED = partial(flat, ordered=False)
_ORDERED = partial(flat, ordered=True)
_KINDS = tuple(
    Kind(re.compile(paths), read)
    for paths, read in (
        (r"etc/frr/.*", frr),
        (r"etc/nftables/.*", nft),
        (r"etc/swanctl/swanctl\.conf", swanctl),
        (r"etc/keepalived/.*", keepalived),
        (r".*\.toml", toml),
        (r"etc/spokesman/users|etc/snmp/.*|etc/chrony/.*", _UNORDERED),
        (r".*", _ORDERED),
    )
)


def kind_of(path: str) -> Kind:
    """The kind of a file."""
    return next(kind for kind in _KINDS if kind.paths.fullmatch(path))


def tree(path: str, content: str, first: int = 1) -> Node:
    """One file as a node that is called as its path; its lines are numbered from ``first``. Raises NotParsable."""
    return kind_of(path).read(content, path, first)


def trees(document: Document) -> tuple[Node, ...]:
    """All files of a document. Raises NotParsable."""
    return tuple(tree(file.path, file.content, file.line + 1) for file in document.files)
