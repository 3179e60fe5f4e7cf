"""A workspace as the API serves it: many threads at a time, the newest inventory, reads that go on without a good one.

An ``App`` belongs to one thread: what it makes on demand is made without a lock. So each request gets one of its own,
which is cheap, and all share only what threads may share: the engine, the settings, and the inventory, which is frozen.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from agent.app.app import App, utc_now
from agent.app.fleet import keep_fleet
from agent.config import Paths
from agent.errors import ConfigurationProblem
from agent.store.base import open_store
from agent.store.migrate import upgrade
from inventory import Inventory, InventoryError, load_settings, load_workspace
from inventory.places import Stamp, stamp_of

#: What an App shares with others; the rest of it is made anew.
_SHARED = ("engine", "inventory")


@dataclass(frozen=True)
class Seen:
    """The workspace's files as they were last looked at, and what came of it: an inventory, or why there is none."""

    stamp: Stamp
    inventory: Inventory | None
    problem: InventoryError | ConfigurationProblem | None


class Serving:
    """Gives each request what it works on; safe to call from any thread."""

    def __init__(self, root: Path) -> None:
        """Raises InventoryError where spokesman.toml is wrong; a customer's file that is wrong stops nothing."""
        self.root = root
        self.settings = load_settings(root)
        self._url = Paths(root).store_url(self.settings)
        self.engine = open_store(self._url)
        upgrade(self.engine)
        self._lock = threading.Lock()
        self._seen: Seen | None = None
        self._good: Inventory | None = None

    def inventory(self) -> Inventory:
        """The inventory as it is on the disk now; raises InventoryError or ConfigurationProblem."""
        seen = self._look()
        if seen.inventory is None:
            raise seen.problem or ConfigurationProblem("there is no inventory", where=str(self.root))
        return seen.inventory

    def last_good(self) -> Inventory:
        """The newest inventory that was good, for what was and whose it is; raises where there was none yet."""
        try:
            return self.inventory()
        except (InventoryError, ConfigurationProblem):
            if self._good is None:
                raise
            return self._good

    def app(self, who: str) -> App:
        """The workspace for what needs a good inventory: raises where there is none now."""
        return self._app(who, self.inventory())

    def history(self, who: str) -> App:
        """The workspace for what was: on the last good inventory, or none; asking that App for one raises then."""
        try:
            return self._app(who, self.last_good())
        except (InventoryError, ConfigurationProblem):
            return self._app(who, None)

    def _app(self, who: str, inventory: Inventory | None) -> App:
        app = App(self.root, who)
        shared = {"engine": self.engine, "inventory": inventory}
        vars(app).update({name: shared[name] for name in _SHARED if shared[name] is not None})
        return app

    def _look(self) -> Seen:
        """Read the workspace again where a file changed; one thread does, and the others wait for it."""
        with self._lock:
            stamp = stamp_of(self.root)
            if self._seen is None or self._seen.stamp != stamp:
                self._seen = self._read(stamp)
                self._good = self._seen.inventory or self._good
            return self._seen

    def _read(self, stamp: Stamp) -> Seen:
        try:
            inventory = load_workspace(self.root)
        except InventoryError as error:
            return Seen(stamp, None, error)
        if Paths(self.root).store_url(inventory.settings) != self._url:
            problem = ConfigurationProblem(
                "it names another database than the one in use",
                where="spokesman.toml: store.url",
                remedy="stop the API and start it again, or take the change back",
            )
            return Seen(stamp, None, problem)
        if self._good is not None and self._good.digest == inventory.digest:
            return Seen(stamp, self._good, None)
        keep_fleet(self.engine, inventory, stamp, utc_now())
        return Seen(stamp, inventory, None)
