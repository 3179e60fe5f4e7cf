"""The lines the platform has, read from data: which line is known, what it is in full, and which it replaces.

A pattern is one line of ``data/iosxe.grammar``; a section ``[mode]`` holds the lines of one prompt::

    literal          a keyword, which may be typed short
    {type}           an argument that is part of the line's identity (its slot): another value is another line
    <type>           an argument that is not: a new value replaces the line
    [ ... ]          optional        ( a | b )   one of      *( a | b )   any number of
    <( ... )>        one of, not part of the identity
    ; -> mode        the line opens a section
    ; on             a default, shown only as ``no ...``          ; shown    a switch that is shown either way
    ; hidden         never shown; ``hidden@17.15``: from then on  ; own      the router's own: taken, and left as it is
    ; crypto         needs a licence                              ; sort     lines stand in order of their values
    ; block=x        lines of one block stand together by their first argument

Keywords after the first ``<type>`` are not part of the identity either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from agent.lab.config import Path
from agent.lab.errors import LabError
from agent.lab.lines.arguments import MATCHERS, interface_order, joined_interface, natural

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


@dataclass(frozen=True, slots=True)
class Known:
    """A line that the platform has, in full, with the slot it takes."""

    pattern: Pattern
    text: str
    slot: str
    key: str = ""  # the first identifying argument


@dataclass(frozen=True, slots=True)
class Unknown:
    """A line that it does not have; ``at`` is the offset of the offending character where ``reason`` is invalid."""

    reason: str  # invalid | incomplete | ambiguous
    at: int = 0


@dataclass(frozen=True, slots=True)
class _Thread:
    state: int
    words: tuple[str, ...] = ()
    slot: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class _Taken:
    threads: list[_Thread]
    whole_line: bool


@dataclass(slots=True)
class _Mode:
    """The patterns of one prompt as one automaton."""

    edges: list[list[Edge]] = field(default_factory=lambda: [[]])
    jumps: list[list[int]] = field(default_factory=lambda: [[]])
    ends: dict[int, Pattern] = field(default_factory=dict)

    def state(self) -> int:
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


class _Builder:
    """Puts one pattern into a mode's automaton."""

    def __init__(self, mode: _Mode, text: str) -> None:
        self._mode = mode
        self._tokens = _TOKEN.findall(text)
        self._at = 0
        self._valued = 0  # > 0: what follows is not part of the identity

    def build(self, start: int) -> int:
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


class Grammar:
    """All modes. It is also the Layout of configuration trees: slots and order come from the patterns."""

    def __init__(self, text: str) -> None:
        self._modes: dict[str, _Mode] = {}
        name = ""
        for rank, raw in enumerate(text.splitlines()):
            row = raw.split("#", 1)[0].strip() if not raw.lstrip().startswith("#") else ""
            if row.startswith("[") and row.endswith("]") and " " not in row:
                name = row[1:-1]
                self._modes.setdefault(name, _Mode())
            elif row:
                self._add(self._modes[name], rank, row)
        self._matched = lru_cache(maxsize=32768)(self._match)
        self._place = lru_cache(maxsize=32768)(self._placed)

    def _add(self, mode: _Mode, rank: int, row: str) -> None:
        text, _, flags = row.partition(";")
        options = flags.split()
        sub = options[options.index("->") + 1] if "->" in options else ""
        block = next((option[6:] for option in options if option.startswith("block=")), "")
        if block:
            rank = next((p.rank for p in mode.ends.values() if p.block == block), rank)
        pattern = Pattern(
            rank,
            text.strip(),
            mode=sub,
            on="on" in options,
            shown="shown" in options,
            hidden=next((option.partition("@")[2] or "0" for option in options if option.startswith("hidden")), ""),
            own="own" in options,
            crypto="crypto" in options,
            sort="sort" in options,
            block=block,
        )
        mode.ends[_Builder(mode, text).build(0)] = pattern

    def match(self, mode: str, line: str, *, negated: bool = False) -> Known | Unknown:
        """What ``line`` (without ``no``) is in ``mode``; ``negated``: the rest after its identity may be left out."""
        return self._matched(mode, line, negated)

    def _match(self, mode: str, line: str, negated: bool) -> Known | Unknown:
        automaton = self._modes[mode]
        threads = [_Thread(0)]
        position = 0
        while rest := line[position:].lstrip():
            position = len(line) - len(rest)
            word = rest.split(None, 1)[0]
            following = rest[len(word) :].split(None, 1)
            joined = joined_interface(word, following[0]) if following else None
            outcome = _step(automaton, threads, joined, joined) if joined else None
            if joined and isinstance(outcome, _Taken):
                position = line.index(following[0], position + len(word)) + len(following[0])
                threads = outcome.threads
                continue
            outcome = _step(automaton, threads, word, rest.rstrip())
            if isinstance(outcome, Unknown):
                return Unknown(outcome.reason, position)
            threads = outcome.threads
            position = len(line) if outcome.whole_line else position + len(word)
        return _finish(automaton, threads, negated)

    def slot(self, path: Path, text: str) -> str:
        """See ``config.Layout``."""
        return self._place(path, text)[0]

    def order(self, path: Path, text: str) -> tuple[object, ...]:
        """See ``config.Layout``."""
        return self._place(path, text)[1]

    def mode(self, path: Path) -> str:
        """The mode inside the sections of ``path``; "" where there is no such section."""
        mode = "config"
        for header in path:
            known = self.match(mode, header)
            if isinstance(known, Unknown) or not known.pattern.mode:
                return ""
            mode = known.pattern.mode
        return mode

    def _placed(self, path: Path, text: str) -> tuple[str, tuple[object, ...]]:
        mode = self.mode(path)
        negated = text.startswith("no ")
        known = self.match(mode, text[3:] if negated else text, negated=negated) if mode else Unknown("invalid")
        if isinstance(known, Unknown):
            return text, (1 << 30, (), 0)
        pattern = known.pattern
        by: tuple[object, ...] = natural(known.key) if pattern.block else natural(known.text) if pattern.sort else ()
        if pattern.mode == "if":
            by = interface_order(known.key)
        return known.slot, (pattern.rank, by)


def _step(mode: _Mode, threads: list[_Thread], word: str, rest: str) -> _Taken | Unknown:
    """All threads one word further; the most specific reading of the word wins, as at a real prompt."""
    found: dict[int, list[tuple[Edge, _Thread, str]]] = {}
    for thread in threads:
        for state in mode.closure(thread.state):
            for edge in mode.edges[state]:
                read = _read(edge, word, rest)
                if read:
                    found.setdefault(read[0], []).append((edge, thread, read[1]))
    if not found:
        return Unknown("invalid")
    best = found[min(found)]
    if min(found) == 1 and len({edge.literal for edge, _, _ in best}) > 1:
        return Unknown("ambiguous")
    threads = [
        _Thread(
            edge.target,
            (*thread.words, value),
            (*thread.slot, value) if edge.key else thread.slot,
            thread.key or (value if edge.key and edge.kind else ""),
        )
        for edge, thread, value in best
    ]
    return _Taken(threads, min(found) == 4)


def _read(edge: Edge, word: str, rest: str) -> tuple[int, str] | None:
    """How specific the reading of ``word`` is (0 is best) and what it stands for."""
    if edge.literal:
        lower = word.lower()
        if lower == edge.literal.lower():
            return 0, edge.literal
        return (1, edge.literal) if edge.literal.lower().startswith(lower) else None
    kind, _, limits = edge.kind.partition(":")
    if kind == "line":
        return 4, rest
    value = MATCHERS[kind](word, limits)
    if value is None:
        return None
    return (3 if kind == "word" else 2), value


def _finish(mode: _Mode, threads: list[_Thread], negated: bool) -> Known | Unknown:
    for skip in (False, True) if negated else (False,):
        for thread in threads:
            pattern = mode.end(thread.state, skip_values=skip)
            if pattern and thread.words:
                return Known(pattern, " ".join(thread.words), " ".join(thread.slot), thread.key)
    return Unknown("incomplete")


@lru_cache(maxsize=1)
def iosxe() -> Grammar:
    """The grammar of IOS-XE, read once."""
    source = resources.files("agent.lab") / "data" / "iosxe.grammar"
    return Grammar(source.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def exec_grammar() -> Grammar:
    """The exec commands, read once."""
    source = resources.files("agent.lab") / "data" / "exec.grammar"
    return Grammar(source.read_text(encoding="utf-8"))
