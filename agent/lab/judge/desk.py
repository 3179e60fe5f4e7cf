"""A desk on which a configuration is typed into a router that has nothing else: what it takes, and what it refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from agent.lab.config import ConfigTree
from agent.lab.lines.editor import Editor
from agent.lab.lines.grammar import Grammar, grammar_of
from agent.lab.running.config import RouterConfig, read_config

_PHYSICAL = re.compile(r"^interface ((?:(?:Ten|Two)?Gigabit|Fast)?Ethernet[\d/]+)[ \t]*$", re.MULTILINE)
_VERSION = re.compile(r"^version (\d+\.\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Chassis:
    """What a router is, whatever it runs: xe or ios, its release, its ports."""

    system: str
    release: str
    ports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that the router did not take; ``number`` counts the text's lines from 1."""

    number: int
    line: str
    answer: str


@dataclass(frozen=True)
class Typed:
    """What runs after a text was typed, and the lines that were refused."""

    config: RouterConfig
    refused: tuple[Refusal, ...]


class _Router:
    """Implements ``lines.change.Box`` with nothing but a configuration; it may encrypt."""

    def __init__(self, chassis: Chassis) -> None:
        self.running = ConfigTree()
        self._chassis = chassis

    @property
    def licensed(self) -> bool:
        return True

    @property
    def release(self) -> str:
        return self._chassis.release

    @property
    def grammar(self) -> Grammar:
        return grammar_of(self._chassis.system, self._chassis.release)

    @property
    def ports(self) -> tuple[str, ...]:
        return self._chassis.ports

    @property
    def switch_ports(self) -> tuple[str, ...]:
        return ()

    def set_snmp_user(self, words: list[str], *, remove: bool) -> str:
        del words, remove
        return ""

    def make_host_key(self, words: list[str]) -> str:
        del words
        return ""


def chassis_of(text: str, release: str = "") -> Chassis:
    """The router that a configuration is for, by its interfaces and its ``version`` line (17.9 where it has none)."""
    ports = tuple(dict.fromkeys(_PHYSICAL.findall(text)))
    found = _VERSION.search(text)
    number = release or (found[1] if found else "17.9")
    return Chassis("ios" if number.startswith(("12.", "15.")) else "xe", number, ports)


@lru_cache(maxsize=4096)
def typed(text: str, chassis: Chassis) -> Typed:
    """Type ``text`` line by line into a blank router; the same text is typed once."""
    box = _Router(chassis)
    editor = Editor(box)
    refused = []
    for number, row in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if row.strip() == "end" and not editor.gathering:
            break
        answer = editor.line(row)
        if not answer.ok:
            refused.append(Refusal(number, row.strip(), answer.text.strip()))
    return Typed(read_config(box.running), tuple(refused))
