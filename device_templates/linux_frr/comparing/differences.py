"""Walks two documents side by side: which lines only one of them has."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from device_templates.linux_frr.masks import Mask, mask_of
from device_templates.linux_frr.reading.syntax import Node


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that only ``side`` has, ``a`` or ``b``, with the lines above it; ``mask`` where it does not count."""

    side: str
    path: tuple[Node, ...]
    node: Node
    mask: Mask | None


def differences(a: tuple[Node, ...], b: tuple[Node, ...]) -> Iterator[Difference]:
    """Every line that only one side has, in the order of ``a`` with those of ``b`` alone behind, top down.

    Lines that stand in another order are told on both sides, where the order is part of what they say.
    """
    yield from _sections((), a, b, ordered=False)


def _sections(
    path: tuple[Node, ...], a: tuple[Node, ...], b: tuple[Node, ...], *, ordered: bool
) -> Iterator[Difference]:
    pairs = _in_order(a, b) if ordered else _in_any_order(a, b)
    for one, other in pairs:
        if one is not None and other is not None:
            yield from _sections((*path, one), one.children, other.children, ordered=one.ordered)
        elif one is not None:
            yield from _alone("a", path, one)
        elif other is not None:
            yield from _alone("b", path, other)


def _in_any_order(a: tuple[Node, ...], b: tuple[Node, ...]) -> list[tuple[Node | None, Node | None]]:
    waiting: defaultdict[str, deque[Node]] = defaultdict(deque)
    for node in b:
        waiting[node.text].append(node)
    pairs: list[tuple[Node | None, Node | None]] = [
        (node, waiting[node.text].popleft() if waiting[node.text] else None) for node in a
    ]
    left = {id(node) for nodes in waiting.values() for node in nodes}
    return [*pairs, *((None, node) for node in b if id(node) in left)]


def _in_order(a: tuple[Node, ...], b: tuple[Node, ...]) -> list[tuple[Node | None, Node | None]]:
    pairs: list[tuple[Node | None, Node | None]] = []
    matcher = SequenceMatcher(None, [one.text for one in a], [one.text for one in b], autojunk=False)
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        if kind == "equal":
            pairs.extend(zip(a[a1:a2], b[b1:b2], strict=True))
        else:
            pairs.extend((node, None) for node in a[a1:a2])
            pairs.extend((None, node) for node in b[b1:b2])
    return pairs


def _alone(side: str, path: tuple[Node, ...], node: Node) -> Iterator[Difference]:
    """A line that only one side has, and all below it; a section of which nothing counts does not count itself."""
    mask = mask_of(path, node)
    below = [found for child in node.children for found in _alone(side, (*path, node), child)]
    if mask is None and below and all(one.mask for one in below):
        mask = below[0].mask
    yield Difference(side, path, node, mask)
    yield from (Difference(side, one.path, one.node, mask or one.mask) for one in below)
