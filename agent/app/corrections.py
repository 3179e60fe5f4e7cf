"""Where a configuration is wrong and the inventory right: what to correct, and what should stand there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from agent.app.differences import MOST, Difference, differences, nearest
from agent.app.verifying import INTENDED, Configuration, Picture, from_inventory
from agent.archive.archive import visible
from agent.errors import ConfigurationProblem
from agent.verification import Finding, Line, verify
from agent.verification.shown import paths

if TYPE_CHECKING:
    from agent.app.app import App

#: So many routers whose archived configurations a verdict names are compared with what is intended.
MOST_COMPARED = 40


def verdicts(app: App, picture: Picture) -> tuple[Finding, ...]:
    """Every finding; what only a configuration is wrong in says where, and names no option."""
    return explained(app, picture, picture.findings(app.inventory))


def explained(app: App, picture: Picture, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """These findings of a picture, with the routers told that do not run what the inventory asks for rightly.

    What is intended is rendered for the routers that a finding names, of archived ones for ``MOST_COMPARED`` of them,
    and all is judged once more with that.
    """
    named = dict.fromkeys(name for finding in findings for name in _routers(finding))
    files = [name for name in named if name in picture.known and picture.known[name].path]
    archived = [
        name for name in named if name in picture.known and picture.known[name].source != INTENDED and name not in files
    ]
    given, beyond = [*files, *archived[:MOST_COMPARED]], frozenset(archived[MOST_COMPARED:])
    if not given:
        return tuple(findings)
    try:
        intended = from_inventory(app, map(app.inventory.router, sorted(given)), frozenset())
    except ConfigurationProblem:
        return tuple(findings)  # without its secrets nobody knows what is intended
    models = {name: one.model for name, one in (picture.known | intended.known).items()}
    also = {(one.check, name) for one in verify(models, app.inventory, picture.unknown) for name in one.routers}
    found = {name: _Drifted(picture.known[name], wanted, app) for name, wanted in intended.known.items()}
    return tuple(_corrected(one, found, also, beyond) for one in findings)


def _corrected(
    finding: Finding, found: Mapping[str, _Drifted], also: set[tuple[str, str]], beyond: frozenset[str]
) -> Finding:
    routers = [name for name in _routers(finding) if name in found]
    if not routers or any((finding.check, name) in also for name in finding.routers):
        if beyond.isdisjoint(finding.routers):
            return finding
        said = f"not compared with what is intended, which is done for {MOST_COMPARED} routers: verify one site for it"
        return replace(finding, remedy=f"{finding.remedy} ({said})")
    differing = [one for name in routers if (one := found[name]).found]
    blamed = [one for one in differing if one.near(finding)] or differing
    if not blamed:
        return finding
    return replace(finding, option="", remedy=_remedy(finding, blamed))


def _remedy(finding: Finding, blamed: Sequence[_Drifted]) -> str:
    edited = [one.place(finding) for one in blamed if one.here.path]
    drifted = [one.place(finding) for one in blamed if not one.here.path]
    sites = ", ".join(f"spokesman plan {one.site}" for one in blamed if not one.here.path)
    ways = [f"provision {', '.join(one.router for one in blamed)}{f' ({sites})' if sites else ''}"]
    ways += [f"correct {'; '.join(edited)}"] * bool(edited)
    ways += [f"find out who changed {'; '.join(drifted)}"] * bool(drifted)
    return f"the inventory asks for it rightly: {', or '.join(ways)}"


@dataclass(frozen=True)
class _Drifted:
    """A router's configuration, in a file or as it was archived, and what is intended for the router."""

    here: Configuration
    intended: Configuration
    app: App

    @property
    def router(self) -> str:
        return self.here.router

    @property
    def site(self) -> str:
        """The router's site, as a command takes it."""
        return self.app.inventory.router(self.router).key

    @cached_property
    def lines(self) -> dict[int, tuple[str, ...]]:
        return dict(paths(self.here.text))

    @cached_property
    def found(self) -> tuple[Difference, ...]:
        """Where the two differ, without what the router writes by itself."""
        platform = self.here.platform
        if platform.name != self.intended.platform.name:
            return ()
        masked = platform.compare(self.intended.text, self.here.text).masked
        own = {(one.text, one.side == "a") for one in masked}
        lasting = {
            line.strip() for one in (self.here, self.intended) for line in platform.lasting(one.text).split("\n")
        }

        def counts(line: str, intended: bool) -> bool:
            return line in lasting and (platform.redact(line), intended) not in own

        return differences(self.here.text, self.intended.text, counts)

    def near(self, finding: Finding) -> tuple[Difference, ...]:
        """The differences that have to do with what a finding cites."""
        numbers = (line.number for line in _cited(finding) if line.router == self.router)
        return nearest(self.found, {self.lines[one] for one in numbers if one in self.lines})

    def place(self, finding: Finding) -> str:
        """What to correct, and how; of many differences of which none is near, how many there are."""
        near = self.near(finding)
        told = near or self.found
        where = self.here.path or f"the configuration of {self.router}"
        said = "; ".join(one.told(self._shown) for one in told[: MOST if near or len(told) <= MOST else 1])
        if len(told) <= MOST:
            return f"{where} {said}"
        if near:
            return f"{where} {said}; and {len(told) - MOST} more"
        return f"{where}: {len(told)} lines differ from what is intended, first {said}"

    def _shown(self, line: str) -> str:
        return visible(self.here.platform.redact(line, self.app.known))


def _cited(finding: Finding) -> Iterator[Line]:
    yield from finding.lines
    for hop in finding.path:
        yield from hop.lines


def _routers(finding: Finding) -> Iterable[str]:
    """The routers of a finding, and those of its packet's way."""
    return dict.fromkeys((*finding.routers, *(hop.router for hop in finding.path)))
