"""The lab from outside its process: start it, break and repair things, paste at a console, end it."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.lab.errors import LabError
from agent.lab.spec import LabSpec, write_spec
from agent.lab.wire import ask

LOG = "lab.log"
#: Real seconds that a paste may take; a boot takes two minutes of lab time.
PASTE_S = 300.0


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """One pasted line that the router did not take; ``number`` counts pasted lines from 1."""

    number: int
    line: str
    answer: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """What the console showed, and what was rejected; ``restarting`` when the router began to boot."""

    text: str
    rejected: tuple[RejectedLine, ...]
    restarting: bool


@dataclass(frozen=True, slots=True)
class TunnelStatus:
    """One DMVPN link of a device."""

    interface: str
    peer: str
    up: bool
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One device; ``management`` is ``reachable`` or why not, ``broken`` what was broken on purpose."""

    name: str
    hostname: str
    model: str
    serial: str
    powered: bool
    up: bool
    broken: tuple[str, ...]
    management: str
    tunnels: tuple[TunnelStatus, ...]
    ssh: str
    snmp: str

    @property
    def reachable(self) -> bool:
        """Whether the management centre reaches it."""
        return self.management == "reachable"


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One Lync server; ``services`` run now, ``broken`` is what was broken on purpose, ``listen`` where it is found."""

    name: str
    fqdn: str
    powered: bool
    reachable: bool
    broken: tuple[str, ...]
    services: tuple[str, ...]
    listen: str


class LabClient:
    """The lab in ``directory``. Every method raises LabError with what is wrong and what to do."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def up(self, spec: LabSpec | None = None, wait_s: float = 60.0) -> tuple[DeviceStatus, ...]:
        """Start the lab's process detached and wait until it answers; without ``spec`` goes on with the one there."""
        if self.running():
            raise LabError(f"{self.directory}: this lab is running already; lab down ends it")
        if spec is not None:
            try:
                write_spec(self.directory, spec)
            except OSError as problem:
                raise LabError(f"{self.directory}: cannot be written ({problem.strerror})") from None
        if not self.directory.is_dir():
            raise LabError(f"{self.directory}: there is no lab here")
        with (self.directory / LOG).open("ab") as log:
            start = log.tell()
            child = subprocess.Popen(
                [sys.executable, "-m", "agent.lab", "serve", "--dir", str(self.directory)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self._ready(child, start, wait_s)

    def _ready(self, child: subprocess.Popen[bytes], start: int, wait_s: float) -> tuple[DeviceStatus, ...]:
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise LabError(self._last_words(start))
            if self.running():
                return self.status()
            time.sleep(0.05)
        child.kill()
        child.wait()
        raise LabError(f"{self.directory}: the lab was not ready within {wait_s:g} s; see {self.directory / LOG}")

    def _last_words(self, start: int) -> str:
        with (self.directory / LOG).open("rb") as log:
            log.seek(start)
            rows = log.read().decode("utf-8", "replace").strip().splitlines()
        said = rows[-1].removeprefix("lab: ") if rows else "it said nothing"
        return f"the lab did not start: {said}"

    def running(self) -> bool:
        """Whether the lab's process answers."""
        try:
            ask(self.directory, {"do": "status"}, 5.0)
        except LabError:
            return False
        return True

    def down(self, wait_s: float = 20.0) -> None:
        """End the lab's process; its routers keep what they saved. Nothing where it is not running."""
        if not self.running():
            return
        ask(self.directory, {"do": "down"})
        deadline = time.monotonic() + wait_s
        while self.running():
            if time.monotonic() > deadline:
                raise LabError(f"{self.directory}: the lab's process does not end")
            time.sleep(0.05)

    def status(self) -> tuple[DeviceStatus, ...]:
        """All devices."""
        return tuple(_device(row) for row in ask(self.directory, {"do": "status"}))

    def servers(self) -> tuple[ServerStatus, ...]:
        """All Lync servers."""
        return tuple(
            ServerStatus(**{**row, "broken": tuple(row["broken"]), "services": tuple(row["services"])})
            for row in ask(self.directory, {"do": "servers"})
        )

    def device(self, name: str) -> DeviceStatus:
        """One device."""
        found = [device for device in self.status() if device.name == name]
        if not found:
            raise LabError(f"the lab has no device {name}")
        return found[0]

    def break_(self, device: str, what: str, value: float | None = None, vpn: str = "") -> None:
        """Break something of a device: see ``agent.lab.faults.kinds``, also for what ``value`` counts.

        ``vpn`` names a VPN by its VRF, where the fault is of one; "" is the first. LabError where that makes no sense.
        """
        ask(self.directory, {"do": "break", "device": device, "what": what, "value": value, "vpn": vpn})

    def repair(self, device: str, what: str = "") -> None:
        """Undo one fault, or all; a router without power boots."""
        ask(self.directory, {"do": "repair", "device": device, "what": what})

    def replace(self, device: str, serial: str) -> None:
        """Put a blank router in the device's place: new serial and host key, no configuration, no users."""
        ask(self.directory, {"do": "replace", "device": device, "serial": serial})

    def paste(self, device: str, text: str) -> Pasted:
        """Paste text at the device's console, as a field engineer does: he waits while the router boots."""
        answer = ask(self.directory, {"do": "paste", "device": device, "text": text}, PASTE_S)
        rejected = tuple(RejectedLine(**row) for row in answer["rejected"])
        return Pasted(answer["text"], rejected, answer["restarting"])

    def ping(self, address: str, count: int = 5) -> tuple[float | None, ...]:
        """Round trips in milliseconds from the management centre, None for each that was lost."""
        return tuple(ask(self.directory, {"do": "ping", "address": address, "count": count}))

    def advance(self, seconds: float) -> None:
        """Let lab time jump ahead."""
        ask(self.directory, {"do": "advance", "seconds": seconds})


def _device(row: dict[str, Any]) -> DeviceStatus:
    tunnels = tuple(TunnelStatus(**tunnel) for tunnel in row["tunnels"])
    return DeviceStatus(**{**row, "tunnels": tunnels, "broken": tuple(row["broken"])})
