"""The fleet as it is shown, wired: read from what is kept, and kept anew where that is of another inventory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from agent.app.liveness import daemon_now
from agent.events import Clock
from agent.monitoring.views import Counts, DaemonRow, Roster, Selection, StatusRow
from agent.store.fleet import Fleet, Mark
from inventory import InventoryError
from inventory.places import Stamp, stamp_of

# The inventory and the servers' states are imported where they are read: mostly neither is.
if TYPE_CHECKING:
    from agent.monitoring.servers.views import ServerRow
    from inventory import Inventory

#: A fleet of more routers than this is summed up, unless all of it is asked for.
SUMMED_UP_FROM = 50
#: So many of what is wrong in it are shown, the newest first.
SHOWN_WRONG = 25


@dataclass(frozen=True, slots=True)
class FleetStatus:
    """What ``status`` shows. ``complete``: ``devices`` are all that were asked for; if not, the newest wrong ones.

    ``inventory`` says what is to be known of the inventory that this is of; empty: it is the one on the disk.
    """

    daemon: DaemonRow
    inventory: str
    counts: Counts
    complete: bool
    devices: tuple[StatusRow, ...]
    servers: tuple[ServerRow, ...]


def mark_of(stamp: Stamp, digest: str, read_at: datetime) -> Mark:
    """The mark of an inventory that was read from files of that stamp."""
    return Mark(hashlib.sha256(repr(stamp).encode()).hexdigest(), digest, read_at)


def keep_fleet(engine: Engine, inventory: Inventory, stamp: Stamp, now: datetime) -> None:
    """Keep what is shown of an inventory; ``stamp`` is that of its files before they were read."""
    Fleet(engine).keep(Roster.of(inventory), mark_of(stamp, inventory.digest, now))


class FleetReading:
    """Reads the fleet of a workspace; ``load`` reads its inventory, and is called where what is kept is of another."""

    def __init__(self, root: Path, engine: Engine, load: Callable[[], Inventory], clock: Clock) -> None:
        self._root, self._engine, self._load, self._clock = root, engine, load, clock
        self._fleet = Fleet(engine)

    def status(self, selection: Selection, *, whole: bool) -> FleetStatus:
        """The routers of a selection; ``whole``: all of them, however many."""
        running = daemon_now(self._root, self._engine, self._clock())
        told = self._current(running)
        now = self._clock()
        counts = self._fleet.counts(selection, now)
        complete = whole or counts.routers <= SUMMED_UP_FROM or bool(selection.states) or selection.wrong
        shown = selection if complete else Selection(selection.places, selection.states, wrong=True)
        rows = self._fleet.rows(shown, now, None if complete else SHOWN_WRONG)
        return FleetStatus(running, told, counts, complete, rows, self._servers(selection, now))

    def _current(self, running: DaemonRow) -> str:
        """See to it that what is kept is of the inventory in use; what people must know where it is not the files'."""
        kept, stamp, now = self._fleet.mark(), stamp_of(self._root), self._clock()
        if kept is not None and kept.stamp == mark_of(stamp, "", now).stamp:
            return ""
        if kept is not None and running.running:
            return (
                f"the inventory's files changed; this is the fleet as the daemon read it at {_clock(kept.read_at)}: "
                "it reads them again soon, and `spokesman inventory check` says whether they are good"
            )
        try:
            keep_fleet(self._engine, self._load(), stamp, now)
        except InventoryError as error:
            if kept is None:
                raise
            first = str(error).splitlines()[0]
            return f"the inventory on the disk is refused ({first}); this is the fleet as of {_clock(kept.read_at)}"
        return ""

    def _servers(self, selection: Selection, now: datetime) -> tuple[ServerRow, ...]:
        """The Lync servers at the places of a selection."""
        managed = self._fleet.servers(selection.places)
        if not managed:
            return ()
        from agent.monitoring.servers.views import server_rows
        from agent.store.servers import Servers
        from agent.store.states import States

        kept = Servers(self._engine)
        return server_rows(managed, kept.states(), States(self._engine).active_alarms(), kept.baselines(), now)


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"
