"""The complete text that a router is given: what is intended, and the lines that are the device's own."""

from __future__ import annotations

from collections.abc import Iterator

from device_templates.cisco_iosxe.comparing.align import align
from device_templates.cisco_iosxe.comparing.compare import mask_of
from device_templates.cisco_iosxe.comparing.compare import release as release_that_wrote
from device_templates.cisco_iosxe.comparing.masks import Kind
from device_templates.cisco_iosxe.comparing.numbers import alike
from device_templates.cisco_iosxe.reading.tree import ConfigTree, Node, parse, write

_CHAIN = "crypto pki certificate chain "
_KEPT = {Kind.CHASSIS, Kind.SYSTEM, Kind.FRESH}


def candidate(rendered_text: str, running_text: str) -> str:
    """What ``configure replace`` is given: intended lines, spelled as the device spells them where they are equal,
    without defaults that it does not show, and with the lines that belong to it. Raises NotParsable.
    """
    intended, running = alike(parse(rendered_text), parse(running_text))
    nodes = _merge(intended.nodes, running.nodes, (), release=release_that_wrote(running))
    return write(ConfigTree(tuple(_without_orphans(nodes))))


def _without_orphans(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Without the certificates of trustpoints that go: the device destroys them with their trustpoint."""
    heads = {node.text for node in nodes}
    for node in nodes:
        head, chain, name = node.text.partition(_CHAIN)
        if head or not chain or f"crypto pki trustpoint {name}" in heads:
            yield node


def _merge(
    a: tuple[Node, ...], b: tuple[Node, ...], path: tuple[str, ...], *, release: tuple[int, ...]
) -> tuple[Node, ...]:
    merged: list[tuple[Node, Node | None]] = []
    own: list[Node] = []
    for pair in align(a, b):
        if pair.a and pair.b:
            children = _merge(pair.a.children, pair.b.children, (*path, pair.a.text), release=release)
            merged.append((Node(pair.b.text, children, pair.b.body), pair.b))
        elif pair.a:
            merged.extend((node, None) for node in _shown(pair.a, path, b, release=release))
        elif pair.b:
            own.extend(_own(pair.b, path, a, release=release))
    return _placed(merged, own, b)


def _shown(node: Node, path: tuple[str, ...], running: tuple[Node, ...], *, release: tuple[int, ...]) -> list[Node]:
    """A line that the device lacks, without what is another chassis' own and without what it never shows.

    Sent, such lines could never be found applied.
    """
    mask = mask_of(node, (path, "a"), running, release)
    if mask is not None and (mask.kind is not Kind.SYSTEM or not node.children):
        return []
    inner = (*path, node.text)
    children = [one for child in node.children for one in _shown(child, inner, (), release=release)]
    return [Node(node.text, tuple(children), node.body)]


def _own(node: Node, path: tuple[str, ...], intended: tuple[Node, ...], *, release: tuple[int, ...]) -> list[Node]:
    """A line that only the device has, as far as it is its own."""
    mask = mask_of(node, (path, "b"), intended, release)
    if mask is None or mask.kind not in _KEPT:
        return []
    if mask.kind is not Kind.SYSTEM:
        return [node]
    inner = (*path, node.text)
    children = [one for child in node.children for one in _own(child, inner, (), release=release)]
    return [Node(node.text, tuple(children), node.body)]


def _placed(merged: list[tuple[Node, Node | None]], own: list[Node], running: tuple[Node, ...]) -> tuple[Node, ...]:
    """The device's own lines, each behind the line that it stands behind on the device."""
    sources = {id(source) for _, source in merged if source is not None}
    mine = {node.text: node for node in own}
    first: list[Node] = []
    behind: dict[int, list[Node]] = {}
    place = first
    for node in running:
        if id(node) in sources:
            place = behind.setdefault(id(node), [])
        elif node.text in mine:
            place.append(mine.pop(node.text))
    follow = (node for kept, source in merged for node in (kept, *behind.get(id(source), ())))
    return (*first, *follow)
