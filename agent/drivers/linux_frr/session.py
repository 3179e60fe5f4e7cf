"""A session with the program of a linux_frr router: what its refusals mean to the agent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from napalm.base.exceptions import NapalmException

from agent.drivers import failures
from agent.drivers.linux_frr.driver import LinuxFrrDriver
from agent.drivers.linux_frr.program import Program
from agent.drivers.linux_frr.wire import Refusal
from agent.drivers.session import Session
from agent.errors import (
    CommandRejected,
    CommitOutcomeUnknown,
    DeviceBusy,
    DeviceError,
    IncompleteOutput,
    NothingPending,
)

#: Steps that read a configuration: one that cannot be told may well be later, as when FRR has started again.
READINGS = RUNNING, STARTUP = ("running", "startup")
#: What is told of a refusal by its kind, and what a person can do.
_REFUSED = {
    "refused": ("the router refuses {}", "correct what it names"),
    "rejected": (
        "the router rejected {} and is on what it had",
        "correct the line that it names; spokesman explain says where it comes from",
    ),
    "failed": ("the router could not do {}; it is on what it had", "see its log"),
}


@dataclass(frozen=True)
class LinuxSession(Session):
    """One router's open session."""

    driver: LinuxFrrDriver
    program: Program

    @property
    def sender(self) -> Program:
        """What tells whether a change went out."""
        return self.program

    @contextmanager
    def step(self, doing: str, limit_s: float) -> Iterator[None]:
        """As every step; a refusal is no failure of the session."""
        with super().step(doing, limit_s):
            try:
                yield
            except (NapalmException, Refusal, ValueError) as error:
                cause = error.__cause__ if isinstance(error, NapalmException) else error
                if isinstance(cause, Refusal):
                    raise self._meaning(cause, doing) from None
                if isinstance(cause, ValueError):
                    raise IncompleteOutput(
                        f"the answer to {doing} is not understood: {self.hidden(str(cause))}",
                        where=self.router,
                        remedy="try again; nothing of it is used",
                    ) from None
                raise

    def _meaning(self, refusal: Refusal, doing: str) -> DeviceError:
        words = self.hidden(refusal.words).replace("\n", " / ").strip(" /") or "it does not say why"
        if refusal.kind == "nothing_pending":
            return NothingPending(
                "no timed change waits on the device",
                where=self.router,
                remedy="compare the running configuration with the archive",
            )
        if refusal.kind == "pending":
            return DeviceBusy(
                f"the router puts {doing} off while another change is made, reverted or on trial: {words}",
                where=self.router,
                remedy="let that change end, then try again",
            )
        if refusal.kind == "failed" and doing in READINGS:
            return IncompleteOutput(
                f"the router cannot tell its {doing} configuration now: {words}",
                where=self.router,
                remedy="try again; if it stays so, see its log",
            )
        if refusal.kind == "failed" and "space" in words.lower():
            return failures.disk_full(self.router, doing, "its disk")
        if refusal.kind not in _REFUSED:  # "unknown", or a word that is not agreed
            return CommitOutcomeUnknown(
                f"the router does not know what became of {doing}: {words}",
                where=self.router,
                remedy="compare the running configuration with the archive",
            )
        what, remedy = _REFUSED[refusal.kind]
        return CommandRejected(f"{what.format(doing)}: {words}", where=self.router, remedy=remedy)
