"""The agent's one error tree; each error says what is wrong, where, and what to do.

AgentError
├── Refused               a rule, a check or a precondition says no; nothing was changed        exit 1
├── ConfigurationProblem  the installation or spokesman.toml cannot be used                      exit 1
├── ArchiveDamaged        an archived configuration is not what was stored                       exit 1
├── DeviceError           a device could not be used; nothing was changed                        exit 3
│   ├── Unreachable · AuthenticationRefused · HostKeyRefused · DeviceBusy
│   ├── DeviceTimeout ── CommitOutcomeUnknown: a change was sent and no answer came
│   └── IncompleteOutput · CommandRejected ── NothingPending · DiskFull · WrongDevice
├── RolledBack            something was changed, and every device is back on what it had        exit 4
└── Uncertain             a device's state is not known; ``commands`` a person should run        exit 5
    └── LeaseLost         somebody else took the change over while this process stood still
"""

from __future__ import annotations


class AgentError(Exception):
    """The root; ``where`` names the device, file or object, ``remedy`` what a person can do."""

    exit_code = 1

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        self.message = message
        self.where = where
        self.remedy = remedy
        super().__init__(message)

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text} -> {self.remedy}" if self.remedy else text


class Refused(AgentError):
    """A rule, a check or a precondition says no; ``rule`` names it where there is one."""

    def __init__(self, message: str, *, where: str = "", remedy: str = "", rule: str = "") -> None:
        self.rule = rule
        super().__init__(f"{message} [{rule}]" if rule else message, where=where, remedy=remedy)


class ConfigurationProblem(AgentError):
    """The installation or spokesman.toml cannot be used as it is."""


class ArchiveDamaged(AgentError):
    """An archived configuration is not what was stored."""


class DeviceError(AgentError):
    """A device could not be used as asked; nothing was changed on it."""

    exit_code = 3


class Unreachable(DeviceError):
    """Nothing answers at the device's management address."""


class AuthenticationRefused(DeviceError):
    """The device refused the login."""


class HostKeyRefused(DeviceError):
    """The device's host key is unknown or is not the one that was enrolled."""


class DeviceTimeout(DeviceError):
    """The device stopped answering in the middle of something."""


class CommitOutcomeUnknown(DeviceTimeout):
    """A change, its confirmation or its revert was sent and no answer came: only the device knows what it did.

    The transaction decides: a timed change that nobody confirms is taken back by the device itself.
    """


class DeviceBusy(DeviceError):
    """The device is applying or reverting a change, or one waits on it: what was asked for was not done.

    The session goes on; whoever waits for the device asks again until its own time is over.
    """


class IncompleteOutput(DeviceError):
    """What the device sent is not all of it; it is not used."""


class CommandRejected(DeviceError):
    """The device rejected a line; ``message`` holds the line and the device's words, without secrets."""


class NothingPending(CommandRejected):
    """No timed change waits on the device: it was confirmed, or the device has taken it back."""


class DiskFull(DeviceError):
    """There is no room on the device's flash or disk for the candidate."""


class WrongDevice(DeviceError):
    """The device that answers is not the one that was enrolled (serial number or name)."""


class RolledBack(AgentError):
    """Something was changed and has been taken back: every device is on what it had."""

    exit_code = 4


class Uncertain(AgentError):
    """The state of a device is not known; ``commands`` are what a person should run."""

    exit_code = 5

    def __init__(self, message: str, *, where: str = "", commands: tuple[str, ...] = ()) -> None:
        self.commands = commands
        super().__init__(message, where=where, remedy="run: " + "; ".join(commands) if commands else "")


class LeaseLost(Uncertain):
    """Somebody else took the change over while this process stood still; this one no longer touches a device."""
