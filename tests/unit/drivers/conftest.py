"""A scripted router over real SSH and SCP that can misbehave: it hangs, trickles, cuts off, lies and runs full."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address
from types import SimpleNamespace
from typing import Any

import paramiko
import pytest
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from agent.drivers import Limits, SshDevices
from agent.lab.ssh.packets import packets
from agent.provisioning.ports import Enrolment
from inventory import Secret
from inventory.settings import SshCredentials

NAME, SERIAL, USER, PASSWORD = "acme-lee-r1", "FCZ0000A0B2", "spokesman", "Planted-Login-7"
PSK = "Planted-Psk-8"
RUNNING = f"""!
! Last configuration change at 10:00:00 UTC Sat Nov 21 2026 by spokesman
!
version 17.9
hostname {NAME}
!
crypto ikev2 keyring ACME
 peer ANY
  pre-shared-key {PSK}
!
interface GigabitEthernet0/0/0
 ip address 198.51.100.10 255.255.255.248
!
ip scp server enable
end
"""

VERSION = f"""Cisco IOS XE Software, Version 17.09.04a
Cisco IOS Software [Cupertino], ISR Software (ARMV8EL_LINUX_IOSD-UNIVERSALK9-M), Version 17.9.4a, RELEASE SOFTWARE (fc3)
{NAME} uptime is 1 week, 2 days, 3 hours, 4 minutes
cisco C1111-8P (1RU) processor with 1425124K/6147K bytes of memory.
Processor board ID {SERIAL}
"""

#: This router has but one hash and one cipher.
SHOWN_USER = "User name: {}\nEngine ID: 80\nAuthentication Protocol: SHA\nPrivacy Protocol: AES128\n"


@dataclass
class Script:
    """What the router holds, and ``faults``: by command, what to do instead of answering."""

    running: str = RUNNING
    startup: str = RUNNING
    reverts_to: str | None = None
    pending_by: str = ""
    waits_after_error: bool = False
    free: int = 4_000_000
    flash: dict[str, bytes] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)
    hostname: str = NAME
    serial: str = SERIAL
    prompt_end: str = "#"
    faults: dict[str, Callable[[Client], Any]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def answer(self, command: str) -> str:
        """The router's answer to one line, by outcome on the state above."""
        if command in self.answers:
            return self.answers[command]
        for pattern, method in _COMMANDS:
            match = re.fullmatch(pattern, command)
            if match:
                return method(self, *match.groups())
        return "% Invalid input detected at '^' marker.\n"

    def replace(self, path: str, minutes: str) -> str:
        if path not in self.flash:
            return f"%Error opening flash:/{path} (No such file or directory)\n"
        text = self.flash[path].decode()
        bad = re.search(r"^ *nonsense.*$", text, re.MULTILINE)
        if bad:
            if self.waits_after_error:
                self.reverts_to, self.pending_by, self.running = self.running, USER, text
            return (
                "The rollback configlet from the last pass is listed below:\n********\n"
                f"{bad[0].strip()}\npre-shared-key {PSK}\nend\n********\n"
                "\nRollback aborted after 5 passes\nThe following commands are failed to apply to the IOS image.\n"
                f"********\n{bad[0].strip()}\n********\n"
            )
        self.reverts_to, self.pending_by, self.running = self.running, USER, text
        return "\nTotal number of passes: 1\nRollback Done\n\n"

    def timer(self) -> str:
        if not self.pending_by:
            return "%No Rollback Confirmed Change pending\n"
        when = "Time configured(or reconfigured): now\nTimer type: absolute timer\nTimer value: 1 min\n"
        return f"{when}User: {self.pending_by}\n"

    def confirm(self) -> str:
        self.reverts_to, self.pending_by = None, ""
        return ""

    def revert(self) -> str:
        self.running, self.reverts_to, self.pending_by = self.reverts_to or self.running, None, ""
        return "Rollback Done\n"

    def save(self) -> str:
        self.startup = self.running
        return "Building configuration...\n[OK]\n"

    def dir(self, _path: str) -> str:
        rows = "".join(
            f"   12  -rw-  {len(data)}  Nov 21 2026 10:00:00 +00:00  {name}\n" for name, data in self.flash.items()
        )
        return f"Directory of flash:/\n\n{rows}\n8000000 bytes total ({self.free} bytes free)\n"

    def dir_file(self, path: str) -> str:
        if path not in self.flash:
            return f"%Error opening flash:/{path} (No such file or directory)\n"
        return f"Directory of flash:/{path}\n\n 12 -rw- {len(self.flash[path])} Nov 21 2026 10:00:00 +00:00 {path}\n"

    def delete(self, path: str) -> str:
        self.flash.pop(path, None)
        return ""

    def md5(self, path: str) -> str:
        digest = hashlib.md5(self.flash.get(path, b""), usedforsecurity=False).hexdigest()
        return f"....Done!\nverify /md5 (flash:/{path}) = {digest}\n"

    def differences(self, path: str) -> str:
        same = self.flash.get(path, b"").decode() == self.running
        return (
            "!Contextual Config Diffs:\n!No changes were found\n"
            if same
            else "!Contextual Config Diffs:\n+ntp server 10.0.0.1\n"
        )

    def shown(self, which: str) -> str:
        text = self.running if which == "running" else self.startup
        header = f"Building configuration...\n\nCurrent configuration : {len(text)} bytes\n"
        return (header if which == "running" else f"Using {len(text)} out of 33554432 bytes\n") + text


_COMMANDS: tuple[tuple[str, Callable[..., str]], ...] = (
    (r"terminal (?:width|length) \d+", lambda *_: ""),
    (r"", lambda *_: ""),
    (r"show version", lambda held: VERSION.replace(NAME, held.hostname).replace(SERIAL, held.serial)),
    (r"show (running|startup)-config", Script.shown),
    (r"show running-config \| inc ip scp server enable", lambda *_: "ip scp server enable\n"),
    (r"show archive", lambda *_: "The maximum archive configurations allowed is 10.\n"),
    (r"show archive config rollback timer", Script.timer),
    (r"show archive config differences system:/running-config flash:/(\S+)", Script.differences),
    (r"configure replace flash:/(\S+) force revert trigger error timer (\d+)", Script.replace),
    (r"configure confirm", Script.confirm),
    (r"configure revert now", Script.revert),
    (r"write memory", Script.save),
    (r"dir flash:(/?)", Script.dir),
    (r"dir flash:/(\S+)", Script.dir_file),
    (r"delete /force flash:/(\S+)", Script.delete),
    (r"verify /md5 flash:/(\S+)", Script.md5),
    (r"show snmp user", lambda held: "".join(map(SHOWN_USER.format, held.users))),
    (r"ping .*", lambda *_: "!!!!!\nSuccess rate is 100 percent (5/5), round-trip min/avg/max = 1/2/4 ms\n"),
    (r"configure terminal|end|exit", lambda *_: ""),
)


class Client:
    """Who opened a session, with a shell or for ``command``; EOFError and OSError tell that he is gone."""

    def __init__(self, channel: paramiko.Channel, command: str = "") -> None:
        self.channel = channel
        self.command = command

    def say(self, text: str) -> None:
        """Write text as a terminal shows it."""
        self.write(text.replace("\n", "\r\n").encode())

    def write(self, data: bytes) -> None:
        self.channel.sendall(data)

    def read(self, size: int = 1) -> bytes:
        """So many bytes."""
        data = b""
        while len(data) < size:
            piece = self.channel.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def line(self) -> bytes:
        data = b""
        while not data.endswith(b"\n"):
            data += self.read()
        return data

    def wait(self) -> None:
        """Read until he leaves."""
        while self.channel.recv(4096):
            pass

    def end(self, status: int) -> None:
        self.channel.send_exit_status(status)
        self.channel.close()

    def cut(self) -> None:
        """Close the connection without a word."""
        self.channel.get_transport().close()


class _Server(paramiko.ServerInterface):
    """Logins and sessions of one connection; each session is served in a thread of its own."""

    def __init__(self, serve: Callable[[Client], None]) -> None:
        self._serve = serve
        self._next: Client | None = None

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        return AUTH_SUCCESSFUL if (username, password) == (USER, PASSWORD) else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_pty_request(self, *_: object) -> bool:
        return True

    def check_channel_window_change_request(self, *_: object) -> bool:
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        self._next = Client(channel)
        return True

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self._next = Client(channel, command.decode())
        return True

    def answered(self) -> None:
        """The client knows that he has a session."""
        client, self._next = self._next, None
        if client:
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()


class ScriptedRouter:
    """Serves a Script on 127.0.0.1 in threads of its own."""

    def __init__(self, script: Script, key: paramiko.PKey) -> None:
        self.script = script
        self.key = key
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._transports: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> ScriptedRouter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(20)
        self._listening.close()
        for transport in self._transports:
            transport.close()

    @property
    def host_key(self) -> str:
        return public(self.key)

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._listening.accept()
            except OSError:
                return
            server = _Server(self._serve)
            transport = paramiko.Transport(link, packetizer_class=packets(server.answered))
            transport.add_server_key(self.key)
            transport.start_server(threading.Event(), server)
            self._transports.append(transport)

    def _serve(self, client: Client) -> None:
        gone = (EOFError, OSError, paramiko.SSHException)
        with suppress(*gone):
            (self._receive if client.command else self._talk)(client)
        with suppress(*gone):
            client.channel.close()

    def _receive(self, client: Client) -> None:
        path = client.command.split("flash:/")[1].strip("'")
        if "scp" in self.script.faults:
            self.script.faults["scp"](client)
            return
        client.write(b"\0")
        size = int(client.line().split()[1])
        client.write(b"\0")
        self.script.flash[path] = client.read(size + 1)[:-1]
        client.write(b"\0")
        client.end(0)

    def _talk(self, client: Client) -> None:
        mode = ""
        line = b""
        client.say(f"\n{self._prompt(mode)}")
        while True:
            byte = client.read()
            if byte not in b"\r\n":
                client.write(byte)
                line += byte
                continue
            command, line = line.decode().strip(), b""
            self.script.seen.append(command)
            client.say("\n")
            if command == "exit" and not mode:
                client.end(0)
                return
            if command in self.script.faults:
                self.script.faults[command](client)
                continue
            mode = {"configure terminal": "(config)", "end": ""}.get(command, mode)
            if mode and command.startswith("snmp-server user") and "nosuch" not in command:
                self.script.users.append(command.split()[2])
                client.say(self._prompt(mode))
                continue
            client.say(self.script.answer(command) + self._prompt(mode))

    def _prompt(self, mode: str) -> str:
        return f"{self.script.hostname}{mode}{self.script.prompt_end}"


def public(key: paramiko.PKey) -> str:
    """A key as it is enrolled."""
    return f"{key.get_name()} {key.get_base64()}"


class Enrolled:
    """Enrolments in memory."""

    def __init__(self) -> None:
        self.known: dict[str, Enrolment] = {}

    def enrolment(self, router: str) -> Enrolment | None:
        return self.known.get(router)

    def enrol(self, enrolment: Enrolment) -> None:
        self.known[enrolment.router] = enrolment


def platform(_name: str) -> Any:
    """As much of a platform as a driver asks, small enough to be seen through."""
    return SimpleNamespace(
        is_complete=lambda text: None if text.rstrip().endswith("end") and "hostname" in text else "no end",
        restorable=lambda text: text,
        lasting=_lasting,
        as_saved=_lasting,
        redact=lambda text, _known, mark: re.sub(
            r"(pre-shared-key|password|auth sha|priv aes 128) (\S+)", lambda m: f"{m[1]} {mark(m[2])}", text
        ),
    )


def _lasting(text: str) -> str:
    return "".join(f"{line}\n" for line in text.splitlines() if not line.startswith("!"))


#: Short enough for tests, long enough for a busy machine.
LIMITS = Limits(
    connect_s=5, login_s=12, command_s=8, configuration_s=12, transfer_s=20, change_s=12, quiet_s=1, keepalive_s=5
)


@pytest.fixture(scope="session")
def keys() -> tuple[paramiko.PKey, paramiko.PKey]:
    return paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def router(script: Script, keys: tuple[paramiko.PKey, paramiko.PKey]) -> Iterator[ScriptedRouter]:
    with ScriptedRouter(script, keys[0]) as running:
        yield running


class _Named:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


@pytest.fixture
def site() -> Any:
    """As much of a site as a driver reads."""
    management = _Named(address=IPv4Address("10.254.0.12"), port=22, credentials="fleet")
    return _Named(router=_Named(name=NAME, platform="cisco_iosxe", management=management))


@pytest.fixture
def enrolled(router: ScriptedRouter) -> Enrolled:
    known = Enrolled()
    known.enrol(Enrolment(NAME, SERIAL, router.host_key, datetime(2026, 11, 21, tzinfo=UTC), "engineer"))
    return known


@pytest.fixture
def devices(router: ScriptedRouter, enrolled: Enrolled) -> SshDevices:
    return SshDevices(
        credentials={"fleet": SshCredentials(username=USER, password="env:FLEET")},
        secrets=lambda *_: Secret(PASSWORD),
        reached=lambda *_: ("127.0.0.1", router.port),
        enrolments=enrolled,
        platforms=platform,
        limits=LIMITS,
    )
