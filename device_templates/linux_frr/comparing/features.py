"""What a change does for the service: the difference of rendered and running, feature by feature, for people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from device_templates.comparison import FeatureDiff, PathLine
from device_templates.linux_frr.comparing.compare import shown
from device_templates.linux_frr.comparing.differences import Difference, differences
from device_templates.linux_frr.reading.document import parse
from device_templates.linux_frr.reading.syntax import trees
from device_templates.texts import Rendered, RenderedLine

#: Of lines that run, belong to no feature that was rendered, and go.
NOT_OF_THE_SERVICE = "Not of the service"
_NUMBER = re.compile(r"^([+~ -] *(?:ip prefix-list|access-list|bgp as-path access-list) \S+) seq \d+ ")


def difference_by_feature(rendered: Rendered, running: str) -> tuple[FeatureDiff, ...]:
    """What ``rendered`` would change on a router that runs ``running``; empty where they are equal.

    Features come in the order of the configuration, what is not of the service last. Raises NotParsable.
    """
    found = [one for one in differences(trees(parse(rendered.text)), trees(parse(running))) if one.mask is None]
    owners = _Owners(rendered)
    changes: dict[_Owner, dict[str, dict[PathLine, None]]] = {}
    for one in found:
        sides = changes.setdefault(owners.of(one), {"a": {}, "b": {}})
        sides[one.side][shown(one)] = None
    return tuple(_diff(owner, changes[owner]) for owner in owners.order if owner in changes)


def essential(line: str) -> str:
    """A line of a FeatureDiff without the numbers that entries of lists have and that other changes move."""
    return _NUMBER.sub(r"\1 ", line)


@dataclass(frozen=True, slots=True)
class _Owner:
    title: str
    clause: str


class _Owners:
    """Which feature a line belongs to: the one that writes it, else the one that writes most of what it stands in."""

    def __init__(self, rendered: Rendered) -> None:
        self._lines: dict[tuple[str, ...], _Owner] = {}
        sections: dict[tuple[str, ...], Counter[_Owner]] = {}
        for line, path in _placed(rendered):
            owner = _Owner(line.feature, line.clause)
            self._lines.setdefault((*path, _words(line.text)), owner)
            self._lines.setdefault((*path[:1], "", _words(line.text)), owner)
            for length in range(1, len(path) + 1):
                sections.setdefault(path[:length], Counter())[owner] += 1
        self._sections = {path: counts.most_common(1)[0][0] for path, counts in sections.items()}
        self._rest = _Owner(NOT_OF_THE_SERVICE, "")
        self.order = [*dict.fromkeys(_Owner(line.feature, line.clause) for line in rendered.lines), self._rest]

    def of(self, one: Difference) -> _Owner:
        """The feature of one line."""
        place = tuple(_words(node.source or node.text) for node in (*one.path, one.node))
        titled = tuple(node.text for node in (*one.path, one.node))
        found = self._lines.get(place) or self._lines.get(titled)
        for length in range(len(place), 1, -1):
            found = found or self._sections.get(place[:length]) or self._sections.get(titled[:length])
        found = found or self._lines.get((*place[:1], "", place[-1])) or self._sections.get(place[:1])
        return found or self._rest


def _placed(rendered: Rendered) -> Iterator[tuple[RenderedLine, tuple[str, ...]]]:
    """Each line with the lines above it; tables of TOML are told apart as its reader tells them apart."""
    nodes = {node.text: node for node in trees(parse(rendered.text)) if node.text.endswith(".toml")}
    told = {path: iter([found for found in node.walk() if found[0]]) for path, node in nodes.items()}
    for line in rendered.lines:
        path = tuple(_words(one) for one in line.path)
        if path[:1] and path[0] in told and not line.text.lstrip().startswith("#"):
            above, _ = next(told[path[0]], ((), None))
            path = tuple(node.text for node in above) or path
        yield line, path


def _words(text: str) -> str:
    return " ".join(text.split()).removesuffix("{").rstrip("; ")


def _diff(owner: _Owner, sides: dict[str, dict[PathLine, None]]) -> FeatureDiff:
    top: dict[str, _Entry] = {}
    for sign, lines in (("-", sides["b"]), ("+", sides["a"])):
        for line in lines:
            _put(top, sign, line)
    return FeatureDiff(owner.title, owner.clause, tuple(sides["a"]), tuple(sides["b"]), tuple(_shown(top, 0)))


@dataclass(slots=True)
class _Entry:
    sign: str
    below: dict[str, _Entry]


def _put(section: dict[str, _Entry], sign: str, line: PathLine) -> None:
    for header in line.path:
        section = section.setdefault(header, _Entry(" ", {})).below
    entry = section.setdefault(line.text, _Entry(sign, {}))
    entry.sign = sign if entry.sign in {" ", sign} else "~"


def _shown(section: dict[str, _Entry], depth: int) -> Iterator[str]:
    """The lines with their files and sections: + is added, - goes, ~ moves, a blank is there for orientation."""
    for text, entry in section.items():
        yield f"{entry.sign} {' ' * depth}{text}"
        yield from _shown(entry.below, depth + 1)
