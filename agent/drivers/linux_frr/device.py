"""A session with one linux_frr router as provisioning and diagnostics use it: every change is judged by its outcome."""

from __future__ import annotations

import json
import re

from agent.drivers.checks import ping_target, printable
from agent.drivers.linux_frr import wire
from agent.drivers.linux_frr.session import RUNNING, STARTUP, LinuxSession
from agent.errors import CommandRejected, CommitOutcomeUnknown, DeviceBusy, IncompleteOutput
from agent.provisioning.ports import DeviceFacts, PingResult

#: A topic and its arguments; the router knows which there are.
_SHOW = re.compile(r"[a-z][a-z-]{0,30}(?: [A-Za-z0-9][A-Za-z0-9._:/-]{0,63}){0,4}")

#: What runs is committed as it is; nothing is looked at before it is confirmed.
_SAVING_S = 60


class LinuxDevice:
    """Implements ``agent.provisioning.ports.Device`` over the NAPALM driver of this platform."""

    def __init__(self, session: LinuxSession) -> None:
        self._session = session
        self._driver = session.driver
        self._program = session.program
        self._limits = session.limits
        self._router = session.router

    def close(self) -> None:
        """End the session."""
        self._session.close()

    def facts(self) -> DeviceFacts:
        """Host name, serial number, model, version and uptime."""
        with self._session.step("facts", self._limits.command_s):
            return self._program.facts()

    def running_config(self) -> str:
        """The document of what runs, whole by its own digest."""
        return self._session.once(RUNNING, lambda: self._driver.get_config("running")["running"])

    def startup_config(self) -> str:
        """The document that a restart applies, proved in the same way; empty where none was confirmed."""
        with self._session.step(STARTUP, self._limits.configuration_s):
            text = self._driver.get_config("startup")["startup"]
        return self._session.once(STARTUP, lambda: text) if text else ""

    def pending_revert(self) -> bool:
        """Whether a timed change, of whomever, waits for confirmation."""
        with self._session.step("pending", self._limits.command_s):
            return self._driver.has_pending_commit()

    def load_replace(self, candidate: str) -> None:
        """Put the candidate beside what runs and prove it by its digest; DiskFull where there is no room."""
        with self._session.step("the candidate", self._limits.transfer_s):
            self._driver.load_replace_candidate(config=candidate)

    def compare(self) -> str:
        """The router's own words on what the replace would change; empty: nothing."""
        with self._session.step("the comparison", self._limits.configuration_s):
            return printable(self._driver.compare_config())

    def commit(self, revert_in_s: int) -> None:
        """Apply the whole candidate with a timer, and prove that the timer runs.

        CommandRejected: the router had something against it, as that somebody else has loaded another candidate since,
        and is on what it was. DeviceBusy: it is making or reverting another change. CommitOutcomeUnknown: it was sent
        and the router has not answered; it reverts by itself if it did the change.
        """
        with self._session.change("the change"):
            waiting = self._program.pending()
            if waiting is not None:
                raise self._rejected(
                    f"a timed change of user {printable(waiting.user)} waits for confirmation",
                    "let it be confirmed or reverted first",
                )
            self._driver.commit_config(revert_in=revert_in_s)
            if not self._ours(self._program.pending()):
                raise CommitOutcomeUnknown(
                    "the change was sent, and no revert timer of ours runs",
                    where=self._router,
                    remedy="compare the running configuration with the archive",
                )

    def confirm(self) -> None:
        """Keep the change, prove that the timer is gone, and that a restart applies what runs."""
        with self._session.change("confirm"):
            self._refuse_other_user()
            self._driver.confirm_commit()
            self._prove_ended("confirm")
        self._prove_saved()

    def save(self) -> None:
        """Make a restart apply what runs, and prove it; after a confirmed change it does so already."""
        running = self.running_config()
        if self._as_saved(self.startup_config()) != self._as_saved(running):
            self.load_replace(running)
            self.commit(_SAVING_S)
            self.confirm()

    def revert_now(self) -> None:
        """Take the pending change back and prove that it does not wait any more."""
        with self._session.change("revert"):
            self._refuse_other_user()
            self._program.revert()
            self._prove_ended("revert")

    def discard(self) -> None:
        """Remove the candidate, which holds secrets; none there is fine."""
        with self._session.step("the removal of the candidate", self._limits.command_s):
            self._driver.discard_config()

    def ping(self, address: str, *, vrf: str = "", source: str = "", count: int = 5) -> PingResult:
        """Ping from the front door, or with ``vrf`` from inside a VPN; CommandRejected for what is no address."""
        try:
            target = ping_target(address, vrf, source, count)
        except ValueError as error:
            raise self._rejected(f"ping: {error}", "correct it") from None
        with self._session.step("ping", self._limits.command_s + 2 * count):
            return self._program.ping(str(target), vrf, source, count)

    def show(self, command: str) -> str:
        """JSON text of one topic, by ``topic [argument …]``; the router refuses one that it does not have."""
        if not _SHOW.fullmatch(command):
            raise self._rejected(
                f"only a topic and its arguments are sent, this is not one: {command[:80]!r}", "use a topic, as bgp"
            )
        with self._session.step(command, self._limits.configuration_s):
            return _as_json(self._program.show(command))

    def snmp_users(self) -> frozenset[str]:
        """None: the document has them all."""
        return frozenset()

    def set_snmp_user(self, line: str) -> None:  # noqa: ARG002 - the Protocol's
        """CommandRejected: users are in the document and change with it."""
        raise self._rejected("SNMP users are not set apart from the configuration", "put them into the inventory")

    def certify(self, trustpoint: str) -> bool:  # noqa: ARG002 - the Protocol's
        """True: certificates are in the document; there is nothing to enrol."""
        return True

    def _refuse_other_user(self) -> None:
        waiting = self._program.pending()
        if waiting is not None and not waiting.user:
            raise DeviceBusy("the router is going back by itself", where=self._router, remedy="wait, then try again")
        if waiting is not None and not self._ours(waiting):
            user = printable(waiting.user)
            raise self._rejected(f"the change that waits is of user {user}, not ours", f"ask {user}")

    def _ours(self, waiting: wire.Pending | None) -> bool:
        return waiting is not None and waiting.user == self._driver.username

    def _prove_ended(self, doing: str) -> None:
        if self._program.pending() is not None:
            raise self._rejected(f"the change still waits after {doing}", "look at the device")

    def _prove_saved(self) -> None:
        if self._as_saved(self.startup_config()) != self._as_saved(self.running_config()):
            raise IncompleteOutput(
                "what a restart applies is not what runs", where=self._router, remedy="somebody may be changing it"
            )

    def _as_saved(self, text: str) -> str:
        return self._session.platform.as_saved(text)

    def _rejected(self, what: str, remedy: str) -> CommandRejected:
        return CommandRejected(what, where=self._router, remedy=remedy)


def _as_json(text: str) -> str:
    """JSON in lines, all of it printable; ValueError for what is none."""
    return json.dumps(wire.shown(text), indent=1)
