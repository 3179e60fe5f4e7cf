"""The patterns of one mode as one automaton: how the notation of the grammar file becomes states and words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.lab.errors import LabError

_TOKEN = re.compile(r"<\(|\)>|\*\(|[\[\]()|]|\{[^}]+\}|<[^>(]+>|[^\s\[\]()|{}<>]+")


@dataclass(frozen=True, slots=True)
class Edge:
    """One word: a keyword (``literal``) or an argument (``kind``); ``key``: it is part of the slot."""

    target: int
    literal: str = ""
    kind: str = ""
    key: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of the grammar file."""

    rank: int
    text: str
    mode: str = ""  # the section it opens
    on: bool = False
    shown: bool = False
    hidden: str = ""  # the release from which on it is never shown; "0" is any
    own: bool = False
    crypto: bool = False
    sort: bool = False
    block: str = ""
    typed: str = ""


@dataclass(slots=True)
class Automaton:
    """The patterns of one prompt as one automaton."""

    edges: list[list[Edge]] = field(default_factory=lambda: [[]])
    jumps: list[list[int]] = field(default_factory=lambda: [[]])
    ends: dict[int, Pattern] = field(default_factory=dict)

    def state(self) -> int:
        """A new state."""
        self.edges.append([])
        self.jumps.append([])
        return len(self.edges) - 1

    def closure(self, state: int) -> list[int]:
        """The states reached without a word."""
        seen = [state]
        for at in seen:
            seen.extend(to for to in self.jumps[at] if to not in seen)
        return seen

    def end(self, state: int, *, skip_values: bool = False) -> Pattern | None:
        """The pattern that may end here; ``skip_values``: with its replaceable rest left out (for ``no``)."""
        seen = [state]
        for at in seen:
            if at in self.ends:
                return self.ends[at]
            onward = list(self.jumps[at])
            if skip_values:
                onward += [edge.target for edge in self.edges[at] if not edge.key]
            seen.extend(to for to in onward if to not in seen)
        return None


class Builder:
    """Puts one pattern into a mode's automaton."""

    def __init__(self, mode: Automaton, text: str) -> None:
        self._mode = mode
        self._tokens = _TOKEN.findall(text)
        self._at = 0
        self._valued = 0  # > 0: what follows is not part of the identity

    def build(self, start: int) -> int:
        """Add the pattern from ``start`` on; gives its last state. Raises LabError where brackets do not match."""
        end = self._sequence(start)
        if self._at != len(self._tokens):
            raise LabError(f"grammar: unbalanced brackets in: {' '.join(self._tokens)}")
        return end

    def _sequence(self, state: int) -> int:
        while self._at < len(self._tokens) and self._tokens[self._at] not in {"]", ")", ")>", "|"}:
            token = self._tokens[self._at]
            self._at += 1
            grouped = token in {"[", "(", "<(", "*("}
            state = self._group(token, state) if grouped else self._word(token, state)
        return state

    def _word(self, token: str, state: int) -> int:
        target = self._mode.state()
        if token[0] == "{":
            edge = Edge(target, kind=token[1:-1], key=True)
        elif token[0] == "<":
            edge = Edge(target, kind=token[1:-1])
            self._valued += 1
        else:
            edge = Edge(target, literal=token, key=not self._valued)
        self._mode.edges[state].append(edge)
        return target

    def _group(self, opening: str, state: int) -> int:
        if opening == "<(":
            self._valued += 1
        inner, end = self._mode.state(), self._mode.state()
        self._mode.jumps[state].append(inner)
        before, after = self._valued, self._valued
        while True:
            self._valued = before
            self._mode.jumps[self._sequence(inner)].append(end)
            after = max(after, self._valued)
            closing = self._tokens[self._at] if self._at < len(self._tokens) else ""
            self._at += 1
            if closing != "|":
                break
        self._valued = after
        if opening in {"[", "*("}:
            self._mode.jumps[state].append(end)
        if opening == "*(":
            self._mode.jumps[end].append(inner)
        return end
