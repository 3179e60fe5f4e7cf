"""Backups proved, sealed and restored, restorations counted, and the daemon's duty, against a strict stub of WinRM."""

from __future__ import annotations

import io
import json
import time
import zipfile
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.app.app import App
from agent.app.lync import LyncBackupsDuty, LyncDesk
from agent.cli import application
from agent.errors import ArchiveDamaged, DeviceError, IncompleteOutput, Refused, RolledBack
from agent.lab.winrm.errors import PowerShellError
from agent.lync.exports import CONFIGURATION, LOCATIONS, joined, packed, prove, unpacked
from agent.lync.keeping import KEPT, kept
from agent.lync.model import Backup, Contents, Taking, Why
from agent.monitoring.alarms import Kind
from agent.store.lync import LyncBackups, lync_backups
from agent.store.requests import SqlRequests
from agent.store.runs import Runs
from agent.store.states import States


def _zip(text: str = "pool.acme.example", name: str = "DocItemSet.xml") -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr(name, text)
    return body.getvalue()


def _take(ground: Any, why: Why = Why.ASKED) -> Backup:
    desk: LyncDesk = ground.desk()
    return desk.back_up(desk.app.inventory, "acme-lync-fe1", why=why, reason="", who="tester")


def _alarms(ground: Any) -> list[str]:
    found = States(ground.desk().app.engine).active_alarms()
    return [alarm.why for alarm in found if alarm.key.kind is Kind.LYNC_BACKUP_FAILED]


def test_a_backup_holds_what_each_release_can_export(ground: Any) -> None:
    ground.deployment.location = "London, floor 3"
    backup = _take(ground)
    extra = ("response_groups.zip",) if ground.version == "2013" else ()
    assert backup.parts == (CONFIGURATION, LOCATIONS, *extra)
    assert ground.deployment.files == {}
    contents = unpacked(LyncBackups(ground.desk().app.engine, ground.desk().app.cipher).body("acme-lync-fe1", 1), "")
    assert b"pool.acme.example" in zipfile.ZipFile(io.BytesIO(contents.parts[CONFIGURATION])).read("DocItemSet.xml")
    assert contents.settings


def test_nothing_of_a_backup_can_be_read_in_the_database(ground_2013: Any) -> None:
    ground_2013.deployment.objects["CsVoicePolicy", "global"]["Description"] = "Planted-in-the-configuration"
    _take(ground_2013)
    for path in (ground_2013.root / "var").rglob("*"):
        assert not path.is_file() or b"DocItemSet" not in path.read_bytes()


def test_a_backup_that_was_changed_or_exchanged_is_refused(ground_2013: Any) -> None:
    _take(ground_2013)
    app = ground_2013.desk().app
    with app.engine.begin() as connection:
        connection.execute(lync_backups.update().values(number=7))
    with pytest.raises(ArchiveDamaged):
        LyncBackups(app.engine, app.cipher).body("acme-lync-fe1", 7)
    with pytest.raises(Refused):
        LyncBackups(app.engine, app.cipher).body("acme-lync-fe1", 1)


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", _zip()[:-30], _zip()[:40], b"\0" * 500, _zip("").replace(b"PK\x05", b"PX\x05"), _zip("")],
    ids=["empty", "head", "cut", "half", "zeros", "no end", "empty member"],
)
def test_half_a_backup_is_an_alarm_and_never_kept(ground_2013: Any, data: bytes, monkeypatch: Any) -> None:
    monkeypatch.setattr(ground_2013.deployment, "exported", lambda: data)
    with pytest.raises(DeviceError):
        _take(ground_2013)
    assert len(_alarms(ground_2013)) == 1
    assert ground_2013.desk().backups() == ()
    assert Runs(ground_2013.desk().app.engine).backup_runs()["acme-lync-fe1"].good_at is None
    monkeypatch.undo()
    monkeypatch.setenv("ACME_LYNC_PASSWORD", "Planted-Passw0rd-7f3a")
    monkeypatch.setenv("SPOKESMAN_MASTER_KEY", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")
    _take(ground_2013)
    assert _alarms(ground_2013) == []


def test_an_export_of_another_deployment_is_no_backup(ground_2013: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(ground_2013.deployment, "exported", lambda: _zip("<Cluster Fqdn='other.example'/>"))
    with pytest.raises(IncompleteOutput, match=r"does not name pool\.acme\.example"):
        _take(ground_2013)


@given(st.integers(0, 400), st.integers(0, 255))
def test_no_damaged_zip_passes_for_whole(place: int, value: int) -> None:
    """One octet changed: either refused, or every member still has its checksum and the known name."""
    data = bytearray(_zip("<Topology>pool.acme.example</Topology>"))
    data[place % len(data)] = value
    try:
        prove({CONFIGURATION: bytes(data)}, ("pool.acme.example",))
    except IncompleteOutput:
        return
    members = zipfile.ZipFile(io.BytesIO(bytes(data)))
    assert any(b"pool.acme.example" in members.read(one) for one in members.infolist())


def test_bytes_come_as_arrays_or_one_by_one() -> None:
    assert joined("Export", (b"ab", 99, b"d")) == b"abcd"
    for wrong in ((), ("text",), (True,), (256,), (None,)):
        with pytest.raises(IncompleteOutput):
            joined("Export", wrong)


def test_a_restoration_brings_back_what_was_and_is_counted(ground: Any) -> None:
    before = deepcopy(ground.deployment.objects)
    ground.deployment.groups["pool.acme.example"] = "helpdesk"
    _take(ground)
    ground.deployment.objects["CsVoicePolicy", "global"]["EnableTeamCall"] = True
    ground.deployment.groups["pool.acme.example"] = "nobody"
    desk = ground.desk()
    for number in range(1, 5):
        outcome = desk.restore("acme-lync-fe1", 1, "asked by the customer")
        assert outcome.restoration is not None
        assert (outcome.restoration.number, outcome.restoration.chargeable) == (number, number > 3)
        assert ground.deployment.objects == before
    assert ground.deployment.groups["pool.acme.example"] == ("helpdesk" if ground.version == "2013" else "nobody")
    charges = SqlRequests(desk.app.engine).charged("acme")
    assert [(charge.kind.value, charge.site) for charge in charges] == [("lync_restoration", "london")]
    desk.charge(desk.app.inventory)
    assert len(SqlRequests(desk.app.engine).charged("acme")) == 1
    assert [one.number for one in desk.restorations("acme")] == [4, 3, 2, 1]


def test_a_restoration_that_fails_is_taken_back_and_not_counted(ground_2013: Any) -> None:
    _take(ground_2013)
    ground_2013.deployment.objects["CsVoicePolicy", "global"]["EnableTeamCall"] = True
    before = deepcopy(ground_2013.deployment.objects)
    failed: list[str] = []

    def fail(name: str) -> None:
        if name == "Import-CsLisConfiguration" and not failed:
            failed.append(name)
            raise PowerShellError("no", "no")

    ground_2013.deployment.before = fail
    with pytest.raises(RolledBack):
        ground_2013.desk().restore("acme-lync-fe1", 1, "")
    assert failed
    assert ground_2013.deployment.objects == before
    assert ground_2013.desk().restorations() == ()


def test_the_daily_ones_and_those_before_changes_each_have_their_number() -> None:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    rows = tuple(
        Backup("s", number, moment + timedelta(days=number), why, "", "", (), 1)
        for number, why in enumerate([Why.BEFORE] + [Why.DAILY] * 40 + [Why.ASKED] * 3, 1)
    )
    stay = kept(rows)
    assert 1 in stay
    assert len(stay) == 1 + KEPT[Why.DAILY] + 3
    assert {41, 44} <= stay
    assert 2 not in stay


def test_old_backups_go_and_numbers_are_never_used_twice(ground_2013: Any) -> None:
    app = ground_2013.desk().app
    store = LyncBackups(app.engine, app.cipher)
    body = packed(Contents({CONFIGURATION: _zip(), LOCATIONS: b"x"}))
    for _ in range(KEPT[Why.DAILY] + 2):
        store.add(Taking("s", datetime.now(UTC), Why.DAILY, "", "", ("a",)), body, kept)
    assert [one.number for one in store.backups("s")] == list(range(16, 2, -1))


def test_the_daemon_backs_up_once_a_day_and_not_while_it_is_at_it(ground_2013: Any) -> None:
    app = App(ground_2013.root, "daemon")
    duty = LyncBackupsDuty(lambda: app, lambda one: LyncDesk(one))
    duty.run(app.inventory)
    duty.run(app.inventory)
    _wait(lambda: not duty.busy)
    duty.run(app.inventory)
    _wait(lambda: not duty.busy)
    assert [(one.number, one.why) for one in ground_2013.desk().backups()] == [(1, Why.DAILY)]


def test_a_backup_that_fails_in_the_daemon_is_an_alarm_and_tried_again(ground_2013: Any) -> None:
    ground_2013.stub.faults.refuses = True
    app = App(ground_2013.root, "daemon")
    duty = LyncBackupsDuty(lambda: app)
    duty.run(app.inventory)
    _wait(lambda: not duty.busy)
    assert "refuses the login" in _alarms(ground_2013)[0]
    ground_2013.stub.faults.refuses = False
    runs = Runs(app.engine)
    runs.backup_ended("acme-lync-fe1", datetime.now(UTC) - timedelta(hours=1), "as before")
    duty.run(app.inventory)
    _wait(lambda: not duty.busy)
    assert _alarms(ground_2013) == []


def test_the_commands_speak_json_and_end_with_their_codes(ground_2013: Any) -> None:
    def run(*words: str, code: int = 0) -> Any:
        result = CliRunner().invoke(application, ["-w", str(ground_2013.root), "lync", *words, "--json"])
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if result.stdout.strip() else None

    plan = run("plan", "fe-pool-1")
    assert plan["nothing_to_do"] is False
    assert run("apply", "--plan", plan["id"])["changed"] is True
    assert run("apply", "--recover") == []
    assert run("backup", "acme-lync-fe1")["number"] == 2
    assert [one["number"] for one in run("backups", "acme-lync-fe1")] == [2, 1]
    assert run("restore", "acme-lync-fe1", "--backup", "2", "--yes")["restoration"]["number"] == 1
    assert run("restore", "acme-lync-fe1", "--backup", "99", "--yes", code=1)["error"]["kind"] == "Refused"
    assert len(run("restorations")) == 1
    assert run("backup", "acme-lync-edge1", code=1)["error"]["kind"] == "Refused"
    assert run("backups", "nobody", code=1)["error"]["kind"] == "Refused"
    run("restore", "acme-lync-fe1", "--backup", "2", code=2)
    run("apply", code=2)
    ground_2013.stub.stop()
    assert run("plan", "fe-pool-1", code=3)["error"]["kind"] == "Unreachable"


def _wait(done: Any) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)
