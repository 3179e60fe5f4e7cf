"""Applies a customer's file of requests to the customer's data, before form and rules are checked.

What an edit brings keeps the line of the requests file, so that a problem in it points there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from inventory.errors import Problem
from inventory.intent import ENDING, Edit, Intent, PathPart, sealed
from inventory.loading import yaml_source
from inventory.loading.files import Source
from inventory.loading.words import Path, sentences
from inventory.loading.yaml_source import Elsewhere, Map, Seq, line_of
from inventory.places import CUSTOMERS

_MEND = "git checkout the file; what requests changed is taken out by spokesman request withdraw"
_REMEDY = "git checkout the file, or take the request out: spokesman request withdraw {}"


class _Misfit(Exception):
    """An edit does not fit the customer's data."""


def read_intent(source: Source) -> tuple[Intent | None, Map | None, tuple[Problem, ...]]:
    """The file as a model and as data with lines; None, and what is wrong, where it cannot be used."""
    data, problems = yaml_source.parse(source.name, source.text)
    if data is None or problems:
        return None, None, problems
    try:
        intent = Intent.model_validate(data)
    except ValidationError as error:
        found = sentences(error, data, Intent)
        return None, None, tuple(_problem(source, data, one.path, one.message, _MEND) for one in found)
    wrong = tuple(_unsound(source, data, intent))
    return (None, None, wrong) if wrong else (intent, data, ())


def _unsound(source: Source, data: Map, intent: Intent) -> Iterator[Problem]:
    """What the form alone does not tell: another customer's file, a request twice, a change by hand."""
    name = source.name.removeprefix(f"{CUSTOMERS}/").removesuffix(ENDING)
    if intent.customer != name:
        yield _problem(source, data, ("customer",), "is not the file's name", f"write customer: {name}")
    seen: set[str] = set()
    for index, entry in enumerate(intent.requests):
        if entry.request in seen:
            message = f"request {entry.request} is there twice"
            yield _problem(source, data, ("requests", index, "request"), message, "git checkout the file")
        seen.add(entry.request)
    if intent.seal != sealed(intent.requests):
        message = "does not fit the entries: the file was changed by hand, or a part of it is lost"
        yield _problem(source, data, ("seal",), message, _MEND)


def overlaid(data: Map, source: Source) -> tuple[Problem, ...]:
    """Apply the edits of a requests file to a customer's data, in their order; what does not fit is told."""
    intent, raw, problems = read_intent(source)
    if intent is None or raw is None:
        return problems
    found = []
    for index, entry in enumerate(intent.requests):
        for number, edit in enumerate(entry.edits):
            place: Path = ("requests", index, "edits", number)
            origin = _at(raw, place)
            marked = _marked(origin[edit.action], source.name)
            line = Elsewhere(origin.lines[edit.action], source.name)
            try:
                _apply(data, edit, marked, line)
            except _Misfit as misfit:
                message = f"{entry.request} does not fit any more: {misfit}"
                found.append(_problem(source, raw, place, message, _REMEDY.format(entry.request)))
    return tuple(found)


def _apply(data: Map, edit: Edit, value: Any, line: Elsewhere) -> None:
    at: Any = data
    for part in edit.path[:-1]:
        at = _step(at, part)
    last = edit.path[-1]
    if edit.action == "set":
        if not isinstance(at, Map) or not isinstance(last, str):
            raise _Misfit(f"{_shown(edit.path)} is no key of a mapping")
        at[last] = value
        at.lines[last] = line
        return
    if edit.action == "add" and isinstance(at, Map) and isinstance(last, str) and at.get(last) is None:
        at[last] = Seq(line)
        at.lines[last] = line
    items = _step(at, last)
    if not isinstance(items, Seq):
        raise _Misfit(f"{_shown(edit.path)} is no list")
    (_add if edit.action == "add" else _remove)(items, value, line)


def _add(items: Seq, value: Any, line: Elsewhere) -> None:
    if any(_same(one, value) for one in items):
        raise _Misfit("what it adds is there already")
    items.append(value)
    items.lines.append(line)


def _remove(items: Seq, value: Any, _line: Elsewhere) -> None:
    index = _only(items, lambda one: _has(one, value), "what it removes")
    del items[index]
    del items.lines[index]


def _step(at: Any, part: PathPart) -> Any:
    if isinstance(part, str):
        if isinstance(at, Map) and part in at:
            return at[part]
        raise _Misfit(f"there is no {part}")
    if not isinstance(at, Seq):
        raise _Misfit(f"no list holds {part}")
    return at[_only(at, lambda one: _has(one, part), ", ".join(f"{key} {value}" for key, value in part.items()))]


def _only(items: Seq, fits: Callable[[Any], bool], what: str) -> int:
    found = [index for index, one in enumerate(items) if fits(one)]
    if len(found) != 1:
        raise _Misfit(f"{what} is there {len(found) or 'no'} times" if found else f"{what} is not there")
    return found[0]


def _has(one: Any, wanted: Any) -> bool:
    """Whether an item has all wanted values; numbers and text are the same where they read the same."""
    if isinstance(wanted, dict):
        return (
            isinstance(one, Map)
            and bool(wanted)
            and all(key in one and str(one[key]) == str(want) for key, want in wanted.items())
        )
    return not isinstance(one, Map | Seq) and str(one) == str(wanted)


def _same(one: Any, other: Any) -> bool:
    return _has(one, other) and (not isinstance(one, Map) or set(one) == set(other))


def _marked(value: Any, name: str) -> Any:
    """A copy of a value that says of each line that it is in file ``name``."""
    if isinstance(value, Map):
        copy = Map(Elsewhere(value.line, name))
        for key, one in value.items():
            copy[key] = _marked(one, name)
            copy.lines[key] = Elsewhere(value.lines[key], name)
        return copy
    if isinstance(value, Seq):
        seq = Seq(Elsewhere(value.line, name))
        seq.extend(_marked(one, name) for one in value)
        seq.lines = [Elsewhere(line, name) for line in value.lines]
        return seq
    return value


def _at(data: Any, path: Path) -> Map:
    for part in path:
        data = data[part]
    found: Map = data
    return found


def _problem(source: Source, data: Map, path: Path, message: str, remedy: str) -> Problem:
    return Problem(source.name, line_of(data, path), ".".join(map(str, path)), message, remedy=remedy)


def _shown(path: tuple[PathPart, ...]) -> str:
    return ".".join(part if isinstance(part, str) else str(part) for part in path)
