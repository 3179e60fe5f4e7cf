"""A fake poller: rounds as the real one makes them, on any clock, over one poll that a test defines."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, TypeVar

from agent.monitoring.heard import Heard

Order = TypeVar("Order")


class Rounds(Generic[Order]):
    """``read`` is the test's; ``until`` waits for a moment of the loop's clock, as the test counts it."""

    def __init__(self, until: Callable[[float], Awaitable[None]]) -> None:
        self._until = until
        self._rounds: list[_Round] = []
        self.attended: set[str] = set()

    @abstractmethod
    async def read(self, order: Order) -> Heard:
        """One poll; raises nothing where it is one of a round."""

    async def round(self, turns: Iterable[tuple[float, Order]], told: Callable[[Heard], None]) -> None:
        """Begin each at its moment, and hear of all."""
        polls: set[asyncio.Task[None]] = set()
        running = _Round(turns, self._until)
        self._rounds.append(running)
        try:
            while (order := await running.next()) is not None:
                task = asyncio.create_task(self._poll(order, told))
                polls.add(task)
                task.add_done_callback(polls.discard)
            while polls:
                await asyncio.wait(polls)
        finally:
            self._rounds.remove(running)
            for task in polls:
                task.cancel()

    def reconsider(self) -> None:
        for running in self._rounds:
            running.reconsider()

    def attend(self, router: str) -> None:
        self.attended.add(router)

    def forget(self, router: str) -> None:
        pass

    async def _poll(self, order: Order, told: Callable[[Heard], None]) -> None:
        told(await self.read(order))


class _Round:
    """The turns of one round, taken as the poll engine takes errands."""

    def __init__(self, turns: Iterable[tuple[float, Any]], until: Callable[[float], Awaitable[None]]) -> None:
        self._turns, self._until = iter(turns), until
        self._next = next(self._turns, None)
        self._changed: asyncio.Future[None] | None = None

    async def next(self) -> Any:
        """The order whose turn it is, when it is; None: there are no more."""
        while self._next is not None:
            moment, order = self._next
            changed = self._changed = asyncio.get_running_loop().create_future()
            timer = asyncio.ensure_future(self._until(moment))
            try:
                await asyncio.wait({timer, changed}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                timer.cancel()
            if not changed.done():
                self._next = next(self._turns, None)
                return order
        return None

    def reconsider(self) -> None:
        if self._next is not None:
            self._next = next(self._turns, None)
            if self._changed is not None and not self._changed.done():
                self._changed.set_result(None)
