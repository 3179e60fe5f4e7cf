"""A small faithful router for provisioning's proofs: timed replace, revert, flash, dying sessions, faults on demand.

Its configuration is lines. ``!`` lines are volatile, ``own`` lines belong to the device. These lines act when they
run: ``cut management`` (the router is not reached any more), ``reject`` (refused by the device), ``link VPN PEER`` (a
link is up). Everything a router keeps is in a JSON file, so that a killed process leaves it as it was.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.archive.archive import ArchivedConfig
from agent.archive.ports import Version
from agent.errors import (
    AgentError,
    CommandRejected,
    CommitOutcomeUnknown,
    ConfigurationProblem,
    DeviceTimeout,
    DiskFull,
    NothingPending,
    Unreachable,
)
from agent.events import Event
from agent.provisioning.plan import FeatureChange
from agent.provisioning.ports import DeviceFacts, PingResult
from device_templates import Rendered
from inventory import Inventory, Secret, SiteView

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


#: Calls that need room on this machine's disk.
WRITES = frozenset({"ledger.begin", "ledger.append", "ledger.renew", "ledger.close", "events.record"})


class Killed(BaseException):
    """The process is gone; nothing that it would still do happens."""


@dataclass
class Fault:
    """What happens at the ``at``-th call: an error before or after its effect, or the end of the process."""

    at: int
    kind: str = "none"  # or kill, sigkill, timeout, ctrl-c, disk full
    after: bool = False


class Gate:
    """Every call to the outside passes here twice, before and after its effect, and is counted."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.fault = fault or Fault(-1)
        self.calls: list[str] = []
        self.dead = False

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        if self.dead:
            raise Killed
        number = len(self.calls)
        self.calls.append(name)
        if self.fault.kind == "disk full" and number >= self.fault.at and name in WRITES:
            raise ConfigurationProblem("the database cannot be written: disk full")
        if number == self.fault.at and not self.fault.after:
            self._strike(name)
        yield
        if number == self.fault.at and self.fault.after:
            self._strike(name)

    def _strike(self, name: str) -> None:
        if self.fault.kind == "kill":
            self.dead = True
            raise Killed
        if self.fault.kind == "sigkill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fault.kind == "ctrl-c":
            raise KeyboardInterrupt
        if self.fault.kind == "timeout" and name.startswith("device."):
            unknown = name in ("device.commit", "device.confirm", "device.revert_now")
            raise (CommitOutcomeUnknown if unknown else DeviceTimeout)("it stopped answering", where=name)


@dataclass
class World:
    """All routers and the time; kept in ``path``, where processes share them."""

    path: Path | None = None
    routers: dict[str, dict[str, Any]] = field(default_factory=dict)
    now: datetime = START
    while_asleep: Callable[[], None] = lambda: None

    def load(self) -> None:
        if self.path is None:
            return
        data = json.loads(self.path.read_text())
        self.routers, self.now = data["routers"], datetime.fromisoformat(data["now"])

    def save(self) -> None:
        if self.path is None:
            return
        whole = self.path.with_suffix(f".{os.getpid()}")
        whole.write_text(json.dumps({"routers": self.routers, "now": self.now.isoformat()}))
        whole.replace(self.path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Read the world and keep it, with no other process in between."""
        if self.path is None:
            yield
            return
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.load()
            yield
            self.save()

    def add(self, name: str, config: str) -> None:
        self.routers[name] = {"running": config, "startup": config, "flash": {}, "pending": None, "users": [],
                              "powered": True, "full": False, "late_s": 0, "late": None}  # fmt: skip
        self.save()

    def clock(self) -> datetime:
        self.load()
        return self.now

    def sleep(self, seconds: float) -> None:
        self.while_asleep()
        with self.alone():
            self.now += timedelta(seconds=seconds)
            for router in self.routers.values():
                late = router["late"]
                if late and datetime.fromisoformat(late["begins"]) <= self.now:
                    due = self.now + timedelta(seconds=late["revert_in_s"])
                    router["pending"] = {"former": router["running"], "due": due.isoformat()}
                    router["running"], router["late"] = late["candidate"], None
                pending = router["pending"]
                if pending and datetime.fromisoformat(pending["due"]) <= self.now:
                    router["running"], router["pending"] = pending["former"], None

    def reached(self, name: str) -> bool:
        self.load()
        router = self.routers[name]
        return bool(router["powered"]) and "cut management" not in router["running"].splitlines()

    @contextmanager
    def router(self, name: str) -> Iterator[dict[str, Any]]:
        with self.alone():
            yield self.routers[name]

    def lines(self, name: str) -> list[str]:
        self.load()
        return lasting(self.routers[name]["running"]).splitlines()


def lasting(text: str) -> str:
    """The lines that count."""
    return "".join(f"{line}\n" for line in text.splitlines() if not line.startswith(("!", "own ")))


class FakeDevice:
    """One session."""

    def __init__(self, world: World, name: str, gate: Gate) -> None:
        self._world = world
        self._name = name
        self._gate = gate

    @contextmanager
    def _call(self, name: str) -> Iterator[dict[str, Any]]:
        with self._gate(f"device.{name}"):
            if not self._world.reached(self._name):
                raise DeviceTimeout("the session stalls", where=self._name)
            with self._world.router(self._name) as router:
                yield router

    def facts(self) -> DeviceFacts:
        with self._call("facts"):
            return DeviceFacts(self._name, f"FCZ{self._name}", "C1111-8P", "17.9", 100)

    def running_config(self) -> str:
        with self._call("running_config") as router:
            return f"! Last change at {self._world.now}\n{router['running']}"

    def startup_config(self) -> str:
        with self._call("startup_config") as router:
            return str(router["startup"])

    def pending_revert(self) -> bool:
        with self._call("pending_revert") as router:
            return router["pending"] is not None

    def load_replace(self, candidate: str) -> None:
        with self._call("load_replace") as router:
            if router["full"]:
                raise DiskFull("no room on flash", where=self._name)
            router["flash"]["candidate"] = candidate

    def compare(self) -> str:
        with self._call("compare") as router:
            same = lasting(router["running"]) == lasting(router["flash"]["candidate"])
            return "" if same else "+ something"

    def commit(self, revert_in_s: int) -> None:
        with self._call("commit") as router:
            if router["pending"]:
                raise CommandRejected("a timed change waits", where=self._name)
            candidate = router["flash"]["candidate"]
            if "reject" in candidate.splitlines():
                raise CommandRejected("% Invalid input: reject", where=self._name)
            if router["late_s"]:
                begins = self._world.now + timedelta(seconds=router["late_s"])
                router["late"] = {"candidate": candidate, "begins": begins.isoformat(), "revert_in_s": revert_in_s}
                raise CommitOutcomeUnknown("no answer", where=self._name)
            due = self._world.now + timedelta(seconds=revert_in_s)
            router["pending"] = {"former": router["running"], "due": due.isoformat()}
            router["running"] = candidate
        if not self._world.reached(self._name):
            raise CommitOutcomeUnknown("the session ended", where=self._name)

    def confirm(self) -> None:
        with self._call("confirm") as router:
            if router["pending"] is None:
                raise NothingPending("nothing waits", where=self._name)
            router["pending"] = None
        self.save()

    def save(self) -> None:
        with self._call("save") as router:
            router["startup"] = router["running"]

    def revert_now(self) -> None:
        with self._call("revert_now") as router:
            if router["pending"] is None:
                raise NothingPending("nothing waits", where=self._name)
            router["running"], router["pending"] = router["pending"]["former"], None

    def discard(self) -> None:
        with self._call("discard") as router:
            router["flash"] = {}

    def ping(self, address: str, *, vrf: str = "", source: str = "", count: int = 5) -> PingResult:
        with self._call("ping"):
            return PingResult(count, count, 1.0)

    def show(self, command: str) -> str:
        with self._call("show"):
            return command

    def snmp_users(self) -> frozenset[str]:
        with self._call("snmp_users") as router:
            return frozenset(router["users"])

    def certify(self, trustpoint: str) -> bool:
        with self._call("certify") as router:
            own = f"own certificate of {trustpoint}"
            lines = router["running"].splitlines()
            asked = router.setdefault("asked", 0)
            router["asked"] = asked + 1
            if "no authority" in lines:
                raise CommandRejected("no certificate of its authority", where=self._name)
            if asked and own not in lines:
                router["running"] += f"{own}\n"
            return own in lines

    def set_snmp_user(self, line: str) -> None:
        with self._call("set_snmp_user") as router:
            router["users"].append(line.split()[2])


@dataclass
class FakeDevices:
    world: World
    gate: Gate

    @contextmanager
    def open(self, site: SiteView) -> Iterator[FakeDevice]:
        name = site.router.name
        with self.gate("device.open"):
            if not self.world.reached(name):
                raise Unreachable("nothing answers", where=name)
        yield FakeDevice(self.world, name, self.gate)

    def host_key(self, site: SiteView) -> str:
        return "ssh-ed25519 AAAA"

    @contextmanager
    def open_with_key(self, site: SiteView, host_key: str) -> Iterator[FakeDevice]:
        with self.open(site) as device:
            yield device


@dataclass
class FakeTexts:
    """What routers should run: a text for each; a change of one line is one of the feature ``lines``."""

    wanted: dict[str, str]
    users: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def intended(self, inventory: Inventory, view: SiteView) -> Rendered:
        return Rendered(view.router.name, self.wanted[view.router.name], ())

    def recognises(self, text: str) -> bool:
        return True

    def candidate(self, wanted: str, running: str) -> str:
        return lasting(wanted) + "".join(f"{line}\n" for line in running.splitlines() if line.startswith("own "))

    def equal(self, wanted: str, running: str) -> bool:
        return lasting(wanted) == lasting(running)

    def changes(self, wanted: Rendered, running: str) -> tuple[FeatureChange, ...]:
        old, new = lasting(running).splitlines(), lasting(wanted.text).splitlines()
        found = [f"- {line}" for line in old if line not in new] + [f"+ {line}" for line in new if line not in old]
        return (FeatureChange(feature="lines", lines=tuple(found)),) if found else ()

    def lasting(self, text: str) -> str:
        return lasting(text)

    def as_saved(self, text: str) -> str:
        return lasting(text)

    def last_resort(self, router: str) -> tuple[str, ...]:
        return (f"on the console of {router}: look for a timer",)

    def masked(self, wanted: str, running: str) -> tuple[str, ...]:
        return tuple(line for line in wanted.splitlines() if line.startswith("own ") and line not in running)

    def trustpoints(self, text: str) -> tuple[str, ...]:
        return tuple(line.removeprefix("trustpoint ") for line in text.splitlines() if line.startswith("trustpoint "))

    def snmp_users(self, inventory: Inventory, view: SiteView) -> Mapping[str, Secret]:
        names = self.users.get(view.router.name, ())
        return {name: Secret(f"snmp-server user {name} G v3 auth sha planted-secret") for name in names}


class FakeArchive:
    """Keeps what it reads, for ever."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.kept: list[tuple[Version, str]] = []

    def _keep(self, router: str, text: str, reason: str, author: str) -> Version:
        version = Version(router, len(self.kept) + 1, "", START, START, reason, author, len(text), True, frozenset())
        self.kept.append((version, text))
        return version

    def take(self, router: str, read: Callable[[], str], *, author: str, reason: str, proved: bool = False) -> Version:
        with self._gate("archive.take"):
            return self._keep(router, read(), reason, author)

    def take_before_change(
        self, router: str, read: Callable[[], str], *, author: str, reason: str, taking_back: bool = False
    ) -> Version:
        with self._gate("archive.take_before_change"):
            return self._keep(router, read(), reason, author)

    def load(self, router: str, number: int) -> ArchivedConfig:
        version, text = self.kept[number - 1]
        return ArchivedConfig(version, text)

    @contextmanager
    def restoring(self, router: str, number: int) -> Iterator[ArchivedConfig]:
        yield self.load(router, number)


class FakeEvents:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def record(self, event: Event) -> None:
        self.events.append(event)


class FakeCheck:
    """A link is up where the router runs its line."""

    def links(self, device: Any, view: SiteView) -> frozenset[str]:
        lines = device.running_config().splitlines()
        return frozenset(line.removeprefix("link ") for line in lines if line.startswith("link "))

    def kept(self, view: SiteView, links: frozenset[str], configuration: str) -> frozenset[str]:
        return links

    def faults(self, device: Any, view: SiteView, required: frozenset[str]) -> tuple[str, ...]:
        return tuple(f"link {name} is down" for name in sorted(required - self.links(device, view)))


class Gated:
    """Any port, with each of its calls through a gate."""

    def __init__(self, port: Any, name: str, gate: Gate) -> None:
        self._port, self._name, self._gate = port, name, gate

    def __getattr__(self, call: str) -> Any:
        method = getattr(self._port, call)

        def gated(*arguments: Any, **named: Any) -> Any:
            with self._gate(f"{self._name}.{call}"):
                return method(*arguments, **named)

        return gated


def error_of(run: Callable[[], object]) -> AgentError | None:
    """The agent's error that ``run`` ends with."""
    try:
        run()
    except AgentError as error:
        return error
    return None
