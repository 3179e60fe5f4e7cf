"""The daemon's duties beside the cycle itself: keeping samples, the inventory, backups, leases, evidence, clocks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from agent.app.duties import Duty
from agent.daemon.historian import Historian
from agent.daemon.ports import Jobs, Stores
from agent.daemon.threads import Threads
from agent.errors import AgentError
from agent.events import Clock, Event
from agent.incidents.desk import Desk
from agent.incidents.incident import AGENT, Incident, Status
from agent.monitoring import alarms
from agent.monitoring.cycle import steady
from agent.monitoring.due import due
from agent.monitoring.heard import Attend, Heard
from agent.monitoring.keeping.keeper import NOTHING, Keeper, Kept, Terms
from agent.monitoring.told import Told
from agent.monitoring.watch import subjects
from inventory import Inventory, InventoryError, SiteView
from inventory.settings import Schedules

log = logging.getLogger(__name__)

#: Sessions that may be open at once for backups, and for diagnostics.
BACKUPS_AT_ONCE = 4
DIAGNOSES_AT_ONCE = 8
#: Evidence that could not be kept is collected again after this long.
DIAGNOSE_AGAIN_AFTER = timedelta(seconds=60)


class Duties:
    """Each method is one duty; blocking work runs in threads, writes of one kind in order."""

    def __init__(self, jobs: Jobs, stores: Stores, desk: Desk, clock: Clock) -> None:
        self._jobs, self._stores, self._desk, self._clock = jobs, stores, desk, clock
        self._keeper = Keeper(stores.states, jobs.work)
        self._inventory: Inventory | None = None
        self._terms = Terms({}, Schedules().confirm_down_after)
        self._views: Mapping[str, SiteView] = {}
        #: Why the inventory on the disk is refused; empty: it is in use.
        self.refused = ""
        #: Whether the last polls could be kept.
        self.keeping = True
        #: Asks for whole samples of a router.
        self.attend: Attend = lambda _router: None
        self._writer, self._reader = Threads(1), Threads(2)
        self._backups, self._diagnoses = Threads(BACKUPS_AT_ONCE), Threads(DIAGNOSES_AT_ONCE)
        self._recovery = Threads(1)
        #: Keeps the history.
        self.historian = Historian(stores.history, clock, steady)
        self._duties = {duty.name: Threads(1) for duty in jobs.duties}
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[object]] = set()
        self._diagnosed: dict[str, datetime] = {}

    def views(self) -> Mapping[str, SiteView]:
        """The managed routers by name, of the last good inventory."""
        return self._views

    def hubs(self, router: str) -> frozenset[str]:
        """The hub routers that a router's tunnels lead to."""
        subject = self._terms.subjects.get(router)
        return frozenset() if subject is None else frozenset().union(*subject.hubs.values())

    @property
    def spoilt(self) -> int:
        """Of how many routers the last poll could not be kept while others could."""
        return self._keeper.failing

    @property
    def inventory(self) -> Inventory | None:
        """The last good inventory; None: there was none yet."""
        return self._inventory

    @property
    def schedules(self) -> Schedules:
        """The times of the last good inventory."""
        return self._inventory.settings.schedules if self._inventory is not None else Schedules()

    async def last_polls(self) -> Mapping[str, datetime]:
        """When each router was last polled, before a restart too."""
        return await self._reader.run(self._stores.states.last_polls)

    async def keep(self, batch: Sequence[Heard], told: Mapping[str, tuple[Told, ...]] = NOTHING) -> Kept:
        """Decide on a batch of polls; what follows is on the disk when this returns. The history may lag.

        ``told`` is what routers told of late by themselves. Routers of which something is to be decided are attended.
        """
        saved = False
        try:
            kept = await self._writer.run(partial(self._keeper.keep, batch, self._terms, told))
            saved = True
        finally:
            self.keeping = saved
        for router in kept.attend:
            self.attend(router)
        self._spawn("keeping polls", self.historian.backlog.put(batch))
        if any(one is not None and one.incident is not None and _undiagnosed(one.incident) for one in kept.outcomes):
            self._spawn("diagnostics", self.diagnose())
        return kept

    def note(self, event: Event) -> None:
        """Keep an event in the audit, soon."""
        self._spawn("keeping an event", self._writer.run(partial(self._jobs.record, event)))

    async def reload(self) -> None:
        """Read the workspace again; a bad one raises an alarm with file and line, and the last good one stays."""
        try:
            loaded = await self._reader.run(self._jobs.load)
        except (InventoryError, AgentError) as error:
            await self._refuse(str(error))
            return
        if self._inventory is None or self.refused:
            await self._writer.run(partial(self._stores.states.apply, alarms.inventory(self._clock(), None)))
        self.refused = ""
        if self._inventory is not None and loaded.digest == self._inventory.digest:
            return
        known = await self._reader.run(self._stores.states.last_polls)
        gone = tuple(sorted(set(known) - set(loaded.router_names)))
        settings = loaded.settings
        self._inventory = loaded
        self._terms = Terms(subjects(loaded), settings.schedules.confirm_down_after, settings.thresholds)
        self._views = {view.router.name: view for view in loaded.sites()}
        if gone:
            await self._writer.run(partial(self._stores.states.forget, gone, self._clock()))
        log.info("inventory %s: %d routers", loaded.digest[:12], len(self._views))

    async def _refuse(self, text: str) -> None:
        lines = text.splitlines()
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        if lines[0] + more != self.refused:
            log.error("the inventory is refused, the last good one stays: %s%s", lines[0], more)
        self.refused = lines[0] + more
        await self._writer.run(partial(self._stores.states.apply, alarms.inventory(self._clock(), self.refused)))

    async def backups(self) -> None:
        """Start the backups that are due; each ends on its own."""
        runs, now = await self._reader.run(self._stores.runs.backup_runs), self._clock()
        waiting = {
            name: view.key
            for name, view in self._views.items()
            if name not in self._busy
            and due(runs.get(name), view.router.backup_at, view.customer.calendar.timezone, now)
        }
        served = await self._reader.run(partial(self._jobs.work.in_service, frozenset(waiting.values())))
        on_trial = await self._reader.run(partial(self._jobs.work.running, waiting.keys()))
        for name, site in waiting.items():
            if site in served and name not in on_trial and name not in self._busy:
                self._busy.add(name)
                self._spawn(f"the backup of {name}", self._backup(name))

    async def _backup(self, name: str) -> None:
        """One backup; its failure is an alarm and never green."""
        try:
            await self._backups.run(partial(self._jobs.backup.take, name, "daily", AGENT))
        except AgentError as error:
            log.warning("the backup of %s failed: %s", name, error)
            await self._backup_ended(name, str(error))
        except Exception as error:
            await self._backup_ended(name, f"unforeseen {type(error).__name__}: see the daemon's log")
            raise
        else:
            await self._backup_ended(name, "")
        finally:
            self._busy.discard(name)

    async def _backup_ended(self, name: str, failure: str) -> None:
        now = self._clock()
        await self._writer.run(partial(self._stores.states.apply, alarms.backup(name, now, failure or None)))
        await self._writer.run(partial(self._stores.runs.backup_ended, name, now, failure))

    async def perform(self, duty: Duty) -> None:
        """Do what one of the further duties has to do now; nothing before there is an inventory."""
        if self._inventory is None:
            return
        try:
            await self._duties[duty.name].run(partial(duty.run, self._inventory))
        except AgentError as error:
            log.error("%s: %s", duty.name, error)

    async def leases(self) -> None:
        """Resume or take back what a dead process left."""
        await self._recovery.run(self._jobs.recover)

    async def clocks(self) -> None:
        """Let time pass for incidents."""
        await self._writer.run(self._desk.tick)

    async def diagnose(self) -> None:
        """Start diagnostics for each open incident that has no complete evidence yet; after a restart too."""
        inventory, now = self._inventory, self._clock()
        if inventory is None:
            return
        found = await self._reader.run(partial(self._stores.incidents.incidents, closed=False))
        for incident in sorted(found, key=lambda one: one.evidence_due):
            last = self._diagnosed.get(incident.reference)
            waits = last is not None and timedelta() <= now - last < DIAGNOSE_AGAIN_AFTER
            if not _undiagnosed(incident) or incident.reference in self._busy or waits:
                continue
            self._busy.add(incident.reference)
            self._spawn(f"diagnostics of {incident.reference}", self._diagnose(incident, inventory))

    async def _diagnose(self, incident: Incident, inventory: Inventory) -> None:
        try:
            await self._diagnoses.run(partial(self._jobs.diagnose, incident, inventory))
        finally:
            self._diagnosed[incident.reference] = self._clock()
            self._busy.discard(incident.reference)

    async def close(self, within_s: float) -> None:
        """Give what runs ``within_s`` to end, abandon the rest; what was accepted for writing is written."""
        self._spawn("noting polls", self._writer.run(self._keeper.note))
        await asyncio.wait(self._tasks, timeout=within_s)
        pools: tuple[Threads | Historian, ...] = (
            self._writer,
            self._reader,
            self._backups,
            self._diagnoses,
            self._recovery,
            self.historian,
            *self._duties.values(),
        )
        for threads in pools:
            threads.close()

    def _spawn(self, name: str, work: Coroutine[object, object, object]) -> None:
        """Let ``work`` run beside; its failure is logged and stops nothing."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s failed: %s: %s", task.get_name(), type(error).__name__, error)


def _undiagnosed(incident: Incident) -> bool:
    return incident.status is Status.OPEN and incident.diagnosed_at is None
