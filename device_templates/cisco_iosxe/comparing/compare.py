"""Whether two configurations are equal under the declared masks, and where they are not."""

from __future__ import annotations

from dataclasses import dataclass, field

from device_templates.cisco_iosxe.comparing.align import align
from device_templates.cisco_iosxe.comparing.masks import Kind, Mask, masks
from device_templates.cisco_iosxe.reading.secrets import redact
from device_templates.cisco_iosxe.reading.tree import ConfigTree, Node, parse

_FIRST_WITH_DEFAULTS = 17


@dataclass(frozen=True, slots=True)
class PathLine:
    """One line with the lines above it; secrets are hidden, and hidden alike where they are equal."""

    path: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return " > ".join((*self.path, self.text))


@dataclass(frozen=True, slots=True)
class MaskedLine:
    """A line that did not count, and why; ``side`` is ``a`` or ``b``."""

    path: tuple[str, ...]
    text: str
    reason: str
    side: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two configurations, compared."""

    only_in_a: tuple[PathLine, ...]
    only_in_b: tuple[PathLine, ...]
    masked: tuple[MaskedLine, ...]

    @property
    def equal(self) -> bool:
        """Whether nothing but masked lines differs."""
        return not self.only_in_a and not self.only_in_b


def compare(a: str, b: str) -> Comparison:
    """Compares two configurations; ``a`` is the intended or archived one, ``b`` what runs. Raises NotParsable."""
    first, second = parse(a), parse(b)
    found = _Found(hides_defaults(first) and hides_defaults(second))
    found.sections(first.nodes, second.nodes, ())
    return Comparison(tuple(found.only["a"]), tuple(found.only["b"]), tuple(found.masked))


def hides_defaults(tree: ConfigTree) -> bool:
    """Whether the release that wrote ``tree`` leaves some defaults out; what names no release may have."""
    for release, _ in tree.sections("version"):
        return int(release.split(".")[0]) >= _FIRST_WITH_DEFAULTS if release.split(".")[0].isdigit() else True
    return True


@dataclass(slots=True)
class _Found:
    """What is found while two trees are walked side by side."""

    hidden: bool
    only: dict[str, list[PathLine]] = field(default_factory=lambda: {"a": [], "b": []})
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
        mask = mask_of(node, path, side, others, hidden=self.hidden)
        if mask is None:
            self.difference(node, path, side)
            return
        self.masked.append(MaskedLine(_shown(path), redact(node.text), mask.reason, side))
        if mask.kind is Kind.SYSTEM:
            a, b = (node.children, ()) if side == "a" else ((), node.children)
            self.sections(a, b, (*path, node.text))

    def difference(self, node: Node, path: tuple[str, ...], side: str) -> None:
        """The line, its body and all below it."""
        known = set(self.only[side])
        for above, one in node.walk(path):
            texts = [one.text, *(one.body or ())]
            lines = [PathLine(_shown(above), redact(text)) for text in texts]
            self.only[side].extend(line for line in lines if line not in known)


def mask_of(node: Node, path: tuple[str, ...], side: str, others: tuple[Node, ...], *, hidden: bool) -> Mask | None:
    """The mask of a line that only ``side`` has; ``others`` is what the other side has in its place."""
    full = (*path, node.text)
    fresh = (Kind.FRESH,) if side == "b" else ()
    found = masks().find(full, Kind.VOLATILE, Kind.CHASSIS, Kind.SYSTEM, *fresh)
    if found or not hidden:
        return found
    opposite = node.text.removeprefix("no ") if node.text.startswith("no ") else f"no {node.text}"
    return None if any(other.text == opposite for other in others) else masks().find(full, Kind.HIDDEN)


def _shown(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(redact(text) for text in path)
