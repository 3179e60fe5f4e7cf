"""A device that is polled, and what is remembered of it between polls: a few hundred octets, no values."""

from __future__ import annotations

from collectors.engine.learned import Learned
from collectors.engine.patience import Estimate
from collectors.security.session import Session
from collectors.snmp import Target
from collectors.snmp.port import Address

#: Of its latest requests, the share lost from which on a device's link counts as lossy; how much the last one counts.
LOSSY, WEIGHT = 0.05, 0.1

#: Rows in an answer to GETBULK over a lossy link.
FEW_REPETITIONS = 2


class Device:
    """One agent under one set of credentials; ``key`` is what the caller knows it by. Make it once, and keep it.

    ``target`` bounds the patience: all tries together wait as long as its time-outs, and the last begins when it would.
    """

    __slots__ = ("_estimate", "_loss", "address", "down", "key", "learned", "session", "target")

    def __init__(self, key: str, target: Target) -> None:
        self.key = key
        self.target = target
        self.address: Address = (target.address, target.port)
        self.session: Session | None = None
        #: Whether the last poll got no answer: the next one begins with a small probe, which is tried as often as any.
        self.down = False
        self.learned: Learned | None = None
        self._estimate: Estimate | None = None
        self._loss = 0.0

    def patience(self) -> tuple[float, ...]:
        """Seconds to wait for an answer, for each try."""
        return self._estimate.patience(self.target) if self._estimate is not None else first_patience(self.target)

    def answered(self, round_trip_s: float, lost: int) -> None:
        """A request was answered, after ``lost`` tries that were not."""
        if self._estimate is None:
            self._estimate = Estimate.first(round_trip_s)
        else:
            self._estimate.heard(round_trip_s)
        self._loss += WEIGHT * (lost / (lost + 1) - self._loss)
        self.down = False

    def silent(self) -> None:
        """A poll got no answer at all: what was known of its speed holds no more."""
        self._estimate = None
        self.down = True

    def repetitions(self, wanted: int) -> int:
        """Rows to ask for at once, where ``wanted`` would be asked for."""
        most = min(wanted, FEW_REPETITIONS) if self._loss > LOSSY else wanted
        return most if self.learned is None else min(most, self.learned.repetitions)

    def ask_refused(self) -> None:
        """Ask once more for what it refused; how much it can bear at once still holds."""
        if self.learned is not None:
            self.learned.forgive()

    def changed(self) -> None:
        """It was restarted or has other software: what it refused is asked again."""
        self.learned = None


def first_patience(target: Target) -> tuple[float, ...]:
    """Patience with a device whose speed is not known."""
    return (target.timeout_s,) * (target.retries + 1)
