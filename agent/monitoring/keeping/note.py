"""What is kept of polls that found everything as before: how far they have carried the state that was last written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from agent.monitoring.schedule import offset
from agent.monitoring.states import RouterState

#: Slots in a cycle: notes lie in the order in which routers are polled, so that a batch writes a few pages only.
SLOTS = 2**20


class Note(NamedTuple):
    """``since`` is when the poll began whose state was last written, ``polls`` how many came after it.

    The other fields are of the last of these: ``at`` and ``since`` in Unix seconds, ``uptime_s`` on the device's clock.
    """

    router: str
    since: float
    at: float
    polls: int
    uptime_s: float
    round_trip_ms: float | None
    usual_ms: float | None
    usual_polls: int
    cpu_percent: float | None
    #: Requests of the last polls that loss is counted over, none of which was lost; oldest first, with blanks between.
    sent: str

    def of(self, state: RouterState) -> bool:
        """Whether it goes on from ``state``; one that does not is left over from before it."""
        return state.polled_at.timestamp() == self.since

    def onto(self, state: RouterState) -> RouterState:
        """The state after the polls that it tells of."""
        at, life, links = datetime.fromtimestamp(self.at, UTC), state.life, state.links
        if life is not None:
            grown = round(self.uptime_s - life.uptime_s)
            engine_time_s = None if life.engine_time_s is None else life.engine_time_s + grown
            life = replace(life, at=at, uptime_s=self.uptime_s, engine_time_s=engine_time_s)
        quality = replace(
            state.quality,
            round_trip_ms=self.round_trip_ms,
            usual_ms=self.usual_ms,
            usual_polls=self.usual_polls,
            cpu_percent=self.cpu_percent,
            losses=tuple((int(sent), 0) for sent in self.sent.split()),
        )
        return replace(
            state,
            polled_at=at,
            answered_at=at,
            life=life,
            links={name: replace(link, readings=link.readings + self.polls) for name, link in links.items()},
            quality=quality,
        )


def slot(router: str) -> int:
    """Where a router's note lies: in the order of turns within a cycle."""
    return int(offset(router, SLOTS))
