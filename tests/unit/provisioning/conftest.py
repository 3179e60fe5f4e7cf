"""Fixtures of provisioning's tests."""

from __future__ import annotations

import pytest

from agent.scaffold import create
from inventory import Inventory, load_workspace
from tests.unit.provisioning.bench import Bench, make_bench


@pytest.fixture(scope="session")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    """The example workspace: hub London, spokes Leeds and York."""
    root = tmp_path_factory.mktemp("workspace")
    create(root, "virtual")
    return load_workspace(root)


@pytest.fixture
def bench(inventory: Inventory) -> Bench:
    """Fake routers, a store, and processes that can be killed."""
    return make_bench(inventory)
