"""The turns of a cycle that are still to come; the next one may change until it begins."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush

from agent.monitoring.schedule import Slot


class Turns:
    """``apart`` says whether a router is not the round's to poll now: its turn is put aside, and comes or passes."""

    def __init__(self, apart: Callable[[str], bool]) -> None:
        self._apart = apart
        self._coming: list[Slot] = []
        self._aside: dict[str, Slot] = {}
        #: What a round was given and has not begun.
        self.offered: Slot | None = None

    def plan(self, slots: list[Slot]) -> None:
        """From now on these are the turns to come."""
        heapify(slots)
        self._coming = slots
        self._aside.clear()
        self.offered = None

    def put(self, slot: Slot) -> None:
        """One turn more."""
        heappush(self._coming, slot)

    @property
    def coming(self) -> bool:
        """Whether there are turns for a round."""
        return bool(self._coming)

    def next_at(self) -> float | None:
        """When the next turn comes, of those put aside too; None: no more does."""
        moments = [slot.at for slot in self._aside.values()]
        if self._coming:
            moments.append(self._coming[0].at)
        return min(moments, default=None)

    def take(self) -> Slot | None:
        """The next turn for the round; what it was given before has begun."""
        self.offered = None
        while self._coming:
            slot = heappop(self._coming)
            if not self._apart(slot.router):
                self.offered = slot
                return slot
            self._aside[slot.router] = slot
        return None

    def give_back(self) -> None:
        """What a round was given, and has not begun, is to come again."""
        if self.offered is not None:
            self.put(self.offered)
            self.offered = None

    def back(self, router: str) -> bool:
        """A router is the round's to poll again; whether a turn of it is to come."""
        slot = self._aside.pop(router, None)
        if slot is None:
            return False
        self.put(slot)
        return True

    def passed(self, now: float) -> list[str]:
        """Drop the turns that were put aside and have come; whose they were."""
        routers = [router for router, slot in self._aside.items() if slot.at <= now]
        for router in routers:
            del self._aside[router]
        return routers
