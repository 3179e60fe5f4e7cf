"""Where a configuration differs from what is intended, nearest to the lines that a verdict cites."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from agent.verification.shown import paths

Path = tuple[str, ...]
#: So many differences are named; of more than that it is told how many there are.
MOST = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that should be another one, is not intended, or is missing.

    ``number`` is where it stands, or what it is missing under, 0 for the top of the text; ``path`` is the line that
    should not be so or that is missing, with those above it; ``wanted`` what a line should read, "" for nothing.
    """

    number: int
    path: Path
    wanted: str = ""
    missing: bool = False

    def told(self, hide: Callable[[str], str]) -> str:
        """It in words; ``hide`` makes a line fit to be shown."""
        if self.missing:
            where = f"at line {self.number}, under which" if self.number else "in which"
            return f"{where} is missing: {hide(self.path[-1])}"
        said = f"which should read: {hide(self.wanted)}" if self.wanted else "which is not intended"
        return f"at line {self.number}, {said}"


def differences(text: str, intended: str, counts: Callable[[str, bool], bool]) -> tuple[Difference, ...]:
    """Every difference, in the order of the text; of a section that only one side has, its head.

    ``counts`` tells of a line, and whether it is one of ``intended``, if a difference in it is one.
    """
    there, wanted = list(paths(text)), [path for _, path in paths(intended)]
    where = {path: number for number, path in reversed(there)}
    known = set(wanted)
    missing = [one for one in dict.fromkeys(wanted) if one not in where and (one[:-1] in where or not one[:-1])]
    missing = [one for one in missing if counts(one[-1], True)]
    found: list[Difference] = []
    for number, path in there:
        if path in known or (path[:-1] and path[:-1] not in known) or not counts(path[-1], False):
            continue
        instead = _instead(path, missing)
        if instead:
            missing.remove(instead)
        found.append(Difference(number, path, instead[-1] if instead else ""))
    found += [Difference(where.get(one[:-1], 0), one, missing=True) for one in missing]
    return tuple(sorted(found, key=lambda one: (not one.number, one.number)))


def _instead(path: Path, missing: Sequence[Path]) -> Path:
    """Which of the missing lines should stand in place of this one: that which begins most like it, () for none."""
    words = path[-1].split()
    fits = [one for one in missing if one[:-1] == path[:-1] and one[-1].split()[0] == words[0]]
    return max(fits, key=lambda one: _alike(one[-1].split(), words), default=())


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    same = (index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1])
    return next(same, min(len(one), len(other)))


def nearest(found: Sequence[Difference], cited: Collection[Path]) -> tuple[Difference, ...]:
    """Those that have most to do with the cited lines; () where none is of their sections or features."""
    for near in (_same, _beside, _in_section, _of_feature, _named):
        if those := tuple(one for one in found if any(near(one.path, path) for path in cited)):
            return those
    return ()


def _same(path: Path, cited: Path) -> bool:
    return path == cited or path[:-1] == cited


def _beside(path: Path, cited: Path) -> bool:
    return len(cited) > 1 and path[:-1] == cited[:-1] and _alike(path[-1].split(), cited[-1].split()) > 1


def _in_section(path: Path, cited: Path) -> bool:
    return path[0] == cited[0]


def _of_feature(path: Path, cited: Path) -> bool:
    return _alike(path[0].split(), cited[0].split()) > 1


def _named(path: Path, cited: Path) -> bool:
    """Whether a cited line names the section: names have a capital."""
    names = {word for word in path[0].split()[1:] if word.lower() != word}
    return any(names.intersection(line.split()) for line in cited)
