"""The one place that wires things together: use cases with the stores, drivers and settings of a workspace."""

from __future__ import annotations

import secrets as randomness
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent.config import Paths, Secrets, reached, secrets_of, store_url
from agent.errors import AgentError, ConfigurationProblem, Refused
from agent.events import Event, Result
from agent.store.audit import AuditStore
from agent.store.base import open_store
from agent.store.migrate import upgrade
from inventory import InventoryError

# What one use case is made of is imported where it is made, here and in the modules beside this one: most commands need
# one or two, and to import all takes longer than to run any.
if TYPE_CHECKING:
    from sqlalchemy import Engine

    from agent.archive import Archive, Cipher, Version
    from agent.drivers.devices import SshDevices
    from agent.provisioning.acceptance import Report
    from agent.provisioning.enrol import Enrolled
    from agent.provisioning.outcome import LinkCheck
    from agent.provisioning.plan import Plan
    from agent.provisioning.ports import Ports, Runtime, Timing
    from agent.provisioning.recover import Recovery
    from agent.provisioning.restore import Restored
    from agent.provisioning.transaction import Outcome, Provisioning
    from agent.store.acceptance import AcceptanceStore
    from agent.store.enrolments import EnrolmentStore
    from agent.store.journal import SqlLedger
    from device_templates import PlatformText, Rendered
    from inventory import Inventory, SiteView
    from inventory.settings import Settings


def utc_now() -> datetime:
    """The present moment: the product's one clock."""
    return datetime.now(UTC)


def new_plan_id() -> str:
    """A plan's name: short enough to type, long enough not to meet another."""
    return f"P-{randomness.token_hex(4)}"


@dataclass
class App:
    """A workspace, opened for one process; everything is made when it is first asked for."""

    root: Path
    who: str
    progress: Callable[[str], None] = lambda _text: None

    @cached_property
    def paths(self) -> Paths:
        return Paths(self.root)

    @cached_property
    def inventory(self) -> Inventory:
        """The inventory as it is on the disk now; raises InventoryError."""
        from inventory import load_workspace

        return load_workspace(self.root)

    @contextmanager
    def attempt(self, action: str, subject: str, why: str = "") -> Iterator[Inventory]:
        """The inventory for what an action needs before it begins; whatever refuses it there is in the audit."""
        from device_templates import TemplatesError

        try:
            yield self.inventory
        except (AgentError, InventoryError, TemplatesError) as error:
            from agent.provisioning.planner import result_of

            audit = self.audit if "inventory" in self.__dict__ else AuditStore(self._open(self.paths.default_store_url))
            audit.record(Event(utc_now(), self.who, action, subject, why, result_of(error), str(error)))
            raise

    @property
    def settings(self) -> Settings:
        return self.inventory.settings

    @cached_property
    def secrets(self) -> Secrets:
        return secrets_of(self.root, self.settings)

    @cached_property
    def engine(self) -> Engine:
        """The history's database, brought to this release's tables; a bad inventory hides no history."""
        return self._open(store_url(self.root))

    @staticmethod
    def _open(url: str) -> Engine:
        engine = open_store(url)
        upgrade(engine)
        return engine

    @cached_property
    def audit(self) -> AuditStore:
        return AuditStore(self.engine)

    @cached_property
    def enrolments(self) -> EnrolmentStore:
        from agent.store.enrolments import EnrolmentStore

        return EnrolmentStore(self.engine)

    @cached_property
    def cipher(self) -> Cipher:
        from agent.archive import Cipher

        return Cipher(self.secrets(self.settings.store.master_key))

    @cached_property
    def known(self) -> frozenset[str]:
        """Every secret of the workspace, to be hidden wherever it would be shown."""
        from agent.app.known import known_secrets

        return known_secrets(self.inventory, self.secrets)

    @cached_property
    def archive(self) -> Archive:
        from agent.archive import Archive
        from agent.store.archive import ArchiveStore

        return Archive(
            versions=ArchiveStore(self.engine),
            cipher=self.cipher,
            recognised=_recognised,
            audit=self.audit,
            clock=utc_now,
            privileged=frozenset(self.settings.access.show_secrets),
            known_secrets=self.known,
        )

    @cached_property
    def devices(self) -> SshDevices:
        """Sessions with the routers."""
        from agent.drivers.devices import SshDevices  # NAPALM is half of the time that a command takes to start

        return SshDevices(
            credentials=self.settings.credentials,
            secrets=self.secrets,
            reached=partial(reached, self.settings),
            enrolments=self.enrolments,
            known=self.known,
        )

    def rendered(self, view: SiteView) -> Rendered:
        """The intended configuration of a site's router, with the operator's own partials."""
        from device_templates import platform_of

        return platform_of(view).render(self.inventory, view, self.secrets, self.paths.overrides)

    def note_event(self, action: str, subject: str, why: str, detail: str = "") -> None:
        """Keep in the audit that something was done."""
        self.audit.record(Event(utc_now(), self.who, action, subject, why, Result.DONE, detail))

    @cached_property
    def ports(self) -> Ports:
        from agent.provisioning.ports import Ports
        from agent.provisioning.texts import texts_by_platform
        from agent.store.plans import SqlPlans

        return Ports(
            devices=self.devices,
            texts=texts_by_platform(self.secrets, self.paths.overrides),
            archive=self.archive,
            plans=SqlPlans(self.engine, self.cipher),
            ledger=self.ledger,
            events=self.audit,
        )

    @cached_property
    def runtime(self) -> Runtime:
        from agent.provisioning.owner import may_live, this_owner
        from agent.provisioning.ports import Runtime

        return Runtime(
            clock=utc_now,
            sleep=time.sleep,
            new_id=new_plan_id,
            owner=this_owner(),
            may_live=may_live,
            progress=self.progress,
        )

    @property
    def ledger(self) -> SqlLedger:
        from agent.store.journal import SqlLedger

        return SqlLedger(self.engine)

    @cached_property
    def timing(self) -> Timing:
        from agent.provisioning.ports import Timing
        from inventory.platforms import PLATFORMS

        return Timing(reverts_s={name: 60 * self.inventory.platform(name).revert_minutes for name in PLATFORMS})

    def newest_version(self, router: str) -> int:
        """The newest archived version of a router; Refused where there is none, InventoryError where no router."""
        ranked = [version.number for version in self.archive.list(router) if version.ranked]
        if not ranked:
            self.inventory.router(router)
            raise Refused("nothing is archived", where=router, remedy=f"spokesman archive take {router}")
        return ranked[0]

    def take(self, router: str, *, reason: str, author: str = "") -> Version:
        """Read a router's running configuration into the archive; raises what the device or the archive refuses.

        Whoever asked for it: a backup that failed before is made good, and told so.
        """
        from agent.monitoring.alarms import backup
        from agent.store.runs import Runs
        from agent.store.states import States

        with self.attempt("archive.take", router, reason) as inventory:
            view, archive = inventory.router(router), self.archive
        self.progress(f"{router}: reading")

        def read() -> str:
            with self.devices.open(view) as device:
                text = device.running_config()
                if device.pending_revert() or self.ledger.at_work((router,)):
                    raise Refused(
                        "a change of this router is going on: what runs meanwhile is on trial and no backup",
                        where=router,
                        remedy="try again when it has ended; spokesman doctor names changes that were interrupted",
                    )
                return text

        version = archive.take(router, read, author=author or self.who, reason=reason)
        now = utc_now()
        States(self.engine).apply(backup(router, now, None))
        Runs(self.engine).backup_ended(router, now, "")
        return version

    def renewed(self) -> App:
        """This workspace as it is on the disk now, on the same database; ConfigurationProblem where it names another.

        Half of what a process has begun would go on in the former one.
        """
        fresh = App(self.root, self.who, self.progress)
        if self.paths.store_url(self.settings) != fresh.paths.store_url(fresh.settings):
            raise ConfigurationProblem(
                "it names another database than the one in use",
                where="spokesman.toml: store.url",
                remedy="stop the daemon and start it again, or take the change back",
            )
        fresh.__dict__["engine"] = self.engine
        return fresh

    @cached_property
    def check(self) -> LinkCheck:
        from agent.provisioning.outcome import LinkCheck

        return LinkCheck()

    @cached_property
    def recovery(self) -> Recovery:
        from agent.provisioning.recover import Recovery

        return Recovery(self.ports, self.runtime, self.timing, self.check)

    @cached_property
    def provisioning(self) -> Provisioning:
        from agent.provisioning.transaction import Provisioning

        return Provisioning(self.ports, self.runtime, self.timing, self.check)

    def enrol(self, router: str, *, replace: bool) -> Enrolled:
        """Record who a router is."""
        from agent.provisioning.enrol import Enroller

        with self.attempt("enrol", router) as inventory:
            enroller = Enroller(self.devices, self.enrolments, self.audit, utc_now)
        return enroller.enrol(inventory, router, who=self.who, replace=replace)

    def plan(self, site: str, reference: str = "", despite: frozenset[str] = frozenset()) -> Plan:
        """What provisioning a site would change; what would run then must fit together first.

        ``despite`` names checks whose violations may pass until other routers run what is intended.
        """
        from agent.app.plan_verdict import refuse_violations
        from agent.provisioning.planner import Planner

        with self.attempt("plan", site, reference) as inventory:
            view = inventory.site(site)
            for finding in refuse_violations(self, view, despite):
                self.progress(f"{finding.severity.value}, not of this plan: {finding}")
            planner = Planner(self.ports, self.runtime)
        return planner.plan(inventory, view.key, who=self.who, reference=reference)

    def provision(self, plan_id: str) -> Outcome:
        """Run a stored plan."""
        with self.attempt("provision", plan_id) as inventory:
            provisioning = self.provisioning
        return provisioning.execute(inventory, plan_id, self.who)

    @cached_property
    def acceptances(self) -> AcceptanceStore:
        from agent.store.acceptance import AcceptanceStore

        return AcceptanceStore(self.engine)

    def accept(self, site: str, reference: str = "") -> Report:
        """Run the standard tests on a site and record what they found."""
        from agent.app.instruments import Pings
        from agent.provisioning.acceptance import Acceptance, Probes

        with self.attempt("accept", site) as inventory:
            probes = Probes(ping=Pings(self.settings, self.root), snmp=self._snmp_fault)
            acceptance = Acceptance(self.ports, self.runtime, probes, self.check, self.acceptances)
        return acceptance.accept(inventory, site, who=self.who, reference=reference)

    def _snmp_fault(self, view: SiteView) -> str:
        from agent.app.instruments import snmp_fault, snmp_target

        return snmp_fault(snmp_target(self.settings, self.secrets, view))

    def restore(self, router: str, version: int | None) -> tuple[int, Restored]:
        """Put an archived configuration back, the newest where none is named; returns which."""
        from agent.provisioning.restore import Restoring

        with self.attempt("restore", router) as inventory:
            number = version or self.newest_version(router)
            restoring = Restoring(self.ports, self.runtime, self.provisioning)
        return number, restoring.restore(inventory, router, number, who=self.who)


def _recognised(text: str) -> PlatformText | None:
    """The platform that a configuration is written for; to list an archive, none is looked for."""
    from device_templates import recognised

    return recognised(text)
