"""How each router is polled, from the inventory and the secrets: made anew only where either has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from agent.app.instruments import snmp_user
from agent.config import Secrets, reached
from agent.errors import AgentError
from agent.monitoring.cycle.ports import Refused
from agent.monitoring.snmp import Door, RouterOrder, poll_order
from collectors.errors import BadTarget
from collectors.snmp import Community, Target, V3User
from inventory import Inventory, SiteView
from inventory.settings import Settings

if TYPE_CHECKING:
    from agent.app.app import App

#: What routers are asked with, by the name of the credentials; a text says why that cannot be had.
Users = Mapping[str, V3User | Community | str]


class Orders:
    """Gives the same object as long as nothing changes; secrets are read each time, each once."""

    def __init__(self, app: Callable[[], App]) -> None:
        self._app = app
        self._made: tuple[Inventory, Users, Mapping[str, RouterOrder | Refused]] | None = None

    def __call__(self, inventory: Inventory) -> Mapping[str, RouterOrder | Refused]:
        """By router; of one that cannot be asked, why."""
        settings = inventory.settings
        names = sorted({view.router.snmp.credentials for view in inventory.sites()})
        users = {name: _user(settings, self._app().secrets, name) for name in names}
        if self._made is None or self._made[0] is not inventory or self._made[1] != users:
            made = {view.router.name: order(settings, users, view) for view in inventory.sites()}
            self._made = inventory, users, made
        return self._made[2]


def order(settings: Settings, users: Users, view: SiteView) -> RouterOrder | Refused:
    """How one router is polled."""
    router, schedules = view.router, settings.schedules
    user = users[router.snmp.credentials]
    if isinstance(user, str):
        return Refused(user)
    place = reached(settings, router.management.address, router.snmp.port)
    try:
        target = Target(*place, user, schedules.poll_timeout_s, schedules.poll_retries)
    except BadTarget as error:
        return Refused(str(error))
    door = reached(settings, router.management.address, router.management.port)
    return RouterOrder(poll_order(view, target), Door(*door, settings.thresholds.session_check_s))


def _user(settings: Settings, secrets: Secrets, name: str) -> V3User | Community | str:
    try:
        return snmp_user(settings, secrets, name)
    except (AgentError, BadTarget) as error:
        return str(error)
