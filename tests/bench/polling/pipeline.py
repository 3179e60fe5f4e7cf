"""The product's own path from a packet to what is kept, wired as the daemon wires it, for a fleet in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from agent.monitoring.heard import Heard
from agent.monitoring.schedule import offset
from agent.monitoring.snmp import RouterOrder, SnmpPoller
from agent.store.history import History
from collectors.engine import Engine
from collectors.polling import DevicePoller
from collectors.snmp import Target
from inventory import SiteView
from tests.bench.polling.fleet import Fleet

#: Polls that are kept together.
BATCH = 500


class Pipeline:
    """Polls devices of a fleet and keeps what they tell; ``heard`` is told of each poll when it has ended."""

    def __init__(
        self, poller: SnmpPoller, orders: Sequence[RouterOrder], history: History, heard: Callable[[Heard], None]
    ) -> None:
        self._poller, self._history, self._heard = poller, history, heard
        self._orders = sorted(orders, key=lambda order: offset(order.poll.device, 1.0))
        self._batch: list[Heard] = []

    async def cycle(self, period_s: float) -> None:
        """Poll each in its turn within ``period_s``, and wait for its end; 0: as fast as it goes."""
        start = asyncio.get_running_loop().time()
        turns = ((start + offset(order.poll.device, period_s), order) for order in self._orders)
        await self._poller.round(turns, self._told)
        self._keep()
        await asyncio.sleep(max(0.0, start + period_s - asyncio.get_running_loop().time()))

    def _told(self, heard: Heard) -> None:
        self._heard(heard)
        self._batch.append(heard)
        if len(self._batch) >= BATCH:
            self._keep()

    def _keep(self) -> None:
        self._history.add(self._batch)
        self._batch = []


@asynccontextmanager
async def pipeline(
    fleet: Fleet, numbers: Iterable[int], folder: Path, heard: Callable[[Heard], None]
) -> AsyncIterator[Pipeline]:
    """One that lives as long as the block; its databases are in ``folder``."""
    history = History(f"sqlite:///{folder / 'history.db'}")
    async with Engine() as engine:
        poller = SnmpPoller(DevicePoller(engine), _no_target, None)
        orders = [RouterOrder(order) for order in fleet.orders(numbers)]
        yield Pipeline(poller, orders, history, heard)


def _no_target(view: SiteView) -> Target:
    raise AssertionError(f"the order for {view.router.name} has no target")
