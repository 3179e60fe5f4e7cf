"""NAPALM's driver for Linux with FRRouting: ``napalm.get_network_driver("linux_frr")``.

It needs nothing else of the agent: a host name, a login and ``optional_args``. The configuration is the router's one
text (the document), and a change is applied by the router itself, the whole set of files or none; a timed change is
taken back by the router though this session be dead.

``optional_args``: ``port`` (22); ``host_key`` (``ssh-… base64``: the only one that is accepted; without it those of the
user's known_hosts); ``change_timeout`` in seconds (180), for what changes something; ``keepalive`` in seconds (15).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

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

from agent.drivers.linux_frr import getters, wire
from agent.drivers.linux_frr.connection import SubsystemConnection
from agent.drivers.ssh import Deadline, SubsystemRefused, parsed_key
from agent.provisioning.ports import DeviceFacts, PingResult
from device_templates.platform import platform_text

T = TypeVar("T")
#: How long a change that is not to be taken back may wait for its own confirmation: a lost session undoes it.
_UNCONFIRMED_S = 120
_QUICK = frozenset({"facts", "pending", "show", "discard"})
_LOADED: Mapping[str, type[NapalmException]] = {"replace": ReplaceConfigException, "merge": MergeConfigException}


class LinuxFrrDriver(NetworkDriver):
    """Reads and changes a router; ``sent`` is set once a change went out. Errors are NAPALM's, each with its cause."""

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
        self.device: SubsystemConnection | None = None
        self.sent = False
        self._port = int(options.get("port", 22))
        self._host_key = str(options.get("host_key", ""))
        self._change_s = float(options.get("change_timeout", 180))
        self._keepalive_s = int(options.get("keepalive", 15))
        self._candidate = ""
        self._before = ""

    @classmethod
    def over(cls, connection: SubsystemConnection, username: str, patience_s: float) -> LinuxFrrDriver:
        """A driver over a session that is open already; whoever opened it bounds each step himself."""
        driver = cls(
            connection.host, username, "", timeout=ceil(patience_s), optional_args={"change_timeout": patience_s}
        )
        driver.device = connection
        return driver

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
        self.device = connection

    def close(self) -> None:
        """End the session; a timed change that waits is left to the router."""
        if self.device is not None:
            self.device.cut()
            self.device.disconnect()
            self.device = None

    def is_alive(self) -> dict[str, bool]:
        """Whether the session is still there."""
        return {"is_alive": self.device is not None and self.device.is_alive()}

    def cli(self, commands: list[str], encoding: str = "text") -> dict[str, str]:
        """What the router shows, as JSON text, by ``topic [argument …]``, as ``bgp`` or ``tunnels``."""
        if encoding != "text":
            raise NotImplementedError(f"encoding {encoding}: a topic is shown as text that holds JSON")
        return {command: self.show(command) for command in commands}

    def show(self, command: str) -> str:
        """What the router shows of one topic: the text of a JSON object."""
        topic, *arguments = command.split() or [""]
        return self._asked(wire.text, CommandErrorException, "show", topic=topic, args=arguments)

    def facts(self) -> DeviceFacts:
        """Host name, serial number, model, version and uptime."""
        return self._asked(wire.facts, CommandErrorException, "facts")

    def pinged(self, address: str, vpn: str, source: str, count: int) -> PingResult:
        """What became of ``count`` echoes to an address, from the front door or from inside a VPN."""
        return self._asked(
            wire.ping_result, CommandErrorException, "ping", address=address, vpn=vpn, source=source, count=count
        )

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
        read: dict[str, Callable[[], str]] = {
            "running": lambda: self._asked(wire.text, CommandErrorException, "running"),
            "startup": lambda: self._asked(wire.text, CommandErrorException, "startup"),
            "candidate": lambda: self._candidate,
        }
        config = {name: source() if retrieve in (name, "all") else "" for name, source in read.items()}
        if sanitized:
            redact = platform_text("linux_frr").redact
            config = {name: redact(text) for name, text in config.items()}
        return config

    def get_facts(self) -> dict[str, Any]:
        """Who the router is."""
        return getters.facts(self.facts(), self.show("interfaces"))

    def get_interfaces(self) -> dict[str, dict[str, Any]]:
        """Interfaces of the front door and of every VPN."""
        return getters.interfaces(self.show("interfaces"))

    def get_interfaces_ip(self) -> dict[str, dict[str, dict[str, dict[str, int]]]]:
        """Their addresses."""
        return getters.addresses(self.show("interfaces"))

    def get_bgp_neighbors(self) -> dict[str, dict[str, Any]]:
        """BGP neighbours by VPN, which is what NAPALM calls a VRF."""
        return getters.bgp_neighbors(self.show("bgp"))

    def load_replace_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Put a whole document beside what runs."""
        self._load("replace", filename, config)

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Put a document of some files beside what runs: they replace those files; lines of FRR are added."""
        self._load("merge", filename, config)

    def compare_config(self) -> str:
        """The unified difference from what runs to what was loaded."""
        if not self._candidate:
            return ""
        return self._asked(wire.text, CommandErrorException, "compare")

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Apply what was loaded, the whole of it; CommitError: the router is on what it was.

        With ``revert_in`` seconds the router takes it back unless it is confirmed. Without, it is confirmed here, at
        once: a change that cuts this session off does not last.
        """
        if not self._candidate:
            raise CommitError("no candidate was loaded")
        before = self._asked(wire.text, CommandErrorException, "running")
        seconds = _UNCONFIRMED_S if revert_in is None else revert_in
        self._change("commit", CommitError, revert_in_s=seconds, user=self.username, message=message)
        self._before, self._candidate = before, ""
        if revert_in is None:
            self.confirm_commit()

    def has_pending_commit(self) -> bool:
        """Whether a timed change, of whomever, waits for confirmation."""
        return self.pending() is not None

    def pending(self) -> wire.Pending | None:
        """The timed change that waits."""
        return self._asked(wire.pending, CommitConfirmException, "pending")

    def confirm_commit(self) -> None:
        """Keep the timed change, now and after a restart."""
        self._change("confirm", CommitConfirmException, user=self.username)

    def discard_config(self) -> None:
        """Remove what was loaded from the router."""
        self._asked(lambda _: None, CommandErrorException, "discard")
        self._candidate = ""

    def revert(self) -> None:
        """Take the timed change that waits back at once."""
        self._change("revert", CommitConfirmException)

    def rollback(self) -> None:
        """Take a change back: the one that waits, or else the last one of this session."""
        if self.has_pending_commit():
            self.revert()
        elif self._before:
            self._load("replace", None, self._before)
            self.commit_config()
        self._before = ""

    def _load(self, mode: str, filename: str | None, config: str | None) -> None:
        if filename is None and config is None:
            raise _LOADED[mode]("neither a file nor a text to load")
        try:
            text = config or "" if filename is None else Path(filename).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise _LOADED[mode](f"{filename} cannot be read") from error
        if not text.endswith("\n"):
            text += "\n"
        loaded = self._asked(wire.digest, _LOADED[mode], "load", text=text, mode=mode)
        if loaded != hashlib.sha256(text.encode()).hexdigest():
            raise _LOADED[mode]("the candidate did not arrive whole")
        self._candidate = text

    def _change(self, verb: str, failure: type[NapalmException], **arguments: object) -> None:
        """Ask for a change; from then on only the outcome counts."""
        self.sent = True
        self._asked(lambda _: None, failure, verb, **arguments)

    def _asked(self, read: Callable[[object], T], failure: type[NapalmException], verb: str, **arguments: object) -> T:
        """The answer to one request; ``failure`` from the Refusal, or from the ValueError of what is no answer."""
        if self.device is None:
            raise ConnectionClosedException("the session is not open")
        try:
            return read(wire.result(self.device.ask(wire.request(verb, arguments), self._limit(verb, arguments))))
        except TimeoutError as error:
            raise CommandTimeoutException(f"{verb}: {error}") from error
        except EOFError as error:
            raise ConnectionClosedException(f"{verb}: {error}") from error
        except wire.Refusal as refusal:
            raise failure(f"{verb}: {refusal.words}") from refusal
        except ValueError as error:
            self.device.cut()
            raise failure(f"{verb}: what came is no answer: {error}") from error

    def _limit(self, verb: str, arguments: Mapping[str, object]) -> float:
        if verb == "ping":
            return self.timeout + 2 * float(str(arguments["count"]))
        return self.timeout if verb in _QUICK else self._change_s


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
