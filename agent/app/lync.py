"""Lync, wired: plans, changes, backups and restorations, and the daemon's duties for them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from secrets import token_hex

from agent.app.app import App, utc_now
from agent.app.beside import Beside
from agent.app.duties import Duty
from agent.config import reached, secrets_of
from agent.errors import AgentError, ConfigurationProblem, Refused
from agent.events import Event, Result
from agent.incidents.incident import AGENT
from agent.lync.applying import Applying, Outcome
from agent.lync.exports import unpacked
from agent.lync.keeping import Keeper
from agent.lync.model import Backup, Contents, LyncPlan, Restoration, Why
from agent.lync.planning import COMMANDING, Planner, server_for
from agent.lync.ports import Ports, Servers, Timing
from agent.monitoring.alarms import AlarmKey, Clear, Cleared, Kind, Raise, Verdicts
from agent.monitoring.due import due
from agent.provisioning.owner import may_live, this_owner
from agent.provisioning.planner import result_of
from agent.provisioning.ports import Runtime
from agent.requests.charges import Charge, ChargeKind
from agent.store.lync import LyncBackups, LyncChanges, LyncPlans, LyncRestorations
from agent.store.requests import SqlRequests
from agent.store.runs import Runs
from agent.store.states import States
from inventory import Inventory, ServerView
from inventory.lync import Backup as LyncBackup

log = logging.getLogger(__name__)

#: How often it is looked whether a backup is due, and whether a change was left by a dead process, in seconds.
BACKUP_PERIOD_S, RECOVERY_PERIOD_S = 30.0, 60.0
_WHEN_ENDED = "try again when it ended; where its process is gone: spokesman lync apply --recover"
#: Servers that are backed up at a time.
AT_ONCE = 4


@dataclass
class LyncDesk:
    """What people and the daemon do with Lync, on one state of the inventory; ``servers`` and ``timing`` for tests."""

    app: App
    servers: Servers | None = None
    timing: Timing = field(default_factory=Timing)

    @cached_property
    def ports(self) -> Ports:
        return Ports(
            servers=self.servers or self._winrm(),
            plans=LyncPlans(self.app.engine),
            changes=LyncChanges(self.app.engine),
            backups=LyncBackups(self.app.engine, self.app.cipher),
            restorations=LyncRestorations(self.app.engine),
            events=self.app.audit,
        )

    def _winrm(self) -> Servers:
        from agent.drivers.winrm import WinrmServers  # an HTTP client, which commands that do not connect do without

        settings = self.app.settings
        authority = self.app.root / settings.lync.ca_file if settings.lync.ca_file else None
        if authority is not None and not authority.is_file():
            raise ConfigurationProblem(
                f"there is no file {settings.lync.ca_file}",
                where="spokesman.toml: lync.ca_file",
                remedy="put the authorities' certificates there (PEM), or remove the setting",
            )
        return WinrmServers(
            credentials=settings.credentials,
            secrets=secrets_of(self.app.root, settings),
            reached=partial(reached, settings),
            authority=authority,
            authentication=settings.lync.authentication,
        )

    @cached_property
    def runtime(self) -> Runtime:
        return Runtime(utc_now, time.sleep, lambda: f"L-{token_hex(4)}", this_owner(), may_live, self.app.progress)

    def plan(self, name: str, reason: str = "") -> LyncPlan:
        """What would change on a pool, stored."""
        with self.app.attempt("lync.plan", name, reason) as inventory:
            return Planner(self.ports, self.runtime).plan(inventory, name, who=self.app.who, reason=reason)

    def apply(self, plan_id: str) -> Outcome:
        """Run a stored plan."""
        with self.app.attempt("lync.apply", plan_id) as inventory:
            applying = self._applying
            applying.check(inventory, plan_id)
        return applying.apply(inventory, plan_id, who=self.app.who)

    def restore(self, server: str, number: int, why: str) -> Outcome:
        """Import a kept backup; a restoration beyond the three of a year is recorded as chargeable [LY-7, WV-25]."""
        with self.app.attempt("lync.restore", server, why) as inventory:
            applying = self._applying
            Keeper(self.ports, self.runtime).contents(server_for(inventory, server).name, number)
        outcome = applying.restore(inventory, server, number, who=self.app.who, why=why)
        self.charge(inventory)
        return outcome

    def recover(self, inventory: Inventory) -> tuple[AgentError | Outcome, ...]:
        """Finish or take back what dead processes left; where nothing is, servers are not reached for."""
        if not LyncChanges(self.app.engine).open_changes():
            return ()
        return self._applying.recover(inventory)

    def back_up(self, inventory: Inventory, server: str, *, why: Why, reason: str, who: str) -> Backup:
        """Take a backup; a failure is an alarm until a good one was taken, and raised.

        Refused, without an alarm, while a change goes on: what a server has meanwhile is on trial and no backup.
        """
        view = server_for(inventory, server)
        if any(one.customer == view.customer.customer for one in self.ports.changes.open_changes()):
            raise Refused("a change of this customer's Lync goes on", where=view.name, remedy=_WHEN_ENDED)
        try:
            backup = Keeper(self.ports, self.runtime).take(view, why=why, reason=reason, who=who)
        except AgentError as error:
            self.ended(view.name, str(error))
            self.app.audit.record(Event(utc_now(), who, "lync.backup", view.name, reason, result_of(error), str(error)))
            raise
        self.ended(view.name, "")
        told = f"backup {backup.number}, {backup.size} bytes: {', '.join(backup.parts)}"
        self.app.audit.record(Event(utc_now(), who, "lync.backup", view.name, reason, Result.DONE, told))
        return backup

    def backups(self, server: str = "") -> tuple[Backup, ...]:
        """Kept backups, newest first; Refused for a server that the inventory does not know and nothing is kept of."""
        found = LyncBackups(self.app.engine, self.app.cipher).backups(server or None)
        if server and not found:
            server_for(self.app.inventory, server)
        return found

    def contents(self, server: str, number: int) -> Contents:
        """What a kept backup holds; Refused if there is none, ArchiveDamaged if it cannot be used."""
        return unpacked(LyncBackups(self.app.engine, self.app.cipher).body(server, number), f"{server} backup {number}")

    def restorations(self, customer: str = "") -> tuple[Restoration, ...]:
        """What was restored, newest first."""
        if customer:
            self.app.inventory.customer(customer)
        return LyncRestorations(self.app.engine).restorations(customer or None)

    @cached_property
    def _applying(self) -> Applying:
        return Applying(self.ports, self.runtime, self.timing)

    def ended(self, server: str, failure: str) -> None:
        """Keep how a backup ended: as alarm, and for when the next one is due."""
        now = utc_now()
        States(self.app.engine).apply(backup_verdicts(server, now, failure))
        Runs(self.app.engine).backup_ended(server, now, failure)

    def charge(self, inventory: Inventory) -> None:
        """Record every restoration beyond those included as chargeable, each once however often this is called."""
        requests = SqlRequests(self.app.engine)
        for made in LyncRestorations(self.app.engine).restorations():
            if made.chargeable:
                requests.charge(_charge_of(inventory, made))


def asked_for(desk: LyncDesk, server: str, reason: str) -> Backup:
    """A backup because a person asked for one."""
    with desk.app.attempt("lync.backup", server, reason) as inventory:
        server_for(inventory, server)
    return desk.back_up(inventory, server, why=Why.ASKED, reason=reason or "asked for", who=desk.app.who)


def exported(view: ServerView) -> LyncBackup | None:
    """The daily backup that was ordered of a server whose configuration can be exported [LY-7]."""
    support = view.server.support
    return support.backup if support is not None and view.server.role in COMMANDING else None


def _charge_of(inventory: Inventory, made: Restoration) -> Charge:
    known = made.server in inventory.server_names
    return Charge(
        kind=ChargeKind.LYNC_RESTORATION,
        customer=made.customer,
        site=inventory.server(made.server).site.name if known else "",
        occurred_at=made.at,
        recorded_at=made.at,
        who=made.who,
        note=f"restoration {made.number} of {made.year}: backup {made.backup} of {made.server}",
        source=f"lync restoration {made.change}",
    )


def backup_verdicts(server: str, at: datetime, failure: str) -> Verdicts:
    """A backup of a server ended; ``failure`` says why it is none, empty: it is proved and kept."""
    key = AlarmKey(server, Kind.LYNC_BACKUP_FAILED)
    if failure:
        return Verdicts(raised=(Raise(key, at, at, failure),))
    return Verdicts(cleared=(Clear(key, at, Cleared.BACKED_UP, "a backup was taken"),))


class LyncBackupsDuty:
    """Backs up every server whose hour has come; each in a thread of its own, so that none waits for a slow one."""

    def __init__(self, current: Callable[[], App], desk_of: Callable[[App], LyncDesk] = LyncDesk) -> None:
        self._current, self._desk_of = current, desk_of
        self._beside = Beside("backup of", AT_ONCE, lambda name, why: desk_of(current()).ended(name, why))

    def run(self, inventory: Inventory) -> None:
        """Start what is due and return."""
        app = self._current()
        desk, now = self._desk_of(app), utc_now()
        runs = Runs(app.engine).backup_runs()
        for view in inventory.servers():
            ordered = exported(view)
            if ordered is None:
                continue
            if due(runs.get(view.name), ordered.at, view.customer.calendar.timezone, now):
                self._beside.begin(view.name, partial(_daily, desk, inventory, view.name))

    @property
    def busy(self) -> frozenset[str]:
        """Servers that are being backed up."""
        return self._beside.busy


def _daily(desk: LyncDesk, inventory: Inventory, server: str) -> None:
    desk.back_up(inventory, server, why=Why.DAILY, reason="daily", who=AGENT)


def lync_duties(current: Callable[[], App]) -> tuple[Duty, ...]:
    """What the daemon does about Lync beside watching it."""

    def settle(inventory: Inventory) -> None:
        desk = LyncDesk(current())
        for ended in desk.recover(inventory):
            log.warning("an interrupted Lync change: %s", ended if isinstance(ended, AgentError) else ended.message)
        desk.charge(inventory)

    return (
        Duty("lync backups", BACKUP_PERIOD_S, LyncBackupsDuty(current).run),
        Duty("lync changes", RECOVERY_PERIOD_S, settle),
    )
