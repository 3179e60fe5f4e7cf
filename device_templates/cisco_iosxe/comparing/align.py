"""Which lines of two sections say the same: equal text, equal secrets however they are stored, equal bodies."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass

from device_templates.cisco_iosxe.hashing import is_type9_of
from device_templates.cisco_iosxe.reading.secrets import meaning, secrets_in
from device_templates.cisco_iosxe.reading.tree import Node

_Key = tuple[str, tuple[str, ...] | None]
_OWN_VIEW = re.compile(r"(snmp-server group .*?) notify \*tv\.\S+")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two lines that say the same, or one that has no counterpart."""

    a: Node | None
    b: Node | None


def align(a: tuple[Node, ...], b: tuple[Node, ...]) -> tuple[Pair, ...]:
    """Pairs in the order of ``a``; those of ``b`` alone come last."""
    waiting: defaultdict[_Key, deque[Node]] = defaultdict(deque)
    for node in b:
        waiting[_key(node)].append(node)
    first = [Pair(node, _take(waiting, node)) for node in a]
    rest = {id(node): node for nodes in waiting.values() for node in nodes}
    left = [node for node in b if id(node) in rest]
    pairs = [Pair(pair.a, pair.b or _same_secret(pair.a, left)) for pair in first]
    return (*pairs, *(Pair(None, node) for node in left))


def _key(node: Node) -> _Key:
    """IOS writes some lines with two blanks between words, and takes them with one.

    A receiver of SNMP traps gives its user's group a view of what is told, which the group then shows.
    """
    text = " ".join(meaning(node.text, lambda plain: f"\0{plain}\0").split())
    return _OWN_VIEW.sub(r"\1", text), node.body


def _take(waiting: defaultdict[_Key, deque[Node]], node: Node) -> Node | None:
    found = waiting.get(_key(node))
    return found.popleft() if found else None


def slot(text: str) -> str:
    """What a line is about, whatever its secrets are."""
    return meaning(text, lambda _: "\0")


def _same_secret(node: Node | None, left: list[Node]) -> Node | None:
    """Takes from ``left`` the line that holds the same password as a hash, or in clear."""
    if node is None or not secrets_in(node.text):
        return None
    for at, other in enumerate(left):
        if slot(other.text) == slot(node.text) and _equal_secrets(node.text, other.text):
            return left.pop(at)
    return None


def _equal_secrets(one: str, other: str) -> bool:
    pairs = zip(secrets_in(one), secrets_in(other), strict=True)
    return all(a.plain == b.plain or is_type9_of(a.plain, b.plain) or is_type9_of(b.plain, a.plain) for a, b in pairs)
