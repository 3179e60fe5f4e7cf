"""One virtual IOS-XE router: all that it knows, keeps over a restart and does when its power or its time runs out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agent.lab.clock import LabClock
from agent.lab.config import ConfigTree
from agent.lab.world import AloneInTheWorld, World

BOOT_SECONDS = 120.0  # lab seconds from power to prompt
NEVER = 0.0


@dataclass(frozen=True, slots=True)
class Chassis:
    """What is written on the box: it survives everything but a replacement."""

    model: str
    serial: str
    release: str

    @property
    def mac(self) -> bytes:
        """The base MAC address, made from the serial number."""
        return b"\x00\x1e" + hashlib.sha256(self.serial.encode()).digest()[:4]


@dataclass(frozen=True, slots=True)
class SnmpUser:
    """An SNMPv3 user as typed; its keys are localised with ``engine_id``, the router's when it was made.

    ``auth`` and ``priv`` are IOS words: ``md5``, ``sha``, ``sha-2 256``, ``aes 128`` …; "" means none.
    """

    name: str
    group: str
    auth: str
    auth_secret: str = field(repr=False)
    priv: str = ""
    priv_secret: str = field(default="", repr=False)
    access: str = ""
    engine_id: bytes = b""


@dataclass(frozen=True, slots=True)
class PendingRevert:
    """A revert timer that runs: at ``deadline`` (lab seconds) the router goes back to ``target``."""

    user: str
    deadline: float
    minutes: int
    configured: float
    target: str = field(repr=False)
    idle: bool = False


@dataclass(slots=True)
class Faults:
    """What a test or ``lab break`` made wrong with the box itself."""

    hang: dict[str, int] = field(default_factory=dict)  # command -> bytes of its output before silence
    truncate: dict[str, int] = field(default_factory=dict)  # command -> bytes of its output that are sent
    reject: list[str] = field(default_factory=list)  # configuration lines refused as invalid input
    stall: dict[str, tuple[str, float]] = field(default_factory=dict)  # command -> (text after which, real seconds)


class VirtualRouter:
    """Mutable state of one device. Not thread safe: everything happens in the lab's event loop.

    ``name`` is the lab's handle (a hostname may change, a name does not). ``generation`` grows with every change of
    running configuration, power or chassis; ``watchers`` are called after each.
    """

    def __init__(
        self,
        name: str,
        chassis: Chassis,
        *,
        clock: LabClock | None = None,
        world: World | None = None,
        directory: Path | None = None,
        flash_size: int = 2_000_000_000,
    ) -> None:
        self.name = name
        self.chassis = chassis
        self.clock = clock or LabClock()
        self.world: World = world or AloneInTheWorld()
        self.directory = directory
        self.flash_size = flash_size
        self.flash: dict[str, bytes] = {}
        self.running = ConfigTree()
        self.startup: str | None = None
        self.powered = False
        self.ready_at = NEVER  # when the boot that is under way ends
        self.booted_at = NEVER
        self.boots = 0  # snmpEngineBoots
        self.reload_reason = "PowerOn"
        self.running_changed = NEVER  # the three moments of ccmHistory, in lab seconds since 1970
        self.running_saved = NEVER
        self.startup_changed = NEVER
        self.changed_by = ""
        self.licence_booted: str | None = None
        self.snmp_users: dict[str, SnmpUser] = {}
        self.revert: PendingRevert | None = None
        self.host_key: bytes = b""  # OpenSSH private key, made on first use
        self.faults = Faults()
        self.generation = 0
        self.watchers: list[Callable[[VirtualRouter], None]] = []

    @property
    def hostname(self) -> str:
        """As configured; a blank router calls itself Router."""
        return self.running.value("hostname") or "Router"

    @property
    def up(self) -> bool:
        """Powered and past its boot."""
        return self.powered and self.clock.now() >= self.ready_at

    @property
    def uptime(self) -> float:
        """Lab seconds since the last boot ended (sysUpTime x 100)."""
        return max(0.0, self.clock.now() - self.booted_at) if self.up else 0.0

    @property
    def engine_id(self) -> bytes:
        """SNMP engine identifier: ``snmp-server engineID local``, else made from the MAC address (RFC 3411)."""
        configured = self.running.value("snmp-server engineID local")
        if configured:
            return bytes.fromhex(configured)
        return b"\x80\x00\x00\x09\x03" + self.chassis.mac

    @property
    def engine_time(self) -> int:
        """Seconds since the engine booted."""
        return int(self.uptime)

    def changed(self) -> None:
        """Tell everybody that the router is not what it was."""
        self.generation += 1
        for watcher in self.watchers:
            watcher(self)
