"""Where a file is wrong and the inventory right: the line to correct, and what should stand there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from agent.app.verifying import Configuration, Picture, from_inventory
from agent.archive.archive import visible
from agent.errors import ConfigurationProblem
from agent.verification import Finding, Line, verify
from agent.verification.shown import paths

if TYPE_CHECKING:
    from agent.app.app import App

#: So many lines that are missing are named.
_MOST_MISSING = 2
_Path = tuple[str, ...]


def verdicts(app: App, picture: Picture) -> tuple[Finding, ...]:
    """Every finding; what only a file is wrong in says where, and names no option.

    What is intended for the routers of the files alone is rendered, and all is judged once more with that.
    """
    findings = picture.findings(app.inventory)
    named = {name for finding in findings for name in finding.routers}
    given = sorted(name for name, one in picture.known.items() if one.path and name in named)
    if not given:
        return findings
    try:
        intended = from_inventory(app, map(app.inventory.router, given), frozenset())
    except ConfigurationProblem:
        return findings  # without its secrets nobody knows what is intended
    models = {name: one.model for name, one in (picture.known | intended.known).items()}
    also = {(one.check, name) for one in verify(models, app.inventory, picture.unknown) for name in one.routers}
    found = {name: _Edited(picture.known[name], wanted, app) for name, wanted in intended.known.items()}
    return tuple(_corrected(one, found, also) for one in findings)


def _corrected(finding: Finding, found: dict[str, _Edited], also: set[tuple[str, str]]) -> Finding:
    files = [found[name] for name in finding.routers if name in found]
    if not files or any((finding.check, one.router) in also for one in files):
        return finding
    routers = ", ".join(one.router for one in files)
    places = "; ".join(one.place(finding) for one in files)
    remedy = f"the inventory asks for it rightly: provision {routers}, or correct {places}"
    return replace(finding, option="", remedy=remedy)


@dataclass(frozen=True)
class _Edited:
    """A router's file and what is intended for the router."""

    file: Configuration
    intended: Configuration
    app: App

    @property
    def router(self) -> str:
        return self.file.router

    @cached_property
    def lines(self) -> dict[int, _Path]:
        return dict(paths(self.file.text))

    @cached_property
    def lacking(self) -> tuple[_Path, ...]:
        """What is intended and not in the file."""
        there = set(self.lines.values())
        return tuple(dict.fromkeys(path for _, path in paths(self.intended.text) if path not in there))

    @cached_property
    def wanted(self) -> frozenset[_Path]:
        return frozenset(path for _, path in paths(self.intended.text))

    def place(self, finding: Finding) -> str:
        """Which line of the file to correct, and how, as far as that can be told."""
        cited = [line.number for line in _cited(finding) if line.router == self.router and line.number in self.lines]
        if not cited:
            return self.file.path
        number = next((one for one in cited if self.lines[one] not in self.wanted), cited[0])
        return f"{self.file.path} at line {number}{self._how(self.lines[number])}"

    def _how(self, path: _Path) -> str:
        if path in self.wanted:
            missing = [one[-1] for one in self.lacking if one[:-1] == path][:_MOST_MISSING]
            return f", under which is missing: {self._shown(missing)}" if missing else ""
        words = path[-1].split()
        for count in (2, 1):
            fits = [
                one[-1] for one in self.lacking if one[:-1] == path[:-1] and one[-1].split()[:count] == words[:count]
            ]
            if len(fits) == 1:
                return f", which should read: {self._shown(fits)}"
        return ", which is not intended" if not fits else ""

    def _shown(self, lines: Sequence[str]) -> str:
        known = self.app.known
        return ", ".join(visible(self.file.platform.redact(line, known)) for line in lines)


def _cited(finding: Finding) -> Iterator[Line]:
    yield from finding.lines
    for hop in finding.path:
        yield from hop.lines
