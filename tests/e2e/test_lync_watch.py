"""Lync servers watched end to end: the lab's server is broken, the agent tells what and why, and sees it mended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.app.app import App
from agent.app.lab import lab_spec
from agent.app.watching import Watching
from agent.config import secrets_of
from agent.faults.evidence import Finding, Probe
from agent.incidents.incident import Incident, Status
from agent.incidents.opening import Decision
from agent.lab.errors import LabError
from agent.monitoring.alarms import Alarm, Kind
from agent.monitoring.states import Reach
from device_templates.cisco_iosxe.rendering.bootstrap import snmp_user_lines
from device_templates.cisco_iosxe.rendering.render import render
from inventory import SiteView
from tests.e2e.site import SETTINGS, SPEED, Site

HUB, SERVER = "acme-lon-r1", "acme-lync-fe1"
FRONT_END = "Lync Server Front-End"
ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


class Stage:
    """A workspace whose London is in service, its lab, and the watch in this process."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.watching = Watching(App(site.root, "eve"))

    def look(self, times: int = 1) -> None:
        for _ in range(times):
            self.watching.lync.look(self.watching.app.inventory, (SERVER,))

    def poll(self) -> None:
        """Poll the router before the server, as the command does."""
        polling = self.watching.polling((self.watching.app.inventory.router(HUB),), lambda _: None)
        assert polling(), "nothing interrupted it"

    def alarm(self, kind: Kind) -> Alarm | None:
        found = self.watching.alarms(cleared=False)
        return next((one for one in found if (one.key.subject, one.key.kind) == (SERVER, kind)), None)

    @property
    def incident(self) -> Incident | None:
        found = self.watching.desk.list()
        return next((one for one in found if one.subject == SERVER), None)

    def diagnosed(self) -> Incident:
        """The incident after diagnostics."""
        found = self.incident
        assert found is not None
        self.watching.diagnose(found, self.watching.app.inventory)
        return self.watching.desk.show(found.reference)

    def mended(self) -> None:
        """Repair, look, and close what was open."""
        self.site.lab.repair(SERVER)
        self.look()
        found = self.incident
        assert found is not None
        assert found.status is Status.CLEARED
        self.watching.desk.confirm(found.reference, "eve")


def running(site: Site, view: SiteView) -> str:
    """A router in service: what the templates write, and the SNMP users that no configuration shows."""
    secrets = secrets_of(site.root, site.inventory.settings)
    licence = f"license boot level {site.inventory.platform(view.router.platform).boot_level}"
    users = [user.line for user in snmp_user_lines(site.inventory, view, secrets)]
    return "\n".join((licence, *users, render(site.inventory, view, secrets).text))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    site = Site.made(tmp_path_factory.mktemp("lync") / "workspace", f"127.{1 + os.getpid() % 99}")
    site.edit(SETTINGS, "poll_period_s = 240", "poll_period_s = 4\npoll_timeout_s = 0.5\npoll_retries = 1")
    settings = site.root / SETTINGS
    settings.write_text(settings.read_text() + "\n[daemon]\nport = 0\n")
    inventory = site.inventory
    spec = lab_spec(inventory, secrets_of(site.root, inventory.settings), SPEED)
    in_service = [
        device.model_copy(update={"initial": running(site, inventory.router(HUB))}) if device.name == HUB else device
        for device in spec.devices
    ]
    try:
        site.lab.up(spec.model_copy(update={"devices": tuple(in_service)}))
        site.wait(lambda: site.lab.device(HUB).reachable)
        site.enrol(HUB)
        yield Stage(site)
    finally:
        site.lab.down()


def test_a_good_server_is_good(stage: Stage) -> None:
    stage.look()
    (row,) = stage.watching.servers()
    assert row.reach is Reach.UP
    assert row.proactive
    assert row.wrong == row.unknown == ()
    assert row.good >= 20, "services, disks, load, SIP, HTTPS, certificates and the clock"


@pytest.mark.parametrize(
    ("fault", "value", "looks", "kind", "cause"),
    [
        ("service", None, 2, Kind.SERVICE_DOWN, "service stopped (server): Lync Server Front-End does not run"),
        ("web", None, 2, Kind.HTTPS_DOWN, "service stopped (server): World Wide Web Publishing Service"),
        ("sip", None, 2, Kind.SIP_DOWN, "service hangs (server): SIP 5061: TLS runs, but no answer"),
        ("storage", 97, 1, Kind.STORAGE_FULL, "disk full (server): C: is 97 % full"),
        ("certificate", 5, 1, Kind.CERTIFICATE_EXPIRES, "certificate (server): SIP 5061: the certificate expires in 5"),
        ("certificate", -3, 1, Kind.CERTIFICATE_EXPIRES, "certificate (server): SIP 5061: the certificate expired at"),
        ("clock", 42, 2, Kind.TIME_OFFSET, "clock off (server): the clock is off by +42.0 s"),
        ("cpu", 99, 3, Kind.CPU_LOAD, "cpu load (server): the processors' load is 99 %"),
    ],
)
def test_each_fault_is_told_apart(
    stage: Stage, fault: str, value: float | None, looks: int, kind: Kind, cause: str
) -> None:
    stage.site.lab.break_(SERVER, fault, value)
    stage.look(looks)
    alarm = stage.alarm(kind)
    assert alarm is not None
    assert alarm.decision in (Decision.OPENED, Decision.ATTACHED)
    found = stage.diagnosed()
    assert found.cause.startswith(cause)
    evidence = stage.watching.evidence(found.reference)
    assert {Probe.PING_MANAGEMENT, Probe.PING_LAN, Probe.SERVER} <= {one.probe for one in evidence}
    assert any(one.finding is Finding.BAD and one.facts.get("kind") == kind for one in evidence)
    stage.mended()
    assert stage.alarm(kind) is None


def test_a_server_without_power_is_told_from_a_cut_path(stage: Stage) -> None:
    stage.poll()
    stage.site.lab.break_(SERVER, "power")
    stage.look(2)
    held = stage.alarm(Kind.SERVER_UNREACHABLE)
    assert held is not None
    assert held.decision == Decision.HELD_FOR_ROUTER
    stage.poll()
    stage.look()
    found = stage.diagnosed()
    assert found.cause.startswith("server down (customer site): neither we nor the router before it")
    over_lan = [one for one in stage.watching.evidence(found.reference) if one.probe is Probe.PING_LAN]
    assert [one.finding for one in over_lan] == [Finding.BAD]
    stage.mended()


def test_a_server_behind_a_cut_access_opens_nothing(stage: Stage) -> None:
    stage.look()
    stage.site.lab.break_(HUB, "access")
    try:
        for _ in range(2):
            stage.poll()
        stage.look(2)
        alarm = stage.alarm(Kind.SERVER_UNREACHABLE)
        assert alarm is not None
        assert alarm.decision == Decision.BEHIND_ROUTER
        assert stage.incident is None
    finally:
        stage.site.lab.repair(HUB)
    stage.site.wait(lambda: stage.site.lab.device(HUB).reachable)
    stage.look()
    assert stage.alarm(Kind.SERVER_UNREACHABLE) is None


def test_the_baseline_is_what_ran(stage: Stage) -> None:
    stage.site.lab.break_(SERVER, "web")
    try:
        stage.watching.lync.baseline(SERVER, "eve")
    finally:
        stage.site.lab.repair(SERVER)
    stage.look()
    (row,) = stage.watching.servers()
    assert row.baseline_at is not None
    assert row.expects.startswith("the baseline of")
    before = row.good
    stage.watching.lync.baseline(SERVER, "eve")
    stage.look()
    (row,) = stage.watching.servers()
    assert row.good == before + 1, "the web server's service is expected again"


def test_the_lab_breaks_only_what_a_server_has(stage: Stage) -> None:
    for what, value in (("access", None), ("storage", 101.0), ("sip", 3.0)):
        with pytest.raises(LabError):
            stage.site.lab.break_(SERVER, what, value)
    assert stage.site.lab.servers()[0].broken == ()


def test_the_daemon_reports_a_service_that_stops_and_that_it_runs_again(stage: Stage) -> None:
    site = stage.site
    log = site.root / "var" / "daemon.log"
    command = [sys.executable, "-m", "agent.cli", "--workspace", str(site.root)]
    with log.open("ab") as stream:
        daemon = subprocess.Popen([*command, "daemon"], stdout=stream, stderr=stream, cwd=ROOT)
    try:
        before = stage.watching.servers()[0].polled_at
        _until(lambda: stage.watching.servers()[0].polled_at != before, log)
        site.lab.break_(SERVER, "service")
        _until(lambda: stage.incident is not None and bool(stage.incident.cause), log)
        assert stage.incident is not None
        assert FRONT_END in stage.incident.cause
        shown = subprocess.run([*command, "status"], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT)
        assert f"{FRONT_END} does not run" in " ".join(shown.stdout.split())
        polled = subprocess.run([*command, "poll", SERVER], capture_output=True, text=True, timeout=60, cwd=ROOT)
        assert polled.returncode == 0, "it is there, and answers"
        assert "nothing listens" in polled.stdout
        site.lab.repair(SERVER)
        _until(lambda: stage.incident is not None and stage.incident.status is Status.CLEARED, log)
    finally:
        daemon.terminate()
        daemon.wait(20)


def _until(holds: Callable[[], bool], log: Path, limit_s: float = 90) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.3)
