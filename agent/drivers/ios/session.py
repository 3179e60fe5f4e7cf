"""A session at an IOS device's terminal: commands, and configurations that are read to their end."""

from __future__ import annotations

from dataclasses import dataclass

from agent.drivers.checks import printable
from agent.drivers.ios import reading
from agent.drivers.ios.connection import IosConnection
from agent.drivers.ios.driver import Ios
from agent.drivers.session import Session
from agent.errors import CommandRejected


@dataclass(frozen=True)
class IosSession(Session):
    """One IOS-XE router's open session."""

    driver: Ios
    connection: IosConnection

    @property
    def sender(self) -> Ios:
        """What tells whether a change went out."""
        return self.driver

    def ask(self, command: str, limit_s: float | None = None) -> str:
        """The answer to one exec command, printable."""
        self.connection.renew_allowance()
        answer = str(self.connection.send_command(command, read_timeout=limit_s or self.limits.command_s))
        return printable(answer)

    def refuse_rejected(self, answer: str, doing: str) -> None:
        """CommandRejected with the device's words, secrets hidden, if ``answer`` says no."""
        if reading.REJECTION.search(answer):
            words = self.hidden(reading.rejection(answer))
            raise CommandRejected(f"the device rejected {doing}: {words}", where=self.router, remedy="see the device")

    def configuration(self, command: str) -> str:
        """The whole configuration that ``command`` shows, in the form that ``configure replace`` takes."""
        return self.whole(command, lambda: self._one_reading(command))

    def _one_reading(self, command: str) -> str:
        """One reading, which ends in ``end`` and a prompt, and has the size that the device states."""
        connection, limit = self.connection, self.limits.configuration_s
        connection.renew_allowance()
        output = str(connection.send_command(command, read_timeout=limit, strip_prompt=False))
        self.refuse_rejected(output[:400], command)
        while not reading.ends_whole(output, connection.base_prompt):
            more = connection.rest(self.limits.quiet_s, limit)
            if not more:
                raise self.incomplete(command, "its last line, end, is missing")
            output += more
        shown = reading.configuration(reading.without_prompt(output))
        fault = reading.size_fault(shown)
        if fault:
            raise self.incomplete(command, fault)
        return shown.text
