"""Lines that are of interest only for the names that they use."""

from __future__ import annotations

from dataclasses import dataclass

from device_templates.cisco_iosxe.reading.grammar import Grammar, Reader
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import after, word

#: Groups that are there by themselves.
_BUILT_IN = {"tacacs+", "radius", "ldap"}


@dataclass(slots=True)
class Uses:
    """Where a line's names go."""

    reader: Reader
    found: tuple[str, int] = "", 0


def _uses(kind: str, draft: Uses, rest: list[str], node: Node) -> None:
    draft.reader.use(kind, word(rest[:1]), node)


def _control_input(draft: Uses, rest: list[str], node: Node) -> None:
    _uses("policy-map", draft, rest, node)
    draft.found = rest[0], node.line


_CONTROL: Grammar[Uses] = Grammar(
    "control-plane",
    {
        "service-policy input": _control_input,
        "service-policy output": lambda draft, rest, node: _uses("policy-map", draft, rest, node),
    },
)


def control_plane(reader: Reader, node: Node) -> tuple[str, int]:
    """Reads ``control-plane``: the policy of what comes to the router, and its line."""
    return reader.under(node, _CONTROL, Uses(reader)).found


def aaa(reader: Reader, rest: list[str], node: Node) -> None:
    """Reads ``aaa authentication`` and the like."""
    for at, one in enumerate(rest[:-1]):
        if one == "group" and rest[at + 1] not in _BUILT_IN:
            reader.use("aaa-group", rest[at + 1], node)


def accounting(reader: Reader, rest: list[str], node: Node) -> None:
    """Reads ``aaa accounting``: one line, or a section as classic IOS shows it."""
    for one in (rest, *(child.text.split() for child in node.children)):
        aaa(reader, one, node)


def source(reader: Reader, rest: list[str], node: Node) -> None:
    """Reads a line that names the interface, and perhaps the VRF, that something of the router's own starts from."""
    reader.use("interface", rest[0], node)
    in_vrf(reader, rest, node)


def in_vrf(reader: Reader, rest: list[str], node: Node) -> None:
    """Reads a line that may name a VRF."""
    if vrf := after(rest, "vrf"):
        reader.use("vrf", vrf, node)


def filtered(reader: Reader, rest: list[str], node: Node) -> None:
    """Reads a line that may name a discriminator."""
    if name := after(rest, "discriminator"):
        reader.use("discriminator", name, node)
