"""The daemon's poll of virtual routers in service: what was ordered is read, by few packets, and follows the lab."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.app.instruments import snmp_target
from agent.lab.control import LabClient
from agent.monitoring.conditions import Watched
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer, Sample
from agent.monitoring.snmp import RouterOrder, poll_order, snmp_poller
from agent.store.history import History
from inventory import Inventory, load_workspace
from tests.bench.fleet import lab_of, secret

HUB, SPOKE = "acme-lon-r1", "acme-lee-r1"
GOLDEN = Path(__file__).parents[1] / "golden" / "options_iosxe" / "workspace"
#: What the rules want since these routers were ordered.
OLD, NEW = (
    'ike: {psk: "env:ACME_IKE_PSK"}\n',
    'ike: {psk: "env:ACME_IKE_PSK"}\n    nhrp_authentication: env:ACME_NHRP\n',
)

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    root = tmp_path_factory.mktemp("polled") / "workspace"
    shutil.copytree(GOLDEN, root)
    settings = root / "spokesman.toml"
    settings.write_text(settings.read_text().replace("127.254.0.0/16", f"127.{140 + os.getpid() % 40}.0.0/16"))
    customer = root / "customers" / "acme.yaml"
    customer.write_text(customer.read_text().replace(OLD, NEW).replace('"16.12.4"', '"17.9"'))
    return load_workspace(root)


@pytest.fixture(scope="module")
def lab(inventory: Inventory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    with lab_of(inventory, tmp_path_factory.mktemp("lab")) as running:
        yield running


def heard(inventory: Inventory, router: str, times: int) -> list[Heard]:
    """What is heard of one router that is polled again and again."""
    view = inventory.router(router)

    async def run() -> list[Heard]:
        order = RouterOrder(poll_order(view, snmp_target(inventory.settings, secret, view)))
        async with snmp_poller() as poller:
            return [await poller.read(order) for _ in range(times)]

    return asyncio.run(run())


def samples(polls: list[Heard]) -> list[Sample]:
    """Their samples: none is steady, for a router's first polls are whole."""
    found = [one.sample for one in polls if one.sample is not None]
    assert len(found) == len(polls)
    return found


def polled(inventory: Inventory, router: str, times: int) -> list[Sample]:
    """Samples of one router, polled again and again."""
    return samples(heard(inventory, router, times))


def bad(sample: Sample, kind: Watched) -> dict[str, bool | None]:
    """What was read of a kind, by item."""
    return {item: one.bad for item, one in sample.conditions[kind].items()}


@contextmanager
def broken(lab: LabClient, router: str, fault: str) -> Iterator[None]:
    lab.break_(router, fault)
    lab.advance(15)
    try:
        yield
    finally:
        lab.repair(router)
        lab.advance(15)


def test_a_spoke_beside_a_primary_tells_its_groups_probes_and_registrations(
    inventory: Inventory, lab: LabClient
) -> None:
    first, *others = polled(inventory, SPOKE, 4)
    assert (first.answer, {one.faults for one in (first, *others)}) == (Answer.ANSWERED, {()})
    assert min(one.requests for one in others) <= 3
    groups, hubs = ("Vlan10 10", "Vlan20 20"), ("10.255.8.1", "10.255.16.1")
    assert bad(first, Watched.STANDBY) == bad(first, Watched.STANDS_IN) == dict.fromkeys(groups, False)
    assert bad(first, Watched.REGISTRATION) == dict.fromkeys(hubs, False)
    assert set(bad(first, Watched.PROBE).values()) == {False}
    assert Watched.ENVIRONMENT not in first.conditions, "proactive monitoring is not ordered"
    with broken(lab, SPOKE, "primary"):
        (alone,) = polled(inventory, SPOKE, 1)
    assert bad(alone, Watched.STANDS_IN) == dict.fromkeys(groups, True)
    assert set(bad(alone, Watched.PROBE).values()) == {False, True}


def test_a_hub_tells_its_classes_and_its_environment(inventory: Inventory, lab: LabClient, tmp_path: Path) -> None:
    polls = heard(inventory, HUB, 4)
    first, *others = samples(polls)
    assert (first.answer, {one.faults for one in (first, *others)}) == (Answer.ANSWERED, {()})
    assert min(one.requests for one in others) <= 2
    history = History(f"sqlite:///{tmp_path / 'history.db'}")
    history.add(polls)
    counted = [one.name for one in history.metrics(HUB) if one.name.startswith("classes ")]
    assert len(counted) == 12, counted
    since, until = datetime.fromtimestamp(polls[0].at, UTC), datetime.fromtimestamp(polls[-1].at + 1, UTC)
    for name in counted:
        known = [point.value for point in history.series(HUB, name, since, until) if point.value is not None]
        assert known, f"{name}: so many polls say how fast it grows"
    assert set(bad(first, Watched.ENVIRONMENT).values()) == {False}
    assert Watched.STANDBY not in first.conditions
    assert Watched.REGISTRATION not in first.conditions, "the only hub registers with nobody"
