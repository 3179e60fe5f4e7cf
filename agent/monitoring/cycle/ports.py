"""What a cycle needs: something that polls, something that keeps what comes back, and whom it tells of trouble."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol, TypeVar

from agent.monitoring.heard import Heard
from agent.monitoring.ports import Outcome

Order = TypeVar("Order", contravariant=True)


class Poller(Protocol[Order]):
    """Asks routers as an ``Order`` says; whatever the network does is heard and not raised."""

    async def round(self, turns: Iterable[tuple[float, Order]], told: Callable[[Heard], None]) -> None:
        """Poll many, each not before its moment on the loop's clock; ends when all that were begun were told.

        The next turn is taken from ``turns`` when the one before it begins, not earlier.
        """

    def reconsider(self) -> None:
        """Give back the turn that waits for its moment, and take the next one from ``turns`` anew."""

    async def read(self, order: Order) -> Heard:
        """Poll one now, beside a round."""

    def attend(self, router: str) -> None:
        """Bring a whole sample of a router with its next polls."""

    def forget(self, router: str) -> None:
        """A router has left the inventory."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Stands for a router's order where there can be none, and says why."""

    reason: str


class Taken(NamedTuple):
    """A poll that was heard, and when it began on the steady clock."""

    began: float
    heard: Heard


class Doubt(IntEnum):
    """Why a router is to be asked again soon."""

    #: The answer is not clear.
    AGAIN = 1
    #: It answers that something is down which was not before.
    BROKE = 2


def doubts(outcomes: Iterable[Outcome | None]) -> dict[str, Doubt]:
    """The routers that outcomes leave in doubt."""
    return {
        outcome.step.state.router: Doubt.BROKE if outcome.step.broke else Doubt.AGAIN
        for outcome in outcomes
        if outcome is not None and outcome.step.again
    }


#: Keeps a batch in order; tells the routers that are to be asked again soon. Raises what hindered it.
Keep = Callable[[Sequence[Taken]], Awaitable[Mapping[str, Doubt]]]


class Reason(StrEnum):
    """Why a router was not polled for longer than it may be [WV-10]."""

    NOT_RUNNING = "the daemon did not run"
    SUSPENDED = "the machine was suspended"
    HELD_UP = "the cycle was held up"
    WORKER_DIED = "the worker died"
    WINDOW_FULL = "the window was full"
    NOT_ASKED = "it could not be asked"
    NOT_KEPT = "what came back could not be kept"
    UNKNOWN = "not known"


class Trouble(NamedTuple):
    """Something kept polls from their turns, between two moments of the steady clock."""

    reason: Reason
    since: float
    until: float


#: Hears of trouble; may not wait.
Troubled = Callable[[Trouble], None]
