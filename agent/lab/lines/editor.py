"""Configuration mode: takes one line after another, as typed or from a file, and changes the running configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.lab.config import Line, Path
from agent.lab.lines import effects
from agent.lab.lines.change import Box, Change
from agent.lab.lines.grammar import Grammar, Known, Unknown

INVALID = "% Invalid input detected at '^' marker."


@dataclass(frozen=True, slots=True)
class Answer:
    """What the router says to one line; ``ok`` is False where it did not take the line."""

    text: str = ""
    ok: bool = True


@dataclass(slots=True)
class _Gathering:
    """A banner or certificate whose text is still coming."""

    text: str
    until: str
    rows: list[str] = field(default_factory=list)


class Editor:
    """One visit to configuration mode. ``prompt_width``: columns of the prompt before a typed line, for the caret."""

    def __init__(self, box: Box, grammar: Grammar | None = None, *, reject: tuple[str, ...] = ()) -> None:
        self._box = box
        self._grammar = grammar or box.grammar
        self._reject = reject
        self.paths: tuple[Path, ...] = ((),)
        self._gathering: _Gathering | None = None

    @property
    def gathering(self) -> bool:
        """Whether the text of a banner or certificate is being read."""
        return self._gathering is not None

    @property
    def prompt(self) -> str:
        """What the prompt calls the present mode."""
        return self._grammar.prompt(self._grammar.mode(self.paths[0]))

    def leave(self) -> bool:
        """``exit``: one level up; False where that leaves configuration mode."""
        if not self.paths[0]:
            return False
        self.paths = (self.paths[0][:-1],)
        return True

    def line(self, raw: str, prompt_width: int = 0) -> Answer:
        """Take one line. A line unknown in a section is tried in the sections around it, as IOS does."""
        if self._gathering:
            return self._gather(raw)
        text = raw.strip()
        if not text or text.startswith("!"):
            return Answer()
        if any(text.startswith(word) for word in self._reject):
            return Answer(caret(0, prompt_width), ok=False)
        first: Unknown | None = None
        paths = self.paths
        while True:
            found = self._known(paths[0], text)
            if not isinstance(found, Unknown):
                return self._apply(paths, text, found, prompt_width)
            if first is None or (first.reason == "invalid" and found.at > first.at):
                first = found
            if not paths[0]:
                return Answer(_refusal(first, text, prompt_width), ok=False)
            paths = (paths[0][:-1],)

    def _known(self, path: Path, text: str) -> tuple[Known, bool] | Unknown:
        mode = self._grammar.mode(path)
        known: Known | Unknown = self._grammar.match(mode, text)
        negated = False
        words = text.split(None, 1)
        if words[0].lower() in {"no", "default"} and isinstance(known, Unknown):
            if len(words) == 1:
                return Unknown("incomplete")
            negated = True
            inner = self._grammar.match(mode, words[1], negated=True)
            offset = text.index(words[1], len(words[0]))
            known = Unknown(inner.reason, inner.at + offset) if isinstance(inner, Unknown) else inner
        if isinstance(known, Unknown):
            return known
        if known.pattern.crypto and not self._box.licensed:
            lead = text.index(words[1]) if len(words) > 1 else 0
            return Unknown("invalid", lead)
        return known, negated

    def _apply(self, paths: tuple[Path, ...], text: str, found: tuple[Known, bool], prompt_width: int) -> Answer:
        known, negated = found
        if known.text.startswith("banner ") and not negated:
            return self._banner(paths, text)
        if known.text.startswith("certificate ") and not negated:
            self.paths = paths
            self._gathering = _Gathering(known.text, "quit")
            return Answer()
        messages: list[str] = []
        for path in paths:
            change = effects.of(self._box, self._grammar, path, known, negated=negated)
            if change.invalid:
                return Answer(caret(text.rindex(" ") + 1, prompt_width), ok=False)
            if change.refused:
                return Answer(change.message + "\n", ok=False)
            self._make(path, known, change)
            if change.message and change.message not in messages:
                messages.append(change.message)
        self.paths = paths
        if known.pattern.mode and not negated:
            self.paths = effects.entered(self._box.running, paths[0], known, self._grammar)
        return Answer("".join(message + "\n" for message in messages))

    def _make(self, path: Path, known: Known, change: Change) -> None:
        tree = self._box.running
        for where, slot in change.drop:
            tree = tree.drop(where, slot, self._grammar)
        for where, line in change.put:
            tree = tree.put(where, line, self._grammar)
        self._box.running = effects.normalised(tree, path, known, self._box, self._grammar)

    def _banner(self, paths: tuple[Path, ...], text: str) -> Answer:
        words = text.split(None, 2)
        delimiter, rest = words[2][0], words[2][1:]
        self.paths = paths
        self._gathering = _Gathering(f"banner {self._grammar_word(words[1])}", delimiter)
        if delimiter in rest:
            return self._gather(rest)
        self._gathering.rows.append(rest)
        return Answer(f"Enter TEXT message.  End with the character '{delimiter}'.\n")

    def _grammar_word(self, word: str) -> str:
        return next(name for name in ("motd", "login", "exec", "incoming") if name.startswith(word.lower()))

    def _gather(self, raw: str) -> Answer:
        held = self._gathering
        if held is None:
            return Answer()
        certificate = held.until == "quit"
        done = raw.strip() == "quit" if certificate else held.until in raw
        if not done:
            held.rows.append(raw.strip() if certificate else raw.rstrip("\r"))
            return Answer()
        if not certificate:
            held.rows.append(raw.split(held.until, 1)[0])
        self._gathering = None
        path = self.paths[0] if certificate else ()
        tree = self._box.running.drop(path, self._grammar.slot(path, held.text), self._grammar)
        self._box.running = tree.put(path, Line(held.text, (), "\n".join(held.rows)), self._grammar)
        return Answer()


def caret(at: int, prompt_width: int) -> str:
    """IOS's refusal of an invalid line: a caret below the first bad character, an empty line before the words."""
    return f"{' ' * (prompt_width + at)}^\n{INVALID}\n\n"


def _refusal(found: Unknown, text: str, prompt_width: int) -> str:
    if found.reason == "incomplete":
        return "% Incomplete command.\n\n"
    if found.reason == "ambiguous":
        return f'% Ambiguous command:  "{text}"\n'
    return caret(found.at, prompt_width)
