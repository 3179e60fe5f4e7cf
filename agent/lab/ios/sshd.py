"""SSH in front of a router: a listening address, logins, shells and SCP; silent while management does not reach it."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import asyncssh

from agent.lab.errors import LabError
from agent.lab.ios import login
from agent.lab.ios.scp import ScpSink, ScpSource, parse_scp
from agent.lab.ios.shell import Shell
from agent.lab.ios.terminal import OneCommand, Terminal
from agent.lab.router import VirtualRouter

POLL_SECONDS = 0.1  # how often a stalled connection looks whether it may go on
RESET_SECONDS = 600.0  # after which a stalled connection is reset
CHUNK = 65536


class SshServer:
    """Serves one router on one address. ``await start()``, ``await close()``."""

    def __init__(self, router: VirtualRouter, address: str, port: int) -> None:
        self.router = router
        self.address = address
        self.port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; port 0 picks one. Raises LabError where the address cannot be used."""
        try:
            self._server = await asyncio.start_server(self._accepted, self.address, self.port)
        except OSError as error:
            raise LabError(f"{self.router.name}: cannot listen on {self.address}:{self.port}: {error}") from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncssh.Error, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Stand between the client's socket and the SSH server, and let nothing through while unreachable."""
        await self._passable(reader)
        boots = self.router.boots
        ours, theirs = socket.socketpair()
        inner_reader, inner_writer = await asyncio.open_connection(sock=ours)
        ssh = asyncio.create_task(self._speak(theirs))
        ways = [
            asyncio.create_task(self._pump(reader, inner_writer)),
            asyncio.create_task(self._pump(inner_reader, writer)),
            asyncio.create_task(self._until_reboot(boots)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            inner_writer.transport.abort()
            for task in (ssh, *ways):
                task.cancel()
            await asyncio.gather(ssh, *ways, return_exceptions=True)

    async def _speak(self, end: socket.socket) -> None:
        """Be the SSH server on one end of a pair of sockets until the connection closes."""
        connection = await asyncssh.run_server(end, **self._options())
        try:
            await connection.wait_closed()
        finally:
            connection.abort()

    def _options(self) -> dict[str, object]:
        router = self.router
        return {
            "server_factory": lambda: _Server(router),
            "server_host_keys": [asyncssh.import_private_key(router.host_key)],
            "server_version": "Cisco-1.25",
            "encoding": None,
            "line_editor": False,
            "allow_scp": False,
            "agent_forwarding": False,
            "login_timeout": 120,
        }

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            await self._passable(reader)
            writer.write(data)
            await writer.drain()

    async def _passable(self, reader: asyncio.StreamReader) -> None:
        waited = 0.0
        while not self.router.world.management_reachable(self.router):
            if waited >= RESET_SECONDS or reader.at_eof():
                raise ConnectionResetError
            await asyncio.sleep(POLL_SECONDS)
            waited += POLL_SECONDS

    async def _until_reboot(self, boots: int) -> None:
        """A session does not outlive the boot it began in; the client learns of it when the router is back."""
        while self.router.boots == boots or not self.router.world.management_reachable(self.router):
            await asyncio.sleep(POLL_SECONDS)


class _Server(asyncssh.SSHServer):
    """Logins of one connection."""

    def __init__(self, router: VirtualRouter) -> None:
        self._router = router
        self._privilege = 1
        self._user = ""
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        self._user = username
        banner = self._router.running.child("banner login")
        if banner and banner.body and self._connection:
            self._connection.send_auth_banner(banner.body.lstrip("\n"))
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        level = login.privilege(self._router.running, username, password)
        if level is None:
            return False
        self._privilege = level
        return True

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return _Session(self._router, self._user, self._privilege)


class _Session(asyncssh.SSHServerSession[bytes]):
    """One channel: a shell, or an SCP transfer."""

    def __init__(self, router: VirtualRouter, user: str, privilege: int) -> None:
        self._router = router
        self._user = user
        self._privilege = privilege
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._receiver: Terminal | OneCommand | ScpSink | ScpSource | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def shell_requested(self) -> bool:
        self._receiver = Terminal(self._router, self._user, self._privilege, self._write, self._exit)
        return True

    def exec_requested(self, command: str) -> bool:
        asked = parse_scp(command)
        if asked is None:
            shell = Shell(self._router, self._user, self._privilege)
            self._receiver = OneCommand(shell, command, self._write, self._exit)
            return True
        kind = ScpSink if asked.receive else ScpSource
        self._receiver = kind(self._router, self._user, self._privilege, asked.path, self._write, self._exit)
        return True

    def session_started(self) -> None:
        if self._receiver:
            self._receiver.start()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        del datatype
        if self._receiver:
            self._receiver.received(data)

    def eof_received(self) -> bool:
        return False

    def _write(self, data: bytes) -> None:
        if self._channel and not self._channel.is_closing():
            with contextlib.suppress(BrokenPipeError):
                self._channel.write(data)

    def _exit(self, status: int) -> None:
        if self._channel and not self._channel.is_closing():
            self._channel.exit(status)
