"""Numbers of access lists' rules: releases before 17 have them and do not show them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from agent.lab.config import ConfigTree, Line
from agent.lab.lines.grammar import numbers
from agent.lab.running import names

_NUMBER = re.compile(r"^\d+ ")
_LIST = "ip access-list "


def shows_numbers(system: str, release: str) -> bool:
    """Whether ``show running-config`` of a release has the numbers."""
    return system == "xe" and numbers(release) >= (17,)


def unnumbered(tree: ConfigTree) -> ConfigTree:
    """The tree as such a release shows it."""
    return _lists(tree, lambda line: [replace(one, text=_NUMBER.sub("", one.text)) for one in line.lines])


def numbered(tree: ConfigTree, running: ConfigTree) -> ConfigTree:
    """The tree with numbers where its rules have none: those that run where the rules are the same, else 10, 20, …"""

    def given(line: Line) -> list[Line]:
        rules = [" ".join(names.rule(one.text.split())) for one in line.lines]
        if any(_NUMBER.match(one.text) for one in line.lines):
            return list(line.lines)
        now = running.section(line.text)
        own = [one.text.split(" ", 1) for one in (now.lines if now else ())]
        if [rule for _, rule in own] == rules:
            return [Line(f"{number} {rule}") for number, rule in own]
        return [Line(f"{at * 10} {rule}") for at, rule in enumerate(rules, 1)]

    return _lists(tree, given)


def _lists(tree: ConfigTree, change: Callable[[Line], list[Line]]) -> ConfigTree:
    return ConfigTree(
        tuple(
            replace(line, lines=tuple(change(line))) if line.text.startswith(_LIST) and line.lines else line
            for line in tree.lines
        )
    )
