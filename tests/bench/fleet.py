"""200 virtual routers in service: four customers with a hub and 49 spokes each, in one lab."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.app.lab import lab_spec
from agent.lab.control import LabClient
from device_templates.cisco_iosxe.rendering.bootstrap import snmp_user_lines
from device_templates.cisco_iosxe.rendering.render import render
from inventory import Inventory, Secret, SiteView, load_workspace
from tests.bench.bench_inventory import SITES, workspace

CUSTOMERS = 4
DEVICES = CUSTOMERS * SITES

#: Where the lab listens for the inventory's 10.254.0.0/16; other labs listen elsewhere.
REACHED = "127.79.0.0/16"
COMMUNITY = Secret("lab-bench")

#: Real seconds until the lab is up, and until its tunnels are.
START_S, TUNNELS_S = 120.0, 60.0


def secret(reference: str) -> Secret:
    """What the references of the workspace stand for; NHRP takes eight characters."""
    return Secret("nhrp-key" if reference.endswith("NHRP") else "a-long-enough-word")


def inventory_in(root: Path) -> Inventory:
    """Write the workspace and load it."""
    settings = workspace(root, CUSTOMERS) / "spokesman.toml"
    settings.write_text(settings.read_text().replace("127.254.0.0/16", REACHED))
    return load_workspace(root)


@contextmanager
def lab_of(inventory: Inventory, directory: Path) -> Iterator[LabClient]:
    """All routers with the configuration of their service and every tunnel up."""
    spec = lab_spec(inventory, secret, 1.0)
    texts = {view.router.name: _running(inventory, view) for view in inventory.sites()}
    devices = tuple(device.model_copy(update={"initial": texts[device.name]}) for device in spec.devices)
    lab = LabClient(directory)
    lab.up(spec.model_copy(update={"devices": devices}), START_S)
    try:
        _wait_for_tunnels(lab)
        yield lab
    finally:
        lab.down()


def _running(inventory: Inventory, view: SiteView) -> str:
    """The SNMPv3 users, which no configuration shows, and a community come on top of what the templates write."""
    licence = f"license boot level {inventory.platform(view.router.platform).boot_level}"
    users = [user.line for user in snmp_user_lines(inventory, view, secret)]
    community = f"snmp-server community {COMMUNITY.reveal()} RO"
    return "\n".join((licence, *users, community, render(inventory, view, secret).text))


def _wait_for_tunnels(lab: LabClient) -> None:
    deadline = time.monotonic() + TUNNELS_S
    while not all(device.reachable and all(link.up for link in device.tunnels) for device in lab.status()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the tunnels of the lab in {lab.directory} are not up after {TUNNELS_S:g} s")
        time.sleep(0.5)
