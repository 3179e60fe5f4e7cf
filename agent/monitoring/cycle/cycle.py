"""Polls a worker's routers: each in its turn by the round, a doubtful or telling one alone; never one twice at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from agent.monitoring.cycle.alone import Alone
from agent.monitoring.cycle.batches import Batches
from agent.monitoring.cycle.pace import CycleReport, Pace
from agent.monitoring.cycle.ports import Doubt, Keep, Poller, Reason, Refused, Taken, Trouble, Troubled
from agent.monitoring.cycle.times import Times
from agent.monitoring.cycle.turns import Turns
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.monitoring.schedule import Slot, place, plan

log = logging.getLogger(__name__)

Order = TypeVar("Order")

#: How often it is looked for polls of which nothing is ever heard, in seconds.
LOOK_S = 10.0
#: A turn that begins later than this many seconds after its moment is late; that is told once in so many.
LATE_S = 5.0
#: A round that failed is begun again after this many seconds.
AGAIN_S = 1.0


@dataclass(slots=True, eq=False)
class _Flight:
    """A poll under way: when it began, and what stands for the round that it was begun in.

    ``ended``: no round has to do with it any more. It was heard and is kept just now, or is made alone.
    """

    began: float
    whose: object = None
    ended: bool = False


class Cycle(Generic[Order]):
    """Polls the routers that it was given orders for; what is heard goes to ``keep``, trouble to ``troubled``."""

    def __init__(self, poller: Poller[Order], keep: Keep, times: Times, troubled: Troubled) -> None:
        self._poller, self._times, self._troubled = poller, times, troubled
        self._orders: dict[str, Order | Refused] = {}
        self._pace = Pace.of(240.0, 2.0, 2)
        #: When each router's last poll began, and when it came here.
        self._last: dict[str, float] = {}
        self._came: dict[str, float] = {}
        #: The polls under way; those that are kept just now are among them.
        self._flying: dict[str, _Flight] = {}
        self._hurried: set[str] = set()
        self._answers: dict[str, asyncio.Future[Doubt | None]] = {}
        self._turns = Turns()
        self._batches = Batches(keep, self._kept, times, poller.attend)
        self._alone = Alone(self._once, self._landed, times)
        self._stopping: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        #: Rounds whose polls are not all over, and when they began.
        self._rounds: dict[asyncio.Task[None], float] = {}
        self._started = times.steady()
        self._polls = self._busy = 0
        self._late_at = float("-inf")

    def change(
        self,
        orders: Mapping[str, Order | Refused],
        gone: Iterable[str] = (),
        last: Mapping[str, float] | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Take orders that are new or changed, and forget routers; ``last`` is when polls began before they came here.

        A new router has its turn in this cycle, if that is still to come.
        """
        now, known = self._times.steady(), last or {}
        self._pace = pace or self._pace
        for router in gone:
            for memory in (self._orders, self._last, self._came):
                memory.pop(router, None)
            self._poller.forget(router)
        new = [router for router in orders if router not in self._orders]
        self._orders.update(orders)
        if new:  # in the order of their turns, in which they are planned fastest
            self._orders = {router: self._orders[router] for router in sorted(self._orders, key=place)}
        self._came.update(dict.fromkeys(new, now))
        self._last.update({router: known[router] for router in new if router in known})
        slots = plan(new, self._started, self._pace.period_s, self._last, self._came)
        self._turns.add(slot for slot in slots if slot.at >= now or slot.router in self._last)
        self.reconsider()

    async def run(self, start: float) -> CycleReport:
        """The cycle that began at ``start``; returns when its last poll has begun: none makes the cycle longer."""
        self._started, self._polls, self._busy = start, 0, 0
        self._turns.plan(plan(self._orders, start, self._pace.period_s, self._last, self._came))
        while not self._stopping.done() and (moment := self._turns.next_at()) is not None:
            if self._turns.coming:
                await self._round()
            else:
                await self._times.wait(moment, self._stopping)
            self._look()
        return CycleReport(start, self._times.steady(), self._polls, self._busy)

    def reconsider(self) -> None:
        """The turns to come have changed, or the clocks: the machine was suspended."""
        self._turns.give_back()
        self._poller.reconsider()

    def at_once(self, router: str) -> None:
        """Poll a router now, out of its turn; one whose poll is under way is polled again when that has ended."""
        if router in self._alone:
            self._alone.hurry(router)
        elif router in self._flying:
            self._hurried.add(router)
        elif router in self._orders and not self._stopping.done():
            self._start(router)

    def attend(self, router: str) -> None:
        """Bring whole samples of a router, from its next poll on."""
        self._poller.attend(router)

    async def stop(self, within_s: float) -> int:
        """Begin nothing more, give polls under way ``within_s`` to end, abandon the rest; how many were abandoned."""
        if not self._stopping.done():
            self._stopping.set_result(None)
        self._turns.plan([])
        self._poller.reconsider()
        alone, rounds = asyncio.ensure_future(self._alone.stop(within_s)), set(self._rounds)
        if rounds:
            await asyncio.wait(rounds, timeout=within_s)
        abandoned = await alone + sum(not flight.ended for flight in self._flying.values())
        for polling in rounds:
            polling.cancel()
        await asyncio.wait({asyncio.ensure_future(self._batches.ended())}, timeout=within_s)
        return abandoned

    async def _round(self) -> None:
        """One call of the poller's round; returns when the last of its polls has begun."""
        all_begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        offers, told = self._offers(all_begun), partial(self._told_in, all_begun)
        polling = asyncio.create_task(self._poller.round(offers, told), name="round of polls")
        self._rounds[polling] = self._times.steady()
        polling.add_done_callback(self._over)
        while not all_begun.done():
            await self._times.wait(self._times.steady() + LOOK_S, polling, all_begun)
            self._look()
            if polling.done() and not all_begun.done():
                self._turns.give_back()
                await self._times.wait(self._times.steady() + AGAIN_S, self._stopping)
                return

    def _over(self, polling: asyncio.Task[None]) -> None:
        del self._rounds[polling]
        if not polling.cancelled() and (error := polling.exception()) is not None:
            log.error("a round of polls failed: %s: %s", type(error).__name__, error)

    def _offers(self, all_begun: asyncio.Future[None]) -> Iterator[tuple[float, Order]]:
        """The turns as the round takes them: when one is asked for, the one before it begins."""
        turns, steady, awake, flying = self._turns, self._times.steady, self._times.awake, self._flying
        now = steady()
        while (slot := turns.take()) is not None:
            router = slot.router
            order = self._orders.get(router)
            if order is None:
                continue
            if router in flying or isinstance(order, Refused):
                turns.put_aside()
                continue
            yield slot.at + awake() - now, order
            now = steady()
            if turns.offered is slot:
                self._last[router] = now
                flying[router] = _Flight(now, all_begun)
                self._polls += 1
                if now - slot.at > LATE_S:
                    self._is_late(slot, now)
        if not all_begun.done():
            all_begun.set_result(None)

    def _is_late(self, slot: Slot, now: float) -> None:
        if now - self._late_at > LATE_S:
            self._late_at = now
            self._troubled(Trouble(Reason.WINDOW_FULL, slot.at, now))

    def _told_in(self, whose: object, heard: Heard) -> None:
        """A round has heard of a poll; one that was given up is over already, and not the one that came after it."""
        flight = self._flying.get(heard.router)
        if flight is not None and flight.whose is whose and not flight.ended:
            self._told(flight, heard)
        elif heard.tells and heard.router in self._orders:
            self._poller.attend(heard.router)  # which takes it for told

    def _told(self, flight: _Flight, heard: Heard) -> None:
        flight.ended = True
        self._batches.add(Taken(flight.began, heard))

    def _kept(self, batch: Sequence[Taken], doubts: Mapping[str, Doubt]) -> None:
        if not (doubts or self._answers or self._hurried or self._turns.aside):
            for taken in batch:
                del self._flying[taken.heard.router]
            return
        for taken in batch:
            router = taken.heard.router
            doubt, answer = doubts.get(router), self._answers.pop(router, None)
            if answer is not None:
                if not answer.done():
                    answer.set_result(doubt)
            elif doubt is not None and router not in self._hurried and not self._stopping.done():
                self._start(router, doubt)
            else:
                self._landed(router, router in self._hurried)

    def _start(self, router: str, doubt: Doubt | None = None) -> None:
        """Let a router be polled alone; its turn is not the round's meanwhile."""
        self._flying[router] = _Flight(self._times.steady(), ended=True)
        if self._turns.offered is not None and self._turns.offered.router == router:
            self.reconsider()
        self._alone.start(router, self._pace, doubt)

    def _landed(self, router: str, again: bool) -> None:
        """No poll of a router is under way any more, unless there is a hurry to poll it ``again``."""
        del self._flying[router]
        self._hurried.discard(router)
        if self._turns.back(router):
            self.reconsider()
        if again:
            self.at_once(router)

    async def _once(self, router: str) -> Doubt | None:
        """One poll alone, kept; the doubt that it leaves."""
        order = self._orders.get(router)
        if order is None:
            return None
        began = self._last[router] = self._times.steady()
        heard = self._not_asked(router, order.reason) if isinstance(order, Refused) else await self._read(router, order)
        answer: asyncio.Future[Doubt | None] = asyncio.get_running_loop().create_future()
        self._answers[router] = answer
        self._batches.add(Taken(began, heard))
        self._batches.flush()
        return await answer

    async def _read(self, router: str, order: Order) -> Heard:
        """One bounded poll; whatever goes wrong in it is heard."""
        poll = asyncio.ensure_future(self._poller.read(order))
        try:
            await self._times.wait(self._times.steady() + self._pace.bound_s, poll)
        finally:
            ended = poll.done()
            poll.cancel()
        if not ended:
            return self._not_asked(router, f"the poll was given up after {self._pace.bound_s:.0f} s")
        error = poll.exception()
        if error is not None:
            log.error("polling %s failed: %s: %s", router, type(error).__name__, error)
            return self._not_asked(router, f"the poll failed: {error or type(error).__name__}")
        return poll.result()

    def _look(self) -> None:
        """Give up polls of which nothing is heard; tell of routers that could not be asked when their turn came."""
        now = self._times.steady()
        for router in self._turns.passed(now):
            order = self._orders.get(router)
            if isinstance(order, Refused) and router not in self._flying:
                self._last[router] = now
                flight = self._flying[router] = _Flight(now)
                self._told(flight, self._not_asked(router, order.reason))
            else:
                self._busy += 1
                if now - self._last.get(router, now) > self._pace.period_s:
                    self.at_once(router)  # held up with its poll under way: that one is no turn
        for router, flight in tuple(self._flying.items()):
            if now - flight.began > self._pace.bound_s and not flight.ended:
                log.error("nothing was heard of the poll of %s: it is given up", router)
                self._told(flight, self._not_asked(router, f"the poll was given up after {self._pace.bound_s:.0f} s"))
        for polling, began in tuple(self._rounds.items()):
            if now - began > self._pace.period_s + 2 * self._pace.bound_s:
                polling.cancel()  # all its polls were given up

    def _not_asked(self, router: str, reason: str) -> Heard:
        return Heard(router, self._times.wall(), Answer.NOT_ASKED, reason)
