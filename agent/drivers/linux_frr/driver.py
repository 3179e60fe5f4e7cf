"""NAPALM's driver for Linux with FRRouting: ``napalm.get_network_driver("linux_frr")``.

It needs nothing else of the agent: a host name, a login and ``optional_args``. The configuration is the router's one
text (the document), and a change is applied by the router itself, the whole set of files or none; a timed change is
taken back by the router though this session be dead.

``optional_args``: ``port`` (22); ``host_key`` (``ssh-… base64``: the only one that is accepted; without it those of the
user's known_hosts); ``change_timeout`` in seconds (180), for what changes something; ``keepalive`` in seconds (15).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from napalm.base.base import NetworkDriver
from napalm.base.exceptions import (
    CommandErrorException,
    CommitConfirmException,
    CommitError,
    ConnectionClosedException,
    ConnectionException,
    MergeConfigException,
    NapalmException,
    ReplaceConfigException,
)

from agent.drivers.linux_frr import getters
from agent.drivers.linux_frr.login import Login, told
from agent.drivers.linux_frr.program import Program
from agent.drivers.linux_frr.wire import Refusal
from device_templates.platform import platform_text

#: How long a change that is not to be taken back may wait for its own confirmation: a lost session undoes it.
_UNCONFIRMED_S = 120
#: How long the way in to a changed router is tried for, at most.
_WAY_IN_S = 60


class LinuxFrrDriver(NetworkDriver):
    """Reads and changes a router; errors are NAPALM's, each with its cause: a ``Refusal`` where the router refused.

    ``program`` is what a session talks to, None where there is none.
    """

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: Mapping[str, Any] | None = None,
    ) -> None:
        options = dict(optional_args or {})
        self.hostname = hostname
        self.username = username
        self.password = password
        self.timeout = timeout
        self.platform = "linux_frr"
        self.program: Program | None = None
        self._port = int(options.get("port", 22))
        self._host_key = str(options.get("host_key", ""))
        self._change_s = float(options.get("change_timeout", 180))
        self._keepalive_s = int(options.get("keepalive", 15))
        self._candidate = ""
        self._digest = ""
        self._before: str | None = ""

    def open(self) -> None:
        """Connect; ConnectAuthError, ConnectTimeoutError, ConnectionException."""
        self.program = self._login().opened(self.timeout)

    def close(self) -> None:
        """End the session; a timed change that waits is left to the router."""
        if self.program is not None:
            self.program.end()
            self.program = None

    def is_alive(self) -> dict[str, bool]:
        """Whether the session is still there."""
        return {"is_alive": self.program is not None and self.program.connection.is_alive()}

    def cli(self, commands: list[str], encoding: str = "text") -> dict[str, str]:
        """What the router shows, as JSON text, by ``topic [argument …]``, as ``bgp`` or ``tunnels``."""
        if encoding != "text":
            raise NotImplementedError(f"encoding {encoding}: a topic is shown as text that holds JSON")
        with self._asked() as program:
            return {command: program.show(command) for command in commands}

    def get_config(
        self,
        retrieve: str = "all",
        full: bool = False,  # noqa: ARG002 - NAPALM's own; a document is always full
        sanitized: bool = False,
        format: str = "text",
    ) -> dict[str, str]:
        """Documents: what runs, what a restart applies, and what was loaded and is not committed."""
        if format != "text":
            raise NotImplementedError(f"format {format}: a configuration is a text")
        with self._asked() as program:
            read: dict[str, Callable[[], str]] = {
                "running": program.running,
                "startup": program.startup,
                "candidate": lambda: self._candidate,
            }
            config = {name: source() if retrieve in (name, "all") else "" for name, source in read.items()}
        if sanitized:
            redact = platform_text("linux_frr").redact
            config = {name: redact(text) for name, text in config.items()}
        return config

    def get_facts(self) -> dict[str, Any]:
        """Who the router is."""
        with self._asked() as program:
            return getters.facts(program.facts(), program.show("interfaces"))

    def get_interfaces(self) -> dict[str, dict[str, Any]]:
        """Interfaces of the front door and of every VPN."""
        with self._asked() as program:
            return getters.interfaces(program.show("interfaces"))

    def get_interfaces_ip(self) -> dict[str, dict[str, dict[str, dict[str, int]]]]:
        """Their addresses."""
        with self._asked() as program:
            return getters.addresses(program.show("interfaces"))

    def get_bgp_neighbors(self) -> dict[str, dict[str, Any]]:
        """BGP neighbours by VPN, which is what NAPALM calls a VRF.

        CommandErrorException where the BGP of a VPN does not answer: its neighbours are then not known, and a VPN that
        was left out would look like one without any. ``cli(["bgp VPN"])`` shows the others.
        """
        with self._asked() as program:
            shown = program.show("bgp")
        try:
            return getters.bgp_neighbors(shown)
        except ValueError as error:
            raise CommandErrorException(str(error)) from error

    def load_replace_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Put a whole document beside what runs."""
        self._load("replace", filename, config, ReplaceConfigException)

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Put a document of some files beside what runs: they replace those files; lines of FRR are added."""
        self._load("merge", filename, config, MergeConfigException)

    def compare_config(self) -> str:
        """The unified difference from what runs to what was loaded."""
        with self._asked() as program:
            return program.compare() if self._candidate else ""

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Apply what this session loaded, the whole of it; CommitError: the router is on what it was, or goes back.

        With ``revert_in`` seconds the router takes it back unless it is confirmed. Without, it is confirmed here, over
        a new connection that this session goes on with: a change that cuts this session off does not last, nor one
        after which nobody gets in any more within ``timeout`` (60 seconds at most), which is reverted.

        Where the router cannot tell what runs, as with its FRR dead, it is changed all the same: a later ``rollback``
        goes back to what a restart would have applied, and raises CommitError where there was nothing of that either.
        """
        if not self._candidate:
            raise CommitError("no candidate was loaded")
        with self._asked(CommitError) as program:
            before = _way_back(program)
            seconds = _UNCONFIRMED_S if revert_in is None else revert_in
            program.commit(seconds, self.username, self._digest, message)
            self._before, self._candidate = before, ""
        if revert_in is None:
            self._confirm_anew()

    def has_pending_commit(self) -> bool:
        """Whether a timed change, of whomever, waits for confirmation."""
        with self._asked(CommitConfirmException) as program:
            return program.pending() is not None

    def confirm_commit(self) -> None:
        """Keep the timed change, now and after a restart."""
        with self._asked(CommitConfirmException) as program:
            program.confirm(self.username)

    def discard_config(self) -> None:
        """Remove what was loaded from the router."""
        with self._asked() as program:
            program.discard()
        self._candidate = ""

    def rollback(self) -> None:
        """Take a change back: the one that waits, or else the last one of this session.

        CommitError where it is not known what was before that one.
        """
        with self._asked(CommitConfirmException) as program:
            waits = program.pending() is not None
            if waits:
                program.revert()
        if not waits and self._before is None:
            raise CommitError("the router could not tell what it had before the change: load a configuration instead")
        if not waits and self._before:
            self._load("replace", None, self._before, ReplaceConfigException)
            self.commit_config()
        self._before = ""

    def _load(self, mode: str, filename: str | None, config: str | None, failure: type[NapalmException]) -> None:
        if filename is None and config is None:
            raise failure("neither a file nor a text to load")
        try:
            text = config or "" if filename is None else Path(filename).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise failure(f"{filename} cannot be read") from None
        text = text if text.endswith("\n") else f"{text}\n"
        with self._asked(failure) as program:
            self._digest = program.load(text, mode)
        self._candidate = text

    def _confirm_anew(self) -> None:
        """Keep the change that waits, over a connection that is made now; CommitError: it was taken back."""
        try:
            fresh = self._login().opened_again(min(self.timeout, _WAY_IN_S))
        except ConnectionException as error:
            raise self._taken_back(f"nobody gets in any more: {error}") from error
        try:
            with told(CommitConfirmException):
                fresh.confirm(self.username)
        except NapalmException as error:
            fresh.end()
            raise self._taken_back(f"it could not be confirmed over a new connection: {error}") from error
        self.close()
        self.program = fresh

    def _taken_back(self, why: str) -> CommitError:
        """What to raise once the change that waits was reverted over the session that made it."""
        try:
            with self._asked(CommitError) as program:
                program.revert()
        except NapalmException as error:
            return CommitError(
                f"{why}; this session could not revert it ({error}): the router does in {_UNCONFIRMED_S} s unless it "
                "was confirmed; compare then what it runs"
            )
        self._before = ""
        return CommitError(f"{why}; the change was reverted")

    def _login(self) -> Login:
        return Login(
            self.hostname,
            self._port,
            self._host_key,
            self.username,
            self.password,
            keepalive_s=self._keepalive_s,
            quick_s=self.timeout,
            change_s=self._change_s,
        )

    @contextmanager
    def _asked(self, failure: type[NapalmException] = CommandErrorException) -> Iterator[Program]:
        """The program, and NAPALM's exceptions for what it raises; ``failure`` where it refuses or talks nonsense."""
        if self.program is None:
            raise ConnectionClosedException("the session is not open")
        with told(failure):
            yield self.program


def _way_back(program: Program) -> str | None:
    """What runs; where the router cannot tell, what a restart applies; None where it has not that either."""
    try:
        return program.running()
    except Refusal as refusal:
        if refusal.kind == "pending":  # nor will it take a change now
            raise
    with suppress(Refusal):
        return program.startup() or None
    return None
