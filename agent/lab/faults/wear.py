"""How much each access has lost over time, for counters that only grow."""

from __future__ import annotations


class Wear:
    """Percent of loss of each router's access, as it changed."""

    def __init__(self) -> None:
        self._levels: dict[str, list[tuple[float, float]]] = {}

    def change(self, router: str, percent: float, now: float) -> None:
        """From ``now`` (lab seconds) on this much is lost."""
        self._levels.setdefault(router, []).append((now, percent))

    def lost_seconds(self, router: str, since: float, now: float) -> float:
        """Seconds of traffic that were lost between two moments: ten seconds at 20 % are two."""
        lost = 0.0
        levels = self._levels.get(router, [])
        for at, (begin, percent) in enumerate(levels):
            end = levels[at + 1][0] if at + 1 < len(levels) else now
            lost += max(0.0, min(end, now) - max(begin, since)) * percent / 100
        return lost
