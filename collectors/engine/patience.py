"""How long to wait for a device: an estimate of its round trips (RFC 6298, section 2). Pure.

Every try has an identifier of its own, so that it is always known which one was answered, and every answer counts.
"""

from __future__ import annotations

from functools import lru_cache

from collectors.snmp import Target

#: No try is given up sooner, in seconds: this machine may be busy as well.
LEAST_S = 0.25

#: What is waited for is a multiple of this many seconds, so that devices share what was worked out.
STEP_S = 0.05

#: How much the latest round trip counts, in the mean and in the deviation; how many deviations are waited for.
ALPHA, BETA, DEVIATIONS = 1 / 8, 1 / 4, 4.0

#: The machine's own numbers where this is compiled (patience.pxd).
_LEAST, _STEP, _ALPHA, _BETA, _DEVIATIONS = LEAST_S, STEP_S, ALPHA, BETA, DEVIATIONS


class Estimate:
    """A device's round trips, in seconds: the mean and the mean deviation."""

    __slots__ = ("_patience", "_steps", "_target", "deviation_s", "mean_s")

    def __init__(self, mean_s: float, deviation_s: float) -> None:
        self.mean_s = mean_s
        self.deviation_s = deviation_s
        self._steps = 0
        self._target: Target | None = None
        self._patience: tuple[float, ...] = ()

    @classmethod
    def first(cls, round_trip_s: float) -> Estimate:
        """After one round trip."""
        return cls(round_trip_s, round_trip_s / 2)

    def heard(self, round_trip_s: float) -> None:
        """Take another one."""
        off = abs(self.mean_s - round_trip_s)
        self.mean_s += _ALPHA * (round_trip_s - self.mean_s)
        self.deviation_s += _BETA * (off - self.deviation_s)

    def patience(self, target: Target) -> tuple[float, ...]:
        """Seconds for each try: quick ones, twice as long each time, and the last when it would come without haste.

        So an outage of seconds, or an answer that late, harms no more than with tries that wait a whole time-out each.
        """
        first = max(_LEAST, self.mean_s + _DEVIATIONS * self.deviation_s) / _STEP
        steps = int(first)
        if steps < first:
            steps += 1
        if steps != self._steps or target is not self._target:
            self._steps, self._target = steps, target
            self._patience = _tries(steps, target.timeout_s, target.retries)
        return self._patience


@lru_cache(maxsize=4096)
def _tries(first: int, most_s: float, retries: int) -> tuple[float, ...]:
    quick = [min(STEP_S * first * 2**tried, most_s) for tried in range(retries - 1)]
    return (*quick, most_s * retries - sum(quick), most_s) if retries else (most_s,)
