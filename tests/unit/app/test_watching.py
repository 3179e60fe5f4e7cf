"""The daemon follows the workspace: a good inventory is taken over with its settings, a bad one is told and left."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.app.app import App, utc_now
from agent.app.doctor import Check, examine
from agent.app.fleet import FleetReading, FleetStatus
from agent.app.verdict import Verdict
from agent.app.watching import OwnWork, Watching
from agent.errors import ConfigurationProblem, Refused
from agent.monitoring.alarms import backup
from agent.monitoring.views import Selection
from agent.provisioning.journal import Change
from agent.scaffold import create
from agent.store.acceptance import AcceptanceStore
from inventory import InventoryError
from tests.unit.provisioning.fakes import START, FakeDevices, Gate, World


@pytest.fixture
def watching(tmp_path: Path) -> Watching:
    create(tmp_path / "workspace", "virtual")
    return Watching(App(tmp_path / "workspace", "ann"))


def edit(watching: Watching, name: str, old: str, new: str) -> None:
    path = watching.app.root / name
    path.write_text(path.read_text().replace(old, new))


def status_of(watching: Watching) -> FleetStatus:
    app = watching.app
    return FleetReading(app.root, app.engine, lambda: app.inventory, utc_now).status(Selection(), whole=True)


def test_an_unchanged_workspace_is_not_read_again(watching: Watching) -> None:
    first = watching.load()
    assert watching.load() is first


def test_a_change_is_taken_over_with_its_settings(watching: Watching) -> None:
    before = watching.load()
    edit(watching, "spokesman.toml", "poll_period_s = 240", "poll_period_s = 120")
    assert watching.load().digest != before.digest
    assert watching.app.settings.schedules.poll_period_s == 120


def test_a_bad_change_is_told_each_time_and_the_former_inventory_stays(watching: Watching) -> None:
    before = watching.load()
    edit(watching, "customers/acme.yaml", "asn: 65010", "asn: none")
    for _ in range(2):
        with pytest.raises(InventoryError, match="asn"):
            watching.load()
    assert watching.app.inventory is before
    edit(watching, "customers/acme.yaml", "asn: none", "asn: 65010")
    assert watching.load().digest == before.digest


def test_a_renewed_application_keeps_its_database(watching: Watching) -> None:
    engine = watching.app.engine
    edit(watching, "spokesman.toml", "poll_period_s = 240", "poll_period_s = 120")
    watching.load()
    assert watching.app.engine is engine


def test_another_database_is_not_taken_over_half(watching: Watching, tmp_path: Path) -> None:
    before = watching.load()
    edit(watching, "spokesman.toml", "[store]", f'[store]\nurl = "sqlite:///{tmp_path}/other.db"')
    for _ in range(2):
        with pytest.raises(ConfigurationProblem, match="another database"):
            watching.load()
    assert watching.app.inventory is before


def test_nothing_is_in_service_or_at_work_in_a_new_workspace(watching: Watching) -> None:
    work = OwnWork(watching.app)
    assert not work.in_service(("acme/york",))
    assert not work.running(("acme-yor-r1",))


def test_status_of_a_fleet_that_nobody_looked_at_is_unknown(watching: Watching) -> None:
    found = status_of(watching)
    assert not found.daemon.running
    assert {row.reach for row in found.devices} == {"unknown"}
    assert {row.backup for row in found.devices} == {"never"}


@pytest.mark.parametrize("trial", ["on the device", "in the journal"])
def test_what_is_on_trial_is_no_backup(watching: Watching, trial: str) -> None:
    app, name = watching.app, "acme-lon-r1"
    world = World()
    world.add(name, f"hostname {name}\nend\n")
    app.__dict__["devices"] = FakeDevices(world, Gate())
    if trial == "on the device":
        world.routers[name]["pending"] = {"former": "", "due": START.isoformat()}
    else:
        app.ledger.begin(Change("C-1", "P-1", "eve", (name,), "one", START), START)
    with pytest.raises(Refused, match="on trial"):
        watching.take(name, "daily", "spokesman")
    assert app.archive.list(name) == ()


def test_a_backup_taken_by_hand_makes_a_failed_one_good(watching: Watching) -> None:
    app, name = watching.app, "acme-lon-r1"
    world = World()
    world.add(name, f"hostname {name}\n" + "".join(f"vlan {n}\n" for n in range(2, 30)) + "end\n")
    app.__dict__["devices"] = FakeDevices(world, Gate())
    watching.runs.backup_ended(name, utc_now(), "nothing answers")
    watching.states.apply(backup(name, utc_now(), "nothing answers"))
    app.take(name, reason="asked for")
    assert watching.alarms(cleared=False) == ()
    assert {row.router: row.backup for row in status_of(watching).devices}[name] == "ok"


def test_doctor_does_not_call_a_missing_backup_good(watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    def backups() -> Check:
        return next(check for check in examine(watching.app) if check.name == "backups")

    assert backups().verdict is Verdict.OK
    monkeypatch.setattr(AcceptanceStore, "accepted", lambda _self, _site: "a report")
    assert backups().verdict is Verdict.WARNING
    assert "acme-lon-r1" in backups().text
    for name in watching.app.inventory.router_names:
        watching.runs.backup_ended(name, utc_now(), "")
    assert backups().verdict is Verdict.OK
