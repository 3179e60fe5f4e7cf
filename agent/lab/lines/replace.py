"""``configure replace``, and the differences by sections between a running configuration and a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.lab.config import ConfigTree, Line, Path
from agent.lab.lines.change import Box
from agent.lab.lines.editor import Editor
from agent.lab.lines.grammar import Grammar, Known
from agent.lab.lines.numbering import numbered

PASSES = 5
_LASTING = re.compile(
    r"interface ((Ten|Two)?Gigabit|Fast)?Ethernet[\d/]+$|interface (Vlan1|Embedded-Service-Engine0/0)$"
    r"|line (con|aux) 0$|line 2$|line vty 0 4$"
    r"|control-plane$"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a replacement went: ``last`` is what the last pass tried, ``failed`` what was refused, with IOS's words."""

    passes: int
    equal: bool
    last: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


def replace(
    box: Box, target: ConfigTree, *, reject: tuple[str, ...] = (), stop: bool = False, grammar: Grammar | None = None
) -> Outcome:
    """Change the running configuration into ``target``, step by step, in at most five passes.

    ``stop``: at the first command that is refused, else go on with the others as IOS does.
    """
    layout = grammar or box.grammar
    commands: tuple[str, ...] = ()
    failed: list[tuple[str, str]] = []
    for number in range(PASSES + 1):
        commands, tried = tuple(steps(box.running, target, layout)), commands
        if not commands:
            return Outcome(number, equal=True)
        if number == PASSES or (commands == tried and number > 1):
            break
        failed = list(_pass(box, layout, commands, reject, stop=stop))
        if failed and stop:
            break
    return Outcome(PASSES, equal=False, last=commands, failed=tuple(failed))


def _pass(
    box: Box, layout: Grammar, commands: tuple[str, ...], reject: tuple[str, ...], *, stop: bool
) -> Iterator[tuple[str, str]]:
    editor = Editor(box, layout, reject=reject)
    for command in commands:
        answer = editor.line(command)
        if not answer.ok:
            yield command, answer.text
            if stop:
                return


def steps(old: ConfigTree, new: ConfigTree, grammar: Grammar) -> Iterator[str]:
    """The lines that lead from ``old`` to ``new``: all removals first, then what is added, section by section."""
    new = numbered(new, old)
    changed = {line.text.split()[2] for line in old.children("ip sla") if _is_other_operation(line, new)}
    kept = tuple(line for line in old.lines if not (_operation(line) & changed))
    for number in sorted(changed, key=int):
        yield f"no ip sla {number}"  # an operation that runs cannot be changed; its schedule goes with it
    yield from _removals(kept, new.lines, (), grammar)
    yield from _additions(kept, new.lines, (), grammar)


def _operation(line: Line) -> set[str]:
    """The number of the IP SLA operation that a line is, or schedules."""
    found = re.match(r"ip sla (?:schedule )?(\d+)", line.text)
    return {found[1]} if found else set()


def _is_other_operation(line: Line, new: ConfigTree) -> bool:
    wanted = new.section(line.text)
    return line.words[2].isdigit() and wanted is not None and wanted.lines != line.lines


def _removals(old: tuple[Line, ...], new: tuple[Line, ...], path: Path, grammar: Grammar) -> Iterator[str]:
    kept = {line.text: line for line in new}
    rules = bool(path) and path[0].startswith("ip access-list ")  # a rule is not replaced, it is removed and added
    slots = set() if rules else {grammar.slot(path, line.text) for line in new}
    entered = not path
    for line in old:
        if line.text in kept or (not path and _lasting(line)):
            wanted = kept[line.text].lines if line.text in kept else ()
            inner = list(_removals(line.lines, wanted, (*path, line.text), grammar))
            yield from inner
            entered = entered and not inner
        elif grammar.slot(path, line.text) not in slots and not _own(path, line, grammar):
            if _off(path, line, grammar):
                continue
            if not entered:
                entered = True
                yield from path
            yield line.text[3:] if line.text.startswith("no ") else f"no {line.text}"


def _off(path: Path, line: Line, grammar: Grammar) -> bool:
    """A switch that is shown as off: a file that does not mention it means the same."""
    known = grammar.match(grammar.mode(path) or "config", line.text.removeprefix("no "), negated=True)
    return line.text == "no ip address" or (
        line.text.startswith("no ") and isinstance(known, Known) and known.pattern.shown
    )


def _lasting(line: Line) -> bool:
    """Sections that cannot be removed: what is in them can."""
    return _LASTING.match(line.text) is not None


def _own(path: Path, line: Line, grammar: Grammar) -> bool:
    """Lines that nobody can remove."""
    known = grammar.match(grammar.mode(path) or "config", line.text)
    return isinstance(known, Known) and known.pattern.own


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
            yield from path
        yield from _text(line)
        if line.lines:
            yield from _additions((), line.lines, (*path, line.text), grammar)
            entered = not path


def _text(line: Line) -> Iterator[str]:
    if line.body is None:
        yield line.text
    elif line.text.startswith("banner "):
        yield from f"{line.text} \x03{line.body}\x03".split("\n")
    else:
        yield from (line.text, *line.body.splitlines(), "quit")


def contextual(old: ConfigTree, new: ConfigTree) -> str:
    """As ``show archive config differences``: + only in the second, - only in the first, below their sections."""
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
    wanted = numbered(ConfigTree.parse(text), box.running)
    missing = list(_additions(box.running.lines, wanted.lines, (), grammar))
    if not missing:
        return "!List of Commands:\nend\n!No changes were found\n"
    return "!List of Commands:\n" + "\n".join(missing) + "\nend\n"
