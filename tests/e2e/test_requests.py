"""Requests on a router of the lab: applied, taken back with their intent, and settled after a kill.

One lab serves all tests of this file, which follow each other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from agent.app.app import App
from agent.app.requests import RouterChanges, requests_of, work_of
from agent.provisioning.journal import Step
from agent.provisioning.outcome import LinkCheck
from agent.provisioning.ports import Device, Timing
from agent.requests.asking import submission_of
from agent.requests.model import Request, State
from device_templates.cisco_iosxe.names import vrf_of
from inventory import SiteView
from tests.e2e.site import TIMING, Site

HUB, LEEDS, YORK = "acme-lon-r1", "acme-lee-r1", "acme-yor-r1"
ROOT = Path(__file__).parents[2]
LIMIT_S = 120
VIA = "10.10.3.254"

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


class Doubt(LinkCheck):
    """Finds the change bad, whatever it did."""

    def faults(self, device: Device, view: SiteView, required: frozenset[str]) -> tuple[str, ...]:
        return ("a test says no",)


@dataclass
class LabApp(App):
    """The workspace, on the lab's times; ``doubts`` makes every change fail its checks."""

    doubts: bool = False

    @cached_property
    def timing(self) -> Timing:
        return TIMING

    @cached_property
    def check(self) -> LinkCheck:
        return Doubt() if self.doubts else LinkCheck()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site.made(tmp_path_factory.mktemp("e2e") / "workspace", f"127.{100 + os.getpid() % 100}")
    git(made.root, "init", "-q")
    git(made.root, "add", "spokesman.toml", "customers")
    git(made.root, "-c", "user.name=eve", "-c", "user.email=eve@acme.example", "commit", "-q", "-m", "The inventory")
    try:
        made.start(HUB, LEEDS, YORK)
        for name in ("leeds", "york", "london"):
            made.provision(made.plan(name))
            made.accept(name)
        yield made
    finally:
        made.lab.down()


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


def submitted(site: Site, prefix: str, key: str) -> Request:
    document = {
        "kind": "add_static_route", "customer": "acme", "site": "york", "key": key,
        "parameters": {"vpn": "corporate", "prefix": prefix, "via": VIA},
    }  # fmt: skip
    return requests_of(LabApp(site.root, "eve")).submit(submission_of(document), "eve")


def approved(site: Site, app: App, prefix: str, key: str) -> Request:
    """Submitted, planned and approved."""
    reference = submitted(site, prefix, key).reference
    (planned,) = work_of(app).advance(reference)
    assert planned.state is State.WAITING_APPROVAL, planned.reason
    return requests_of(app).approve(reference, "olive", planned.plan)


def intent(site: Site) -> str:
    path = site.root / "customers" / "acme.requests.yaml"
    return path.read_text() if path.exists() else ""


def test_a_route_is_planned_approved_and_runs(site: Site) -> None:
    app = LabApp(site.root, "eve")
    reference = submitted(site, "10.10.32.0/22", "one").reference
    (planned,) = work_of(app).advance()
    assert planned.state is State.WAITING_APPROVAL
    assert any(f"+ip route vrf {vrf_of('corporate')} 10.10.32.0 255.255.252.0 {VIA}" in line.replace("+ ", "+")
               for line in planned.plan_text), planned.plan_text  # fmt: skip
    assert not [line for line in planned.plan_text if "beside the request" in line]
    assert intent(site) == ""
    requests_of(app).approve(reference, "olive", planned.plan)
    (done,) = work_of(app).advance()
    assert (done.state, done.plan) == (State.APPLIED, planned.plan), done.reason
    assert f"10.10.32.0 255.255.252.0 {VIA}" in site.running(YORK)
    assert reference in git(site.root, "log", "-1", "--format=%s")
    assert git(site.root, "status", "--porcelain", "--", "customers") == ""
    assert site.plan("york").nothing_to_do


def test_a_network_outside_the_summary_changes_every_router_of_the_vpn_at_once(site: Site) -> None:
    app = LabApp(site.root, "eve")
    request = approved(site, app, "192.168.7.0/24", "wide")
    (done,) = work_of(app).advance()
    assert done.state is State.APPLIED, done.reason
    assert app.ports.plans.plan(request.plan).routers == (HUB, LEEDS, YORK)
    for router in (HUB, LEEDS, YORK):
        assert "permit 192.168.7.0/24" in site.running(router)
    assert all(site.plan(name).nothing_to_do for name in ("leeds", "york"))


def test_one_that_rolls_back_takes_its_intent_back(site: Site) -> None:
    before = intent(site)
    app = LabApp(site.root, "eve", doubts=True)
    app.__dict__["timing"] = Timing(settle_s=2, poll_s=0.5, grace_s=5, return_s=60, lease_s=120)
    request = approved(site, app, "10.10.40.0/24", "two")
    changes = RouterChanges(lambda: app)
    (done,) = work_of(app).advance()
    assert done.state is State.ROLLED_BACK, done.reason
    assert "a test says no" in done.reason
    assert (intent(site), changes.fate(request.plan).value) == (before, "taken_back")
    assert "10.10.40.0" not in site.running(YORK)
    assert site.plan("york").nothing_to_do


def test_a_kill_in_the_middle_is_settled_by_the_next(site: Site) -> None:
    app = LabApp(site.root, "eve")
    request = approved(site, app, "10.10.44.0/24", "three")
    victim = subprocess.Popen([sys.executable, "-m", "agent.cli", "-w", str(site.root), "request", "work"], cwd=ROOT)
    try:
        site.wait(lambda: victim.poll() is not None or committed(app, request), LIMIT_S)
        assert victim.poll() is None, "it ended before it could be killed"
    finally:
        victim.kill()
        victim.wait(timeout=LIMIT_S)
    assert requests_of(app).get(request.reference).state is State.APPLYING
    (settled,) = work_of(app).advance()
    assert settled.state is State.APPLIED, settled.reason
    assert "10.10.44.0" in site.running(YORK)
    assert intent(site).count(request.reference) == 1
    assert work_of(app).advance() == ()
    assert site.plan("york").nothing_to_do


def committed(app: App, request: Request) -> bool:
    changes = app.ledger.changes_of(request.plan)
    return any(entry.step >= Step.COMMITTED for change in changes for entry in app.ledger.entries(change.id))


def test_a_route_and_a_feeds_host_are_changed_through_the_command_line(site: Site) -> None:
    def spokesman(*arguments: str) -> dict[str, object]:
        command = [sys.executable, "-m", "agent.cli", "-w", str(site.root), "request", *arguments, "--json"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=True)
        found = json.loads(done.stdout)
        return dict(found[0] if isinstance(found, list) else found)

    reference = str(
        spokesman("submit", "remove_static_route", "york", "vpn=corporate", "prefix=10.10.32.0/22")["reference"]
    )
    assert spokesman("work")["state"] == "waiting_approval"
    assert spokesman("approve", reference)["state"] == "scheduled"
    assert spokesman("work")["state"] == "applied"
    assert "10.10.32.0" not in site.running(YORK)
    spokesman("submit", "change_snmp_feed_hosts", "london", "hosts=10.10.1.50,10.10.1.60")
    planned = spokesman("work")
    spokesman("approve", str(planned["reference"]))
    assert spokesman("work")["state"] == "applied"
    feed = [line for line in site.running(HUB).splitlines() if "10.10.1.6" in line or "10.10.1.51" in line]
    assert feed
    assert not any("10.10.1.51" in line for line in feed)
