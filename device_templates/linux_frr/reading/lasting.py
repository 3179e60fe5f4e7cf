"""Configurations without what changes by itself, in forms that are equal where they say the same."""

from __future__ import annotations

from collections.abc import Iterator

from device_templates.errors import NotParsable
from device_templates.linux_frr.masks import mask_of
from device_templates.linux_frr.reading.document import Document, File, parse, write
from device_templates.linux_frr.reading.syntax import Node, tree, trees


def lasting(text: str) -> str:
    """``text`` without comments and headings of what FRR shows, the rest as it is; still a whole document.

    A text that is no document stays as it is.
    """
    try:
        document = parse(text)
        return write(Document(tuple(_lasting(file) for file in document.files)))
    except NotParsable:
        return text


def _lasting(file: File) -> File:
    if not file.path.startswith("etc/frr/"):
        return file
    return File(file.path, written(tree(file.path, file.content)))


def written(node: Node) -> str:
    """FRR's text of the lines under ``node``, sections closed as FRR closes them."""
    return "".join(f"{line}\n" for child in node.children for line in _written(child, 0))


def _written(node: Node, depth: int) -> Iterator[str]:
    lead = " " * depth
    yield f"{lead}{node.text}"
    for child in node.children:
        yield from _written(child, depth + 1)
    if node.text.startswith("address-family "):
        yield f"{lead}exit-address-family"
    elif node.children or (depth == 0 and node.text.startswith(("router ", "route-map "))):
        yield f"{lead}exit"
    if depth == 0 and node.children:
        yield "!"


def as_saved(text: str) -> str:
    """What a configuration says, line by line in a form that nobody loads: equal for what runs and what was saved.

    What runs, FRR and nftables tell in their own words and order; what was saved is as it was given to them.
    """
    try:
        return "".join(f"{line}\n" for file in trees(parse(text)) for line in sorted(_said(file, (), "")))
    except NotParsable:
        return text


def _said(node: Node, path: tuple[Node, ...], place: str) -> Iterator[str]:
    """Each line with the lines above it; numbered where the order counts."""
    if mask_of(path, node) is not None:
        return
    line = f"{place} > {node.text}"
    yield line
    for number, child in enumerate(node.children):
        yield from _said(child, (*path, node), f"{line} {number}" if node.ordered else line)
