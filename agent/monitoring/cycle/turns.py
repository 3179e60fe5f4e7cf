"""The turns of a cycle that are still to come; the next one may change until it begins."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable

from agent.monitoring.schedule import Slot


class Turns:
    """A turn that is put aside is one of a router that is not the round's to poll now: it comes back or passes."""

    def __init__(self) -> None:
        #: The next one is the last.
        self._coming: list[Slot] = []
        self._aside: dict[str, Slot] = {}
        #: What a round was given and has not begun.
        self.offered: Slot | None = None

    def plan(self, slots: Iterable[Slot]) -> None:
        """From now on these are the turns to come."""
        self._coming = sorted(slots, reverse=True)
        self._aside.clear()
        self.offered = None

    def add(self, slots: Iterable[Slot]) -> None:
        """More turns."""
        self._coming.extend(slots)
        self._coming.sort(reverse=True)

    @property
    def coming(self) -> bool:
        """Whether there are turns for a round."""
        return bool(self._coming)

    @property
    def aside(self) -> bool:
        """Whether any are put aside."""
        return bool(self._aside)

    def next_at(self) -> float | None:
        """When the next turn comes, of those put aside too; None: no more does."""
        moments = [slot.at for slot in self._aside.values()]
        if self._coming:
            moments.append(self._coming[-1].at)
        return min(moments, default=None)

    def take(self) -> Slot | None:
        """The next turn for the round; what it was given before has begun."""
        slot = self.offered = self._coming.pop() if self._coming else None
        return slot

    def put_aside(self) -> None:
        """The router of the turn that was taken last is not the round's to poll now."""
        if self.offered is not None:
            self._aside[self.offered.router] = self.offered
            self.offered = None

    def give_back(self) -> None:
        """What a round was given, and has not begun, is to come again."""
        if self.offered is not None:
            self._put(self.offered)
            self.offered = None

    def back(self, router: str) -> bool:
        """A router is the round's to poll again; whether a turn of it is to come."""
        slot = self._aside.pop(router, None)
        if slot is None:
            return False
        self._put(slot)
        return True

    def passed(self, now: float) -> list[str]:
        """Drop the turns that were put aside and have come; whose they were."""
        routers = [router for router, slot in self._aside.items() if slot.at <= now]
        for router in routers:
            del self._aside[router]
        return routers

    def _put(self, slot: Slot) -> None:
        insort(self._coming, slot, key=lambda one: -one.at)
