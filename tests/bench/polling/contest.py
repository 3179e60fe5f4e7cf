"""Lets ours and a peer poll the same fleet in turns: how many devices does each poll in a second of a processor?"""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tests.bench.harness import UnequalWork


class Cycle(NamedTuple):
    """One cycle: devices that answered, values that came, what it took in seconds of processors and by the clock.

    ``beside_s`` is what others had to do for it, as a database's process.
    """

    devices: int
    values: int
    cpu_s: float
    wall_s: float
    beside_s: float = 0.0


class Poller(Protocol):
    """Somebody who polls ``devices``, of which ``living`` answer ``values`` each, in its own process."""

    name: str
    devices: int
    living: int
    values: int

    def cycle(self) -> Cycle:
        """Poll all once."""


@dataclass(frozen=True, slots=True)
class PollRow:
    """A line of the table. Devices a second of a processor are of the median cycles; the ratio is the pairs' median."""

    poll: str
    ours: str
    peer: str
    pairs: int
    ours_per_s: float
    peer_per_s: float
    ratio: float
    spread: tuple[float, float]

    def cells(self) -> tuple[str, ...]:
        """As printed."""
        low, high = self.spread
        speeds = f"{self.ours_per_s:,.0f}", f"{self.peer_per_s:,.0f}"
        return self.poll, self.ours, self.peer, str(self.pairs), *speeds, f"{self.ratio:.1f}", f"{low:.1f}–{high:.1f}"


HEAD = ("poll", "ours", "peer", "pairs", "ours: devices a CPU second", "peer's", "ratio", "lowest–highest")


#: Cycles of ours and of a peer, in pairs.
Pairs = Sequence[tuple[Cycle, Cycle]]


def contest(poll: str, ours: Poller, peer: Poller, rounds: int) -> PollRow:
    """What ``pairs`` of both say; raises UnequalWork."""
    return row(poll, ours.name, peer.name, pairs(poll, ours, peer, rounds))


def pairs(poll: str, ours: Poller, peer: Poller, rounds: int) -> Pairs:
    """Poll in pairs, turning their order each time, after one cycle of each that does not count: keys are made there.

    Raises:
        UnequalWork: one did not hear all living devices, or not all of their values.
    """
    for one in (ours, peer):
        checked(poll, one)
    found: list[tuple[Cycle, Cycle]] = []
    for number in range(rounds):
        if number % 2:
            theirs = checked(poll, peer)
            found.append((checked(poll, ours), theirs))
        else:
            found.append((checked(poll, ours), checked(poll, peer)))
    return found


def row(poll: str, ours: str, peer: str, found: Pairs, *, with_beside: bool = False) -> PollRow:
    """The line of these pairs; ``with_beside``: what others had to do for a peer counts as its own."""
    beside = [theirs.beside_s if with_beside else 0.0 for _, theirs in found]
    speeds = [
        (own.devices / own.cpu_s, theirs.devices / (theirs.cpu_s + more))
        for (own, theirs), more in zip(found, beside, strict=True)
    ]
    ratios = [own / theirs for own, theirs in speeds]
    own_per_s, peer_per_s = (statistics.median(speed) for speed in zip(*speeds, strict=True))
    spread = min(ratios), max(ratios)
    return PollRow(poll, ours, peer, len(found), own_per_s, peer_per_s, statistics.median(ratios), spread)


def checked(poll: str, poller: Poller) -> Cycle:
    """A cycle, in which every living device told all of its values."""
    done = poller.cycle()
    if done.devices != poller.living or done.values != poller.living * poller.values:
        wanted = f"{poller.living} devices and {poller.living * poller.values} values"
        raise UnequalWork(f"{poll}, {poller.name}: {done.devices} devices and {done.values} values instead of {wanted}")
    return done


def processors() -> tuple[int, int]:
    """One for who asks, and one for who answers: the same, where there is no other."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]
