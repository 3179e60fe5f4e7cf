"""The lines a platform has, read from data: which line is known, what it is in full, and which it replaces.

A pattern is one line of ``data/ios.grammar``; a section ``[mode] prompt`` holds the lines of one mode::

    literal          a keyword, which may be typed short
    {type}           an argument that is part of the line's identity (its slot): another value is another line
    <type>           an argument that is not: a new value replaces the line
    [ ... ]          optional        ( a | b )   one of      *( a | b )   any number of
    <( ... )>        one of, not part of the identity
    ; -> mode        the line opens a section
    ; on             a default, shown only as ``no ...``          ; shown    a switch that is shown either way
    ; hidden         never shown; ``hidden@17.15``: from then on  ; own      the router's own: taken, and left as it is
    ; crypto         needs a licence                              ; sort     lines stand in order of their values
    ; block=x        lines of one block stand together by their first argument; typed=x: in the order they were typed
    ; xe, ios        only IOS-XE, only classic IOS has the line   ; since=17.3, before=17   releases that have it

Keywords after the first ``<type>`` are not part of the identity either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from agent.lab.config import Path
from agent.lab.lines.arguments import MATCHERS, interface_order, joined_interface, natural
from agent.lab.lines.automaton import Automaton, Builder, Edge, Pattern

_HEADER = re.compile(r"\[([a-z0-9-]+)\]\s*(\S*)$")


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


@dataclass(frozen=True, slots=True)
class System:
    """Whose lines they are: ``xe`` or classic ``ios``, of a release such as 17.9."""

    kind: str = "xe"
    release: tuple[int, ...] = (17, 9)

    def has(self, options: list[str]) -> bool:
        """Whether it has a line with these options."""
        if ({"xe", "ios"} - {self.kind}) & set(options):
            return False
        limits = (option.partition("=") for option in options)
        return not any(
            (name == "since" and self.release < numbers(value)) or (name == "before" and self.release >= numbers(value))
            for name, _, value in limits
        )


def numbers(release: str) -> tuple[int, ...]:
    """``17.9.4a`` as (17, 9): what releases are compared by."""
    return tuple(int(part) for part in re.findall(r"\d+", release)[:2])


class Grammar:
    """All modes. It is also the Layout of configuration trees: slots and order come from the patterns."""

    def __init__(self, text: str, system: System | None = None) -> None:
        self._system = system or System()
        self._modes: dict[str, Automaton] = {}
        self._prompts: dict[str, str] = {}
        name = ""
        for rank, raw in enumerate(text.splitlines()):
            row = raw.split("#", 1)[0].strip() if not raw.lstrip().startswith("#") else ""
            header = _HEADER.match(row)
            if header:
                name = header.group(1)
                self._modes.setdefault(name, Automaton())
                self._prompts[name] = header.group(2)
            elif row and self._system.has(row.partition(";")[2].split()):
                self._add(self._modes[name], rank, row)
        self._matched = lru_cache(maxsize=32768)(self._match)
        self._place = lru_cache(maxsize=32768)(self._placed)

    def _add(self, mode: Automaton, rank: int, row: str) -> None:
        text, _, flags = row.partition(";")
        options = flags.split()
        sub = options[options.index("->") + 1] if "->" in options else ""
        block = next((option[6:] for option in options if option.startswith("block=")), "")
        typed = next((option[6:] for option in options if option.startswith("typed=")), "")
        if block or typed:
            rank = next((p.rank for p in mode.ends.values() if p.block == block and p.typed == typed), rank)
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
            typed=typed,
        )
        mode.ends[Builder(mode, text).build(0)] = pattern

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

    def prompt(self, mode: str) -> str:
        """What stands in brackets after the hostname in ``mode``."""
        return self._prompts[mode]

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


def _step(mode: Automaton, threads: list[_Thread], word: str, rest: str) -> _Taken | Unknown:
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


def _finish(mode: Automaton, threads: list[_Thread], negated: bool) -> Known | Unknown:
    for skip in (False, True) if negated else (False,):
        for thread in threads:
            pattern = mode.end(thread.state, skip_values=skip)
            if pattern and thread.words:
                return Known(pattern, " ".join(thread.words), " ".join(thread.slot), thread.key)
    return Unknown("incomplete")


@lru_cache(maxsize=8)
def grammar_of(kind: str, release: str) -> Grammar:
    """The configuration lines of a system (``xe`` or ``ios``) in a release, read once."""
    return Grammar(_data("ios.grammar"), System(kind, numbers(release)))


def iosxe() -> Grammar:
    """The grammar of IOS-XE 17.9."""
    return grammar_of("xe", "17.9")


@lru_cache(maxsize=2)
def exec_grammar(kind: str = "xe") -> Grammar:
    """The exec commands of a system, read once."""
    return Grammar(_data("exec.grammar"), System(kind))


def _data(name: str) -> str:
    return (resources.files("agent.lab") / "data" / name).read_text(encoding="utf-8")
