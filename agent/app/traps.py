"""Whose traps are believed, by the workspace's inventory and settings."""

from __future__ import annotations

import logging

from agent.app.app import App
from agent.app.instruments import snmp_target
from agent.errors import AgentError
from collectors.snmp import Community, V3User
from inventory import Inventory

log = logging.getLogger(__name__)


def trap_senders(app: App, inventory: Inventory) -> dict[str, tuple[str, Community | V3User]]:
    """The managed routers by the address that this machine sees them under, each with its SNMP credentials.

    One whose credentials cannot be had is left out: its polls say so too.
    """
    found: dict[str, tuple[str, Community | V3User]] = {}
    for view in inventory.sites():
        try:
            target = snmp_target(app.settings, app.secrets, view)
        except AgentError as error:
            log.warning("traps of %s are not believed: %s", view.router.name, error)
        else:
            found[target.address] = view.router.name, target.credentials
    return found
