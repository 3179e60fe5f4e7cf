"""A session with one IOS-XE router as provisioning and diagnostics use it: every change is judged by its outcome."""

from __future__ import annotations

from math import ceil
from tempfile import TemporaryFile

from napalm.base.exceptions import ReplaceConfigException

from agent.drivers import failures
from agent.drivers.ios import reading
from agent.drivers.ios.certificates import certify
from agent.drivers.ios.driver import CANDIDATE, FILE_PREFIX, FLASH
from agent.drivers.ios.session import IosSession
from agent.errors import (
    CommandRejected,
    CommitOutcomeUnknown,
    DeviceError,
    IncompleteOutput,
    NothingPending,
)
from agent.provisioning.ports import DeviceFacts, PingResult

#: The longest revert timer of IOS, in minutes.
_MOST_MINUTES = 120


class IosDevice:
    """Implements ``agent.provisioning.ports.Device`` over NAPALM's IOS driver and its Netmiko connection."""

    def __init__(self, session: IosSession) -> None:
        self._session = session
        self._driver = session.driver
        self._limits = session.limits
        self._router = session.router

    def close(self) -> None:
        """End the session."""
        self._session.close()

    def facts(self) -> DeviceFacts:
        """Host name, serial number, model, version and uptime, from ``show version``."""
        with self._session.step("show version", self._limits.command_s):
            return reading.facts(self._session.ask("show version"))

    def running_config(self) -> str:
        """The running configuration, read until two readings agree, in the form that ``configure replace`` takes."""
        return self._session.configuration("show running-config")

    def startup_config(self) -> str:
        """The saved configuration, proved in the same way."""
        return self._session.configuration("show startup-config")

    def pending_revert(self) -> bool:
        """Whether a timed change, of whomever, waits for confirmation."""
        with self._session.step("show archive config rollback timer", self._limits.command_s):
            return self._driver.pending_user() is not None

    def load_replace(self, candidate: str) -> None:
        """Put the candidate on flash and prove it by MD5; DiskFull before anything is sent."""
        data = (candidate if candidate.endswith("\n") else candidate + "\n").encode()
        with self._session.step("the upload of the candidate", self._limits.transfer_s):
            # IOS also keeps a copy of the running configuration on flash while the change is on trial.
            if reading.free_bytes(self._session.ask(f"dir {FLASH}")) < 2 * len(data) + 65_536:
                raise failures.disk_full(self._router, f"a candidate of {len(data)} bytes and the device's own copy")
            with TemporaryFile() as file:  # it has no name, so that no crash leaves secrets behind
                file.write(data)
                file.flush()
                try:
                    self._driver.load_replace_candidate(filename=f"/dev/fd/{file.fileno()}")
                except ReplaceConfigException as error:
                    raise self._not_loaded(str(error)) from None

    def compare(self) -> str:
        """The device's own words on what the replace would change; empty: nothing."""
        with self._session.step("the comparison", self._limits.command_s):
            differences = str(self._driver.compare_config())
            self._session.refuse_rejected(differences, "the comparison")
            return differences

    def commit(self, revert_in_s: int) -> None:
        """Run the timed replace, rounded up to whole minutes, and prove that the timer runs.

        CommandRejected: the device had something against it and is on what it was. CommitOutcomeUnknown: it was sent
        and the device has not answered; it reverts by itself if it did the change.
        """
        minutes = max(1, ceil(revert_in_s / 60))
        if minutes > _MOST_MINUTES:
            raise self._rejected(f"a change waits at most {_MOST_MINUTES} minutes", "use a shorter time")
        with self._session.change("configure replace"):
            user = self._driver.pending_user()
            if user is not None:
                raise self._rejected(
                    f"a timed change of user {user} waits for confirmation", "let it be confirmed or reverted first"
                )
            failed = self._replace(minutes)
            if failed:
                self._take_back()
                raise self._rejected(
                    f"the device rejected the change and is back on what it had: {self._session.hidden(failed)}",
                    "correct the line that it names; spokesman explain says where it comes from",
                )
            if self._driver.pending_user() is None:
                raise CommitOutcomeUnknown(
                    "the change was sent, and no revert timer runs",
                    where=self._router,
                    remedy="compare the running configuration with the archive",
                )

    def confirm(self) -> None:
        """Keep the change, prove that the timer is gone, save, and prove that it is saved."""
        self._end_pending("configure confirm")
        self.save()

    def save(self) -> None:
        """Save running to startup and prove that both are equal."""
        with self._session.step("write memory", self._limits.change_s):
            answer = self._driver.run("write memory")
            self._session.refuse_rejected(answer, "write memory")
            if "[OK]" not in answer:
                raise IncompleteOutput("the device does not say that it saved", where=self._router, remedy="try again")
        as_saved = self._session.platform.as_saved
        if as_saved(self.startup_config()) != as_saved(self.running_config()):
            raise IncompleteOutput(
                "what is saved is not what runs", where=self._router, remedy="save again; somebody may be changing it"
            )

    def revert_now(self) -> None:
        """Take the pending change back and prove that it does not wait any more; startup is left as it is."""
        self._end_pending("configure revert now")

    def discard(self) -> None:
        """Delete our files from flash, and prove it; none there is fine."""
        with self._session.step("the removal of the candidate", self._limits.command_s):
            for name in self._own_files():
                self._session.ask(f"delete /force {FLASH}/{name}")
            left = self._own_files()
            if left:
                raise self._rejected(
                    f"{', '.join(left)} holds secrets and cannot be deleted from flash",
                    f"run on the device: delete /force {FLASH}/{CANDIDATE}",
                )

    def ping(self, address: str, *, vrf: str = "", source: str = "", count: int = 5) -> PingResult:
        """Ping from the device; CommandRejected for what is not an address, VRF, interface or count."""
        try:
            command = reading.ping_command(address, vrf, source, count)
        except ValueError as error:
            raise self._rejected(f"ping: {error}", "correct it") from None
        limit_s = self._limits.command_s + 2 * count
        with self._session.step("ping", limit_s):
            answer = self._session.ask(command, limit_s)
            self._session.refuse_rejected(answer, command)
            return reading.ping_result(answer)

    def show(self, command: str) -> str:
        """The output of one ``show`` command; whatever else it could do is refused."""
        if not reading.may_show(command):
            raise self._rejected(
                f"only read-only show commands are sent, this is not one: {command[:80]!r}",
                "leave out output to files, second commands and help",
            )
        with self._session.step(command, self._limits.configuration_s):
            answer = self._session.ask(command, self._limits.configuration_s)
            self._session.refuse_rejected(answer, command)
            return answer

    def snmp_users(self) -> frozenset[str]:
        """The SNMPv3 users that exist, each with what protects it."""
        return reading.snmp_users(self.show("show snmp user"))

    def set_snmp_user(self, line: str) -> None:
        """Create an SNMPv3 user and prove that it is protected as asked; ``confirm`` or ``save`` makes it last."""
        words = line.split()
        if words[:2] != ["snmp-server", "user"] or len(words) < 4 or not line.isprintable() or "?" in line:
            raise self._rejected(
                "this is not one snmp-server user line", "take SNMP secrets without blanks and question marks"
            )
        with self._session.step("snmp-server user", self._limits.command_s):
            answer = str(self._session.connection.send_config_set([line]))
            if reading.REJECTION.search(answer):
                raise self._rejected(f"the device rejected the SNMP user {words[2]}", "check its credentials")
        wanted = reading.asked_user(line)
        if wanted not in self.snmp_users():
            raise self._rejected(f"there is no SNMP user {wanted} after it was created", "create it by hand")

    def certify(self, trustpoint: str) -> bool:
        """One step towards the certificate of a trustpoint; True once the router has it."""
        return certify(self._session, trustpoint)

    def _replace(self, minutes: int) -> str:
        """Run the replace; why the device does not like it, empty if it does."""
        try:
            self._driver.commit_config(revert_in=minutes * 60)
        except ReplaceConfigException:
            return reading.replace_failure(self._driver.answer) or "the device does not say why"
        return reading.replace_failure(self._driver.answer)

    def _take_back(self) -> None:
        """After a rejected replace: the device has reverted, or does so now."""
        if self._driver.pending_user() is None:
            return
        self._driver.run("configure revert now")
        if self._driver.pending_user() is not None:
            raise CommitOutcomeUnknown(
                "the device rejected the change, and it still waits to be reverted",
                where=self._router,
                remedy="run on the device: configure revert now",
            )

    def _end_pending(self, command: str) -> None:
        """Confirm or revert our own timed change, and prove that it does not wait any more."""
        with self._session.change(command):
            user = self._driver.pending_user()
            if user is None:
                raise NothingPending(
                    "no timed change waits on the device",
                    where=self._router,
                    remedy="compare the running configuration with the archive",
                )
            if user != self._driver.username:
                raise self._rejected(f"the change that waits is of user {user}, not ours", f"ask {user}")
            self._session.refuse_rejected(self._driver.run(command), command)
            if self._driver.pending_user() is not None:
                raise self._rejected(f"the change still waits after {command}", "look at the device")

    def _not_loaded(self, reason: str) -> DeviceError:
        if "space" in reason.lower():
            return failures.disk_full(self._router, "the candidate")
        return IncompleteOutput(
            "the candidate did not arrive whole on flash", where=self._router, remedy="try again; nothing was changed"
        )

    def _own_files(self) -> tuple[str, ...]:
        return reading.listed_files(self._session.ask(f"dir {FLASH}"), FILE_PREFIX)

    def _rejected(self, what: str, remedy: str) -> CommandRejected:
        return CommandRejected(what, where=self._router, remedy=remedy)
