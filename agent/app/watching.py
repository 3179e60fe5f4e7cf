"""Watching, wired: what the daemon is given, and what the commands read of its stores."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from time import sleep
from typing import TYPE_CHECKING

from agent.app.app import App, utc_now
from agent.config import store_url
from agent.errors import ConfigurationProblem
from agent.faults.sharing import Readouts, SharedSessions
from agent.incidents.desk import Desk
from agent.store.incidents import Incidents
from agent.store.runs import Runs
from agent.store.states import States
from inventory.places import Stamp, stamp_of

# Most of what watches is imported where it is made: commands that only show what is known need none of it.
if TYPE_CHECKING:
    from agent.app.duties import Duty
    from agent.app.lync_watching import LyncWatching
    from agent.app.polling import Keeping, Polled
    from agent.faults.evidence import Evidence
    from agent.faults.ports import Reader
    from agent.incidents.incident import Incident
    from agent.monitoring.alarms import Alarm
    from agent.monitoring.heard import Heard
    from agent.monitoring.keeping.keeper import Kept
    from agent.monitoring.servers.views import ServerRow
    from agent.store.history import History
    from inventory import Inventory, SiteView

log = logging.getLogger(__name__)

#: Where alarms are looked for that were cleared long ago.
EVER = datetime(2000, 1, 1, tzinfo=utc_now().tzinfo)


@dataclass(frozen=True)
class OwnWork:
    """What the agent itself is doing, read from the journal and the acceptance records."""

    app: App

    def running(self, routers: Collection[str]) -> frozenset[str]:
        """Those of the routers that a change of ours holds now."""
        return self.app.ledger.at_work(routers)

    def changed(self, router: str, since: datetime, until: datetime) -> bool:
        """Whether we changed the router's configuration between the two moments."""
        return self.app.ledger.changed_between(router, since, until)

    def in_service(self, sites: Collection[str]) -> frozenset[str]:
        """Those of the sites that have an operational service date [WV-20]."""
        return self.app.acceptances.in_service(sites)


class Watching:
    """The fleet as it is watched; ``app`` is replaced when the daemon reads a new inventory."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._loaded: Stamp | None = None
        #: A hub serves many incidents at once.
        self._hubs: SharedSessions[Reader] = SharedSessions()
        self._readouts = Readouts(utc_now)

    @cached_property
    def desk(self) -> Desk:
        """Where people work on incidents."""
        return Desk(self.incidents, self.app.audit, utc_now)

    @cached_property
    def states(self) -> States:
        return States(self.app.engine)

    @cached_property
    def incidents(self) -> Incidents:
        return Incidents(self.app.engine)

    @cached_property
    def history(self) -> History:
        """The history of polls."""
        from agent.store.history import History, Keeping

        settings = self.app.settings
        keeping = Keeping(settings.store.polls_days, settings.store.hours_days, settings.schedules.confirm_down_after)
        return History(self.app.paths.history_url(store_url(self.app.root)), keeping)

    @cached_property
    def runs(self) -> Runs:
        return Runs(self.app.engine)

    @cached_property
    def lync(self) -> LyncWatching:
        """The Lync servers."""
        from agent.app.lync_watching import LyncWatching

        return LyncWatching(self.app)

    def servers(self, inventory: Inventory | None = None) -> tuple[ServerRow, ...]:
        """Every Lync server of an inventory; without one, of the one in use."""
        from agent.monitoring.servers.views import server_rows
        from agent.monitoring.views import ManagedServer
        from agent.store.servers import Servers

        servers = map(ManagedServer.of, (inventory or self.app.inventory).servers())
        kept = Servers(self.app.engine)
        return server_rows(servers, kept.states(), self.states.active_alarms(), kept.baselines(), utc_now())

    def alarms(self, *, cleared: bool) -> tuple[Alarm, ...]:
        """Active alarms; with ``cleared`` the history as well."""
        return self.states.alarm_history(EVER) if cleared else self.states.active_alarms()

    def evidence(self, reference: str) -> tuple[Evidence, ...]:
        """All evidence of an incident."""
        return self.incidents.evidence(reference)

    def polling(self, views: Sequence[SiteView], told: Callable[[Polled], None]) -> Callable[[], bool]:
        """Get ready to poll routers; what follows is kept as if the daemon had polled, and each told when it is.

        What is called then gives False where it was interrupted: what was heard until then is kept.
        """
        from agent.app.orders import Orders
        from agent.app.polling import Polling, interruptible
        from agent.monitoring.snmp import snmp_poller

        polling = Polling(Orders(lambda: self.app)(self.app.inventory), self._keeping(), told)

        async def all_of_them() -> bool:
            async with interruptible() as stop, snmp_poller() as poller:
                return await polling.poll(poller, views, stop)

        return lambda: asyncio.run(all_of_them())

    def _keeping(self) -> Keeping:
        """Keeps what polls bring, as the daemon does."""
        from agent.monitoring.keeping.keeper import Keeper, Terms
        from agent.monitoring.watch import subjects

        settings = self.app.settings
        terms = Terms(subjects(self.app.inventory), settings.schedules.confirm_down_after, settings.thresholds)
        keeper = Keeper(self.states, OwnWork(self.app))

        def keep(batch: Sequence[Heard]) -> Kept:
            kept = keeper.keep(batch, terms)
            self.history.add(batch)
            return kept

        return keep

    def take(self, router: str, reason: str, author: str) -> None:
        """A backup for the daemon: on its own session, into the archive."""
        self.app.take(router, reason=reason, author=author)

    def load(self) -> Inventory:
        """Read the workspace again where a file changed; a good inventory takes the former one's place.

        Raises InventoryError for a bad one; the former one, its settings and its secrets stay in use.
        """
        stamp = stamp_of(self.app.root)
        if stamp != self._loaded:
            self._loaded = None  # a bad inventory is read, and told, every time
            fresh = self.app.renewed()
            if fresh.inventory.digest != self.app.inventory.digest:
                self.app = fresh
            self._show(stamp)
            self._loaded = stamp
        return self.app.inventory

    def _show(self, stamp: Stamp) -> None:
        """Keep what is shown of the inventory; where that cannot be, ``status`` says which one it shows."""
        from agent.app.fleet import keep_fleet

        try:
            keep_fleet(self.app.engine, self.app.inventory, stamp, utc_now())
        except ConfigurationProblem as error:
            log.error("the fleet cannot be kept: %s", error)

    @property
    def duties(self) -> tuple[Duty, ...]:
        """What the daemon does beside polling: one line a part."""
        from agent.app.duties import Duty
        from agent.app.lync import lync_duties
        from agent.app.lync_watching import LYNC_TICK_S
        from agent.app.requests import request_duty
        from agent.app.webhooks import webhook_duty

        return (
            request_duty(lambda: self.app),
            webhook_duty(self.app),
            Duty("lync watch", LYNC_TICK_S, self.lync.perform),
            *lync_duties(lambda: self.app),
        )

    def recover(self) -> None:
        """Finish or take back changes that a dead process left."""
        self.app.recovery.recover(self.app.inventory)

    def diagnose(self, incident: Incident, inventory: Inventory) -> None:
        """Collect and keep the evidence of an incident, of a router or of a Lync server."""
        if incident.subject in inventory.server_names:
            self.lync.diagnose(incident, inventory)
            return
        from agent.app.instruments import Pings, agent_answer, greets, intended_key, snmp_target
        from agent.faults.diagnostics import Diagnostics
        from agent.faults.ports import Files, Instruments
        from device_templates import platform_of

        app = self.app
        tools = Instruments(
            open=app.devices.open,
            open_shared=lambda view: self._hubs.borrow(view.router.name, lambda: app.devices.open(view)),
            ping=Pings(app.settings, app.root),
            snmp=lambda view: agent_answer(snmp_target(app.settings, app.secrets, view), view),
            greet=lambda view: greets(app.settings, view),
            states=self.states.states,
            redact=lambda view, text: platform_of(view).redact_shown(text, app.known),
            intended_key=lambda view, vpn: intended_key(app.secrets, view, vpn),
            readouts=self._readouts,
            pause=sleep,
        )
        Diagnostics(tools, Files(self.incidents, self.incidents, utc_now))(incident, inventory)
