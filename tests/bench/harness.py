"""Compares ours with a peer in the same run, in interleaved pairs; ratios, because machines differ and are noisy."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class UnequalWork(AssertionError):
    """Ours and the peer did not do the same."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took, in seconds: by the clock, and of processors (with finished children)."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Ratios are the peer's cost by ours: above 1 ours is cheaper; medians of the pairs'."""

    name: str
    peer: str
    rounds: int
    wall: float
    cpu: float
    spread: tuple[float, float]

    def cells(self) -> tuple[str, ...]:
        """As printed; the spread is the lowest and highest CPU ratio of a pair."""
        low, high = self.spread
        return self.name, self.peer, str(self.rounds), f"{self.wall:.1f}", f"{self.cpu:.1f}", f"{low:.1f}–{high:.1f}"


def compare(name: str, ours: Callable[[], T], peer: Callable[[], T], rounds: int, peer_name: str = "") -> Row:
    """Run both ``rounds`` times in pairs, turning their order each time, after one run that does not count.

    Both return what they did, and that must be equal in every run.

    Raises:
        UnequalWork: it was not.
    """
    expected = ours()
    _same(name, expected, peer())
    pairs: list[tuple[Cost, Cost]] = []
    for number in range(rounds):
        first, second = (ours, peer) if number % 2 == 0 else (peer, ours)
        costs = {}
        for work in (first, second):
            done, costs[work] = timed(work)
            _same(name, expected, done)
        pairs.append((costs[ours], costs[peer]))
    cpu = [theirs.cpu / own.cpu for own, theirs in pairs]
    wall = [theirs.wall / own.wall for own, theirs in pairs]
    return Row(name, peer_name, rounds, statistics.median(wall), statistics.median(cpu), (min(cpu), max(cpu)))


#: The table's head.
HEAD = ("what", "peer", "pairs", "wall: peer / ours", "CPU: peer / ours", "lowest–highest CPU ratio")


def markdown(cells: Iterable[tuple[str, ...]]) -> str:
    """A table, the first line its head."""
    head, *rows = cells
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def timed(work: Callable[[], T]) -> tuple[T, Cost]:
    """What some work gives, and what it took."""
    before, start = _processor_s(), time.perf_counter()
    done = work()
    wall, used = time.perf_counter() - start, _processor_s() - before
    return done, Cost(wall, max(used, 1e-6))


def _processor_s() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _same(name: str, expected: object, done: object) -> None:
    if done != expected:
        raise UnequalWork(f"{name}: one did {done!r}, the other {expected!r}")
