"""The daemon itself: starts the jobs, keeps the last good inventory, stops cleanly."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from time import monotonic

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from prometheus_client import CollectorRegistry

from agent.daemon.former import Former
from agent.daemon.hearing import Hearing
from agent.daemon.http import Exposition
from agent.daemon.level import LOOK_S, Level
from agent.daemon.lock import single_instance
from agent.daemon.metrics import Heard, Picture, WatchCollector
from agent.daemon.ports import Jobs, Place, Stores
from agent.daemon.work import Duties
from agent.events import Clock
from agent.incidents.desk import Desk
from agent.incidents.opening import Decision
from agent.monitoring.cycle import Doubt, Pace, Reason, Refused, Taken, Trouble, doubts, steady
from agent.monitoring.heard import Heard as Polled
from agent.monitoring.keeping.keeper import Kept
from agent.monitoring.schedule import next_start
from agent.monitoring.snmp import RouterOrder
from agent.monitoring.views import Heartbeat
from agent.monitoring.workers.fleet import Fleet, open_fleet
from agent.provisioning.owner import boot_id
from inventory import Inventory

log = logging.getLogger(__name__)

#: How long polls, and then threads, may take to end after SIGTERM, in seconds; both fit in what supervisors allow.
STOP_WITHIN_S = 4.0
#: How often the clocks of incidents, backups and leases are looked at, in seconds.
MINUTE_S = 60
#: How often open incidents are looked through for evidence that is still to be collected, in seconds.
DIAGNOSTICS_S = 5
#: The jobs whose period the inventory sets.
CYCLE, RELOAD = "poll cycle", "inventory reload"
#: How often the daemon shows that it lives, and looks whether a cycle is missing, in seconds.
BEAT_S = 5


class Daemon:
    """One per workspace; ``port`` is where it serves /metrics once it runs."""

    def __init__(self, place: Place, jobs: Jobs, stores: Stores, desk: Desk, clock: Clock) -> None:
        self._place, self._jobs, self._stores, self._clock = place, jobs, stores, clock
        self._duties = Duties(jobs, stores, desk, clock)
        self._level = Level(stores.level, stores.states.apply, clock, steady)
        self.port = place.port
        self._started = clock()
        self._cycle_began = steady()
        self._orders: Mapping[str, RouterOrder | Refused] = {}
        self._paced: Pace | None = None
        self._hearing: Hearing | None = None
        self._admitted: Inventory | None = None
        self._admitted_at = 0.0
        self._beat = Heartbeat(os.getpid(), self._started, self._started, None, None, 0, "", boot=boot_id())

    @property
    def hearing(self) -> Hearing | None:
        """What hears routers; None: not yet."""
        return self._hearing

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; raises what ``serve`` raises."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await self.serve(stop)

    async def serve(self, stop: asyncio.Event) -> None:
        """Work until ``stop``; Refused where a daemon already runs here, ConfigurationProblem for an unusable port."""
        registry = CollectorRegistry()
        for collector in (WatchCollector(self._picture), *self._jobs.metrics):
            registry.register(collector)
        with single_instance(self._place.lock):
            exposition = Exposition(self._place.host, self._place.port, registry, self._health)
            exposition.start()
            self.port = exposition.port
            log.info("the daemon serves /metrics on %s:%d", self._place.host, exposition.port)
            try:
                await self._duties.reload()
                processes = self._duties.schedules.poll_workers
                async with open_fleet(processes, self._jobs.poller, self._keep, self._level.trouble) as fleet:
                    self._duties.attend = fleet.attend
                    await self._work(fleet, stop)
            finally:
                exposition.close()

    async def _work(self, fleet: Fleet, stop: asyncio.Event) -> None:
        heartbeat, polls = await asyncio.to_thread(self._stores.runs.heartbeat), await self._duties.last_polls()
        former = Former(heartbeat, steady(), self._clock(), self._beat.boot)
        moments = ((router, former.moment(when)) for router, when in polls.items())
        last = {router: moment for router, moment in moments if moment is not None}
        await self._level.begin(former.ended, self._duties.views().keys(), last)
        await self._order(fleet, last)
        scheduler = self._schedule(fleet)
        stopping = asyncio.create_task(stop.wait())
        async with Hearing(self._place, fleet.at_once, self._duties.note, self._clock) as self._hearing:
            scheduler.start()
            while not stop.is_set():
                self._look_after(scheduler)
                await asyncio.gather(self._show(), self._admit())
                await asyncio.wait({stopping}, timeout=BEAT_S)
        log.info("stopping")
        scheduler.remove_all_jobs()
        abandoned = await fleet.stop(STOP_WITHIN_S)
        scheduler.shutdown(wait=False)
        await self._duties.close(STOP_WITHIN_S)
        await self._level.close()
        self._stores.runs.beat(replace(self._beating(), stopped_at=self._clock()))
        log.info("stopped; %d polls abandoned", abandoned)

    def _schedule(self, fleet: Fleet) -> AsyncIOScheduler:
        """The jobs: never two runs of one at a time, never a run dropped for being late, late ones run once."""
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # what fails is logged here, in one line
        scheduler.add_listener(_log_failure, EVENT_JOB_ERROR)
        now, duties, schedules = datetime.now(UTC), self._duties, self._duties.schedules
        jobs: tuple[tuple[str, Callable[[], Awaitable[None]], float], ...] = (
            (CYCLE, partial(self._run_cycle, fleet), schedules.poll_period_s),
            (RELOAD, partial(self._reload, fleet), schedules.reload_period_s),
            ("backups", duties.backups, MINUTE_S),
            ("leases", duties.leases, MINUTE_S),
            ("diagnostics", duties.diagnose, DIAGNOSTICS_S),
            ("incident clocks", duties.clocks, MINUTE_S),
            ("history", duties.historian.work, MINUTE_S),
            ("service level", self._level.look, LOOK_S),
            *((duty.name, partial(duties.perform, duty), duty.period_s) for duty in self._jobs.duties),
        )
        for name, work, period_s in jobs:
            scheduler.add_job(work, "interval", seconds=period_s, id=name, name=name, next_run_time=now)
        return scheduler

    async def _reload(self, fleet: Fleet) -> None:
        await self._duties.reload()
        await self._order(fleet, {})

    async def _order(self, fleet: Fleet, last: Mapping[str, float]) -> None:
        """Have polled what the inventory in use orders; only what differs is told."""
        inventory, pace = self._duties.inventory, self._pace()
        if inventory is None:
            return
        orders, former = await asyncio.to_thread(self._jobs.orders, inventory), self._orders
        if orders is former and pace == self._paced:
            return
        self._level.manage(orders.keys(), last)
        changed = {router: order for router, order in orders.items() if former.get(router) != order}
        fleet.change(changed, former.keys() - orders.keys(), last, pace)
        self._orders, self._paced = orders, pace

    async def _keep(self, batch: Sequence[Taken]) -> Mapping[str, Doubt]:
        """Keep what was heard, and count it; whoever is in doubt is asked again soon."""
        try:
            kept = await self._decide([taken.heard for taken in batch])
        except BaseException:
            self._level.trouble(Trouble(Reason.NOT_KEPT, min(taken.began for taken in batch), steady()))
            raise
        await self._level.kept(batch, kept.lost)
        return doubts(kept.outcomes)

    async def _decide(self, polls: Sequence[Polled]) -> Kept:
        hearing = self._hearing
        if hearing is None:
            return await self._duties.keep(polls)
        told = {}
        for heard in polls:
            if heard.sample is not None:  # what it tells of the router's SNMP engine is what its traps are judged by
                hearing.learn(heard.sample)
            if recent := hearing.recent(heard.router):
                told[heard.router] = recent
        kept = await self._duties.keep(polls, told)
        for heard, outcome in zip(polls, kept.outcomes, strict=True):
            if heard.router in told and outcome is not None and Decision.HELD in outcome.decisions.values():
                for name in (*self._duties.hubs(heard.router), heard.router):
                    hearing.ask(name)  # what it told is an incident if they are up
        return kept

    async def _admit(self) -> None:
        """Hear the routers of the inventory in use; believe their traps by the credentials that are now in force."""
        inventory, due = self._duties.inventory, monotonic() - self._admitted_at >= MINUTE_S
        if self._hearing is None or not self._hearing.listens or inventory is None:
            return
        if due or inventory is not self._admitted:
            senders = await asyncio.to_thread(self._jobs.senders, inventory)
            self._hearing.admit(senders, await asyncio.to_thread(self._jobs.speakers, inventory))
            self._admitted, self._admitted_at = inventory, monotonic()

    def _pace(self) -> Pace:
        schedules = self._duties.schedules
        pace = Pace.of(schedules.poll_period_s, schedules.poll_timeout_s, schedules.poll_retries)
        return replace(pace, confirm_after_s=schedules.confirm_told_s)

    async def _run_cycle(self, fleet: Fleet) -> None:
        """A cycle; where this process was held up past the next one's start, that one follows at once."""
        while True:
            began = self._cycle_began = steady()
            self._beat = replace(self._beat, cycle_started_at=self._clock())
            report = await fleet.run(began)
            self._beat = replace(self._beat, cycle_ended_at=self._clock(), cycle_polls=report.polls)
            if next_start(began, self._duties.schedules.poll_period_s, steady()) > steady():
                return

    def _look_after(self, scheduler: AsyncIOScheduler) -> None:
        """Follow periods that a reload changed, and start what is overdue: the wall clock, by which the jobs' next runs
        are set, was set back, or the machine was suspended."""
        schedules = self._duties.schedules
        reload_s = schedules.reload_period_s if self._duties.inventory is not None else BEAT_S
        for name, period_s in ((CYCLE, schedules.poll_period_s), (RELOAD, reload_s)):
            if scheduler.get_job(name).trigger.interval.total_seconds() != period_s:
                scheduler.reschedule_job(name, trigger="interval", seconds=period_s)
                scheduler.modify_job(name, next_run_time=datetime.now(UTC))
        now = datetime.now(UTC)
        if steady() - self._cycle_began > schedules.poll_period_s + BEAT_S:
            scheduler.modify_job(CYCLE, next_run_time=now)
        for job in scheduler.get_jobs():
            if job.next_run_time - now > job.trigger.interval:
                scheduler.modify_job(job.id, next_run_time=now)

    def _beating(self) -> Heartbeat:
        return replace(self._beat, beat_at=self._clock(), steady_s=steady())

    async def _show(self) -> None:
        """The heartbeat."""
        inventory = self._duties.inventory
        digest = inventory.digest if inventory is not None else ""
        self._beat = replace(self._beating(), inventory=digest)
        (error,) = await asyncio.gather(asyncio.to_thread(self._stores.runs.beat, self._beat), return_exceptions=True)
        if error is not None:
            log.error("the heartbeat cannot be kept: %s", error)

    def _picture(self) -> Picture:
        inventory, now = self._duties.inventory, self._clock()
        most = self._place.router_series
        servers = inventory is not None and len(inventory.server_names) <= most
        return Picture(
            now,
            self._stores.figures.read(now, most),
            self._beat,
            self._jobs.servers(inventory) if inventory is not None and servers else (),
            self._hearing.heard if self._hearing is not None else Heard(),
            self._level.figures,
            self._duties.historian.backlog.lost,
        )

    def _health(self) -> tuple[bool, str]:
        """Healthy: an inventory is in use, cycles run, and what they bring is kept."""
        late_s = steady() - self._cycle_began - self._duties.schedules.poll_period_s
        if self._duties.inventory is None:
            return False, f"no inventory: {self._duties.refused or 'not read yet'}"
        if late_s > 2 * BEAT_S + 10:
            return False, f"the poll cycle is {late_s:.0f} s late"
        if not self._duties.keeping:
            return False, "what the last poll brought could not be kept: see the log"
        history, lasts = self._duties.historian.trouble()
        if lasts:
            return False, history
        spoilt = f", of {self._duties.spoilt} routers no poll can be kept: see the log" if self._duties.spoilt else ""
        refused = f", inventory refused: {self._duties.refused}" if self._duties.refused else ""
        return True, f"ok{spoilt}{f', {history}' if history else ''}{refused}"


def _log_failure(event: JobExecutionEvent) -> None:
    if isinstance(event.exception, asyncio.CancelledError):
        return  # the daemon stops
    log.error("%s failed: %s: %s", event.job_id, type(event.exception).__name__, event.exception)
