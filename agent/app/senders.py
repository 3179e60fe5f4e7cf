"""Whose traps are believed and whose syslog is read, by the workspace's inventory and settings."""

from __future__ import annotations

import logging

from agent.app.app import App
from agent.app.instruments import snmp_target
from agent.config import reached
from agent.errors import AgentError
from collectors.snmp import Community, V3User
from device_templates import Messages, platform_of
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


def syslog_speakers(app: App, inventory: Inventory) -> dict[str, tuple[str, Messages]]:
    """The managed routers by the address that this machine sees them under, each with its platform's messages."""
    return {
        reached(app.settings, view.router.management.address, 0)[0]: (view.router.name, platform_of(view).messages)
        for view in inventory.sites()
    }
