"""When each router is polled within a cycle: spread evenly, the same each cycle, never more than 300 s apart.

Why cycles never stack: a cycle's last turn lies well before its end, and each poll is bounded on its own; a slow or
dead router therefore makes no cycle longer. What can make one late is this process being held up (a blocked loop, a
suspended machine) or a window that is full: then the next cycle begins at once, and ``plan`` moves every router forward
that would otherwise pass its latest moment. Moments are seconds on a clock that nobody sets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

#: At most this many seconds between two polls of a managed router [WV-10].
LIMIT_S = 300.0
#: What is kept in hand, so that a poll that is started a little late still holds the limit.
MARGIN_S = 20.0
#: The part of a cycle that slots are spread over; the rest lets a cycle end before the next begins.
SPREAD = 0.9
#: A router that was polled later than this part of a period before its turn, because the former cycle was late, is
#: polled next in its turn of the next cycle, if it may wait so long.
JUST_POLLED = 0.25


class Slot(NamedTuple):
    """One router's turn."""

    at: float
    router: str


@lru_cache(maxsize=1 << 20)
def place(router: str) -> float:
    """Where among all turns that of ``router`` is: in [0, 1), by its name alone."""
    digest = hashlib.sha256(router.encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def offset(router: str, period_s: float) -> float:
    """Seconds after the start of a cycle at which ``router`` has its turn: in [0, 0.9 period)."""
    return place(router) * period_s * SPREAD


def plan(
    routers: Iterable[str],
    start: float,
    period_s: float,
    last: Mapping[str, float],
    came: Mapping[str, float] | None = None,
) -> list[Slot]:
    """The slots of the cycle that began at ``start``, in order.

    ``last`` is when each router's last poll began, ``came`` when one that was never polled came into the inventory. A
    router whose usual turn would come later than 300 s after that (a cycle began late, the daemon was restarted) is
    moved forward, to the start of the cycle at the earliest. One that was polled in this cycle, or just before its
    turn, has none. Routers that come in the order of their places are planned fastest.
    """
    slots, known, most_s = [], came or {}, LIMIT_S - MARGIN_S
    just_s = min(JUST_POLLED * period_s, most_s - period_s)
    for router in routers:
        usual, before = start + offset(router, period_s), last.get(router)
        if before is None:
            before = known.get(router, start)
        elif before >= start or before >= usual - just_s:
            continue
        latest = before + most_s
        slots.append(Slot(usual if usual <= latest else max(start, latest), router))
    slots.sort()
    return slots


def next_start(start: float, period_s: float, now: float) -> float:
    """When the cycle after the one that began at ``start`` begins: one period on, or at once where that has passed."""
    return max(start + period_s, now)
