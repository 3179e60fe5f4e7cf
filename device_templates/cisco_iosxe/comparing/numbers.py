"""Rules of access lists with and without their numbers: releases before 17 take the numbers, and show none."""

from __future__ import annotations

import re
from dataclasses import replace

from device_templates.cisco_iosxe.reading.tree import ConfigTree, Node

_LIST = "ip access-list"
_NUMBER = re.compile(r"\d+ (?=(?:permit|deny|remark) )")
_RULE = re.compile(r"(?:permit|deny) ")


def alike(a: ConfigTree, b: ConfigTree) -> tuple[ConfigTree, ConfigTree]:
    """Both, without numbers where one of them shows rules that have none: their order says the same."""
    if not any(_RULE.match(rule.text) for tree in (a, b) for _, one in tree.sections(_LIST) for rule in one.children):
        return a, b
    return _unnumbered(a), _unnumbered(b)


def _unnumbered(tree: ConfigTree) -> ConfigTree:
    return replace(tree, nodes=tuple(map(_without_numbers, tree.nodes)))


def _without_numbers(node: Node) -> Node:
    if not node.text.startswith(f"{_LIST} "):
        return node
    return replace(node, children=tuple(replace(rule, text=_NUMBER.sub("", rule.text, 1)) for rule in node.children))
