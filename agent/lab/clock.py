"""The lab's time: real time that may run fast, so that revert timers and reloads need not be waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime


class LabClock:
    """Seconds since 1970 as the lab's devices see them: from ``origin`` on they pass ``speed`` times as fast.

    ``ahead`` is how many seconds they have jumped. The same origin, speed and jump give the same time after a restart
    of the lab process.
    """

    def __init__(
        self,
        speed: float = 1.0,
        origin: float | None = None,
        real: Callable[[], float] = time.time,
        ahead: float = 0.0,
    ) -> None:
        if speed <= 0:
            raise ValueError(f"lab speed {speed}: it must be above 0")
        self.speed = speed
        self._real = real
        self.origin = real() if origin is None else origin
        self.ahead = ahead

    def now(self) -> float:
        """Lab seconds since 1970, UTC."""
        return self.origin + self.ahead + (self._real() - self.origin) * self.speed

    def advance(self, seconds: float) -> None:
        """Jump ahead by lab ``seconds``."""
        self.ahead += seconds

    def moment(self) -> datetime:
        """The lab's present moment, UTC and aware."""
        return datetime.fromtimestamp(self.now(), UTC)

    def real_seconds(self, lab_seconds: float) -> float:
        """How long ``lab_seconds`` take on a wall clock."""
        return lab_seconds / self.speed
