"""The daemon's own service level: what is counted is kept, and who is late is an alarm."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from agent.daemon.metrics import LevelFigures
from agent.daemon.ports import LevelStore
from agent.daemon.threads import Threads
from agent.events import Clock
from agent.monitoring import alarms
from agent.monitoring.alarms import Verdicts
from agent.monitoring.cycle.ports import Reason, Taken, Trouble
from agent.monitoring.service_level import Day, Gap, Late, ServiceLevel
from agent.monitoring.service_level.level import DAY_S, NOTHING

log = logging.getLogger(__name__)

#: How often it is looked who is late, in seconds; how often what was counted is kept, in such looks.
LOOK_S, KEEP_EVERY = 30, 10
#: Routers that an alarm names.
NAMED = 5
#: Gaps that wait because they cannot be written, at most: the oldest go first.
MOST_UNWRITTEN = 100_000


class Level:
    """Not for two threads at a time: all but what it writes is done in the event loop."""

    def __init__(
        self, store: LevelStore, apply: Callable[[Verdicts], None], clock: Clock, steady: Callable[[], float]
    ) -> None:
        self._store, self._apply, self._clock, self._steady = store, apply, clock, steady
        self._writer = Threads(1)
        self._looks = 0
        self._alarmed: str | None = None
        #: What could not be written yet.
        self._gaps: list[Gap] = []
        self._days: dict[int, Day] = {}
        self.counts = ServiceLevel()
        #: What /metrics has of it, as of the last look: it is read by another thread.
        self.figures = LevelFigures(0.0, 0.0, 0, {})

    async def begin(self, ended: float | None, routers: Collection[str], last: Mapping[str, float]) -> None:
        """Go on where a former run ended: since then no daemon ran; None: none ever did."""
        if ended is not None:
            self.counts.trouble(Trouble(Reason.NOT_RUNNING, ended, self._steady()))
        self.manage(routers, last)
        at = self._clock()
        for day in await self._writer.run(partial(self._store.since, at)):
            if day.number == int(at.timestamp() // DAY_S):
                self.counts.restore(day)

    def manage(self, routers: Collection[str], last: Mapping[str, float]) -> None:
        """The inventory in use has these routers."""
        self.counts.manage(routers, self._steady(), self._clock().timestamp(), last)

    def trouble(self, trouble: Trouble) -> None:
        """Something keeps polls from their turns."""
        log.warning("%s for %.0f s", trouble.reason, trouble.until - trouble.since)
        self.counts.trouble(trouble)

    async def kept(self, batch: Sequence[Taken], lost: Mapping[str, str] = NOTHING) -> None:
        """Polls were kept but for those of ``lost`` routers, which has why.

        Gaps that they ended are on the disk when this returns, or tried again: it never fails.
        """
        gaps = self.counts.polled(batch, lost)
        if gaps:
            self._gaps += gaps
            await self._write_gaps()

    async def look(self) -> None:
        """Raise the alarm where routers are late, clear it where none is; now and then keep what was counted."""
        await self._write_gaps()
        now = self._steady()
        late, counts = self.counts.late(now), self.counts
        self.figures = LevelFigures(
            counts.oldest_s(now),
            counts.longest_s,
            len(late),
            {str(reason): count for reason, count in counts.gaps.items()},
        )
        problem = self._text(late, now) if late else None
        if problem != self._alarmed or not self._looks:
            await self._writer.run(partial(self._apply, alarms.service_level(self._clock(), problem)))
            self._alarmed = problem
        self._looks += 1
        if self._looks == 2 or self._looks % KEEP_EVERY == 0:
            await self.save()
            await self._writer.run(partial(self._store.drop_old, self._clock()))

    async def save(self) -> None:
        """Keep what was counted; a day that is over and cannot be written is tried again with the next."""
        self._days |= {day.number: day for day in self.counts.days()}
        await self._writer.run(partial(self._store.keep, list(self._days.values())))
        self._days.clear()

    async def close(self) -> None:
        """Keep what was counted, and end."""
        await self._write_gaps()
        await self.save()
        self._writer.close()

    async def _write_gaps(self) -> None:
        gaps, self._gaps = self._gaps, []
        if not gaps:
            return
        try:
            await self._writer.run(partial(self._store.add, gaps))
        except Exception as error:  # noqa: BLE001 - whatever it is, the polls themselves are kept
            log.error("%d gaps between polls cannot be kept yet: %s: %s", len(gaps), type(error).__name__, error)
            self._gaps = [*gaps, *self._gaps][-MOST_UNWRITTEN:]

    def _text(self, late: Sequence[Late], now: float) -> str:
        named = (f"{one.router} ({one.seconds:.0f} s: {self.counts.why(one, now)})" for one in late[:NAMED])
        more = f" and {len(late) - NAMED} more" if len(late) > NAMED else ""
        return f"{len(late)} routers were not polled for over 300 s: {', '.join(named)}{more}"
