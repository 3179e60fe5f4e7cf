"""Machines for the router's program; they take root and Debian's packages, and say so where these are missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.onboard.machine import Machine, missing


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, Machine]]:
    """Two blank machines, joined WAN to WAN and LAN to LAN, with the program serving on each."""
    _here()
    with Machine(tmp_path_factory.mktemp("r1")) as one, Machine(tmp_path_factory.mktemp("r2")) as two:
        for name in ("eth0", "eth2"):
            one.plug(name, two, name)
        one.serve()
        two.serve()
        yield one, two


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A blank machine with its ports, and nothing serving on it yet."""
    _here()
    with Machine(tmp_path) as made:
        for name in ("eth0", "eth2"):
            made.run("ip", "link", "add", "name", name, "type", "veth", "peer", "name", f"far-{name}")
        yield made


def _here() -> None:
    lacking = missing()
    if lacking:
        if os.environ.get("CI"):
            pytest.fail(f"CI cannot run a router: {lacking}")
        pytest.skip(f"a router cannot run here: {lacking}")
