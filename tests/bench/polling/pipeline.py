"""The product's own path from a packet to what is kept, wired as the daemon wires it, for a fleet in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from agent.daemon.threads import Threads
from agent.monitoring.cycle import Cycle, Doubt, Pace, Taken, Times, Trouble, doubts, steady
from agent.monitoring.heard import Heard
from agent.monitoring.keeping.keeper import Keeper, Terms
from agent.monitoring.ports import Outcome
from agent.monitoring.quality import USUAL_LIMITS
from agent.monitoring.schedule import place
from agent.monitoring.snmp import RouterOrder, SnmpPoller, snmp_poller
from agent.store.base import open_store
from agent.store.history import History
from agent.store.migrate import upgrade
from agent.store.states import States
from inventory.settings import Thresholds
from tests.bench.polling.fleet import Fleet

#: A period that is none: all are polled as fast as it goes.
AT_ONCE_S = 1e-3

#: The period by which the history is told of them then: it keeps polls by their time, and is written otherwise where
#: ten polls of a device lie in one period.
PERIOD_S = 240.0

#: Silent polls in a row that mean down, as spokesman.toml has it.
CONFIRM_DOWN_AFTER = 2

#: Hears a poll, and what it led to.
Told = Callable[[Heard, Outcome | None], None]

#: Seconds for what is under way when it ends.
_END_S = 5.0


class Undisturbed:
    """The agent does nothing but watch; every site is in service."""

    def running(self, routers: Collection[str]) -> frozenset[str]:
        """No router is being changed."""
        return frozenset()

    def changed(self, router: str, since: datetime, until: datetime) -> bool:
        """Nor was it."""
        return False

    def in_service(self, sites: Collection[str]) -> frozenset[str]:
        """All of them."""
        return frozenset(sites)


class Pipeline:
    """Polls devices and keeps what they tell; ``heard`` is told of each poll when it is kept, and what it led to."""

    def __init__(self, poller: SnmpPoller, terms: Terms, folder: Path, heard: Told) -> None:
        engine = open_store(f"sqlite:///{folder / 'spokesman.db'}")
        upgrade(engine)
        self.states = States(engine)
        self._keeper, self._terms = Keeper(self.states, Undisturbed()), terms
        self._history = History(f"sqlite:///{folder / 'history.db'}")
        self._poller, self._heard = poller, heard
        self._writer, self._historian = Threads(1), Threads(1)
        self._left, self._all_kept = set[str](), asyncio.Event()
        self._began, self._number, self._at_once = time.time(), 0, False
        self._places = {router: place(router) for router in terms.subjects}
        #: What the cycle told of itself.
        self.troubles: list[Trouble] = []
        self.cycles = Cycle(poller, self.keep, Times.real(), self.troubles.append)

    async def cycle(self, period_s: float) -> None:
        """Poll each in its turn within ``period_s``, and wait until all is kept; 0: as fast as it goes."""
        start = steady()
        self._number, self._at_once = self._number + 1, not period_s
        self._left = set(self._terms.subjects)
        self._all_kept.clear()
        self.cycles.change({}, pace=replace(Pace.of(period_s, 2.0, 2), period_s=period_s or AT_ONCE_S))
        await self.cycles.run(start)
        await self._all_kept.wait()
        await asyncio.sleep(max(0.0, start + period_s - steady()))

    async def keep(self, batch: Sequence[Taken]) -> Mapping[str, Doubt]:
        """Keep a batch as the daemon does."""
        polls = [taken.heard for taken in batch]
        kept = await self._writer.run(partial(self._keeper.keep, polls, self._terms))
        for router in kept.attend:
            self._poller.attend(router)
        await self._historian.run(partial(self._history.add, self._in_turn(polls) if self._at_once else polls))
        for heard, outcome in zip(polls, kept.outcomes, strict=True):
            self._heard(heard, outcome)
        self._left.difference_update(heard.router for heard in polls)
        if not self._left:
            self._all_kept.set()
        return doubts(kept.outcomes)

    def _in_turn(self, polls: Sequence[Heard]) -> list[Heard]:
        """The polls at the times that they would have in a cycle."""
        start, places = self._began + self._number * PERIOD_S, self._places
        return [one._replace(at=start + places[one.router] * PERIOD_S) for one in polls]

    async def close(self) -> None:
        """End what is under way."""
        await self.cycles.stop(_END_S)
        for threads in (self._writer, self._historian):
            threads.close()


@asynccontextmanager
async def pipeline(
    fleet: Fleet, numbers: Sequence[int], folder: Path, heard: Told, limits: Thresholds = USUAL_LIMITS
) -> AsyncIterator[Pipeline]:
    """One that lives as long as the block; its databases are in ``folder``."""
    async with snmp_poller() as poller:
        path = Pipeline(poller, Terms(fleet.subjects(numbers), CONFIRM_DOWN_AFTER, limits), folder, heard)
        path.cycles.change({order.device: RouterOrder(order) for order in fleet.orders(numbers)})
        try:
            yield path
        finally:
            await path.close()
