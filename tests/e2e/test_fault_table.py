"""The fault table: the lab breaks, the daemon notices, diagnoses and says what, where and why; then it is repaired."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.faults.evidence import Finding, Probe
from agent.incidents import incident as life
from agent.incidents.incident import Incident, Status
from agent.monitoring.alarms import Alarm, Kind
from agent.monitoring.states import Reach
from agent.store.incidents import Incidents
from agent.store.states import States
from tests.e2e.site import SETTINGS, Site, now

HUB, LEEDS, YORK = "acme-lon-r1", "acme-lee-r1", "acme-yor-r1"
ROOT = Path(__file__).parents[2]
#: Where the table is written for docs/diagnostics.md, if anywhere.
TABLE = "SPOKESMAN_FAULT_TABLE"

QUICK = "\n[daemon]\nport = 0\n\n[thresholds]\nsession_check_s = 2\n"
FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
AUTHORITY = f'\n[pki.acme-ca]\nenrollment_url = "http://10.253.0.50/scep"\nfingerprint = "{FINGERPRINT}"\n'

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Row:
    """One line: what is broken, the alarm that notices, and what the incident must say."""

    fault: str
    router: str
    alarm: Kind
    says: str
    value: float | None = None
    #: Lab seconds that pass at once after the break, such as for averages to rise.
    passes_s: float = 0.0
    #: Left to ``make soak``: its like is in the gate, here, in the demonstration, in test_watch or test_certificates,
    #: or in the tests of what diagnostics conclude.
    soak: bool = False

    def __str__(self) -> str:
        return f"{self.fault} at {self.router}"


ROWS = [
    Row("key", LEEDS, Kind.INTERFACE_DOWN, "key mismatch (this router)"),
    Row("access", YORK, Kind.ROUTER_UNREACHABLE, "access or power (the access)", soak=True),
    Row("access", LEEDS, Kind.ROUTER_UNREACHABLE, "access or power (the customer's side)", soak=True),
    Row("management", LEEDS, Kind.ROUTER_UNREACHABLE, "management tunnel only (the management path)", soak=True),
    Row("loss", LEEDS, Kind.PACKET_LOSS, "packet loss (the customer's side)", 20.0, soak=True),
    Row("delay", YORK, Kind.SLOW_ANSWERS, "slow path (the access)", 700.0, soak=True),
    Row("cpu", LEEDS, Kind.CPU_LOAD, "cpu load (this router)", 93.0, 1500.0),
    Row("ssh", LEEDS, Kind.SESSION_HANGS, "session hangs (this router)", soak=True),
    Row("key", HUB, Kind.INTERFACE_DOWN, "key mismatch (the hub)", soak=True),
]
#: In a customer whose routers prove themselves by certificate.
BY_CERTIFICATE = [
    Row("certificate", LEEDS, Kind.INTERFACE_DOWN, "certificate expired (this router)", soak=True),
    Row("certificate", HUB, Kind.INTERFACE_DOWN, "certificate expired (the hub)", soak=True),
]


def _params(rows: list[Row]) -> list[Any]:
    return [pytest.param(row, id=str(row), marks=[pytest.mark.soak] if row.soak else []) for row in rows]


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Routers that prove themselves by a shared key."""
    with _watched(tmp_path_factory.mktemp("faults") / "workspace", f"127.{226 + os.getpid() % 12}") as made:
        yield made


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Routers that prove themselves by certificates."""
    root = tmp_path_factory.mktemp("certified") / "workspace"
    with _watched(root, f"127.{238 + os.getpid() % 12}", "acme-ca") as made:
        yield made


@contextmanager
def _watched(root: Path, network: str, authority: str = "") -> Iterator[Site]:
    """A hub and two spokes in service, polled every two seconds by a daemon."""
    made = Site.made(root, network)
    made.edit(SETTINGS, "poll_period_s = 240", "poll_period_s = 2")
    settings, customer = root / SETTINGS, root / "customers" / "acme.yaml"
    routers_only = customer.read_text().partition("\nlync:")[0] + "\n"
    settings.write_text(settings.read_text() + QUICK + (AUTHORITY if authority else ""))
    by = f"ike: {{certificates: {authority}}}" if authority else "ike: {psk: acme-vpn-psk}"
    customer.write_text(routers_only.replace("ike: {psk: acme-vpn-psk}", by))
    try:
        made.start(HUB, LEEDS, YORK)
        for name in ("leeds", "york"):
            made.provision(made.plan(name))
        for name in ("london", "leeds", "york"):
            made.accept(name)
        with _daemon(root):
            yield made
    finally:
        made.lab.down()


@contextmanager
def _daemon(root: Path) -> Iterator[None]:
    with (root / "var" / "daemon.log").open("ab") as log:
        command = [sys.executable, "-m", "agent.cli", "--workspace", str(root), "daemon"]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def active(site: Site) -> dict[tuple[str, Kind], Alarm]:
    return {(one.key.subject, one.key.kind): one for one in States(site.engine).active_alarms()}


def open_incident(site: Site, router: str) -> Incident | None:
    found = Incidents(site.engine).incidents(closed=False)
    return next((one for one in found if one.subject == router and one.status is Status.OPEN), None)


def diagnosed(site: Site, router: str) -> bool:
    found = open_incident(site, router)
    return found is not None and found.diagnosed_at is not None


def well(site: Site) -> bool:
    """All routers answer, with nothing wrong and a known usual round trip."""
    states = States(site.engine).states()
    ready = {name for name, state in states.items() if state.reach is Reach.UP and state.quality.usual_polls >= 5}
    kinds = {kind for _, kind in active(site)} - {Kind.ROUTER_REBOOTED, Kind.CONFIG_CHANGED_OUTSIDE}
    return ready == {HUB, LEEDS, YORK} and not kinds


def closed(site: Site) -> bool:
    """Every incident has cleared by itself; a person confirms."""
    store = Incidents(site.engine)
    for one in store.incidents(closed=False):
        if one.status is Status.CLEARED:
            store.change(one.reference, lambda each: life.confirm(each, now(), "eve"))
    return not store.incidents(closed=False)


@pytest.mark.parametrize("row", _params(ROWS))
def test_a_fault_is_named_with_its_place_and_clears(keyed: Site, row: Row) -> None:
    _breaks(keyed, row)


@pytest.mark.parametrize("row", _params(BY_CERTIFICATE))
def test_an_expired_certificate_is_named_with_its_place_and_clears(certified: Site, row: Row) -> None:
    _breaks(certified, row)


def _breaks(site: Site, row: Row) -> None:
    """Break, wait for the alarm and the conclusion, repair, wait until all is well and closed."""
    subject = LEEDS if row.router == HUB else row.router
    site.wait(lambda: well(site), 120)
    site.lab.break_(row.router, row.fault, row.value)
    if row.passes_s:
        site.lab.advance(row.passes_s)
    try:
        site.wait(lambda: (subject, row.alarm) in active(site), 120)
        site.wait(lambda: diagnosed(site, subject), 200)
        found = open_incident(site, subject)
        assert found is not None
        _record(site, row, found)
        assert found.cause.startswith(row.says)
        assert found.diagnosed_at is not None
        assert found.diagnosed_at <= found.evidence_due
    finally:
        site.lab.repair(row.router)
        if row.passes_s:
            site.lab.advance(2 * row.passes_s)
    site.wait(lambda: well(site), 180)
    site.wait(lambda: closed(site), 60)


def _record(site: Site, row: Row, found: Incident) -> None:
    """A line of the table, where it is wanted."""
    path = os.environ.get(TABLE)
    if path:
        evidence = Incidents(site.engine).evidence(found.reference)
        told = [one for one in evidence if one.finding is Finding.BAD or one.probe is Probe.PING_WAN]
        told = [one for one in told if one.probe is not Probe.WATCHED]
        kept = list(dict.fromkeys(f"{one.probe} from {one.source}: {one.text.splitlines()[0]}" for one in told))
        line = {"fault": row.fault, "router": row.router, "value": row.value, "alarm": row.alarm, "said": found.cause}
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps({**line, "evidence": kept}) + "\n")
