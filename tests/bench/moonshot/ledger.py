"""Who was polled when: of each cycle how many were, answered, came late or not at all, and the longest interval."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from tests.bench.polling.fleet import number_of

#: Stands for a device that was never polled.
NEVER = 0.0


@dataclass(frozen=True, slots=True)
class Cycle:
    """What one cycle did. ``late`` had a longer interval than allowed between the starts of two polls.

    ``silent`` did not answer though they live; ``missed`` were not polled at all. ``longest_s``: interval.
    """

    polled: int
    answered: int
    silent: int
    late: int
    missed: int
    longest_s: float
    lost: int


class Ledger:
    """Of so many devices, of which those in ``dead`` never answer; an interval may be ``limit_s`` long."""

    def __init__(self, devices: int, dead: frozenset[int], limit_s: float) -> None:
        self.devices, self.dead, self._limit_s = devices, dead, limit_s
        self._last = array("d", bytes(8 * devices))
        self._heard = bytearray(devices)
        self._answered = bytearray(devices)
        self._late = self._lost = 0
        self._longest_s = 0.0

    def hear(self, heard: Heard) -> None:
        """A poll has ended."""
        number = number_of(heard.router)
        last = self._last[number]
        if last != NEVER:
            interval_s = heard.at - last
            self._longest_s = max(self._longest_s, interval_s)
            self._late += interval_s > self._limit_s
        self._last[number] = heard.at
        self._heard[number] = 1
        self._lost += heard.lost
        if heard.answer is Answer.ANSWERED:
            self._answered[number] = 1

    def cycle(self) -> Cycle:
        """What was done since the last call; the next cycle begins."""
        polled, answered = sum(self._heard), sum(self._answered)
        living = self.devices - len(self.dead)
        done = Cycle(
            polled,
            answered,
            living - answered,
            self._late,
            self.devices - polled,
            round(self._longest_s, 1),
            self._lost,
        )
        self._heard, self._answered = bytearray(self.devices), bytearray(self.devices)
        self._late = self._lost = 0
        self._longest_s = 0.0
        return done
