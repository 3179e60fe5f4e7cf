"""A device's clock through its packed polls: seconds that go on evenly as long as it is the same life of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.codec.values import Flat
from collectors.rates import TOLERANCE, TOLERANCE_S, WRAP_S, Gap
from collectors.record.metrics import Metrics, scaled


class Clock:
    """``seconds`` in the present ``life``; a boot, a new engine, a step of a clock or a poll without uptime ends it.

    ``ended`` is why the life before did; None: there was none.
    """

    def __init__(self) -> None:
        self.seconds, self.life = 0.0, 0
        self.ended: Gap | None = None
        self._uptime: float | None = None
        self._at = 0.0
        self._engine: tuple[Flat, ...] = ()

    def tell(self, at: float, metrics: Metrics, kinds: bytes, values: Sequence[Flat]) -> None:
        """A poll that began ``at``, in Unix seconds."""
        place = metrics.clock
        uptime = scaled(metrics.layout.columns[place], kinds, values, place) if place >= 0 else None
        engine = tuple(values[one] if 0 <= one < len(values) else None for one in metrics.engine)
        if uptime is None or self._uptime is None:
            self._end(Gap.NO_TIME)
        elif engine != self._engine:
            self._end(Gap.ENGINE)
        else:
            theirs, ours = (uptime - self._uptime) % WRAP_S, at - self._at
            if theirs <= 0 or abs(theirs - ours) > TOLERANCE_S + TOLERANCE * abs(ours):
                self._end(Gap.CLOCKS)
            else:
                self.seconds += theirs
        self._uptime, self._at, self._engine = uptime, at, engine

    def _end(self, why: Gap) -> None:
        self.life += 1
        self.ended = why
