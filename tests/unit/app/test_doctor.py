"""Doctor names what is wrong with the settings of the API, of webhooks and of Lync, and what to do about it."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from agent.app.app import App, utc_now
from agent.app.doctor import Check, examine
from agent.app.lync import LyncDesk
from agent.app.verdict import Verdict
from agent.lync.model import Change, Kind
from agent.scaffold import create
from agent.store.base import open_store
from agent.store.lync import LyncChanges
from agent.store.migrate import upgrade

HOOK = '[webhooks.desk]\nurl = "https://desk.example/hook"\nsecret = "file:secrets/desk-hook"\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("doctor") / "workspace"
    create(root, "virtual")
    upgrade(open_store(f"sqlite:///{root / 'var' / 'spokesman.db'}"))
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "workspace")


def checks(root: Path, settings: str = "") -> dict[str, Check]:
    """What doctor says with more settings."""
    with (root / "spokesman.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{settings}")
    return {one.name: one for one in examine(App(root, "tester"))}


def test_where_nothing_of_it_is_set_nothing_is_wrong(root: Path) -> None:
    found = checks(root)
    names = ("API", "webhooks", "approvals", "Lync changes")
    assert [found[name].verdict for name in names] == [Verdict.OK] * len(names)


@pytest.mark.parametrize(
    ("check", "settings", "verdict", "told"),
    [
        ("API", '[api]\ncertificate = "tls/api.pem"\nkey = "tls/api.key"\n', Verdict.FAILED, "tls/api.pem"),
        ("API", '[api]\ncertificate = "tls/api.pem"\n', Verdict.FAILED, "go together"),
        ("API", '[api]\nlisten = "0.0.0.0"\n', Verdict.FAILED, "without TLS"),
        ("secrets", HOOK, Verdict.FAILED, "desk-hook"),
        ("webhooks", HOOK, Verdict.FAILED, "desk-hook"),
        ("approvals", "[requests]\napproval = {add_statik_route = false}\n", Verdict.WARNING, "add_statik_route"),
    ],
)
def test_what_is_wrong_is_named(root: Path, check: str, settings: str, verdict: Verdict, told: str) -> None:
    found = checks(root, settings)[check]
    assert found.verdict is verdict
    assert told in found.text
    assert found.remedy


def test_a_webhook_secret_of_another_form_is_named_and_not_shown(root: Path) -> None:
    secret = root / "secrets" / "desk-hook"
    secret.write_text("correct horse", encoding="utf-8")
    secret.chmod(0o600)
    found = checks(root, HOOK)["webhooks"]
    assert found.verdict is Verdict.FAILED
    assert "webhooks.desk" in found.text
    assert "correct horse" not in found.text + found.remedy


@pytest.mark.parametrize(("text", "told"), [(None, "No such file"), ("no certificate", "holds no PEM certificates")])
def test_lync_authorities_that_cannot_be_used_are_named(root: Path, text: str | None, told: str) -> None:
    if text is not None:
        (root / "var" / "lab").mkdir()
        (root / "var" / "lab" / "lync-ca.pem").write_text(text, encoding="utf-8")
    found = checks(root)["Lync authorities"]
    assert found.verdict is Verdict.WARNING
    assert "lync.ca_file: var/lab/lync-ca.pem" in found.text
    assert told in found.text


def test_a_lync_change_that_was_interrupted_is_named(root: Path) -> None:
    app, now = App(root, "tester"), utc_now()
    change = Change(
        id="C-1", kind=Kind.APPLY, subject="L-1", customer="acme", server="acme-lync-fe1", who="tester", why="order",
        owner="gone", expires=now + timedelta(minutes=20), step_at=now,
    )  # fmt: skip
    LyncChanges(app.engine).begin(change, now)
    found = checks(root)["Lync changes"]
    assert found.verdict is Verdict.WARNING
    assert "L-1 (acme-lync-fe1)" in found.text
    assert found.remedy == "spokesman lync apply --recover"


def test_a_failed_lync_backup_is_told_with_the_command_for_lync(root: Path) -> None:
    app = App(root, "tester")
    LyncDesk(app).ended("acme-lync-fe1", "WinRM does not answer")
    found = checks(root)
    assert found["backups"].verdict is Verdict.OK
    assert found["Lync backups"].verdict is Verdict.FAILED
    assert found["Lync backups"].remedy == "spokesman lync backup acme-lync-fe1"


def test_where_no_lync_change_is_open_no_authorities_are_asked_for(root: Path) -> None:
    app = App(root, "tester")
    assert app.settings.lync.ca_file
    assert not (root / app.settings.lync.ca_file).exists()
    assert LyncDesk(app).recover(app.inventory) == ()


def test_a_history_that_is_no_database_is_named_and_how_to_begin_anew(root: Path) -> None:
    assert checks(root)["history"].verdict is Verdict.OK
    for beside in root.glob("var/history.db*"):
        beside.unlink()
    (root / "var" / "history.db").write_bytes(b"no database at all, " * 500)
    found = {one.name: one for one in examine(App(root, "tester"))}
    assert found["store"].verdict is Verdict.OK
    assert found["history"].verdict is Verdict.FAILED
    assert "history.db" in found["history"].text
    assert "move the history away" in found["history"].remedy
