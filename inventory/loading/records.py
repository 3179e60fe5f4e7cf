"""From one file's values to its model: what is wrong in form, and what is right enough for the rules to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from inventory.customer import Customer
from inventory.errors import Problem
from inventory.loading import toml_source, yaml_source
from inventory.loading.files import Source
from inventory.loading.overlay import overlaid
from inventory.loading.salvage import Salvage
from inventory.loading.words import Sentence, sentences
from inventory.loading.yaml_source import line_of
from inventory.places import CUSTOMERS
from inventory.rules.base import Path, Place
from inventory.settings import Settings

#: Fields whose very form a clause of the service demands, by the last two keys.
_CLAUSES: dict[tuple[str, ...], str] = {
    ("access", "provided_by"): "WV-2",
    ("access", "media"): "WV-2",
    ("access", "connector"): "WV-2",
    ("snmp_feed", "hosts"): "WV-13",
}


@dataclass(frozen=True)
class SettingsFile:
    """spokesman.toml as read; ``settings`` is None where it is wrong in form."""

    source: Source
    settings: Settings | None
    problems: tuple[Problem, ...]
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of a key, or of the nearest table above it."""
        for depth in range(len(path), 0, -1):
            if path[:depth] in self.lines:
                return self.lines[path[:depth]]
        return 1


@dataclass(frozen=True)
class CustomerFile:
    """A customer's file as read.

    ``customer`` holds the records that are right in form, None where the file as a whole is not; ``broken`` names
    the records left out; of the fields ``told`` an error of form has told already.
    """

    source: Source
    customer: Customer | None
    problems: tuple[Problem, ...]
    data: yaml_source.Map | None = None
    broken: frozenset[Place] = frozenset()
    told: frozenset[Path] = frozenset()

    def place(self, path: Path) -> tuple[str, int]:
        """File and line of a key or list item, or of the nearest one above it; a request's edit is in its own file."""
        line = line_of(self.data, path)
        return file_of(self.source, line), line


def file_of(source: Source, line: int) -> str:
    """The file that a line is of."""
    return line.file if isinstance(line, yaml_source.Elsewhere) else source.name


def read_settings(source: Source) -> SettingsFile:
    """spokesman.toml, checked in form."""
    data, problems = toml_source.parse(source.name, source.text)
    if data is None:
        return SettingsFile(source, None, problems)
    lines = toml_source.lines(source.text)
    try:
        return SettingsFile(source, Settings.model_validate(data), (), lines)
    except ValidationError as error:
        told = sentences(error, data, Settings)
        file = SettingsFile(source, None, (), lines)
        found = tuple(_problem(source.name, file.line(sentence.path), sentence) for sentence in told)
        return SettingsFile(source, None, found, lines)


def read_customer(source: Source, requests: Source | None = None) -> CustomerFile:
    """A customer's file with what requests changed in it, checked in form, and its name against the key it holds."""
    data, problems = yaml_source.parse(source.name, source.text)
    if data is None:
        return CustomerFile(source, None, problems)
    if requests is not None:
        problems = (*problems, *overlaid(data, requests))
    customer, told = _validate(data)
    name = source.name.removeprefix(f"{CUSTOMERS}/").removesuffix(".yaml")
    rest = Salvage(data, told) if customer is None else None
    if rest is not None:
        customer, _ = _validate({**rest.data, "customer": name, "name": "unnamed"})
    found = [_told(source, data, sentence) for sentence in told]
    if isinstance(data.get("customer"), str) and data["customer"] != name:
        line, remedy = line_of(data, ("customer",)), f"write customer: {name}, or rename the file"
        place = file_of(source, line)
        found.append(Problem(place, line, "customer", "is not the file's name", remedy=remedy))
        customer = customer and customer.model_copy(update={"customer": name})
    broken = frozenset(Place(name, path) for path in rest.broken) if rest else frozenset()
    return CustomerFile(source, customer, (*problems, *found), data, broken, rest.silent if rest else frozenset())


def _validate(data: Mapping[str, Any]) -> tuple[Customer | None, tuple[Sentence, ...]]:
    try:
        return Customer.model_validate(data), ()
    except ValidationError as error:
        return None, sentences(error, data, Customer)


def _told(source: Source, data: yaml_source.Map, sentence: Sentence) -> Problem:
    line = line_of(data, sentence.path)
    return _problem(file_of(source, line), line, sentence)


def _problem(name: str, line: int, sentence: Sentence) -> Problem:
    rule = _CLAUSES.get(tuple(part for part in sentence.path if isinstance(part, str))[-2:], "")
    return Problem(name, line, dotted(sentence.path), sentence.message, rule, sentence.remedy)


def dotted(path: Path) -> str:
    """A path as people write it; long keys are cut, and nothing unprintable passes."""
    return ".".join(_printable(str(part)) for part in path)


def _printable(part: str) -> str:
    short = part if len(part) <= 64 else f"{part[:61]}..."
    return "".join(character if character.isprintable() else "?" for character in short)
