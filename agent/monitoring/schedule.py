"""When each router is polled within a cycle: spread evenly, the same each cycle, never more than 300 s apart.

Why cycles never stack: a cycle only *starts* polls, and its last slot lies before its end; each poll is bounded on its
own and a router has at most one poll in flight. A slow or dead router therefore makes no cycle longer. What can make
one late is this process being held up (a blocked loop, a suspended machine): then the next cycle begins at once, and
``plan`` moves every router forward that would otherwise pass its latest moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

#: At most this many seconds between two polls of a managed router [WV-10].
LIMIT_S = 300.0
#: What is kept in hand, so that a poll that is started a little late still holds the limit.
MARGIN_S = 20.0
#: The part of a cycle that slots are spread over; the rest lets a cycle end before the next begins.
SPREAD = 0.9


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One router's turn."""

    at: datetime
    router: str


def offset(router: str, period_s: float) -> float:
    """Seconds after the start of a cycle at which ``router`` has its turn: in [0, 0.9 period), by its name alone."""
    digest = hashlib.sha256(router.encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 * period_s * SPREAD


def plan(
    routers: Iterable[str], start: datetime, period_s: float, last: Mapping[str, datetime | None]
) -> tuple[Slot, ...]:
    """The slots of the cycle that begins at ``start``, in order; ``last`` is when each router's last poll began.

    A router whose usual turn would come later than 300 s after its last poll (a cycle began late, the daemon was
    restarted) is moved forward, to the start of the cycle at the earliest.
    """
    return tuple(sorted(Slot(_moment(router, start, period_s, last.get(router)), router) for router in set(routers)))


def _moment(router: str, start: datetime, period_s: float, last: datetime | None) -> datetime:
    usual = start + timedelta(seconds=offset(router, period_s))
    if last is None or last > start:
        return usual
    latest = last + timedelta(seconds=LIMIT_S - MARGIN_S)
    return max(start, min(usual, latest))


def next_start(start: datetime, period_s: float, now: datetime) -> datetime:
    """When the cycle after the one that began at ``start`` begins: one period on, or at once where that has passed."""
    return max(start + timedelta(seconds=period_s), now)
