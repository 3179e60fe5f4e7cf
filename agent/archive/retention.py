"""Which versions of a router's configuration stay: the three most recent distinct ones, and what is pinned [WV-23].

Pure. A *shelf* is what is kept of one router. Three rules hold after every step, whatever the order of steps:
at most three versions are ranked, and they are the ones seen last; a version stands at most once, and one that recurs
becomes the newest under the number it had; a pinned version stays, ranked or not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

#: How many distinct configurations of a router are kept for its life [WV-23, 2.6.3].
KEPT = 3


class Pin(StrEnum):
    """Why a version stays outside the three; a router has at most one version for each reason."""

    BEFORE_CHANGE = "before change"
    #: The router was blank or broken before the change, or a change is taken back: the last good copy must stay.
    BEFORE_REPAIR = "before repair"
    RESTORE = "being restored"


@dataclass(frozen=True, slots=True)
class Slot:
    """One version: ``rank`` grows with every sighting and is None outside the three."""

    number: int
    digest: str
    rank: int | None
    pins: frozenset[Pin] = frozenset()


@dataclass(frozen=True, slots=True)
class Shelf:
    """The versions of one router; numbers and ranks are never used twice."""

    slots: tuple[Slot, ...] = ()
    last_number: int = 0
    last_rank: int = 0

    def find(self, digest: str) -> Slot | None:
        """The version with this digest."""
        return next((slot for slot in self.slots if slot.digest == digest), None)

    @property
    def newest(self) -> Slot | None:
        """The ranked version that was seen last."""
        ranked = [slot for slot in self.slots if slot.rank is not None]
        return max(ranked, key=lambda slot: slot.rank or 0, default=None)


def seen(shelf: Shelf, digest: str) -> tuple[Shelf, int]:
    """The shelf after a regular backup gave ``digest``, and that version's number."""
    shelf, slot = _placed(shelf, digest)
    rank = shelf.last_rank + 1
    shelf = _with(replace(shelf, last_rank=rank), replace(slot, rank=rank))
    return _swept(shelf), slot.number


def seen_and_pinned(shelf: Shelf, digest: str, pin: Pin) -> tuple[Shelf, int]:
    """The shelf after a copy was taken outside the three: ``pin`` moves to it; one of the three becomes the newest."""
    shelf, slot = _placed(shelf, digest)
    if slot.rank is not None:
        shelf, _ = seen(shelf, digest)
    return pinned(shelf, slot.number, pin), slot.number


def pinned(shelf: Shelf, number: int, pin: Pin) -> Shelf:
    """The shelf with ``pin`` moved to version ``number``; KeyError if there is no such version."""
    if all(slot.number != number for slot in shelf.slots):
        raise KeyError(number)
    slots = tuple(
        replace(slot, pins=slot.pins | {pin} if slot.number == number else slot.pins - {pin}) for slot in shelf.slots
    )
    return _swept(replace(shelf, slots=slots))


def released(shelf: Shelf, pin: Pin) -> Shelf:
    """The shelf without ``pin``; a version that nothing else keeps goes."""
    return _swept(replace(shelf, slots=tuple(replace(slot, pins=slot.pins - {pin}) for slot in shelf.slots)))


def _placed(shelf: Shelf, digest: str) -> tuple[Shelf, Slot]:
    known = shelf.find(digest)
    if known is not None:
        return shelf, known
    slot = Slot(shelf.last_number + 1, digest, None)
    return replace(shelf, slots=(*shelf.slots, slot), last_number=slot.number), slot


def _with(shelf: Shelf, changed: Slot) -> Shelf:
    return replace(shelf, slots=tuple(changed if slot.number == changed.number else slot for slot in shelf.slots))


def _swept(shelf: Shelf) -> Shelf:
    """Only the three last seen keep a rank; what has neither rank nor pin goes."""
    ranks = sorted((slot.rank for slot in shelf.slots if slot.rank is not None), reverse=True)[:KEPT]
    slots = (replace(slot, rank=slot.rank if slot.rank in ranks else None) for slot in shelf.slots)
    return replace(shelf, slots=tuple(slot for slot in slots if slot.rank is not None or slot.pins))
