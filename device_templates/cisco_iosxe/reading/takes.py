"""How lines at the top of a configuration are taken: as one element, as a section that defines something, for names."""

from __future__ import annotations

from collections.abc import Callable, MutableSequence
from typing import TypeVar

from device_templates.cisco_iosxe.reading.config import Config
from device_templates.cisco_iosxe.reading.grammar import Reader, Take
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import words

T = TypeVar("T")


def named(
    kind: str, read: Callable[[Reader, str, Node], T], into: Callable[[Config], MutableSequence[T]]
) -> Take[Config]:
    """Takes a section that defines something: its name is the first word behind the head."""

    def take(config: Config, rest: list[str], node: Node) -> None:
        name = words(rest)[0]
        config.reader.define(kind, name)
        into(config).append(read(config.reader, name, node))

    return take


def read(read: Callable[[Reader, list[str], Node], T], into: Callable[[Config], MutableSequence[T]]) -> Take[Config]:
    """Takes a line, or section, as one element."""

    def take(config: Config, rest: list[str], node: Node) -> None:
        into(config).append(read(config.reader, rest, node))

    return take


def only(read: Callable[[Reader, list[str], Node], None]) -> Take[Config]:
    """Takes a line for the names that it uses."""

    def take(config: Config, rest: list[str], node: Node) -> None:
        read(config.reader, rest, node)

    return take
