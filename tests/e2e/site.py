"""A workspace with its lab, wired as production is: the acme example, its routers bootstrapped and enrolled."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agent.app.instruments import Pings, snmp_fault, snmp_target
from agent.app.lab import lab_spec
from agent.archive import Archive, Cipher
from agent.config import Paths, reached, secrets_of
from agent.drivers.devices import SshDevices
from agent.lab.control import LabClient
from agent.provisioning.acceptance import Acceptance, Probes, Report
from agent.provisioning.enrol import Enroller
from agent.provisioning.outcome import LinkCheck
from agent.provisioning.owner import may_live, this_owner
from agent.provisioning.plan import Plan
from agent.provisioning.planner import Planner
from agent.provisioning.ports import Ports, Runtime, Timing
from agent.provisioning.recover import Recovered, Recovery
from agent.provisioning.restore import Restored, Restoring
from agent.provisioning.texts import texts_by_platform
from agent.provisioning.transaction import Outcome, Provisioning
from agent.scaffold import create
from agent.store.acceptance import AcceptanceStore
from agent.store.archive import ArchiveStore
from agent.store.audit import AuditStore
from agent.store.base import open_store
from agent.store.enrolments import EnrolmentStore
from agent.store.journal import SqlLedger
from agent.store.migrate import upgrade
from agent.store.plans import SqlPlans
from device_templates import recognised
from device_templates.cisco_iosxe.rendering.bootstrap import bootstrap
from inventory import Inventory, load_workspace

#: Lab seconds in one real second.
SPEED = 10.0
#: The router's timer runs in lab time, ours in real time.
TIMING = Timing(revert_s=300, settle_s=60, poll_s=0.5, grace_s=5, return_s=60, lease_s=120)
SETTINGS = "spokesman.toml"
#: A router takes less to boot, in lab seconds.
BOOT_S = 120.0


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Site:
    """One workspace; ``network`` is where its lab listens, such as 127.231."""

    root: Path
    network: str
    names: Any = field(default_factory=lambda: itertools.count(1))
    said: list[str] = field(default_factory=list)
    hurry_s: float = 0.0

    @classmethod
    def made(cls, root: Path, network: str) -> Site:
        """A new workspace from the example."""
        create(root, "virtual")
        site = cls(root, network)
        site.edit(SETTINGS, 'reached = "127.254.0.0/16"', f'reached = "{network}.0.0/16"')
        site.edit(SETTINGS, 'reached = "127.254.200.0/24"', f'reached = "{network}.200.0/24"')
        return site

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file as a person would."""
        path = self.root / name
        text = path.read_text()
        assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new))

    @property
    def inventory(self) -> Inventory:
        return load_workspace(self.root)

    @cached_property
    def lab(self) -> LabClient:
        return LabClient(Paths(self.root).lab)

    @cached_property
    def engine(self) -> Engine:
        engine = open_store(f"sqlite:///{self.root / 'var' / 'spokesman.db'}")
        upgrade(engine)
        return engine

    @cached_property
    def cipher(self) -> Cipher:
        settings = self.inventory.settings
        return Cipher(secrets_of(self.root, settings)(settings.store.master_key))

    @cached_property
    def archive(self) -> Archive:
        return Archive(ArchiveStore(self.engine), self.cipher, recognised, AuditStore(self.engine), now)

    @cached_property
    def ports(self) -> Ports:
        settings = self.inventory.settings
        secrets = secrets_of(self.root, settings)
        engine = self.engine
        devices = SshDevices(settings.credentials, secrets, partial(reached, settings), EnrolmentStore(engine))
        return Ports(
            devices=devices,
            texts=texts_by_platform(secrets, Paths(self.root).overrides),
            archive=self.archive,
            plans=SqlPlans(engine, self.cipher),
            ledger=SqlLedger(engine),
            events=AuditStore(engine),
        )

    @property
    def runtime(self) -> Runtime:
        return Runtime(now, self._sleep, self._new_id, this_owner(), may_live, self.said.append)

    def _sleep(self, seconds: float) -> None:
        """Real time passes for us; the lab's goes ahead where a test would else wait for a router's timer."""
        time.sleep(seconds)
        if self.hurry_s:
            self.lab.advance(self.hurry_s)

    def _new_id(self) -> str:
        return f"P-{time.time_ns():x}-{next(self.names)}"

    @property
    def provisioning(self) -> Provisioning:
        return Provisioning(self.ports, self.runtime, TIMING, LinkCheck())

    def start(self, *routers: str) -> None:
        """Start the lab, paste day zero and enrol."""
        inventory = self.inventory
        secrets = secrets_of(self.root, inventory.settings)
        self.lab.up(lab_spec(inventory, secrets, SPEED))
        for router in routers:
            self.day_zero(router)
        for router in routers:
            self.enrol(router)

    def day_zero(self, router: str) -> None:
        """Paste the bootstrap at the console of a blank router, until management answers."""
        inventory = self.inventory
        for stage in bootstrap(inventory, inventory.router(router), secrets_of(self.root, inventory.settings)).stages:
            self.wait(lambda: self.lab.device(router).up)
            pasted = self.lab.paste(router, stage.text)
            assert not [line for line in pasted.rejected if not line.line.startswith("!")]
            self.lab.advance(BOOT_S)
        self.wait(lambda: self.lab.device(router).reachable)

    def enrol(self, router: str, *, replace: bool = False) -> None:
        devices: Any = self.ports.devices
        Enroller(devices, devices.enrolments, self.ports.events, now).enrol(
            self.inventory, router, who="eve", replace=replace
        )

    def wait(self, holds: Callable[[], bool], limit_s: float = 60) -> None:
        """Until ``holds``."""
        deadline = time.monotonic() + limit_s
        while not holds():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.1)

    def plan(self, site: str) -> Plan:
        return Planner(self.ports, self.runtime).plan(self.inventory, site, who="eve")

    def provision(self, plan: Plan) -> Outcome:
        return self.provisioning.execute(self.inventory, plan.id, "eve")

    def restore(self, router: str, version: int) -> Restored:
        return Restoring(self.ports, self.runtime, self.provisioning).restore(
            self.inventory, router, version, who="eve"
        )

    def accept(self, site: str) -> Report:
        settings = self.inventory.settings
        secrets = secrets_of(self.root, settings)
        probes = Probes(
            ping=Pings(settings, self.root), snmp=lambda view: snmp_fault(snmp_target(settings, secrets, view))
        )
        acceptances = AcceptanceStore(self.engine)
        acceptance = Acceptance(self.ports, self.runtime, probes, LinkCheck(), acceptances, wait_s=30)
        return acceptance.accept(self.inventory, site, who="eve")

    def recover(self) -> tuple[Recovered, ...]:
        return Recovery(self.ports, self.runtime, TIMING, LinkCheck()).recover(self.inventory)

    def running(self, router: str) -> str:
        with self.ports.devices.open(self.inventory.router(router)) as device:
            return device.running_config()


def main(root: Path, network: str, plan: str) -> None:
    """Run a plan in a process of its own, which a test may kill."""
    site = Site(root, network)
    site.provisioning.execute(site.inventory, plan, "eve")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
