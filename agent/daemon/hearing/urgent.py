"""From what routers tell to polls of them: at once, in bounded numbers, and with a trace that people find."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

from agent.events import Clock, Event, Result
from agent.incidents.incident import AGENT
from agent.monitoring.told import Told
from collectors.hearing import Allowance

log = logging.getLogger(__name__)

#: Between two polls of a router that it asked for lie this many seconds at least; on the long run APART_S. What comes
#: meanwhile waits for the next one, however much it is. AT_ONCE of them may come together.
GAP_S, APART_S, AT_ONCE = 0.5, 3.0, 3
#: Polls of all routers together that are started in a second on the long run, and at once: where a hub or a supplier
#: fails, hundreds tell of it in the same moment, and the polls whose turn it is must go on.
FLEET_PER_SECOND, FLEET_AT_ONCE = 100.0, 300
#: Events of the audit that a router can cause: so many at once, then one in so many seconds; the others are summed up.
EVENTS, EVENT_EVERY_S = 6, 600.0
#: What a router told stands in the timeline of a fault that is found within this time; of a storm the last few.
RECENT, MOST_RECENT = timedelta(seconds=60), 8


@dataclass(slots=True)
class _Router:
    """What is remembered of one router: ``due``: a poll is to come; ``unsaid`` are messages since its last event."""

    pace: Allowance = field(default_factory=lambda: Allowance(1 / APART_S, AT_ONCE))
    events: Allowance = field(default_factory=lambda: Allowance(1 / EVENT_EVERY_S, EVENTS))
    polled_at: float = float("-inf")
    due: bool = False
    timer: asyncio.TimerHandle | None = None
    recent: deque[Told] = field(default_factory=lambda: deque(maxlen=MOST_RECENT))
    first: Told | None = None
    unsaid: int = 0


class Urgent:
    """``poll`` starts a poll of a router of that name, ``note`` keeps an event in the audit; neither may wait."""

    def __init__(self, poll: Callable[[str], None], note: Callable[[Event], None], clock: Clock) -> None:
        self._poll, self._note, self._clock = poll, note, clock
        self._routers: dict[str, _Router] = {}
        self._fleet = Allowance(FLEET_PER_SECOND, FLEET_AT_ONCE)
        self._line: deque[str] = deque()
        self._next: asyncio.TimerHandle | None = None
        #: Polls that were started since the daemon was.
        self.polls = 0

    def told(self, router: str, by: str, what: str) -> None:
        """A router tells something urgent: poll it now, or when it may be polled again."""
        known, told = self._routers.setdefault(router, _Router()), Told(self._clock(), by, what)
        known.recent.append(told)
        known.unsaid += 1
        known.first = known.first or told
        if not known.due:
            log.info("%s tells %s: it is polled at once", router, told)
            self._poll_soon(router, known)

    def ask(self, router: str) -> None:
        """Poll a router because what another one told depends on it, in the same bounds."""
        known = self._routers.setdefault(router, _Router())
        if not known.due:
            self._poll_soon(router, known)

    def _poll_soon(self, router: str, known: _Router) -> None:
        known.due, loop = True, asyncio.get_running_loop()
        wait_s = max(known.pace.wait_s(loop.time()), known.polled_at + GAP_S - loop.time())
        if wait_s <= 0:
            self._stand_in_line(router)
        else:
            known.timer = loop.call_later(wait_s, self._stand_in_line, router)

    def recent(self, router: str) -> tuple[Told, ...]:
        """What a router has told of late, oldest first."""
        known = self._routers.get(router)
        since = self._clock() - RECENT
        return () if known is None else tuple(told for told in known.recent if told.at >= since)

    def keep(self, routers: Collection[str]) -> None:
        """Forget all routers but these."""
        for name in self._routers.keys() - set(routers):
            timer = self._routers.pop(name).timer
            if timer is not None:
                timer.cancel()

    def close(self) -> None:
        """Start nothing more."""
        self.keep(())
        if self._next is not None:
            self._next.cancel()

    def _stand_in_line(self, router: str) -> None:
        self._line.append(router)
        if self._next is None:
            self._serve()

    def _serve(self) -> None:
        """Start the polls of those first in line, as many as the fleet may have now."""
        loop, self._next = asyncio.get_running_loop(), None
        while self._line and self._fleet.take(loop.time()):
            router = self._line.popleft()
            known = self._routers.get(router)
            if known is not None and known.due:
                self._start(router, known, loop.time())
        if self._line:
            self._next = loop.call_later(self._fleet.wait_s(loop.time()), self._serve)

    def _start(self, router: str, known: _Router, now: float) -> None:
        known.due, known.timer, known.polled_at = False, None, now
        known.pace.take(now)
        self.polls += 1
        self._poll(router)
        first, known.first = known.first, None
        if first is not None and known.events.take(now):
            more = f" and {known.unsaid - 1} more messages" if known.unsaid > 1 else ""
            known.unsaid = 0
            self._note(Event(first.at, AGENT, "poll", router, f"{first}{more}", Result.DONE, "polled out of its turn"))
