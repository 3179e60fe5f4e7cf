"""Small look-ups in sections of a configuration: values behind keywords, addresses, numbers."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from device_templates.cisco_iosxe.reading.tree import Node


def rests(node: Node, head: str) -> Iterator[str]:
    """What follows the words ``head`` in each line directly under ``node``."""
    for child in node.children:
        if child.text == head or child.text.startswith(f"{head} "):
            yield child.text[len(head) :].strip()


def rest(node: Node, head: str) -> str:
    """What follows ``head`` in the first line that begins so; "" for none."""
    return next(rests(node, head), "")


def has(node: Node, line: str) -> bool:
    """Whether a line directly under ``node`` is ``line``."""
    return any(child.text == line for child in node.children)


def number(text: str) -> int | None:
    """The number that ``text`` begins with."""
    word = text.split(" ")[0]
    return int(word) if word.isdigit() else None


def address(text: str) -> IPv4Address | None:
    """The address that ``text`` begins with."""
    try:
        return IPv4Address(text.split(" ")[0])
    except ValueError:
        return None


def interface_address(text: str) -> IPv4Interface | None:
    """Address and mask; None for ``dhcp`` and the like."""
    words = text.split()
    try:
        return IPv4Interface(f"{words[0]}/{words[1]}")
    except (ValueError, IndexError):
        return None


def network(text: str) -> IPv4Network | None:
    """Network and mask, or network/length."""
    words = text.replace(" mask ", " ").split()
    try:
        return IPv4Network(words[0] if "/" in words[0] else f"{words[0]}/{words[1]}", strict=False)
    except (ValueError, IndexError):
        return None
