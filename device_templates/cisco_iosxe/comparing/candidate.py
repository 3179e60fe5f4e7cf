"""The complete text that a router is given: what is intended, and the lines that are the device's own."""

from __future__ import annotations

from device_templates.cisco_iosxe.comparing.align import align
from device_templates.cisco_iosxe.comparing.compare import hides_defaults, mask_of
from device_templates.cisco_iosxe.comparing.masks import Kind
from device_templates.cisco_iosxe.reading.tree import ConfigTree, Node, parse, write

_KEPT = {Kind.CHASSIS, Kind.SYSTEM, Kind.FRESH}


def candidate(rendered_text: str, running_text: str) -> str:
    """What ``configure replace`` is given: intended lines, spelled as the device spells them where they are equal,
    without defaults that it does not show, and with the lines that belong to it. Raises NotParsable.
    """
    intended, running = parse(rendered_text), parse(running_text)
    nodes = _merge(intended.nodes, running.nodes, (), hidden=hides_defaults(running))
    return write(ConfigTree(nodes))


def _merge(a: tuple[Node, ...], b: tuple[Node, ...], path: tuple[str, ...], *, hidden: bool) -> tuple[Node, ...]:
    merged: list[tuple[Node, Node | None]] = []
    own: list[Node] = []
    for pair in align(a, b):
        if pair.a and pair.b:
            children = _merge(pair.a.children, pair.b.children, (*path, pair.a.text), hidden=hidden)
            merged.append((Node(pair.b.text, children, pair.b.body), pair.b))
        elif pair.a and not _hides(pair.a, path, b, hidden=hidden):
            merged.append((pair.a, None))
        elif pair.b:
            own.extend(_own(pair.b, path, a, hidden=hidden))
    return _placed(merged, own, b)


def _hides(node: Node, path: tuple[str, ...], running: tuple[Node, ...], *, hidden: bool) -> bool:
    """Whether the device has the line in force without showing it; a new section is written in full."""
    mask = mask_of(node, path, "a", running, hidden=hidden)
    return mask is not None and mask.kind is Kind.HIDDEN


def _own(node: Node, path: tuple[str, ...], intended: tuple[Node, ...], *, hidden: bool) -> list[Node]:
    """A line that only the device has, as far as it is its own."""
    mask = mask_of(node, path, "b", intended, hidden=hidden)
    if mask is None or mask.kind not in _KEPT:
        return []
    if mask.kind is not Kind.SYSTEM:
        return [node]
    inner = (*path, node.text)
    children = [one for child in node.children for one in _own(child, inner, (), hidden=hidden)]
    return [Node(node.text, tuple(children), node.body)]


def _placed(merged: list[tuple[Node, Node | None]], own: list[Node], running: tuple[Node, ...]) -> tuple[Node, ...]:
    """The device's own lines, each behind the line that it stands behind on the device."""
    place = {id(node): at for at, node in enumerate(running)}
    names = {node.text: at for at, node in enumerate(running)}
    out = list(merged)
    for node in own:
        at = names[node.text]
        before = [
            position
            for position, (_, source) in enumerate(out)
            if source is not None and place.get(id(source), -1) < at
        ]
        out.insert(before[-1] + 1 if before else 0, (node, running[at]))
    return tuple(node for node, _ in out)
