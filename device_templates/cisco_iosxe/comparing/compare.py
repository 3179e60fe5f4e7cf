"""Whether two configurations are equal under the declared masks, and where they are not."""

from __future__ import annotations

from dataclasses import dataclass, field

from device_templates.cisco_iosxe.comparing.align import align
from device_templates.cisco_iosxe.comparing.masks import Kind, Mask, masks, release_of
from device_templates.cisco_iosxe.comparing.numbers import alike
from device_templates.cisco_iosxe.reading.secrets import redact
from device_templates.cisco_iosxe.reading.tree import ConfigTree, Node, parse
from device_templates.comparison import Comparison, MaskedLine, PathLine


def compare(a: str, b: str) -> Comparison:
    """Compares two configurations; ``a`` is the intended or archived one, ``b`` what runs. Raises NotParsable."""
    first, second = alike(parse(a), parse(b))
    found = _Found(release(second) or release(first))
    found.sections(first.nodes, second.nodes, ())
    return Comparison(tuple(found.only["a"]), tuple(found.only["b"]), tuple(found.masked))


def release(tree: ConfigTree) -> tuple[int, ...]:
    """The release that wrote a configuration, () where it does not say."""
    return next((release_of(text) for text, _ in tree.sections("version")), ())


@dataclass(slots=True)
class _Found:
    """What is found while two trees are walked side by side."""

    release: tuple[int, ...]
    only: dict[str, dict[PathLine, None]] = field(default_factory=lambda: {"a": {}, "b": {}})
    masked: list[MaskedLine] = field(default_factory=list)

    def sections(self, a: tuple[Node, ...], b: tuple[Node, ...], path: tuple[str, ...]) -> None:
        """Compares what stands under ``path`` on both sides."""
        pairs = align(a, b)
        for pair in pairs:
            if pair.a and pair.b:
                self.sections(pair.a.children, pair.b.children, (*path, pair.a.text))
            elif pair.a:
                self.alone(pair.a, path, "a", b)
            elif pair.b:
                self.alone(pair.b, path, "b", a)
        order = [id(pair.b) for pair in pairs if pair.b]
        if path and masks().is_ordered(path) and order != [id(node) for node in b]:
            for side, nodes in (("a", a), ("b", b)):
                for node in nodes:
                    self.difference(node, path, side)

    def alone(self, node: Node, path: tuple[str, ...], side: str, others: tuple[Node, ...]) -> None:
        """A line that only one side has: masked, or a difference."""
        mask = mask_of(node, (path, side), others, self.release)
        if mask is None:
            self.difference(node, path, side)
            return
        self.masked.append(MaskedLine(_shown(path), redact(node.text), mask.reason, side))
        if mask.kind is Kind.SYSTEM:
            a, b = (node.children, ()) if side == "a" else ((), node.children)
            self.sections(a, b, (*path, node.text))

    def difference(self, node: Node, path: tuple[str, ...], side: str) -> None:
        """The line, its body and all below it."""
        for above, one in node.walk(path):
            inner = _shown((*above, one.text))
            lines = [PathLine(inner[:-1], inner[-1]), *(PathLine(inner, text) for text in one.body or ())]
            self.only[side].update(dict.fromkeys(lines))


_BOTH = frozenset({Kind.VOLATILE, Kind.CHASSIS, Kind.SYSTEM})
_HIDDEN = frozenset({Kind.HIDDEN})
_NO_ADDRESS = "no ip address"


def mask_of(
    node: Node, place: tuple[tuple[str, ...], str], others: tuple[Node, ...], release: tuple[int, ...]
) -> Mask | None:
    """The mask of a line that only one side has; ``place`` is its path and side, ``others`` the other side's lines."""
    path, side = place
    full = (*path, node.text)
    fresh = side == "b" and (not others or node.text == _NO_ADDRESS)
    found = masks().find(full, release, _BOTH | {Kind.FRESH} if fresh else _BOTH)
    if found or any(other.text == f"no {node.text}" for other in others):
        return found
    return masks().find(full, release, _HIDDEN)


def _shown(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(redact(text) for text in path)
