"""Lync servers watched, wired: what is asked of each, the daemon's duty, a look by hand, and baselines."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from zoneinfo import ZoneInfo

from agent.app.app import App, utc_now
from agent.app.instruments import Pings, server_target
from agent.app.lync_turns import Turns
from agent.config import Secrets, reached, secrets_of
from agent.errors import AgentError, Refused
from agent.faults.ports import Files
from agent.faults.servers.diagnostics import ServerDiagnostics
from agent.faults.servers.ports import ServerInstruments
from agent.incidents.incident import Incident
from agent.monitoring.cycle import EXTRA_POLLS, Pace, steady
from agent.monitoring.servers.expected import Baseline, Expected, expected, https_ports, of_lync, sip_ports
from agent.monitoring.servers.our_clock import OurClock
from agent.monitoring.servers.ports import ServerOutcome
from agent.monitoring.servers.reading import neutral
from agent.monitoring.servers.sample import ServerSample
from agent.monitoring.servers.watch import ServerSubject, ServerWatch
from agent.provisioning.ports import PingResult
from agent.store.incidents import Incidents
from agent.store.servers import Servers
from agent.store.states import States
from collectors.clocks import ntp
from collectors.errors import BadTarget
from collectors.services.server import ServerAnswers, ServerRequest, ask
from collectors.services.windows import WindowsSample
from collectors.snmp import Failure, SnmpClient
from collectors.tls.probing import Place, Trust, trust
from device_templates import platform_of, vpn_ref
from inventory import Inventory, ServerView

log = logging.getLogger(__name__)

#: How often the daemon looks whose turn it is, in seconds.
LYNC_TICK_S = 2
#: What a port may take longer than SNMP with all its retries, in seconds: TCP and TLS have their own.
MARGIN_S = 2.0


class LyncWatching:
    """The Lync servers of a workspace; ``app`` tells where things are kept."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._last: dict[str, datetime] = {}
        self._digest = ""
        self._managed: frozenset[str] = frozenset()
        self._writing = threading.Lock()
        self.turns = Turns()
        self._our_clock = OurClock(time.time, steady)

    @cached_property
    def servers(self) -> Servers:
        return Servers(self._app.engine)

    def perform(self, inventory: Inventory) -> None:
        """Begin to look at every server whose turn it is, and come back; what one shows is kept as soon as it is known.

        A server that is still being looked at has its next turn when that ends.
        """
        self._forget_gone(inventory)
        now, period = utc_now(), timedelta(seconds=inventory.settings.schedules.poll_period_s)
        due = [view for view in inventory.servers() if _due(self._last.get(view.name), now, period)]
        due = [view for view in due if not self.turns.flying(view.name)]
        if not due:
            return
        looks = self._looks(inventory)
        for view in due:
            self._last[view.name] = now
            self.turns.start(view.name, partial(self._turn, view, looks))

    def look(self, inventory: Inventory, names: Iterable[str]) -> tuple[ServerSample, ...]:
        """Look at servers now, once; what follows is kept as if the daemon had looked."""
        views = [inventory.server(name) for name in names]
        looks = self._looks(inventory)

        async def once() -> tuple[ServerSample, ...]:
            async with SnmpClient() as client:
                return tuple(await asyncio.gather(*(looks.ask(view, client) for view in views)))

        samples = asyncio.run(once())
        for view, sample in zip(views, samples, strict=True):
            self._keep(looks, view, sample)
        return samples

    def baseline(self, server: str, who: str) -> Baseline:
        """Record what runs on a server now as what must run there; Refused where that cannot be read."""
        inventory = self._app.inventory
        (sample,) = self.look(inventory, (server,))
        if sample.services is None:
            why = sample.unread.get("services") or sample.snmp_reason or sample.reason or "no SNMP is known of it"
            raise Refused(
                f"its services cannot be read: {why}",
                where=server,
                remedy="see `spokesman poll` and the server's SNMP service",
                rule="LY-3",
            )
        running = tuple(sorted(name for name, serves in sample.services.items() if serves))
        if not of_lync(running):
            raise Refused("none of its services belongs to Lync", where=server, remedy="start them first", rule="LY-3")
        found = Baseline(server, sample.at, who, running)
        self.servers.keep_baseline(found)
        self._app.note_event("lync.baseline", server, "LY-3", f"{len(running)} services run")
        return found

    def diagnose(self, incident: Incident, inventory: Inventory) -> None:
        """Collect and keep the evidence of a server's incident."""
        app, looks = self._app, self._looks(inventory)
        pings, kept = Pings(inventory.settings, app.root), Incidents(app.engine)

        async def asked(view: ServerView) -> ServerSample:
            async with SnmpClient() as client:
                return await looks.ask(view, client)

        def from_router(view: ServerView) -> PingResult:
            vrf = platform_of(view.site).vrf_of(vpn_ref(view.site, _vpn_of(view)))
            with app.devices.open(view.site) as router:
                return router.ping(str(view.server.address), vrf=vrf)

        tools = ServerInstruments(
            look=lambda view: asyncio.run(asked(view)),
            expected=looks.expected,
            ping=lambda view: pings.at(view.name, view.server.address),
            ping_from_router=from_router,
            routers=States(app.engine).states,
            servers=self.servers.states,
        )
        ServerDiagnostics(tools, Files(kept, kept, utc_now))(incident, inventory)

    async def _turn(self, view: ServerView, looks: _Looks, client: SnmpClient) -> None:
        """Look, and while that leaves a doubt, look again soon."""
        for extra in range(EXTRA_POLLS + 1):
            sample = await looks.ask(view, client)
            if view.name not in self._managed:
                return  # it left the inventory meanwhile
            outcome = await asyncio.to_thread(self._keep, looks, view, sample)
            if not outcome.step.again or extra == EXTRA_POLLS:
                return
            await asyncio.sleep(looks.pace.again_after_s)

    def _keep(self, looks: _Looks, view: ServerView, sample: ServerSample) -> ServerOutcome:
        watch = ServerWatch(self.servers, lambda server: bool(self._app.ledger.at_work((server,))))
        with self._writing:  # one after another: the database has one writer anyway
            return watch.observe(ServerSubject.of(view), sample, looks.expected(view))

    def _looks(self, inventory: Inventory) -> _Looks:
        return _Looks(self._app, inventory, self.servers.baselines(), self._our_clock)

    def _forget_gone(self, inventory: Inventory) -> None:
        if inventory.digest == self._digest:
            return
        self._managed = frozenset(inventory.server_names)
        gone = tuple(sorted(set(self.servers.states()) - set(inventory.server_names)))
        if gone:
            self.servers.forget(gone, utc_now())
        self._last = {name: at for name, at in self._last.items() if name not in gone}
        self._digest = inventory.digest


def _vpn_of(view: ServerView) -> str:
    """The VPN whose LAN at the site the server is in; Refused where it is in none."""
    for vpn, lans in view.site.site.lans.items():
        networks = [network for lan in lans for network in (lan.address.network, *(one.prefix for one in lan.routes))]
        if any(view.server.address in network for network in networks):
            return vpn
    raise Refused("its address is in no LAN of the router before it", where=view.name)


def _due(last: datetime | None, now: datetime, period: timedelta) -> bool:
    """A clock that was set back makes a server due at once."""
    return last is None or not timedelta() <= now - last < period


class _Looks:
    """One round of looking: by one inventory, with the authorities read once."""

    def __init__(self, app: App, inventory: Inventory, baselines: Mapping[str, Baseline], ours: OurClock) -> None:
        self._app, self._inventory, self._baselines, self._ours = app, inventory, baselines, ours
        self._secrets: Secrets = secrets_of(app.root, inventory.settings)
        schedules = inventory.settings.schedules
        self.pace = Pace.of(schedules.poll_period_s, schedules.poll_timeout_s, schedules.poll_retries)
        self._trust = self._authorities()

    def expected(self, view: ServerView) -> Expected:
        """What the server must show."""
        settings = self._inventory.settings
        return expected(view, self._baselines.get(view.name), settings.lync, settings.schedules.confirm_down_after)

    async def ask(self, view: ServerView, client: SnmpClient) -> ServerSample:
        """One look; whatever goes wrong in it becomes a sample that says so."""
        ours = self._ours
        set_by, steps = ours.set_by(), ours.steps
        answers = await self._answers(view, client)
        ours.set_by()
        return neutral(answers, view.server.fqdn, set_by, jumped=ours.steps != steps)

    async def _answers(self, view: ServerView, client: SnmpClient) -> ServerAnswers:
        """What the server itself said."""
        request, problem = self._request(view)
        answers = await ask(request, client, self._trust, utc_now)
        return replace(answers, windows=WindowsSample(Failure.NOT_SENT, problem)) if problem else answers

    def _request(self, view: ServerView) -> tuple[ServerRequest, str]:
        """What to ask; with why SNMP cannot be asked, where its credentials are unusable."""
        problem, target = "", None
        try:
            target = server_target(self._inventory.settings, self._secrets, view)
        except AgentError as error:
            problem = str(error)
        source, schedules = view.pool.ntp, self._inventory.settings.schedules
        return ServerRequest(
            server=view.name,
            zone=ZoneInfo(view.customer.calendar.timezone),
            snmp=target,
            sip={port: self._place(view, port) for port in sip_ports(view)},
            https={port: self._place(view, port) for port in https_ports(view)},
            ntp=reached(self._inventory.settings, view.server.address, ntp.PORT),
            reference=reached(self._inventory.settings, source, ntp.PORT) if source is not None else None,
            timeout_s=MARGIN_S + schedules.poll_timeout_s * (schedules.poll_retries + 1),
        ), problem

    def _place(self, view: ServerView, port: int) -> Place:
        return Place(*reached(self._inventory.settings, view.server.address, port), view.server.fqdn)

    def _authorities(self) -> Trust:
        """By the workspace's file; one that cannot be used is told, and certificates then show as not trusted."""
        name = self._inventory.settings.lync.ca_file
        try:
            return trust((self._app.root / name).read_text(encoding="ascii") if name else None)
        except (OSError, UnicodeDecodeError, BadTarget) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            log.warning("lync.ca_file %s cannot be used, the system's authorities are: %s", name, reason)
            return trust(None)
