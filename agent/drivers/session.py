"""Steps of a session with one router: each bounded in time, each failure told as one of the agent's errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from agent.archive import Platform
from agent.drivers import failures, reading
from agent.drivers.devices import Limits, Place
from agent.drivers.ios import Ios
from agent.drivers.ssh import Connection, Deadline, Lifeline, greets
from agent.errors import CommandRejected, CommitOutcomeUnknown, DeviceTimeout, IncompleteOutput


class Session:
    """One router's open session; after a time-out or a cut answer it is closed, and every further step says so."""

    def __init__(self, place: Place, driver: Ios, platform: Platform, limits: Limits) -> None:
        self.place = place
        self.router = place.router
        self.driver = driver
        self.platform = platform
        self.limits = limits
        self.connection: Connection = driver.device

    def ask(self, command: str, limit_s: float | None = None) -> str:
        """The answer to one exec command, printable."""
        self.connection.renew_allowance()
        answer = str(self.connection.send_command(command, read_timeout=limit_s or self.limits.command_s))
        return reading.printable(answer)

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
        self.driver.sent = False
        try:
            alive = Lifeline(self._greeted, self.connection.cut, self.limits.alive_every_s)
            with alive, self.step(doing, self.limits.change_s):
                yield
        except CommitOutcomeUnknown:
            raise
        except (DeviceTimeout, IncompleteOutput) as error:
            if not self.driver.sent:
                raise
            raise CommitOutcomeUnknown(
                f"{doing} was sent, and the device did not answer to the end",
                where=self.router,
                remedy="a change that nobody confirms is taken back by the device",
            ) from error

    def _greeted(self) -> bool:
        return greets(self.place.host, self.place.port, self.limits.alive_within_s)

    def refuse_rejected(self, answer: str, doing: str) -> None:
        """CommandRejected with the device's words, secrets hidden, if ``answer`` says no."""
        if reading.REJECTION.search(answer):
            words = self.hidden(reading.rejection(answer))
            raise CommandRejected(f"the device rejected {doing}: {words}", where=self.router, remedy="see the device")

    def hidden(self, words: str) -> str:
        """``words`` without secrets, printable."""
        return reading.printable(self.platform.redact(words, lambda _value: "***"))

    def close(self) -> None:
        """End the session, politely if the device answers; never raises for what the device does."""
        with Deadline(self.limits.connect_s, self.connection.cut), suppress(*failures.LIBRARY_ERRORS):
            self.driver.close()
        self.connection.cut()


def whole_configuration(session: Session, command: str) -> str:
    """A configuration that two readings in a row agree on, each whole; IncompleteOutput otherwise.

    The text is in the form that ``configure replace`` takes back.
    """
    lasting = session.platform.lasting
    previous = None
    for _ in range(3):
        with session.step(command, session.limits.configuration_s):
            text = _one_reading(session, command)
        if previous is not None and lasting(previous) == lasting(text):
            return text
        previous = text
    raise _incomplete(session, command, "three readings in a row differ")


def _one_reading(session: Session, command: str) -> str:
    """One reading, which ends in ``end`` and a prompt, and has the size that the device states."""
    connection, limit = session.connection, session.limits.configuration_s
    connection.renew_allowance()
    output = str(connection.send_command(command, read_timeout=limit, strip_prompt=False))
    session.refuse_rejected(output[:400], command)
    while not reading.ends_whole(output, connection.base_prompt):
        more = connection.rest(session.limits.quiet_s, limit)
        if not more:
            raise _incomplete(session, command, "its last line, end, is missing")
        output += more
    shown = reading.configuration(reading.without_prompt(output))
    text = session.platform.restorable(shown.text)
    fault = reading.size_fault(shown) or "; ".join(session.platform.faults(text))
    if fault:
        raise _incomplete(session, command, fault)
    return text


def _incomplete(session: Session, command: str, why: str) -> IncompleteOutput:
    return IncompleteOutput(
        f"the answer to {command} is not whole: {why}",
        where=session.router,
        remedy="try again; nothing of it is used",
    )
