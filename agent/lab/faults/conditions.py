"""What a bad line and a busy processor do to packets: chance, delay, and how long an answer takes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

#: Draws a number from 0 up to 1.
Chance = Callable[[], float]

#: Lab seconds in which dead-peer detection tries a silent peer, and how often, before it takes the tunnel down.
LIVENESS_S = 30.0
_TRIES = 6
#: Real seconds until TCP sends again what was lost; doubled each time, up to the longest.
_RESEND_S, _LONGEST_RESEND_S = 0.3, 20.0
#: Real seconds that a busy router's process waits for its turn: this, times load over what is left, up to the longest.
_TURN_S, _LONGEST_TURN_S = 0.02, 4.0
_SEGMENT = 1400  # octets


@dataclass(frozen=True, slots=True)
class Conditions:
    """What one router and its access are like: ``loss`` and ``load`` in percent, ``delay_ms`` a round trip."""

    loss: float = 0.0
    delay_ms: float = 0.0
    load: float = 0.0
    ssh_hangs: bool = False

    @property
    def lost_round_trips(self) -> float:
        """The share of packets that do not come back, because they or their answers are lost."""
        return 1.0 - (1.0 - self.loss / 100) ** 2

    @property
    def turn_s(self) -> float:
        """Real seconds that a process of the router waits for the processor."""
        busy = min(self.load, 99.9) / 100
        return 0.0 if busy < 0.5 else min(_LONGEST_TURN_S, _TURN_S * busy / (1.0 - busy))

    def round_trip(self, chance: Chance) -> bool:
        """Whether a packet and its answer arrive."""
        return self.loss == 0 or chance() >= self.lost_round_trips

    def silence(self, seed: str, period: int) -> bool:
        """Whether all of a period's liveness checks failed: always the same for the same seed and period."""
        return self.loss > 0 and fraction(seed, period) < self.lost_round_trips**_TRIES

    def lag_s(self, size: int, chance: Chance) -> float:
        """Real seconds that ``size`` octets of a TCP stream take longer one way, with what has to be sent again."""
        lag = self.delay_ms / 2000
        for _ in range(1 + size // _SEGMENT if self.loss else 0):
            lag += self._resent_s(chance)
        return lag

    def _resent_s(self, chance: Chance) -> float:
        waited, wait = 0.0, _RESEND_S
        while chance() < self.loss / 100 and waited < _LONGEST_RESEND_S:
            waited, wait = waited + wait, wait * 2
        return waited


def fraction(*parts: object) -> float:
    """A number from 0 up to 1 that is always the same for the same parts."""
    digest = hashlib.sha256("/".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:6], "big") / (1 << 48)


class Draws:
    """Numbers from 0 up to 1, one after another, the same in every lab."""

    def __init__(self, seed: str = "lab") -> None:
        self._seed = seed
        self._drawn = 0

    def __call__(self) -> float:
        self._drawn += 1
        return fraction(self._seed, self._drawn)
