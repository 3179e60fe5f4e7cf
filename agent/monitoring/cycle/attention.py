"""Notices that this process stood still: the machine was suspended, or nobody let it run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from agent.monitoring.cycle.ports import Reason, Trouble, Troubled
from agent.monitoring.cycle.times import Times

#: How often it is looked, in seconds.
LOOK_S = 1.0
#: Standing still for less than so many seconds delays nobody.
NOTICED_S = 2.0


class Attention:
    """Looks while its ``async with`` block lasts; ``suspended`` is called when the loop's clock fell behind."""

    def __init__(self, times: Times, troubled: Troubled, suspended: Callable[[], None]) -> None:
        self._times, self._troubled, self._suspended = times, troubled, suspended

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._look(), name="attention")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._looking.cancel()

    async def _look(self) -> None:
        times = self._times
        while True:
            since, awake = times.steady(), times.awake()
            await asyncio.sleep(LOOK_S)
            now = times.steady()
            ran = times.awake() - awake
            if now - since - ran > NOTICED_S:
                self._troubled(Trouble(Reason.SUSPENDED, since, now))
                self._suspended()
            elif ran - LOOK_S > NOTICED_S:
                self._troubled(Trouble(Reason.HELD_UP, since, now))
