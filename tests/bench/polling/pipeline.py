"""The product's own path from a packet to what is kept, wired as the daemon wires it, for a fleet in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from agent.daemon.threads import Threads
from agent.monitoring.cycle import Cycle, Doubt, Pace, Taken, Times, Trouble, steady
from agent.monitoring.heard import Heard
from agent.monitoring.snmp import RouterOrder, snmp_poller
from agent.store.history import History
from tests.bench.polling.fleet import Fleet

#: A period that is none: all are polled as fast as it goes.
AT_ONCE_S = 1e-3

#: Seconds for what is under way when it ends.
_END_S = 5.0


class Pipeline:
    """Polls devices of a fleet and keeps what they tell; ``heard`` is told of each poll when it is kept."""

    def __init__(self, history: History, heard: Callable[[Heard], None]) -> None:
        self._history, self._heard = history, heard
        self._historian = Threads(1)
        self._cycle: Cycle[RouterOrder] | None = None
        self._kept, self._wanted, self._all_kept = 0, 0, asyncio.Event()
        #: What the cycle told of itself.
        self.troubles: list[Trouble] = []

    def begin(self, cycle: Cycle[RouterOrder], wanted: int) -> None:
        """So many devices are polled by ``cycle``."""
        self._cycle, self._wanted = cycle, wanted

    async def cycle(self, period_s: float) -> None:
        """Poll each in its turn within ``period_s``, and wait until all is kept; 0: as fast as it goes."""
        assert self._cycle is not None
        start, self._kept = steady(), 0
        self._all_kept.clear()
        self._cycle.change({}, pace=replace(Pace.of(period_s, 2.0, 2), period_s=period_s or AT_ONCE_S))
        await self._cycle.run(start)
        await self._all_kept.wait()
        await asyncio.sleep(max(0.0, start + period_s - steady()))

    async def keep(self, batch: Sequence[Taken]) -> Mapping[str, Doubt]:
        """Keep a batch; nobody is asked again."""
        polls = [taken.heard for taken in batch]
        await self._historian.run(partial(self._history.add, polls))
        for heard in polls:
            self._heard(heard)
        self._kept += len(polls)
        if self._kept >= self._wanted:
            self._all_kept.set()
        return {}

    async def close(self) -> None:
        """End what is under way."""
        if self._cycle is not None:
            await self._cycle.stop(_END_S)
        self._historian.close()


@asynccontextmanager
async def pipeline(
    fleet: Fleet, numbers: Iterable[int], folder: Path, heard: Callable[[Heard], None]
) -> AsyncIterator[Pipeline]:
    """One that lives as long as the block; its databases are in ``folder``."""
    path = Pipeline(History(f"sqlite:///{folder / 'history.db'}"), heard)
    async with snmp_poller() as poller:
        cycle = Cycle(poller, path.keep, Times.real(), path.troubles.append)
        orders = {order.device: RouterOrder(order) for order in fleet.orders(numbers)}
        path.begin(cycle, len(orders))
        cycle.change(orders)
        try:
            yield path
        finally:
            await path.close()
