"""YAML 1.2 with positions: a small, strict subset that people write by hand, and no surprises.

libyaml gives the events; the values are resolved here by the YAML 1.2 core schema, so that ``12:30`` and ``no`` stay
text. Anchors, aliases, tags, directives, merge keys, further documents, duplicate and non-text keys are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml import events

from inventory.errors import Problem

MAX_DEPTH = 20
MAX_NODES = 2_000_000
MAX_DUPLICATES = 100

_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?([0-9]{1,30}\.[0-9]{0,30}|\.[0-9]{1,30})([eE][-+]?[0-9]{1,2})?")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class Elsewhere(int):
    """A line of another file than the one that its value is read with."""

    def __new__(cls, line: int, file: str) -> Elsewhere:
        made = super().__new__(cls, line)
        made.file = file
        return made

    def __deepcopy__(self, _memo: object) -> Elsewhere:
        return self

    file: str


class Map(dict[str, Any]):
    """A mapping that knows its own line and its keys' lines, counted from 1."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class Seq(list[Any]):
    """A list that knows the lines of its elements."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


def line_of(data: Any, path: tuple[str | int, ...]) -> int:
    """The line of what stands at ``path``, or of the nearest thing above it."""
    line = data.line if isinstance(data, Map) else 0
    for part in path:
        if isinstance(data, Map) and part in data:
            line = data.lines[str(part)]
        elif isinstance(data, Seq) and isinstance(part, int) and part < len(data):
            line = data.lines[part]
        else:
            break
        data = data[part]
    return line


class _Stop(Exception):
    """The document cannot be read further."""

    def __init__(self, line: int, message: str, remedy: str) -> None:
        self.line, self.message, self.remedy = line, message, remedy
        super().__init__(message)


def parse(name: str, text: str) -> tuple[Map | None, tuple[Problem, ...]]:
    """The top mapping of a document and what is wrong with its form; the mapping is None where it cannot be read."""
    problems = [
        Problem(name, number, "", "is indented with a tab", remedy="indent with spaces")
        for number, line in enumerate(text.split("\n"), 1)
        if re.match(r" *\t+ *[^\s#]", line)
    ]
    if problems:
        return None, tuple(problems)
    reader = _Reader(name, text)
    try:
        return reader.document(), tuple(reader.problems)
    except _Stop as stop:
        problem = Problem(name, stop.line, "", stop.message, remedy=stop.remedy)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = error.problem or error.context or "cannot be read"
        remedy = "check quotes, brackets, colons and indentation here and just above"
        problem = Problem(name, mark.line + 1 if mark else 0, "", f"is not YAML: {words}", remedy=remedy)
    except yaml.YAMLError:
        problem = Problem(name, 0, "", "is not YAML", remedy="save it as plain UTF-8 text")
    return None, (*reader.problems, problem)


class _Reader:
    """Builds the values of one document from its events."""

    def __init__(self, name: str, text: str) -> None:
        self.problems: list[Problem] = []
        self._name = name
        self._events: Iterator[events.Event] = yaml.parse(text, Loader=_LOADER)
        self._nodes = 0

    def document(self) -> Map:
        """The only document's top mapping."""
        event = self._next()
        while not isinstance(event, events.DocumentStartEvent):
            if isinstance(event, events.StreamEndEvent):
                raise _Stop(1, "is empty", "describe a customer in it: spokesman inventory schema lists the keys")
            event = self._next()
        if event.version or event.tags:
            raise _Stop(_line(event), "starts with a YAML directive", "remove the lines that start with %")
        top = self._node(self._next(), 1)
        if not isinstance(top, Map):
            raise _Stop(1, "is not a mapping of keys to values", "start with: customer: NAME")
        while not isinstance(event := self._next(), events.StreamEndEvent):
            if isinstance(event, events.DocumentStartEvent):
                raise _Stop(_line(event), "starts a second document", "keep one customer a file, without ---")
        return top

    def _next(self) -> events.Event:
        event = next(self._events, None)
        if event is None:
            raise _Stop(0, "ends too early", "check the end of the file")
        return event

    def _node(self, event: events.Event, depth: int) -> Any:
        self._guard(event, depth)
        if isinstance(event, events.ScalarEvent):
            return resolve(event.value) if event.implicit[0] else event.value
        if isinstance(event, events.MappingStartEvent):
            return self._mapping(event, depth)
        return self._sequence(event, depth)

    def _guard(self, event: events.Event, depth: int) -> None:
        """Refuses what nobody writes by hand and what attackers do."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _Stop(_line(event), f"holds more than {MAX_NODES} values", "split the file")
        if isinstance(event, events.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _Stop(
                _line(event), "uses an anchor (&) or alias (*)", "write the values out, or put the text in quotes"
            )
        if getattr(event, "tag", None) is not None:
            raise _Stop(_line(event), "uses a tag (!)", "remove it, or put the text in quotes")
        if depth > MAX_DEPTH:
            raise _Stop(_line(event), f"is nested deeper than {MAX_DEPTH} levels", "check brackets and indentation")

    def _sequence(self, start: events.Event, depth: int) -> Seq:
        result = Seq(_line(start))
        while not isinstance(event := self._next(), events.SequenceEndEvent):
            result.lines.append(_line(event))
            result.append(self._node(event, depth + 1))
        return result

    def _mapping(self, start: events.Event, depth: int) -> Map:
        result = Map(_line(start))
        while not isinstance(event := self._next(), events.MappingEndEvent):
            key, line = self._key(event, depth), _line(event)
            value = self._node(self._next(), depth + 1)
            if key in result:
                if len(self.problems) == MAX_DUPLICATES:
                    raise _Stop(line, "holds too many duplicate keys", "check whether parts were pasted twice")
                message = f"the key {_short(key)} is there twice; the first is in line {result.lines[key]}"
                self.problems.append(Problem(self._name, line, "", message, remedy="keep one of them"))
                continue
            result[key] = value
            result.lines[key] = line
        return result

    def _key(self, event: events.Event, depth: int) -> str:
        self._guard(event, depth)
        if not isinstance(event, events.ScalarEvent):
            raise _Stop(_line(event), "uses a list or mapping as a key", "keys are plain words")
        if event.value == "<<" and event.implicit[0]:
            raise _Stop(_line(event), "uses a merge key (<<)", "write the values out")
        if event.implicit[0] and not isinstance(resolve(event.value), str):
            raise _Stop(
                _line(event), f"uses {_short(event.value)} as a key", "keys are names; put it in quotes if it is one"
            )
        return event.value


def resolve(text: str) -> str | int | float | bool | None:
    """What an unquoted scalar means by the YAML 1.2 core schema; numbers with leading zeros stay text."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if not (first.isdigit() or first in "+-."):
        return text
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _line(event: events.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _short(key: str) -> str:
    return repr(key if len(key) <= 40 else key[:37] + "...")


#: libyaml's parser where PyYAML was built with it (its wheels are), else the slower one.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
