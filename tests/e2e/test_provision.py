"""Provisioning over real SSH and SCP against the lab: what a field engineer does, and what must not go wrong then.

One lab serves all tests of this file, which follow each other like the days of a site's life.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.errors import CommandRejected, HostKeyRefused, RolledBack
from agent.events import Result
from agent.provisioning.acceptance import Verdict
from agent.provisioning.journal import Step, reached
from agent.provisioning.plan import described
from tests.e2e.site import BOOT_S, SETTINGS, Site

HUB, LEEDS, YORK = "acme-lon-r1", "acme-lee-r1", "acme-yor-r1"
ROOT = Path(__file__).parents[2]
LIMIT_S = 120

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site.made(tmp_path_factory.mktemp("e2e") / "workspace", f"127.{100 + os.getpid() % 100}")
    try:
        made.start(HUB, LEEDS, YORK)
        yield made
    finally:
        made.lab.down()


def flash(site: Site, router: str) -> str:
    with site.ports.devices.open(site.inventory.router(router)) as device:
        return device.show("show flash:")


def test_a_plan_provisions_the_hub_and_then_the_spoke(site: Site) -> None:
    plan = site.plan("leeds")
    assert plan.routers == (HUB, LEEDS)
    assert site.provision(plan).changed == (HUB, LEEDS)
    for router in plan.routers:
        assert "spokesman-" not in flash(site, router)
        assert len(site.archive.list(router)) >= 2


def test_a_second_run_changes_nothing(site: Site) -> None:
    plan = site.plan("leeds")
    assert plan.nothing_to_do
    assert site.provision(plan).changed == ()


def test_acceptance_passes_and_sets_the_service_date_once(site: Site) -> None:
    first = site.accept("leeds")
    assert first.verdict is Verdict.PASSED, first.tests
    again = site.accept("leeds")
    assert again.in_service_since == first.in_service_since == first.at


def test_a_push_that_loses_management_is_taken_back_by_the_router(site: Site) -> None:
    before = site.running(LEEDS)
    site.edit(SETTINGS, 'peer = "203.0.113.1"', 'peer = "203.0.113.7"')
    site.hurry_s = 60
    try:
        with pytest.raises(RolledBack, match=LEEDS):
            site.provision(site.plan("leeds"))
    finally:
        site.hurry_s = 0
        site.edit(SETTINGS, 'peer = "203.0.113.7"', 'peer = "203.0.113.1"')
    assert same(site, before, site.running(LEEDS))
    assert site.plan("leeds").nothing_to_do


def test_a_line_that_the_router_rejects_changes_nothing(site: Site) -> None:
    before = site.running(LEEDS)
    with overridden(site, "frobnicate the network\n"), pytest.raises(CommandRejected, match="frobnicate"):
        site.provision(site.plan("leeds"))
    assert same(site, before, site.running(LEEDS))
    assert "spokesman-" not in flash(site, LEEDS)


#: What is about to happen when the process is killed, and how the change may end then.
KILLS = {
    "before the hub's commit": (HUB, Step.LOADING, {Result.FAILED, Result.ROLLED_BACK}),
    "between the hub's commit and its confirmation": (HUB, Step.COMMITTED, {Result.ROLLED_BACK}),
    "between the spoke's commit and its confirmation": (YORK, Step.COMMITTED, {Result.DONE}),
    "before the spoke's confirmation": (YORK, Step.CONFIRMING, {Result.DONE}),
}


#: Every call that a kill can come at is tried in process, in tests/unit/provisioning; the gate kills two processes.
SAMPLE = ("between the hub's commit and its confirmation", "before the spoke's confirmation")


@pytest.mark.parametrize(
    "moment", [moment if moment in SAMPLE else pytest.param(moment, marks=pytest.mark.soak) for moment in KILLS]
)
def test_kill_9_and_recovery(site: Site, moment: str) -> None:
    router, step, ends = KILLS[moment]
    name = f"mark-{list(KILLS).index(moment)}"
    lines = f"no ip http server\nno ip http secure-server\nip host {name} 10.10.1.1\n"
    with overridden(site, lines):
        before = {one: site.running(one) for one in (HUB, YORK)}
        plan = site.plan("york")
        assert plan.routers == (HUB, YORK)
        killed(site, plan.id, router, step)
        (ended,) = site.recover()
        assert ended.result in ends, ended
        for one in plan.routers:
            running = site.running(one)
            assert f"ip host {name}" in running if ended.result is Result.DONE else same(site, before[one], running)
            assert "spokesman-" not in flash(site, one)
        assert site.plan("york").nothing_to_do is (ended.result is Result.DONE)
        assert site.recover() == ()


def test_a_replaced_router_gets_its_configuration_back(site: Site) -> None:
    newest = max(version.number for version in site.archive.list(LEEDS))
    archived = site.archive.load(LEEDS, newest).text
    site.lab.replace(LEEDS, "FCZ0000A0C7")
    site.lab.advance(BOOT_S)
    site.edit("customers/acme.yaml", "serial: FCZ0000A0B2", "serial: FCZ0000A0C7")
    site.day_zero(LEEDS)
    with pytest.raises(HostKeyRefused):
        site.plan("leeds")
    site.enrol(LEEDS, replace=True)
    restored = site.restore(LEEDS, newest)
    assert restored.outcome.changed == (LEEDS,)
    running = site.running(LEEDS)
    assert same(site, archived, running)
    assert any("belongs to this chassis" in line for line in restored.masked)
    assert "FCZ0000A0B2" not in running
    site.provision(site.plan("leeds"))
    assert site.accept("leeds").verdict is Verdict.PASSED


@contextmanager
def overridden(site: Site, lines: str) -> Iterator[None]:
    """With the operator's own partial in the place of a small one."""
    partial = site.root / "templates" / "cisco_iosxe" / "http.j2"
    partial.parent.mkdir(exist_ok=True)
    partial.write_text(lines)
    try:
        yield
    finally:
        partial.unlink()


def same(site: Site, wanted: str, running: str) -> bool:
    return site.ports.texts(site.inventory.router(LEEDS)).equal(wanted, running)


def killed(site: Site, plan: str, router: str, step: Step) -> None:
    """Run a plan in a process of its own, and kill it once the journal has the step of that router."""
    argv = [sys.executable, "-m", "tests.e2e.site", str(site.root), site.network, plan]
    victim = subprocess.Popen(argv, cwd=ROOT)
    try:
        site.wait(lambda: victim.poll() is not None or _written(site, plan, router, step), LIMIT_S)
        assert victim.poll() is None, "it ended before it could be killed"
    finally:
        victim.kill()
        victim.wait(timeout=LIMIT_S)


def _written(site: Site, plan: str, router: str, step: Step) -> bool:
    changes = [change for change in site.ports.ledger.open_changes() if change.plan == plan]
    return any(reached(site.ports.ledger.entries(change.id), router, step) for change in changes)


def test_no_secret_is_on_the_disk_or_was_said(site: Site) -> None:
    secrets = [path.read_text().strip().encode() for path in (site.root / "secrets").iterdir()]
    kept = b"".join(path.read_bytes() for path in (site.root / "var").glob("spokesman.db*"))
    plan = site.plan("york")
    said = "\n".join((*site.said, plan.model_dump_json(), *described(plan))).encode()
    assert len(secrets) >= 8
    assert len(kept) > 100_000
    assert not [secret for secret in secrets if secret in kept or secret in said]
