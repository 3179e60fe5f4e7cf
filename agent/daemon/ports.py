"""What the daemon is given to run: use cases, stores, and the moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from prometheus_client.registry import Collector

from agent.app.duties import Duty
from agent.events import Event
from agent.incidents.incident import Incident
from agent.incidents.ports import IncidentStore
from agent.monitoring.alarms import Alarm
from agent.monitoring.cycle import Poller, Refused
from agent.monitoring.heard import Heard
from agent.monitoring.ports import WatchStore, Work
from agent.monitoring.servers.views import ServerRow
from agent.monitoring.service_level import Day, Gap
from agent.monitoring.snmp import RouterOrder
from agent.monitoring.states import RouterState
from agent.monitoring.views import BackupRun, Figures, Heartbeat
from collectors.snmp import Community, V3User
from device_templates import Messages
from inventory import Inventory

#: By the address that their traps come from: the router's name, and what it proves itself with.
Senders = Mapping[str, tuple[str, Community | V3User]]
#: By the address that their syslog comes from: the router's name, and its platform's messages.
Speakers = Mapping[str, tuple[str, Messages]]


class Backup(Protocol):
    """Takes a router's configuration into the archive."""

    def take(self, router: str, reason: str, author: str) -> None:
        """Returns only when the configuration is proved complete and kept; raises an AgentError."""


class StateStore(WatchStore, Protocol):
    """States and alarms, also to be shown and forgotten."""

    def states(self) -> Mapping[str, RouterState]:
        """The last known states by router."""

    def active_alarms(self) -> tuple[Alarm, ...]:
        """All active alarms."""

    def forget(self, routers: tuple[str, ...], at: datetime) -> None:
        """Routers that left the inventory."""


class History(Protocol):
    """The history of polls; what takes long is done in small steps, and 0 says that there is no further one yet."""

    def add(self, batch: Sequence[Heard]) -> None:
        """Keep polls; a process that dies after this returned loses none."""

    def roll_up(self, now: datetime) -> int:
        """Take the next step of summing polls up by hours and days."""

    def drop_old(self, now: datetime) -> int:
        """Take the next step of removing what is older than it is to be kept."""


class Runs(Protocol):
    """Heartbeat and backup runs."""

    def beat(self, heartbeat: Heartbeat) -> None:
        """Keep the sign of life."""

    def heartbeat(self) -> Heartbeat | None:
        """The last sign of life."""

    def backup_ended(self, router: str, at: datetime, failure: str) -> None:
        """Keep how a backup ended; empty: it is in the archive."""

    def backup_runs(self) -> Mapping[str, BackupRun]:
        """The last backup of each router."""


class FleetFigures(Protocol):
    """The fleet in figures."""

    def read(self, now: datetime, most: int) -> Figures:
        """The counts as of ``now``, and each router where there are at most so many; by any thread."""


class LevelStore(Protocol):
    """Where the poller's own service level is kept."""

    def add(self, ended: Sequence[Gap]) -> None:
        """Keep gaps that ended; on the disk when it returns."""

    def keep(self, counted: Sequence[Day]) -> None:
        """Keep what was counted of days."""

    def since(self, moment: datetime) -> Sequence[Day]:
        """What was counted of the day of a moment and of those after it."""

    def drop_old(self, now: datetime) -> None:
        """Remove what is older than it is to be kept."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the daemon keeps things."""

    states: StateStore
    incidents: IncidentStore
    history: History
    runs: Runs
    figures: FleetFigures
    level: LevelStore


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the daemon calls; all but ``poller`` block and are run in threads.

    ``poller`` is opened in the daemon's event loop and lives as long as it; ``orders`` say how each router is polled,
    the same object while nothing changes. ``load`` reads the workspace and raises InventoryError; ``recover`` resumes
    or takes back changes whose lease has expired; ``diagnose`` collects and keeps the evidence of an incident and never
    raises for a dead device; ``servers`` are the Lync servers as they are shown; ``senders`` are the routers whose
    traps are believed, ``speakers`` those whose syslog is read; ``record`` keeps an event in the audit.
    ``metrics`` are shown in /metrics beside the daemon's own.
    """

    poller: Callable[[], AbstractAsyncContextManager[Poller[RouterOrder]]]
    orders: Callable[[Inventory], Mapping[str, RouterOrder | Refused]]
    load: Callable[[], Inventory]
    backup: Backup
    recover: Callable[[], None]
    diagnose: Callable[[Incident, Inventory], None]
    work: Work
    duties: tuple[Duty, ...] = ()
    senders: Callable[[Inventory], Senders] = lambda _inventory: {}
    speakers: Callable[[Inventory], Speakers] = lambda _inventory: {}
    record: Callable[[Event], None] = lambda _event: None
    servers: Callable[[Inventory], tuple[ServerRow, ...]] = lambda _inventory: ()
    metrics: tuple[Collector, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where this daemon runs: the lock file of the workspace, where it serves /metrics and /healthz, and where it
    receives traps and syslog (None: nowhere). /metrics shows each router of a fleet of at most ``router_series``."""

    lock: Path
    host: str = "127.0.0.1"
    port: int = 9464
    traps: tuple[str, int] | None = None
    syslog: tuple[str, int] | None = None
    router_series: int = 2_000
