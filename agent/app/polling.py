"""Polling by hand, wired: all routers through one engine, what is heard kept in batches, and told as soon as it is."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from agent.monitoring.cycle.ports import Refused
from agent.monitoring.heard import Heard
from agent.monitoring.reach import Reach
from agent.monitoring.sample import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from agent.monitoring.keeping.keeper import Kept
    from agent.monitoring.ports import Outcome
    from agent.monitoring.snmp import RouterOrder
    from inventory import SiteView

#: What is heard is kept together that came within this time, in seconds, or as soon as it is so many.
BATCH_S, BATCH = 0.25, 500


@dataclass(frozen=True, slots=True)
class Polled:
    """One router's poll, and what it led to; ``wrong`` says what is not as it should be, empty: nothing.

    ``kept`` is False where what was heard could not be kept.
    """

    router: str
    site: str
    at: datetime
    answer: Answer
    reach: Reach
    uptime_s: float | None
    round_trip_ms: float | None
    wrong: tuple[str, ...]
    kept: bool = True


class Rounds(Protocol):
    """Polls many routers, each at its moment on the loop's clock."""

    async def round(self, turns: Iterable[tuple[float, RouterOrder]], told: Callable[[Heard], None]) -> None:
        """Ends when all that were begun were told."""


#: What each router is asked, by name.
Orders = Mapping[str, "RouterOrder | Refused"]
#: Keeps polls in order and says what each led to, and which could not be kept. It blocks.
Keeping = Callable[[Sequence[Heard]], "Kept"]


class Polling:
    """One poll of each of some routers, as ``orders`` say by name.

    Where one batch cannot be kept, its routers are told, nobody else is asked, and ``poll`` raises why.
    """

    def __init__(self, orders: Orders, keep: Keeping, told: Callable[[Polled], None]) -> None:
        self._orders, self._keep, self._told = orders, keep, told
        self._views: dict[str, SiteView] = {}
        self._heard: asyncio.Queue[Heard] = asyncio.Queue()

    async def poll(self, poller: Rounds, views: Sequence[SiteView], stop: asyncio.Event) -> bool:
        """Poll them; True: all of them were. At ``stop`` what was heard is kept, and no more is asked."""
        self._views = {view.router.name: view for view in views}
        keeping = asyncio.create_task(self._keep_all())
        asking = asyncio.create_task(poller.round(self._turns(views), self._heard.put_nowait))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({asking, stopping, keeping}, return_when=asyncio.FIRST_COMPLETED)
            whole = asking.done()
            if whole:
                await asking
        finally:
            for task in (asking, stopping):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asking
            await self._all_kept(keeping)
        return whole

    async def _all_kept(self, keeping: asyncio.Task[None]) -> None:
        """Wait until what was heard is kept; raises what keeping ended by, where it did."""
        kept = asyncio.create_task(self._heard.join())
        await asyncio.wait({kept, keeping}, return_when=asyncio.FIRST_COMPLETED)
        kept.cancel()
        if keeping.done():
            await keeping
        keeping.cancel()

    def _turns(self, views: Sequence[SiteView]) -> Iterator[tuple[float, RouterOrder]]:
        """All at once: how many are asked at a time is the engine's to bound."""
        now = asyncio.get_running_loop().time()
        for view in views:
            order = self._orders[view.router.name]
            if isinstance(order, Refused):
                at = datetime.now(UTC).timestamp()
                self._heard.put_nowait(Heard(view.router.name, at, Answer.NOT_ASKED, order.reason))
            else:
                yield now, order

    async def _keep_all(self) -> None:
        """Keep what is heard, batch after batch."""
        while True:
            batch = [await self._heard.get()]
            await asyncio.sleep(BATCH_S)
            while len(batch) < BATCH and not self._heard.empty():
                batch.append(self._heard.get_nowait())
            try:
                kept = await asyncio.to_thread(self._keep, batch)
            except Exception:
                for one in batch:  # who asked sees what was heard, all the same
                    self._told(polled(self._views[one.router], one, None, "it could not be kept"))
                raise
            for one, outcome in zip(batch, kept.outcomes, strict=True):
                why = kept.lost.get(one.router)
                lost = "" if why is None else f"it could not be kept: {why}"
                self._told(polled(self._views[one.router], one, outcome, lost))
                self._heard.task_done()


def polled(view: SiteView, heard: Heard, outcome: Outcome | None, lost: str = "") -> Polled:
    """What is shown of a poll; ``lost`` says why it could not be kept, empty: it was."""
    state = outcome.step.state if outcome is not None else None
    reason = tuple(filter(None, (heard.reason, lost)))
    return Polled(
        router=heard.router,
        site=view.key,
        at=datetime.fromtimestamp(heard.at, UTC),
        answer=heard.answer,
        reach=state.reach if state is not None else Reach.UNKNOWN,
        uptime_s=heard.uptime_s,
        round_trip_ms=heard.round_trip_ms,
        wrong=(*reason, *(heard.sample.faults if heard.sample else ()), *(state.broken if state is not None else ())),
        kept=not lost,
    )


@asynccontextmanager
async def interruptible() -> AsyncIterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set while the block runs."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
