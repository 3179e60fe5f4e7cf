"""The watch over real SNMP and SSH against the lab: an access is cut, diagnosed, repaired, confirmed; a hub reboots."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.faults.evidence import Finding, Probe
from agent.incidents import incident as life
from agent.incidents.incident import Incident, Status, Step
from agent.monitoring.alarms import Alarm, Kind
from agent.monitoring.states import Reach
from agent.store.incidents import Incidents
from agent.store.runs import Runs
from agent.store.states import States
from tests.e2e.site import SETTINGS, Site, now

HUB, LEEDS = "acme-lon-r1", "acme-lee-r1"
ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Hub and leeds in service, polled every five seconds."""
    made = Site.made(tmp_path_factory.mktemp("watch") / "workspace", f"127.{1 + os.getpid() % 99}")
    made.edit(SETTINGS, "poll_period_s = 240", "poll_period_s = 5")
    settings = made.root / SETTINGS
    settings.write_text(settings.read_text() + "\n[daemon]\nport = 0\n")
    try:
        made.start(HUB, LEEDS)
        made.provision(made.plan("leeds"))
        for name in ("london", "leeds"):
            made.accept(name)
        yield made
    finally:
        made.lab.down()


@contextmanager
def daemon(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    with (site.root / "var" / "daemon.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "agent.cli", "--workspace", str(site.root), "daemon"],
            stderr=log,
            stdout=log,
            cwd=ROOT,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def reach(site: Site, router: str) -> Reach | None:
    state = States(site.engine).states().get(router)
    return state.reach if state else None


def incident(site: Site, router: str) -> Incident | None:
    found = Incidents(site.engine).incidents(closed=True)
    return next((one for one in found if one.subject == router), None)


def alarm(site: Site, router: str, kind: Kind) -> Alarm | None:
    active = States(site.engine).active_alarms()
    return next((one for one in active if (one.key.subject, one.key.kind) == (router, kind)), None)


def diagnosed(site: Site, router: str) -> bool:
    found = incident(site, router)
    return found is not None and found.diagnosed_at is not None


def status(site: Site, router: str) -> Status | None:
    found = incident(site, router)
    return found.status if found else None


def test_a_cut_access_is_diagnosed_from_both_sides_and_waits_for_confirmation_WV_10_OP_2(site: Site) -> None:
    with daemon(site) as process:
        site.wait(lambda: {reach(site, HUB), reach(site, LEEDS)} == {Reach.UP})
        site.lab.break_(LEEDS, "access")
        site.wait(lambda: diagnosed(site, LEEDS), 120)
        process.kill()
    found = incident(site, LEEDS)
    assert found is not None
    assert found.cause.startswith("access or power")
    assert found.diagnosed_at is not None
    assert found.diagnosed_at <= found.evidence_due
    evidence = Incidents(site.engine).evidence(found.reference)
    findings = {(one.probe, one.source): one.finding for one in evidence}
    assert findings[Probe.PING_MANAGEMENT, "here"] is Finding.BAD
    assert findings[Probe.PING_TUNNEL, HUB] is Finding.BAD
    assert findings[Probe.SESSION, HUB] is Finding.GOOD
    with daemon(site) as process:
        site.lab.repair(LEEDS)
        site.wait(lambda: status(site, LEEDS) is Status.CLEARED, 120)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    Incidents(site.engine).change(found.reference, lambda one: life.confirm(one, now(), "eve"))
    closed = incident(site, LEEDS)
    assert closed is not None
    # A busy machine may notice more of the same fault before it has diagnosed it.
    steps = [entry.what for entry in closed.timeline if entry.what is not Step.ALARM_ATTACHED]
    assert steps == [Step.OPENED, Step.CONCLUSION, Step.CLEARED, Step.CONFIRMED], "one incident over the kill"


def test_a_reload_is_called_a_reboot_and_the_daily_backup_is_in_the_archive(site: Site) -> None:
    with daemon(site) as process:
        site.wait(lambda: reach(site, HUB) is Reach.UP)
        site.lab.break_(HUB, "reload")
        site.wait(lambda: alarm(site, HUB, Kind.ROUTER_REBOOTED) is not None, 120)
        site.wait(lambda: set(Runs(site.engine).backup_runs()) >= {HUB, LEEDS}, 120)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    raised = alarm(site, HUB, Kind.ROUTER_REBOOTED)
    assert raised is not None
    assert "boots went from" in raised.why
    heartbeat = Runs(site.engine).heartbeat()
    assert heartbeat is not None
    assert heartbeat.stopped_at is not None
