"""The complete document that a router is given: what is intended, and the lines that are the router's own."""

from __future__ import annotations

from device_templates.linux_frr.comparing.differences import differences
from device_templates.linux_frr.masks import Kind, mask_of
from device_templates.linux_frr.reading.document import Document, File, parse, write
from device_templates.linux_frr.reading.lasting import written
from device_templates.linux_frr.reading.syntax import Node, tree


def candidate(wanted: str, running: str) -> str:
    """What the router is given to load: a file that says what its file says already stays as the router shows it, so
    that nothing of it is touched; others are as intended, with the lines that the router's programs write by
    themselves. Files that nobody ordered go. Raises NotParsable.
    """
    runs = parse(running)
    return write(Document(tuple(_file(file, runs.content(file.path)) for file in parse(wanted).files)))


def _file(wanted: File, running: str | None) -> File:
    if running is None:
        return wanted
    intended, runs = tree(wanted.path, wanted.content), tree(wanted.path, running)
    own = tuple(node for node in runs.children if _is_own(runs, node))
    if all(one.mask is not None for one in differences((intended,), (runs,))):
        return File(wanted.path, written(runs) if own else running)
    if not own:
        return wanted
    ordered = (node for node in intended.children if not _is_own(intended, node))
    return File(wanted.path, written(Node(wanted.path, (*own, *ordered))))


def _is_own(file: Node, node: Node) -> bool:
    mask = mask_of((file,), node)
    return mask is not None and mask.kind is Kind.SYSTEM
