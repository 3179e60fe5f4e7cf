"""An event loop whose clock leaps over waits: time-outs are over at once, never while a busy machine works."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

#: How long nothing must happen in real time before waiting is all that is left to do, in seconds.
STILL_S = 0.05


class Leaping(asyncio.SelectorEventLoop):
    """``may_leap`` says whether everything else is ready for time to pass, such as a process that runs beside."""

    def __init__(self, may_leap: Callable[[], bool]) -> None:
        self._leapt = 0.0
        super().__init__(_Selector(self._leap, may_leap))

    def time(self) -> float:
        """The clock that all waits of the loop go by."""
        return super().time() + self._leapt

    def _leap(self, seconds: float) -> None:
        self._leapt += seconds


class _Selector(selectors.DefaultSelector):
    def __init__(self, leap: Callable[[float], None], may_leap: Callable[[], bool]) -> None:
        super().__init__()
        self._leap, self._may_leap = leap, may_leap

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What happened; where nothing does, the time that it would have been waited has passed."""
        if timeout is None or timeout <= STILL_S:
            return super().select(timeout)
        happened = super().select(STILL_S)
        if not happened and self._may_leap():
            self._leap(timeout - STILL_S)
        return happened


def run(main: Coroutine[Any, Any, Result], may_leap: Callable[[], bool] = lambda: True) -> Result:
    """As asyncio.run does, in a loop that leaps."""
    with asyncio.Runner(loop_factory=lambda: Leaping(may_leap)) as runner:
        return runner.run(main)
