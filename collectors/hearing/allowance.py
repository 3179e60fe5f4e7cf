"""How much one source may send: so many a second on the long run, and so many at once."""

from __future__ import annotations


class Allowance:
    """A token bucket that begins full; time is an argument, in seconds on one clock."""

    __slots__ = ("_burst", "_left", "_per_second", "_seen_at")

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second, self._burst = per_second, burst
        self._left, self._seen_at = burst, float("-inf")

    def take(self, now: float) -> bool:
        """Take one; False: there is none left."""
        if self.wait_s(now) > 0:
            return False
        self._left -= 1
        return True

    def wait_s(self, now: float) -> float:
        """Seconds until there is one to take."""
        self._left = min(self._burst, self._left + max(0.0, now - self._seen_at) * self._per_second)
        self._seen_at = max(now, self._seen_at)
        return max(0.0, (1 - self._left) / self._per_second)
