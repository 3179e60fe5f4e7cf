"""What sending webhooks needs of the world: the outbox, and a way to send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.requests.webhooks.event import RequestEvent
from agent.requests.webhooks.schedule import Attempt, Standing, Status, Verdict

#: Whether a receiver is to be told of an event.
Wants = Callable[[RequestEvent], bool]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one receiver; ``sequence`` counts the receiver's events from 1 without a gap.

    ``queued_at`` is when it began to wait, anew where a person sent it again; ``next_at`` says nothing once it ended.
    """

    receiver: str
    sequence: int
    event: str
    kind: str
    request: str
    status: Status
    attempts: int
    queued_at: datetime
    next_at: datetime
    ended_at: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """A receiver as it behaves; ``failures`` in a row of the receiver as a whole, not of single events."""

    name: str
    pending: int
    failed: int
    failures: int
    rests_until: datetime | None
    last_error: str
    failed_at: datetime | None
    succeeded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event that is this claim's to send, and nobody else's until the claim expires."""

    claim: str
    receiver: str
    sequence: int
    event: str
    body: bytes
    standing: Standing


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants to send: ``token`` is never used twice, ``owner`` names the process."""

    token: str
    owner: str
    until: datetime


class Outbox(Protocol):
    """Events and deliveries; each method is one transaction, on the disk when it returns."""

    def hand_out(self, wants: Mapping[str, Wants], now: datetime) -> int:
        """Give each receiver a delivery of each new event that it wants, in order; returns how many events were new."""

    def due(self, now: datetime) -> tuple[str, ...]:
        """Receivers that have something to be sent now; reads only."""

    def claim(self, receiver: str, now: datetime, claim: Claim) -> Claimed | None:
        """Take the receiver and its next event, or None where nothing is due or somebody else sends to it."""

    def settle(self, claimed: Claimed, verdict: Verdict, now: datetime) -> bool:
        """Keep what an attempt led to and free the receiver; False where the claim was lost: nothing is changed."""


class Send(Protocol):
    """Sends one event once."""

    def __call__(self, receiver: str, event: str, body: bytes) -> Attempt:
        """How it ended; never raises for what a receiver does."""
