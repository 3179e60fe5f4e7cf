"""NAPALM's driver for Linux with FRRouting: ``napalm.get_network_driver("linux_frr")``.

It needs nothing else of the agent: a host name, a login and ``optional_args``. The configuration is the router's one
text (the document), and a change is applied by the router itself, the whole set of files or none; a timed change is
taken back by the router though this session be dead.

``optional_args``: ``port`` (22); ``host_key`` (``ssh-… base64``: the only one that is accepted; without it those of the
user's known_hosts); ``change_timeout`` in seconds (180), for what changes something; ``keepalive`` in seconds (15).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from napalm.base.base import NetworkDriver
from napalm.base.exceptions import (
    CommandErrorException,
    CommandTimeoutException,
    CommitConfirmException,
    CommitError,
    ConnectAuthError,
    ConnectionClosedException,
    ConnectionException,
    ConnectTimeoutError,
    MergeConfigException,
    NapalmException,
    ReplaceConfigException,
)
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoBaseException
from paramiko.ssh_exception import BadHostKeyException, SSHException

from agent.drivers.linux_frr import getters
from agent.drivers.linux_frr.connection import SubsystemConnection
from agent.drivers.linux_frr.program import Program
from agent.drivers.linux_frr.wire import Refusal
from agent.drivers.ssh import Deadline, SubsystemRefused, parsed_key
from device_templates.platform import platform_text

#: How long a change that is not to be taken back may wait for its own confirmation: a lost session undoes it.
_UNCONFIRMED_S = 120


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
        self._before = ""

    def open(self) -> None:
        """Connect; ConnectAuthError, ConnectTimeoutError, ConnectionException."""
        where = f"{self.hostname} port {self._port}"
        try:
            key = parsed_key(self._host_key) if self._host_key else None
        except ValueError:
            raise ConnectionException("host_key is not an SSH host key") from None
        times = dict.fromkeys(("conn_timeout", "banner_timeout", "auth_timeout", "blocking_timeout"), self.timeout)
        connection = SubsystemConnection(
            self.hostname,
            self._port,
            key,
            username=self.username,
            password=self.password,
            keepalive=self._keepalive_s,
            **times,
        )
        try:
            with Deadline(self.timeout, connection.cut) as deadline:
                connection.connect()
        except (NetmikoBaseException, SSHException, OSError, EOFError) as error:
            connection.cut()
            connection.disconnect()
            raise _not_connected(error, where, deadline.expired) from error
        self.program = Program(connection, self.timeout, self._change_s)

    def close(self) -> None:
        """End the session; a timed change that waits is left to the router."""
        if self.program is not None:
            self.program.connection.cut()
            self.program.connection.disconnect()
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
        """BGP neighbours by VPN, which is what NAPALM calls a VRF."""
        with self._asked() as program:
            return getters.bgp_neighbors(program.show("bgp"))

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
        """Apply what was loaded, the whole of it; CommitError: the router is on what it was.

        With ``revert_in`` seconds the router takes it back unless it is confirmed. Without, it is confirmed here, at
        once: a change that cuts this session off does not last.
        """
        if not self._candidate:
            raise CommitError("no candidate was loaded")
        with self._asked(CommitError) as program:
            before = program.running()
            program.commit(_UNCONFIRMED_S if revert_in is None else revert_in, self.username, message)
            self._before, self._candidate = before, ""
        if revert_in is None:
            self.confirm_commit()

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
        """Take a change back: the one that waits, or else the last one of this session."""
        with self._asked(CommitConfirmException) as program:
            waits = program.pending() is not None
            if waits:
                program.revert()
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
            program.load(text, mode)
        self._candidate = text

    @contextmanager
    def _asked(self, failure: type[NapalmException] = CommandErrorException) -> Iterator[Program]:
        """The program, and NAPALM's exceptions for what it raises; ``failure`` where it refuses or talks nonsense."""
        if self.program is None:
            raise ConnectionClosedException("the session is not open")
        try:
            yield self.program
        except TimeoutError as error:
            raise CommandTimeoutException(str(error)) from error
        except EOFError as error:
            raise ConnectionClosedException(str(error)) from error
        except Refusal as refusal:
            raise failure(refusal.words) from refusal
        except ValueError as error:
            raise failure(f"what came is no answer: {error}") from error


def _not_connected(error: Exception, where: str, late: bool) -> ConnectionException:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BadHostKeyException):
            return ConnectionException(f"{where} answers with another host key than the accepted one")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, NetmikoAuthenticationException):
        return ConnectAuthError(f"{where} refuses the user name or password")
    if late:
        return ConnectTimeoutError(f"{where} does not finish the login")
    if isinstance(error, SubsystemRefused):
        return ConnectionException(f"{where} has no subsystem {error}")
    return ConnectionException(f"no SSH service answers at {where}, or none with a known host key")
