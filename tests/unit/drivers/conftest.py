"""A scripted router over real SSH and SCP that can misbehave: it hangs, trickles, cuts off, lies and runs full."""

from __future__ import annotations

import asyncio
import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Any

import asyncssh
import pytest

from agent.archive import Platform
from agent.drivers import Limits, NapalmDevices
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
    faults: dict[str, Callable[[asyncssh.SSHServerProcess[bytes]], Any]] = field(default_factory=dict)
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
    (r"show snmp user", lambda held: "".join(f"User name: {name}\nEngine ID: 80\n" for name in held.users)),
    (r"ping .*", lambda *_: "!!!!!\nSuccess rate is 100 percent (5/5), round-trip min/avg/max = 1/2/4 ms\n"),
    (r"configure terminal|end|exit", lambda *_: ""),
)


class _Server(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


class ScriptedRouter:
    """Serves a Script on 127.0.0.1 in a thread of its own."""

    def __init__(self, script: Script, key: asyncssh.SSHKey) -> None:
        self.script = script
        self.key = key
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> ScriptedRouter:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)

    @property
    def host_key(self) -> str:
        return " ".join(self.key.export_public_key().decode().split()[:2])

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        listening = asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[self.key],
            server_factory=_Server,
            process_factory=self._serve,
            encoding=None,
            line_editor=False,
        )
        server = self._loop.run_until_complete(listening)
        self.port = server.get_port()
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    async def _serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        try:
            if process.command:
                await self._receive(process)
            else:
                await self._talk(process)
        except (asyncssh.BreakReceived, asyncio.IncompleteReadError, OSError, asyncssh.Error):
            process.close()

    async def _receive(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        path = str(process.command).split("flash:/")[1].strip("'")
        if "scp" in self.script.faults:
            await self.script.faults["scp"](process)
            return
        process.stdout.write(b"\0")
        size = int((await process.stdin.readuntil(b"\n")).split()[1])
        process.stdout.write(b"\0")
        data = await process.stdin.readexactly(size + 1)
        self.script.flash[path] = data[:-1]
        process.stdout.write(b"\0")
        process.exit(0)

    async def _talk(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        mode = ""
        line = b""
        self._say(process, f"\n{self._prompt(mode)}")
        while True:
            byte = await process.stdin.read(1)
            if not byte:
                return
            if byte not in b"\r\n":
                process.stdout.write(byte)
                line += byte
                continue
            command, line = line.decode().strip(), b""
            self.script.seen.append(command)
            self._say(process, "\n")
            if command == "exit" and not mode:
                process.exit(0)
                return
            if command in self.script.faults:
                await self.script.faults[command](process)
                continue
            mode = {"configure terminal": "(config)", "end": ""}.get(command, mode)
            if mode and command.startswith("snmp-server user") and "nosuch" not in command:
                self.script.users.append(command.split()[2])
                self._say(process, self._prompt(mode))
                continue
            self._say(process, self.script.answer(command) + self._prompt(mode))

    def _prompt(self, mode: str) -> str:
        return f"{self.script.hostname}{mode}{self.script.prompt_end}"

    @staticmethod
    def _say(process: asyncssh.SSHServerProcess[bytes], text: str) -> None:
        process.stdout.write(text.replace("\n", "\r\n").encode())


class Enrolled:
    """Enrolments in memory."""

    def __init__(self) -> None:
        self.known: dict[str, Enrolment] = {}

    def enrolment(self, router: str) -> Enrolment | None:
        return self.known.get(router)

    def enrol(self, enrolment: Enrolment) -> None:
        self.known[enrolment.router] = enrolment


def platform() -> Platform:
    """A platform small enough to be seen through."""
    return Platform(
        faults=lambda text: () if text.rstrip().endswith("end") and "hostname" in text else ("no end",),
        restorable=lambda text: text,
        lasting=lambda text: "".join(f"{line}\n" for line in text.splitlines() if not line.startswith("!")),
        redact=lambda text, fingerprint: re.sub(
            r"(pre-shared-key|password|auth sha|priv aes 128) (\S+)", lambda m: f"{m[1]} {fingerprint(m[2])}", text
        ),
    )


#: Short enough for tests, long enough for a busy machine.
LIMITS = Limits(
    connect_s=5, login_s=12, command_s=8, configuration_s=12, transfer_s=20, change_s=12, quiet_s=1, keepalive_s=5
)


@pytest.fixture(scope="session")
def keys() -> tuple[asyncssh.SSHKey, asyncssh.SSHKey]:
    return asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def router(script: Script, keys: tuple[asyncssh.SSHKey, asyncssh.SSHKey]) -> Iterator[ScriptedRouter]:
    with ScriptedRouter(script, keys[0]) as running:
        yield running


class _Named:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


@pytest.fixture
def site() -> Any:
    """As much of a site as a driver reads."""
    management = _Named(address=IPv4Address("10.254.0.12"), port=22, credentials="fleet")
    return _Named(router=_Named(name=NAME, management=management))


@pytest.fixture
def enrolled(router: ScriptedRouter) -> Enrolled:
    known = Enrolled()
    known.enrol(Enrolment(NAME, SERIAL, router.host_key, datetime(2026, 11, 21, tzinfo=UTC), "engineer"))
    return known


@pytest.fixture
def devices(router: ScriptedRouter, enrolled: Enrolled) -> NapalmDevices:
    return NapalmDevices(
        credentials={"fleet": SshCredentials(username=USER, password="env:FLEET")},
        secrets=lambda *_: Secret(PASSWORD),
        reached=lambda *_: ("127.0.0.1", router.port),
        enrolments=enrolled,
        platform=platform(),
        limits=LIMITS,
    )
