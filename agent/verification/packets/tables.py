"""A routing table: where each destination leads, and the states of tunnels that make a difference to it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Literal, NamedTuple

from agent.verification.packets.sets import LAST_ADDRESS, USUAL_ADDRESSES, Span, is_narrow


class State(NamedTuple):
    """Whether tunnels are up, the objects that routes follow, and the internet access."""

    tunnels: bool = True
    tracks: bool = True
    access: bool = True

    def __str__(self) -> str:
        if not self.access:
            return "internet access down"
        tracks = "" if self.tracks == self.tunnels else f", tracked objects {'up' if self.tracks else 'down'}"
        return f"tunnels {'up' if self.tunnels else 'down'}{tracks}"


UP, DOWN, CUT = State(), State(tunnels=False, tracks=False), State(tunnels=False, tracks=False, access=False)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a destination leads: out by an interface to a next hop, to the router itself, or nowhere.

    ``why`` says what route it is, ``line`` where that stands, ``teller`` is the neighbour that told of it.
    """

    kind: Literal["out", "self", "drop"]
    interface: str = ""
    via: IPv4Address | None = None
    why: str = ""
    line: int = 0
    teller: IPv4Address | None = None


NO_ROUTE = Way("drop", why="no route")


@dataclass(slots=True)
class Table:
    """Destinations in order, each with the ways that its best routes give."""

    starts: list[int] = field(default_factory=lambda: [0])
    ways: list[tuple[Way, ...]] = field(default_factory=lambda: [(NO_ROUTE,)])

    def find(self, address: int) -> tuple[Way, ...]:
        """The ways to one address."""
        return self.ways[bisect_right(self.starts, address) - 1]

    def cells(self) -> Iterator[tuple[Span, tuple[Way, ...]]]:
        """All destinations with their ways."""
        for place, ways in enumerate(self.ways):
            last = self.starts[place + 1] - 1 if place + 1 < len(self.starts) else LAST_ADDRESS
            yield (self.starts[place], last), ways

    def shown(self) -> Iterator[tuple[Span, tuple[Way, ...]]]:
        """The same, first where an example is easy to believe, last those of hardly a host; some come twice."""
        for one in USUAL_ADDRESSES:
            yield from self.within((one, one))
        narrow = []
        for cell in self.cells():
            if is_narrow(cell[0]):
                narrow.append(cell)
            else:
                yield cell
        yield from narrow

    def within(self, span: Span) -> Iterator[tuple[Span, tuple[Way, ...]]]:
        """The destinations of a span with their ways."""
        for place in range(bisect_right(self.starts, span[0]) - 1, len(self.starts)):
            first = self.starts[place]
            if first > span[1]:
                return
            last = self.starts[place + 1] - 1 if place + 1 < len(self.starts) else LAST_ADDRESS
            yield (max(first, span[0]), min(last, span[1])), self.ways[place]

    def paint(self, span: Span, ways: tuple[Way, ...]) -> None:
        """Lead a span elsewhere than before."""
        begin, end = self._cut(span[0]), self._cut(span[1] + 1)
        self.starts[begin:end] = [span[0]]
        self.ways[begin:end] = [ways]

    def _cut(self, at: int) -> int:
        """The place of the destination ``at``, which begins a cell from now on."""
        if at > LAST_ADDRESS:
            return len(self.starts)
        place = bisect_right(self.starts, at) - 1
        if self.starts[place] == at:
            return place
        self.starts.insert(place + 1, at)
        self.ways.insert(place + 1, self.ways[place])
        return place + 1
