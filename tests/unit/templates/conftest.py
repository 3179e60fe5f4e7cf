"""What the tests of the templates share: the golden workspace with two VPNs, and its secrets."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from inventory import Inventory, Secret, SiteView
from inventory.loader import load_workspace
from inventory.site import Site

GOLDEN = Path(__file__).parents[2] / "golden"
SECRETS: dict[str, str] = {
    reference: value
    for case in ("certificates", "two_hubs", "two_vpns")
    for reference, value in tomllib.loads((GOLDEN / case / "secrets.toml").read_text())["secrets"].items()
}


@pytest.fixture(scope="session")
def inventory() -> Inventory:
    return load_workspace(GOLDEN / "two_vpns" / "workspace")


@pytest.fixture(scope="session")
def two_hubs() -> Inventory:
    return load_workspace(GOLDEN / "two_hubs" / "workspace")


@pytest.fixture(scope="session")
def certified() -> Inventory:
    """Two customers whose routers have certificates, of two authorities."""
    return load_workspace(GOLDEN / "certificates" / "workspace")


@pytest.fixture(scope="session")
def secret() -> Callable[[str], Secret]:
    return lambda reference: Secret(SECRETS[reference])


@pytest.fixture
def leeds(inventory: Inventory) -> SiteView:
    return inventory.site("leeds")


Changed = Callable[..., tuple[Inventory, SiteView]]


@pytest.fixture
def changed(inventory: Inventory) -> Changed:
    """The inventory with some fields of one site changed, without asking its rules."""

    def change(name: str, **fields: object) -> tuple[Inventory, SiteView]:
        customer = inventory.customers["acme"]
        site: Site = customer.sites[name].model_copy(update=fields)
        other = customer.model_copy(update={"sites": {**customer.sites, name: site}})
        new = Inventory(inventory.root, inventory.settings, {"acme": other}, "changed")
        return new, new.site(name)

    return change
