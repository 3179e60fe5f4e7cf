"""When a router tries again: NHRP registers after 1, 2, 4 … 64 s, and each try asks for a tunnel (RFC 2332, IOS)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from agent.lab.net.reasons import Reason

_LONGEST_S = 64
_SLOW_FROM = 7  # tries until they come at the longest interval
#: The last failures of one spell that anybody can ask for.
MOST_KEPT = 20


class Failure(StrEnum):
    """How a negotiation of IKEv2 fails; the value is what IOS calls it."""

    AUTHENTICATION = "Auth exchange failed"
    PROPOSAL = "Received no proposal chosen notify"
    SILENCE = "Maximum number of retransmissions reached"


FAILURES = {
    Reason.KEY: Failure.AUTHENTICATION,
    Reason.NO_KEY: Failure.AUTHENTICATION,
    Reason.AUTH_METHOD: Failure.AUTHENTICATION,
    Reason.IDENTITY: Failure.AUTHENTICATION,
    Reason.NO_CERTIFICATE: Failure.AUTHENTICATION,
    Reason.CERTIFICATE_EXPIRED: Failure.AUTHENTICATION,
    Reason.PEER_CERTIFICATE_EXPIRED: Failure.AUTHENTICATION,
    Reason.OTHER_AUTHORITY: Failure.AUTHENTICATION,
    Reason.IKE_PROPOSAL: Failure.PROPOSAL,
    Reason.TRANSFORM: Failure.PROPOSAL,
    Reason.TRANSFORM_MODE: Failure.PROPOSAL,
    Reason.PFS: Failure.PROPOSAL,
    Reason.NO_PEER: Failure.SILENCE,
    Reason.BLOCKED: Failure.SILENCE,
    Reason.LOSS: Failure.SILENCE,
}


def tries(elapsed: float) -> int:
    """How many tries there were ``elapsed`` seconds after the first."""
    if elapsed < 0:
        return 0
    if elapsed < (1 << (_SLOW_FROM - 1)) - 1:
        return int(math.log2(elapsed + 1)) + 1
    return _SLOW_FROM + int(elapsed - (1 << (_SLOW_FROM - 1)) + 1) // _LONGEST_S


def tried_at(number: int) -> int:
    """Seconds from the first try to the try with this number, counted from 1."""
    if number <= _SLOW_FROM:
        return (1 << (number - 1)) - 1
    return (1 << (_SLOW_FROM - 1)) - 1 + (number - _SLOW_FROM) * _LONGEST_S


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which ``initiator`` and ``responder`` ("" for one outside the lab) did not come to terms.

    Addresses are those on the internet; times are lab seconds; ``reason`` is the first check that failed; ``serial``
    tells spells apart.
    """

    initiator: str
    responder: str
    initiator_address: str
    responder_address: str
    reason: Reason
    since: float
    until: float = math.inf
    serial: int = 0

    @property
    def failure(self) -> Failure:
        """How it fails."""
        return FAILURES[self.reason]

    def failed(self, now: float) -> int:
        """How many negotiations have failed; one that nobody answers fails a minute after it began."""
        end = min(now, self.until)
        if self.failure is Failure.SILENCE:
            return max(0, int(end - self.since) // _LONGEST_S)
        return tries(end - self.since)

    def moments(self, now: float) -> list[tuple[int, float]]:
        """Number and time of the last failures."""
        last = self.failed(now)
        first = max(1, last - MOST_KEPT + 1)
        silent = self.failure is Failure.SILENCE
        return [
            (number, self.since + (number * _LONGEST_S if silent else tried_at(number)))
            for number in range(first, last + 1)
        ]
