"""One virtual IOS-XE or IOS router: what it knows and keeps, and what happens when its power or its time runs out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from agent.lab.box import nvram
from agent.lab.box.flash import Flash
from agent.lab.box.hostkey import new_host_key
from agent.lab.box.log import Log
from agent.lab.box.records import Faults, PendingRevert, SnmpUser
from agent.lab.clock import LabClock
from agent.lab.config import ETX, ConfigTree
from agent.lab.errors import ConfigTextError
from agent.lab.lines import replace
from agent.lab.lines.editor import Editor
from agent.lab.lines.grammar import Grammar, grammar_of
from agent.lab.lines.numbering import shows_numbers, unnumbered
from agent.lab.models import Chassis, Model, blank_configuration, model
from agent.lab.pki import client
from agent.lab.pki.client import PkiState
from agent.lab.running.crypto import Trustpoint
from agent.lab.world import AloneInTheWorld, World

__all__ = ["BOOT_SECONDS", "Faults", "PendingRevert", "SnmpUser", "VirtualRouter", "valid_configuration"]

BOOT_SECONDS = 120.0  # lab seconds from power to prompt
NEVER = 0.0


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
    ) -> None:
        self.name = name
        self.chassis = chassis
        self.clock = clock or LabClock()
        self.world: World = world or AloneInTheWorld()
        self.directory = directory
        self.flash = Flash()
        self.running = ConfigTree()
        self.startup: str | None = None
        self.powered = False
        self.ready_at = NEVER  # when the boot that is under way ends
        self.boots = 0  # snmpEngineBoots
        self.reload_reason = "PowerOn"
        self.running_changed = NEVER  # the three moments of ccmHistory, in lab seconds since 1970
        self.running_saved = NEVER
        self.startup_changed = NEVER
        self.changed_by = ""
        self.saved_by = ""
        self.licence_booted: str | None = None
        self.snmp_users: dict[str, SnmpUser] = {}
        self.saved_snmp_users: dict[str, SnmpUser] = {}
        self.revert: PendingRevert | None = None
        self.host_key: bytes = new_host_key()  # OpenSSH private key
        self.faults = Faults()
        self.log = Log()
        self.pki = PkiState()
        self.trustpoints: tuple[ConfigTree, dict[str, Trustpoint]] = (ConfigTree(), {})  # as last read
        self.generation = 0
        self.watchers: list[Callable[[VirtualRouter], None]] = []
        self._settled = self.running

        self._stored: object = None
        if directory and nvram.fetch(self, directory / f"{name}.json"):
            self._settled = self.running

    # --- what it is ---

    @property
    def model(self) -> Model:
        """The kind of box it is."""
        return model(self.chassis.model)

    @property
    def release(self) -> str:
        """Release of its system, e.g. 17.9."""
        return self.chassis.release

    @property
    def grammar(self) -> Grammar:
        """The lines that its system and release have."""
        return grammar_of(self.model.system, self.release)

    @property
    def licensed(self) -> bool:
        """Whether it may encrypt: releases before 17 want the security package."""
        level = self.licence_booted or ""
        return bool(level) and (level.startswith(("network", "adv")) or "securityk9" in level)

    @property
    def ports(self) -> tuple[str, ...]:
        """The physical interfaces."""
        return self.model.routed + self.model.switched

    @property
    def switch_ports(self) -> tuple[str, ...]:
        """Those of them that belong to the built-in switch."""
        return self.model.switched

    @property
    def hostname(self) -> str:
        """As configured; a blank router calls itself Router."""
        return self.running.value("hostname") or "Router"

    @property
    def booted_at(self) -> float:
        """When the last boot ended, in lab seconds since 1970."""
        return self.ready_at

    @property
    def up(self) -> bool:
        """Powered and past its boot."""
        return self.powered and self.clock.now() >= self.ready_at

    @property
    def uptime(self) -> float:
        """Lab seconds since the last boot ended (sysUpTime is this in hundredths)."""
        return self.clock.now() - self.ready_at if self.up else 0.0

    @property
    def engine_id(self) -> bytes:
        """SNMP engine identifier: ``snmp-server engineID local``, else made from the MAC address (RFC 3411)."""
        configured = self.running.value("snmp-server engineID local")
        if configured and len(configured) % 2 == 0:
            return bytes.fromhex(configured)
        return b"\x80\x00\x00\x09\x03" + self.chassis.mac

    @property
    def engine_time(self) -> int:
        """Seconds since the SNMP engine booted (snmpEngineTime)."""
        return int(self.uptime)

    # --- power ---

    def power_on(self) -> None:
        """Boot the startup configuration; nothing where it is on already."""
        if not self.powered:
            self.reload_reason = "PowerOn"
            self._boot(BOOT_SECONDS)

    def power_off(self) -> None:
        """All that was not saved is lost."""
        self.powered = False
        self.revert = None
        self._lost()

    def reload(self, reason: str = "Reload Command", *, seconds: float = BOOT_SECONDS) -> None:
        """Boot again; a revert timer dies and what is in startup runs."""
        self.reload_reason = reason
        self._boot(seconds)

    def replace_by_blank(self, serial: str) -> None:
        """Another box of the same model in its place, as it comes from the factory; it is switched on."""
        self.chassis = Chassis(self.chassis.model, serial, self.chassis.release)
        self.flash = Flash()
        self.startup = None
        self.snmp_users, self.saved_snmp_users = {}, {}
        self.pki = PkiState()
        self.running_saved = self.startup_changed = NEVER
        self.boots = 0
        self.host_key = new_host_key()
        self.faults = Faults()
        self.reload_reason = "PowerOn"
        self._boot(BOOT_SECONDS)

    def _boot(self, seconds: float) -> None:
        self.powered = True
        self.revert = None
        self.log.clear()
        self.boots += 1
        self.ready_at = self.clock.now() + seconds
        text = self.startup or blank_configuration(self.chassis)
        levels = re.findall(
            r"^license boot (?:level|module \S+ (?:technology-package|level)) (.+)$", text, re.MULTILINE
        )
        self.licence_booted = " ".join(level.strip() for level in levels) or self.model.licence
        self.snmp_users = dict(self.saved_snmp_users)
        self.pki.keys, self.pki.requests = dict(self.pki.saved_keys), {}
        base = ConfigTree.parse(blank_configuration(self.chassis))
        self.running = base
        if self.startup:
            self.merge(self.startup)
        self.running_changed = self.ready_at
        self.changed_by = ""
        self._lost()

    def _lost(self) -> None:
        self._settled = self.running
        self._tell()

    # --- configuration ---

    def merge(self, text: str, reject: tuple[str, ...] = ()) -> str:
        """Take the lines of a file one after another, as ``copy F running-config``; gives what it complains about."""
        editor = Editor(self, reject=reject)
        said = []
        for row in text.replace("\r\n", "\n").split("\n"):
            if row.strip() == "end" and not editor.gathering:
                break
            answer = editor.line(row)
            if answer.text and not answer.ok:
                said.append(f"{row.strip()}\n{answer.text}")
        return "".join(said)

    def save(self, by: str) -> None:
        """``write memory``."""
        self.startup = self.shown()
        self.saved_snmp_users = dict(self.snmp_users)
        self.pki.saved_keys = dict(self.pki.keys)
        self.running_saved = self.startup_changed = self.clock.now()
        self.saved_by = by
        self._tell()

    def shown(self, *, delimiter: str = ETX) -> str:
        """The running configuration as the router writes it: on a terminal with ``^C`` as delimiter."""
        visible = shows_numbers(self.model.system, self.release)
        return (self.running if visible else unnumbered(self.running)).render(delimiter=delimiter)

    def erase_startup(self) -> None:
        """``write erase``."""
        self.startup = None
        self.saved_snmp_users = {}
        self.startup_changed = self.clock.now()
        self._tell()

    def settle(self, by: str) -> None:
        """Tell everybody if the running configuration is not what it was when last told."""
        if self.running != self._settled:
            self._settled = self.running
            self.running_changed = self.clock.now()
            self.changed_by = by
            self._tell()

    def arm_revert(self, user: str, minutes: int, *, idle: bool = False) -> None:
        """Start the timer that brings back what runs now."""
        now = self.clock.now()
        self.revert = PendingRevert(user, now + minutes * 60, minutes, now, self.running.render(), idle)

    def revert_now(self) -> replace.Outcome | None:
        """Go back to what ran when the timer was armed."""
        pending, self.revert = self.revert, None
        if pending is None:
            return None
        outcome = replace.replace(self, ConfigTree.parse(pending.target))
        self.settle(pending.user)
        return outcome

    def tick(self) -> None:
        """Do what is due by the lab's clock: call it several times a second."""
        if self.revert and self.up and self.clock.now() >= self.revert.deadline:
            self.revert_now()
        client.tick(self)

    def keep(self) -> None:
        """Store the state if it changed since it was last stored: call it now and then, and before the lab ends."""
        mark = (
            self.generation,
            self.revert,
            dict(self.flash.written),
            dict(self.snmp_users),
            repr((self.faults, self.pki)),
        )
        if self.directory and mark != self._stored:
            nvram.store(self, self.directory / f"{self.name}.json")
            self._stored = mark

    # --- what lines do outside the configuration ---

    def set_snmp_user(self, words: list[str], *, remove: bool) -> str:
        """See ``ios.effects.Box``: ``NAME GROUP v3 [auth … SECRET] [priv … SECRET] [access ACL]``."""
        name, group = words[0], words[1]
        if remove:
            self.snmp_users.pop(name, None)
            return ""
        rest = " ".join(words[3:])
        auth = re.search(r"\bauth (md5|sha-2 \d+|sha) (\S+)", rest)
        priv = re.search(r"\bpriv (des|3des|aes \d+) (\S+)", rest)
        access = re.search(r"\baccess (\S+)$", rest)
        for found in (auth, priv):
            if found and len(found.group(2)) < 8:
                return "% SNMPv3 passwords must be at least 8 characters long"
        self.snmp_users[name] = SnmpUser(
            name,
            group,
            auth.group(1) if auth else "",
            auth.group(2) if auth else "",
            priv.group(1) if priv else "",
            priv.group(2) if priv else "",
            access.group(1) if access else "",
            self.engine_id,
        )
        return ""

    def make_host_key(self, words: list[str]) -> str:
        """See ``ios.effects.Box``. The router has a key from its first boot on, so generating one again replaces it."""
        kind = words[1].upper()
        if words[0] == "zeroize":
            return f"% No Signature {kind} Keys found in configuration."
        if "label" not in words and self.hostname == "Router":
            return "% Please define a hostname other than Router."
        if kind == "RSA" and not (self.running.has("ip domain name") or "label" in words):
            return "% Please define a domain-name first."
        name = words[words.index("label") + 1] if "label" in words else self.hostname
        size = next((word for word in reversed(words) if word.isdigit()), "1024")
        return (
            f"The name for the keys will be: {name}\n% The key modulus size is {size} bits\n"
            f"% Generating {size} bit {kind} keys, keys will be non-exportable...\n[OK] (elapsed time was 0 seconds)\n"
        )

    def _tell(self) -> None:
        self.generation += 1
        for watcher in self.watchers:
            watcher(self)


def valid_configuration(text: str) -> ConfigTree | None:
    """The tree of a file that ``configure replace`` would take; None where it is no complete configuration."""
    rows = [row.strip() for row in text.splitlines() if row.strip()]
    if not rows or rows[-1] != "end" or rows[0].startswith("Using "):
        return None
    try:
        return ConfigTree.parse(text, headers=False)
    except ConfigTextError:
        return None
