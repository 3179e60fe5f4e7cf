"""One SSH connection to a router: keys, login and channels, by paramiko's threads; the router stays in its loop."""

from __future__ import annotations

import io
import logging
import socket
import threading
from collections.abc import Callable

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.server import InteractiveQuery

from agent.lab.ios import login
from agent.lab.ios.shell import Shell
from agent.lab.router import VirtualRouter
from agent.lab.ssh.packets import packets
from agent.lab.ssh.scp import ScpSink, ScpSource, parse_scp
from agent.lab.ssh.session import Close, Receiver, Session, Write
from agent.lab.ssh.terminal import OneCommand, Terminal
from agent.lab.ssh.threads import Threads

VERSION = "SSH-2.0-Cisco-1.25"
LOGIN_SECONDS = 120.0  # in which a client must have logged in
MOST_SESSIONS = 10  # at once in one connection

# What clients do wrong is their business: paramiko would write a traceback for each mistake.
_SILENT = "agent.lab.ssh.protocol"
logging.getLogger(_SILENT).setLevel(logging.CRITICAL)


class Connection:
    """Serves one end of a pair of sockets until either end closes. Made in the router's loop."""

    def __init__(self, router: VirtualRouter, end: socket.socket) -> None:
        self._threads = Threads(f"ssh {router.name}")
        server = _Server(router, self._threads)
        self._transport = paramiko.Transport(end, packetizer_class=packets(server.answered))
        self._transport.set_log_channel(_SILENT)
        self._transport.local_version = VERSION
        self._transport.banner_timeout = self._transport.handshake_timeout = LOGIN_SECONDS
        self._transport.add_server_key(paramiko.ECDSAKey.from_private_key(io.StringIO(router.host_key.decode())))
        self._transport.start_server(threading.Event(), server)
        self._threads.add(self._transport)

    @property
    def logged_in(self) -> bool:
        """Whether the client has proved who he is."""
        return self._transport.is_authenticated()

    async def ended(self) -> None:
        """Wait until nothing of the connection is left; close the other end of the sockets first."""
        await self._threads.ended()


class _Server(paramiko.ServerInterface):
    """Answers what the client asks for; paramiko calls it in the connection's thread."""

    def __init__(self, router: VirtualRouter, threads: Threads) -> None:
        self._router = router
        self._threads = threads
        self._user = ""
        self._privilege = 1
        self._sessions: list[Session] = []
        self._asked: Session | None = None

    # --- logging in ---

    def get_banner(self) -> tuple[str | None, str | None]:
        return self._threads.call(self._banner), "en"

    def _banner(self) -> str | None:
        banner = self._router.running.child("banner login")
        return banner.body.lstrip("\n") if banner and banner.body else None

    def get_allowed_auths(self, username: str) -> str:
        del username
        return "keyboard-interactive,password"

    def check_auth_password(self, username: str, password: str) -> int:
        # paramiko hands over bytes where they are no UTF-8; no password of a configuration is that
        level = self._threads.call(lambda: login.privilege(self._router.running, username, str(password)))
        if level is None:
            return AUTH_FAILED
        self._user, self._privilege = username, level
        return AUTH_SUCCESSFUL

    def check_auth_interactive(self, username: str, submethods: str) -> int | InteractiveQuery:
        del submethods
        self._user = username
        return InteractiveQuery("", "", ("Password: ", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int | InteractiveQuery:
        if len(responses) != 1:
            return AUTH_FAILED
        return self.check_auth_password(self._user, responses[0])

    # --- channels ---

    def check_channel_request(self, kind: str, chanid: int) -> int:
        del chanid
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_pty_request(self, *_: object) -> bool:
        return True

    def check_channel_window_change_request(self, *_: object) -> bool:
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        return self._begin(
            channel, lambda write, close: Terminal(self._router, self._user, self._privilege, write, close)
        )

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        asked = command.decode("utf-8", errors="replace")
        return self._begin(channel, lambda write, close: self._execution(asked, write, close))

    def _execution(self, command: str, write: Write, close: Close) -> Receiver:
        asked = parse_scp(command)
        if asked is None:
            return OneCommand(Shell(self._router, self._user, self._privilege), command, write, close)
        kind = ScpSink if asked.receive else ScpSource
        return kind(self._router, self._user, self._privilege, asked.path, write, close)

    def _begin(self, channel: paramiko.Channel, make: Callable[[Write, Close], Receiver]) -> bool:
        self._sessions = [session for session in self._sessions if not session.channel.closed]
        if len(self._sessions) >= MOST_SESSIONS or any(one.channel is channel for one in self._sessions):
            return False
        self._asked = Session(channel, self._threads, make)
        self._sessions.append(self._asked)
        return True

    def answered(self) -> None:
        """The client has been told that he gets his session: now it may speak."""
        asked, self._asked = self._asked, None
        if asked:
            asked.start()
