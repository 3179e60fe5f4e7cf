"""``configure replace`` and the differences it works from: between the running configuration and a file, by sections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.lab.config import ConfigTree, Line, Path
from agent.lab.ios.editor import Box, Editor
from agent.lab.ios.grammar import Grammar, iosxe

PASSES = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a replacement went: ``failed`` are the commands the router refused, with its words."""

    passes: int
    steps: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    equal: bool


def replace(box: Box, target: ConfigTree, *, reject: tuple[str, ...] = (), grammar: Grammar | None = None) -> Outcome:
    """Change the running configuration into ``target``, step by step, in at most five passes."""
    layout = grammar or iosxe()
    done: list[str] = []
    failed: list[tuple[str, str]] = []
    for number in range(1, PASSES + 1):
        commands = list(steps(box.running, target, layout))
        if not commands:
            return Outcome(number - 1, tuple(done), (), equal=True)
        before, failed = box.running, []
        editor = Editor(box, layout, reject=reject)
        for command in commands:
            answer = editor.line(command)
            if not answer.ok:
                failed.append((command, answer.text))
        done.extend(commands)
        if failed or box.running == before:
            return Outcome(number, tuple(done), tuple(failed), equal=False)
    return Outcome(PASSES, tuple(done), tuple(failed), equal=not list(steps(box.running, target, layout)))


def steps(old: ConfigTree, new: ConfigTree, grammar: Grammar) -> Iterator[str]:
    """The lines that lead from ``old`` to ``new``: all removals first, then what is added, section by section."""
    yield from _removals(old.lines, new.lines, (), grammar)
    yield from _additions(old.lines, new.lines, (), grammar)


def _removals(old: tuple[Line, ...], new: tuple[Line, ...], path: Path, grammar: Grammar) -> Iterator[str]:
    kept = {line.text: line for line in new}
    slots = {grammar.slot(path, line.text) for line in new}
    entered = False
    for line in old:
        if line.text in kept:
            inner = list(_removals(line.lines, kept[line.text].lines, (*path, line.text), grammar))
            if inner:
                yield from (_enter((*path, line.text)))
                yield from inner
                entered = False
        elif grammar.slot(path, line.text) not in slots and not _own(path, line, grammar):
            if path and not entered:
                entered = True
                yield from _enter(path)
            yield line.text[3:] if line.text.startswith("no ") else f"no {line.text}"


def _own(path: Path, line: Line, grammar: Grammar) -> bool:
    """Lines that nobody can remove."""
    known = grammar.match(grammar.mode(path) or "config", line.text)
    return getattr(getattr(known, "pattern", None), "own", False)


def _additions(old: tuple[Line, ...], new: tuple[Line, ...], path: Path, grammar: Grammar) -> Iterator[str]:
    present = {line.text: line for line in old}
    entered = not path
    for line in new:
        before = present.get(line.text)
        if before is not None and before.body == line.body:
            inner = list(_additions(before.lines, line.lines, (*path, line.text), grammar))
            if inner:
                yield from inner
                entered = not path
            continue
        if not entered:
            entered = True
            yield from _enter(path)
        yield from _text(line)
        if line.lines:
            yield from _additions((), line.lines, (*path, line.text), grammar)
            entered = not path


def _enter(path: Path) -> Iterator[str]:
    yield from path


def _text(line: Line) -> Iterator[str]:
    if line.body is None:
        yield line.text
    elif line.text.startswith("banner "):
        yield from f"{line.text} \x03{line.body}\x03".split("\n")
    else:
        yield from (line.text, *line.body.splitlines(), "quit")


def contextual(old: ConfigTree, new: ConfigTree) -> str:
    """As ``show archive config differences``: + is in the second only, - in the first only; sections name their place."""
    rows = list(_contextual(old.lines, new.lines, 0))
    body = "\n".join(rows) if rows else "!No changes were found"
    return f"!Contextual Config Diffs:\n{body}\n"


def _contextual(old: tuple[Line, ...], new: tuple[Line, ...], depth: int) -> Iterator[str]:
    before = {line.text: line for line in old}
    after = {line.text: line for line in new}
    lead = " " * depth
    for line in new:
        was = before.get(line.text)
        if was is None:
            yield from _whole(line, depth, "+")
        elif was.body != line.body:
            yield from _whole(was, depth, "-")
            yield from _whole(line, depth, "+")
        else:
            inner = list(_contextual(was.lines, line.lines, depth + 1))
            if inner:
                yield lead + line.text
                yield from inner
    for line in old:
        if line.text not in after:
            yield from _whole(line, depth, "-")


def _whole(line: Line, depth: int, sign: str) -> Iterator[str]:
    first, *rest = ConfigTree((line,)).render(delimiter="^C").split("\n")
    rows = [first, *rest] if line.body is not None or line.lines else [first]
    for row in rows:
        if row not in {"!", "end", ""}:
            yield f"{sign}{' ' * depth}{row}"


def incremental(box: Box, text: str, grammar: Grammar) -> str:
    """As ``show archive config incremental-diffs``: the lines of a file that change something if merged."""
    wanted = ConfigTree.parse(text)
    missing = list(_additions(box.running.lines, wanted.lines, (), grammar))
    if not missing:
        return "!List of Commands:\nend\n!No changes were found\n"
    return "!List of Commands:\n" + "\n".join(missing) + "\nend\n"
