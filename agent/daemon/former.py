"""The run of the daemon before this one, on this one's steady clock. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.monitoring.views import Heartbeat

#: What it kept is of times up to so many seconds after its last sign of life: of later ones somebody else kept it.
AFTER_S = 10.0


@dataclass(frozen=True, slots=True)
class Former:
    """Its last sign of life, None: none ran here; ``now`` and ``at`` are one moment, on the steady clock and by the
    time of day; ``boot`` is this start of the machine.

    The time of day may have been set while no daemon ran. Where the machine was not started since, the steady clock
    tells how long that was; otherwise the time of day has to.
    """

    last: Heartbeat | None
    now: float
    at: datetime
    boot: str

    @property
    def ended(self) -> float | None:
        """When it was last heard of; None: none ran."""
        if self.last is None:
            return None
        steady = self._steady
        return min(self._by_day(self.last.beat_at), self.now) if steady is None else steady

    def moment(self, when: datetime) -> float | None:
        """What was a time of day to it; None: that is in the future, so nothing is known of it."""
        found, steady = self._by_day(when), self._steady
        if self.last is not None and steady is not None:
            after_s = (when - self.last.beat_at).total_seconds()
            if after_s <= AFTER_S:
                found = min(steady + after_s, self.now)
        return found if found <= self.now else None

    def _by_day(self, when: datetime) -> float:
        return self.now - (self.at - when).total_seconds()

    @property
    def _steady(self) -> float | None:
        """Its last sign of life on the steady clock; None where that is another clock."""
        last = self.last
        same = last is not None and self.boot != "" and last.boot == self.boot and last.steady_s <= self.now
        return last.steady_s if same and last is not None else None
