"""A lab of real routers for the tests of it: without root they say so, and in CI that is a failure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent.lab.errors import LabError
from agent.lab.real.guest import Guest
from agent.lab.real.lab import RealLab
from agent.lab.real.machine import Machine, check
from agent.lab.real.namespaces import Namespaces
from agent.lab.real.topology import Centre, Host, Router, Topology

HUB, SPOKE = "198.51.100.10", "198.51.100.18"
#: Not the example's networks, so that tests run beside a lab of it.
CENTRE = Centre(
    network="10.251.0.0/24",
    leads_to=("10.250.0.0/24",),
    outside="10.250.0.10",
    own="10.250.0.20",
    identity="centre.test.example",
    secrets={"": "management-secret"},
)
TOPOLOGY = Topology(
    routers=(
        Router(
            "hub",
            f"{HUB}/29",
            "198.51.100.9",
            (Host("hub-lan", "eth1", "10.1.1.10/24", "10.1.1.1"), Host("hub-tv", "eth2", "10.2.1.10/24", "10.2.1.1")),
            serial="SERIAL1",
        ),
        Router("spoke", f"{SPOKE}/29", "198.51.100.17", (Host("spoke-lan", "eth1", "10.1.2.10/24", "10.1.2.1"),)),
    ),
    centre=CENTRE,
)


def another(third: int) -> Topology:
    """The same lab in management networks of its own: for tests that start one more."""
    centre = replace(
        CENTRE,
        network=f"10.251.{third}.0/24",
        leads_to=(f"10.250.{third}.0/24",),
        outside=f"10.250.{third}.10",
        own=f"10.250.{third}.20",
    )
    return Topology((Router("hub", f"{HUB}/29", "198.51.100.9"),), centre)


def needs(machine: Machine) -> None:
    """Skip, or fail in CI, where the machine cannot run the lab."""
    try:
        check(machine)
    except LabError as problem:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(problem))


@pytest.fixture(scope="module")
def lab() -> Iterator[RealLab]:
    """A lab under this machine's kernel, shared by the tests of one file."""
    needs(Namespaces())
    with RealLab(TOPOLOGY, Namespaces()) as running:
        yield running


@pytest.fixture(scope="module")
def guest() -> Iterator[RealLab]:
    """A lab under a kernel of its own."""
    needs(Guest())
    with RealLab(TOPOLOGY, Guest(memory_mb=1024)) as running:
        yield running


def connect(lab: RealLab) -> None:
    """Give both routers their internet access, by hand at their consoles."""
    for router in TOPOLOGY.routers:
        lab.check_console(
            router.name,
            f"ip addr replace {router.access} dev eth0; ip link set eth0 up\n"
            f"ip route replace default via {router.gateway}",
        )
