"""What a lab shows to its caller: a console's output, a ping's answers, the packets seen on the internet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_REPLY = re.compile(r"icmp_seq=(\d+) ttl=(\d+) time=([\d.]+) ms")


@dataclass(frozen=True)
class Output:
    """What a script wrote, and its exit code: None when it was stopped because it took too long."""

    code: int | None
    text: str


@dataclass(frozen=True)
class Reply:
    """One answer to a ping."""

    ttl: int
    milliseconds: float


@dataclass(frozen=True)
class Count:
    """Packets of one kind from one address to another; ``size`` is their length together, in bytes."""

    source: str
    destination: str
    kind: str
    packets: int
    size: int


@dataclass
class Seen:
    """What a capture saw; empty until it ends. ``lost`` packets came too fast to be counted."""

    counts: tuple[Count, ...] = ()
    lost: int = 0
    full: bool = field(default=False, repr=False)

    def fill(self, result: dict[str, Any]) -> None:
        """Take what the inside counted."""
        self.counts = tuple(Count(*line) for line in result["counts"])
        self.lost = int(result["lost"])
        self.full = True

    def kinds(self) -> dict[str, int]:
        """Packets by kind: ESP, IKE, ICMP, GRE, "TCP 179" …"""
        return _sum(self.counts)

    def between(self, *addresses: str) -> dict[str, int]:
        """Packets by kind whose two ends are both among ``addresses``."""
        return _sum(count for count in self.counts if {count.source, count.destination} <= set(addresses))

    def table(self) -> str:
        """The summary for people: one line for each pair and kind."""
        lines = [f"{'from':<16} {'to':<16} {'kind':<12} {'packets':>8} {'bytes':>10}"]
        lines += [
            f"{count.source:<16} {count.destination:<16} {count.kind:<12} {count.packets:>8} {count.size:>10}"
            for count in self.counts
        ]
        return "\n".join(lines)


def _sum(counts: Any) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for count in counts:
        kinds[count.kind] = kinds.get(count.kind, 0) + count.packets
    return dict(sorted(kinds.items()))


def read_ping(text: str, count: int) -> list[Reply | None]:
    """The answers that ping printed, in order of what was asked."""
    answers: dict[int, Reply] = {}
    for match in _REPLY.finditer(text):
        answers.setdefault(int(match[1]), Reply(int(match[2]), float(match[3])))
    return [answers.get(number) for number in range(1, count + 1)]
