"""What a change does for the service: the difference of rendered and running, feature by feature, for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from device_templates.cisco_iosxe.comparing.compare import compare
from device_templates.cisco_iosxe.reading.secrets import redact
from device_templates.comparison import FeatureDiff, PathLine
from device_templates.texts import Rendered, RenderedLine

#: Of lines that run, belong to no feature that was rendered, and go.
NOT_OF_THE_SERVICE = "Not of the service"


@dataclass(frozen=True, slots=True)
class _Owner:
    title: str
    clause: str


def difference_by_feature(rendered: Rendered, running: str) -> tuple[FeatureDiff, ...]:
    """What ``rendered`` would change on a router that runs ``running``; empty where they are equal.

    Features come in the order of the configuration, what is not of the service last. Raises NotParsable.
    """
    found = compare(rendered.text, running)
    owners = _Owners(rendered)
    added: dict[_Owner, list[PathLine]] = {}
    removed: dict[_Owner, list[PathLine]] = {}
    for line in found.only_in_a:
        added.setdefault(owners.of(line), []).append(line)
    for line in found.only_in_b:
        removed.setdefault(owners.of(line), []).append(line)
    touched = [owner for owner in owners.order if owner in added or owner in removed]
    return tuple(_diff(owner, added.get(owner, []), removed.get(owner, [])) for owner in touched)


class _Owners:
    """Which feature a line belongs to: the one that writes it, else the one that writes the section it stands in."""

    def __init__(self, rendered: Rendered) -> None:
        self._lines: dict[tuple[str, ...], _Owner] = {}
        self._heads: dict[str, _Owner] = {}
        for line in rendered.lines:
            owner = _Owner(line.feature, line.clause)
            self._lines.setdefault(_place(line), owner)
            if not line.path:
                self._heads.setdefault(_head(line.text), owner)
        self._rest = _Owner(NOT_OF_THE_SERVICE, "")
        self.order = [*dict.fromkeys(self._lines.values()), self._rest]

    def of(self, line: PathLine) -> _Owner:
        """The feature of one line."""
        place = (*line.path, line.text)
        for length in range(len(place), 0, -1):
            if place[:length] in self._lines:
                return self._lines[place[:length]]
        return self._heads.get(_head(place[0]), self._rest) if len(place) == 1 else self._rest


def _place(line: RenderedLine) -> tuple[str, ...]:
    return tuple(redact(text.strip().removesuffix(" ^C")) for text in (*line.path, line.text))


def _head(text: str) -> str:
    """What tells single lines of one feature: ``snmp-server host``, ``ntp server``; names of sections are no such."""
    words = text.split()
    return " ".join(words[:2]) if words[0] in {"snmp-server", "ntp", "logging", "aaa", "service"} else text


def _diff(owner: _Owner, added: list[PathLine], removed: list[PathLine]) -> FeatureDiff:
    top: _Section = {}
    for sign, lines in (("-", removed), ("+", added)):
        for line in lines:
            _put(top, sign, line)
    return FeatureDiff(owner.title, owner.clause, tuple(added), tuple(removed), tuple(_shown(top, 0)))


@dataclass(slots=True)
class _Entry:
    sign: str
    below: dict[str, _Entry]


_Section = dict[str, _Entry]


def _put(section: _Section, sign: str, line: PathLine) -> None:
    for header in line.path:
        section = section.setdefault(header, _Entry(" ", {})).below
    entry = section.setdefault(line.text, _Entry(sign, {}))
    entry.sign = sign if entry.sign in {" ", sign} else "~"


def _shown(section: _Section, depth: int) -> Iterator[str]:
    """The lines with their sections: + is added, - goes, ~ moves, a blank is there for orientation."""
    for text, entry in section.items():
        yield f"{entry.sign} {' ' * depth}{text}"
        yield from _shown(entry.below, depth + 1)
