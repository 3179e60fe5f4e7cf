"""Which lines mean what: tables of their first words. A line that no table has, or that goes on otherwise: unread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from device_templates.cisco_iosxe.reading.known import Feature, features, known
from device_templates.cisco_iosxe.reading.secrets import redact, redact_unknown, secrets_in
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import interface_name
from device_templates.model import At, Beyond, Reference, Unread
from device_templates.texts import Mark

D = TypeVar("D")
#: Takes what a line says into a draft: the words behind those of the table, and the line. Raises ValueError or
#: IndexError for a line that it does not understand, before it has taken anything.
Take = Callable[[D, list[str], Node], None]
#: What a word leads to; the entry of a line that ends there, or goes on with anything, stands under "".
_Words = dict[str, Any]
#: Any one word.
ANY = "*"
#: The first release of IOS-XE that is numbered apart from classic IOS; a text that names no release is of IOS-XE.
FIRST_XE = (16, 0)


class NotUnderstood(ValueError):
    """A line begins as one that is known and goes on otherwise."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[D]):
    """One row of a table: what takes the line, None where it says nothing to verification.

    ``section``: what stands under the line is taken care of; ``exact``: nothing may follow its words.
    """

    take: Take[D] | None
    section: bool = False
    exact: bool = False


class Grammar(Generic[D]):
    """The lines of one kind of section by their first words, and those that are declared to be harmless there."""

    def __init__(
        self, name: str, lines: Mapping[str, Take[D]] | None = None, sections: Mapping[str, Take[D]] | None = None
    ) -> None:
        self._words: _Words = {}
        self._beyond: _Words = {}
        for one in known(name):
            _put(self._words, one.words, Entry(None, section=one.whole, exact=one.exact))
        for head, take in (lines or {}).items():
            _put(self._words, tuple(head.split()), Entry(take))
        for head, take in (sections or {}).items():
            _put(self._words, tuple(head.split()), Entry(take, section=True))
        for feature in features(name):
            _put(self._beyond, feature.words, feature)

    def find(self, words: list[str]) -> tuple[Entry[D] | None, int]:
        """The entry with the most words that a line begins with, and how many these are."""
        return _find(self._words, words)

    def beyond(self, words: list[str], node: Node) -> tuple[Feature | None, int]:
        """The feature that a line has and the model does not, and how many words say so; -1 where it has none."""
        if not (words[0] in self._beyond or "" in self._beyond):  # asked of every line
            return None, -1
        feature: Feature | None
        feature, depth = _find(self._beyond, words)
        feature = feature or next(iter(self._beyond.get("", ())), None)  # that of any line
        return (feature, depth) if feature and feature.fits(node) else (None, -1)


def _put(tree: _Words, words: tuple[str, ...], entry: object) -> None:
    for word in words:
        tree = tree.setdefault(word, {})
    tree[""] = [*tree.get("", ()), entry]


def _find(tree: _Words, words: list[str]) -> tuple[Any, int]:
    """The entry of a tree with the most words that a line begins with, and how many these are."""
    best, depth = None, 0
    for number, word in enumerate(words, 1):
        following = tree.get(word) or tree.get(ANY)
        if following is None:
            break
        tree = following
        for entry in tree.get("", ()):
            if not entry.exact or number == len(words):
                best, depth = entry, number
    return best, depth


@dataclass(slots=True)
class Reader:
    """What is found while a configuration is read: names that are defined and used, and lines that are unread."""

    mark: Mark
    release: tuple[int, ...] = ()
    defined: set[tuple[str, str]] = field(default_factory=set)
    used: dict[tuple[str, str, str], Reference] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    beyond: list[Beyond] = field(default_factory=list)
    _path: list[str] = field(default_factory=list)

    def read(self, grammar: Grammar[D], draft: D, nodes: tuple[Node, ...]) -> None:
        """Takes lines into a draft; what is not understood is unread."""
        for node in nodes:
            words = node.text.split()
            entry, depth = grammar.find(words)
            feature, deep = grammar.beyond(words, node)
            if entry is None or deep > depth:
                self._note(feature, node)
                continue
            if entry.take is not None:
                try:
                    entry.take(draft, words[depth:], node)
                except (ValueError, IndexError):
                    self._note(feature, node)
                    continue
            if node.children and not entry.section:
                for child in node.children:
                    self.leave(child)

    def under(self, node: Node, grammar: Grammar[D], draft: D) -> D:
        """Takes what stands under a line into a draft, and returns it."""
        self._path.append(node.text)
        self.read(grammar, draft, node.children)
        self._path.pop()
        return draft

    def _note(self, feature: Feature | None, node: Node) -> None:
        """Leaves a line, and says what the router does by it, as far as that is known."""
        if feature is not None:
            above = self._path[0].split() if self._path else []
            interface = above[1] if above[:1] == ["interface"] else ""
            self.beyond.append(Beyond(feature.name, feature.does, interface, At(node.line)))
        self.leave(node)

    def leave(self, node: Node) -> None:
        """Lists a line, and all below it, as unread."""
        for _, one in node.walk():
            self.unread.append(Unread(one.line, redact_unknown(one.text)))

    @property
    def classic(self) -> bool:
        """Whether the text names a release of classic IOS."""
        return bool(self.release) and self.release < FIRST_XE

    def define(self, kind: str, name: str) -> None:
        """Something that lines may use by its name."""
        self.defined.add((kind, name))

    def use(self, kind: str, name: str, node: Node) -> str:
        """Something that a line uses by its name, which is returned; interfaces by their full names."""
        name = interface_name(name) if kind == "interface" else name
        place = " > ".join((*self._path, node.text))
        if (kind, name, place) not in self.used:
            shown = redact(place) if secrets_in(place) else place
            self.used[kind, name, place] = Reference(kind, name, shown, At(node.line))
        return name


@dataclass(slots=True)
class Draft:
    """An element of the model while its lines are read: the values of its fields, and where they stand."""

    reader: Reader
    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def put(self, name: str, value: object, node: Node) -> None:
        """The value of a field; the last line that gives one counts."""
        self.values[name] = value
        self.lines[name] = node.line

    def add(self, name: str, value: object, node: Node) -> None:
        """One more value of a field that has several."""
        self.values.setdefault(name, []).append(value)
        self.lines.setdefault(name, node.line)

    def drop(self, name: str) -> None:
        """Forgets a field."""
        self.values.pop(name, None)
        self.lines.pop(name, None)

    def all(self, name: str) -> tuple[Any, ...]:
        """The values of a field that has several."""
        return tuple(self.values.get(name, ()))

    @property
    def at(self) -> At:
        """Where the element and its fields stand."""
        return At(self.line, tuple(self.lines.items()))


def value(name: str, convert: Callable[[list[str]], object]) -> Take[Draft]:
    """Takes a line as the value of a field."""

    def take(draft: Draft, rest: list[str], node: Node) -> None:
        draft.put(name, convert(rest), node)

    return take


def uses(name: str, kind: str) -> Take[Draft]:
    """Takes a line of one word as the value of a field, which is the name of something."""

    def take(draft: Draft, rest: list[str], node: Node) -> None:
        if len(rest) != 1:
            raise NotUnderstood
        draft.put(name, draft.reader.use(kind, rest[0], node), node)

    return take
