"""Steps of a session with one router: each bounded in time, each failure told as one of the agent's errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from napalm.base.base import NetworkDriver

from agent.drivers import failures
from agent.drivers.checks import printable
from agent.drivers.devices import Limits, Place
from agent.drivers.ssh import Deadline, Lifeline, StrictConnection, greets
from agent.errors import CommitOutcomeUnknown, DeviceTimeout, IncompleteOutput
from device_templates.platform import PlatformText


class Sender(Protocol):
    """What sends changes: ``sent`` is set once one went out."""

    sent: bool


@dataclass(frozen=True)
class Session(ABC):
    """One router's open session; after a time-out or a cut answer it is closed, and every further step says so.

    ``known`` are the secrets that are hidden wherever they stand in what is told of the device.
    """

    place: Place
    driver: NetworkDriver
    connection: StrictConnection
    platform: PlatformText
    known: frozenset[str]
    limits: Limits

    @property
    def router(self) -> str:
        """The router's name in the inventory."""
        return self.place.router

    @property
    @abstractmethod
    def sender(self) -> Sender:
        """What tells whether a change went out."""

    @contextmanager
    def step(self, doing: str, limit_s: float) -> Iterator[None]:
        """Bound a step in time, and say what its failure means."""
        with Deadline(limit_s, self.connection.cut) as deadline:
            try:
                yield
            except (DeviceTimeout, IncompleteOutput):
                self.connection.cut()
                raise
            except failures.LIBRARY_ERRORS as error:
                expired = deadline.expired
                self.connection.cut()
                if expired:
                    raise failures.timeout(self.router, doing) from None
                raise failures.in_session(error, self.router, doing) from None

    @contextmanager
    def change(self, doing: str) -> Iterator[None]:
        """A step after which, once something was sent, silence means that nobody knows.

        A change may well cut the path to the device: the wait ends early once the device greets no new connection.
        """
        self.sender.sent = False
        try:
            alive = Lifeline(self._greeted, self.connection.cut, self.limits.alive_every_s)
            with alive, self.step(doing, self.limits.change_s):
                yield
        except CommitOutcomeUnknown:
            raise
        except (DeviceTimeout, IncompleteOutput) as error:
            if not self.sender.sent:
                raise
            raise CommitOutcomeUnknown(
                f"{doing} was sent, and the device did not answer to the end",
                where=self.router,
                remedy="a change that nobody confirms is taken back by the device",
            ) from error

    def once(self, doing: str, read: Callable[[], str]) -> str:
        """A configuration that proves itself whole, in the form that the device takes; IncompleteOutput otherwise."""
        with self.step(doing, self.limits.configuration_s):
            text = self.platform.restorable(read())
            fault = self.platform.is_complete(text)
            if fault:
                raise self.incomplete(doing, fault)
        return text

    def whole(self, doing: str, read: Callable[[], str]) -> str:
        """A configuration that two readings in a row agree on, as ``once`` each: a terminal may have lost a line."""
        previous = None
        for _ in range(3):
            text = self.once(doing, read)
            if previous is not None and self.platform.lasting(previous) == self.platform.lasting(text):
                return text
            previous = text
        raise self.incomplete(doing, "three readings in a row differ")

    def incomplete(self, doing: str, why: str) -> IncompleteOutput:
        """What is said of an answer that is not all of it."""
        return IncompleteOutput(
            f"the answer to {doing} is not whole: {why}", where=self.router, remedy="try again; nothing of it is used"
        )

    def hidden(self, words: str) -> str:
        """``words`` without secrets, printable."""
        return printable(self.platform.redact(words, self.known, lambda _value: "***"))

    def close(self) -> None:
        """End the session, politely if the device answers; never raises for what the device does."""
        with Deadline(self.limits.connect_s, self.connection.cut), suppress(*failures.LIBRARY_ERRORS):
            self.driver.close()
        self.connection.cut()

    def _greeted(self) -> bool:
        return greets(self.place.host, self.place.port, self.limits.alive_within_s)
