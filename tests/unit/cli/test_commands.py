"""Commands end with the stated codes, speak one JSON document where asked, and never show a traceback or a secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.cli import COMMANDS, application
from agent.cli.command import run
from agent.errors import ConfigurationProblem
from agent.scaffold import create
from agent.store.audit import AuditStore
from agent.store.base import open_store

Spokesman = Callable[..., Result]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    create(root, "virtual")
    return root


@pytest.fixture
def spokesman(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Spokesman:
    monkeypatch.setenv("SPOKESMAN_WORKSPACE", str(workspace))
    monkeypatch.chdir(workspace)
    return lambda *arguments: CliRunner().invoke(application, arguments)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(spokesman: Spokesman, command: str) -> None:
    shown = spokesman(command, "--help")
    assert shown.exit_code == 0
    assert f"spokesman {command}" in shown.output or f"root {command}" in shown.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("inventory", "check"), 0),
        (("inventory", "show", "leeds"), 0),
        (("inventory", "show", "nowhere"), 1),
        (("render", "acme-lon-r1"), 0),
        (("render", "nobody"), 1),
        (("explain", "acme-lon-r1", "tunnel mode gre multipoint"), 0),
        (("explain", "acme-lon-r1", "no such line"), 1),
        (("verify",), 0),
        (("bootstrap", "acme-lon-r1"), 0),
        (("bootstrap", "acme-lon-r1", "--stage", "9"), 1),
        (("plan", "york"), 3),
        (("plan", "nowhere"), 1),
        (("provision", "--plan", "P-none"), 1),
        (("provision",), 2),
        (("provision", "york", "--plan", "P-none"), 2),
        (("plan",), 2),
        (("plan", "york", "--no-such-option"), 2),
        (("no-such-command",), 2),
        (("accept", "nowhere"), 1),
        (("archive", "list"), 0),
        (("archive", "check"), 0),
        (("archive", "check", "nobody"), 1),
        (("archive", "show", "nobody"), 1),
        (("archive", "show", "acme-lon-r1"), 1),
        (("archive", "take", "acme-lon-r1"), 3),
        (("archive", "diff", "acme-lon-r1", "1", "2"), 1),
        (("restore", "acme-lon-r1", "--version", "7"), 1),
        (("status",), 0),
        (("poll", "nobody"), 1),
        (("alarms",), 0),
        (("incident", "list"), 0),
        (("incident", "show", "INC-000001"), 1),
        (("incident", "confirm", "nonsense"), 1),
        (("doctor",), 0),
        (("lab", "status"), 1),
    ],
)
def test_codes_and_json(spokesman: Spokesman, workspace: Path, arguments: tuple[str, ...], code: int) -> None:
    people = spokesman(*arguments)
    programs = spokesman(*arguments, "--json")
    assert (people.exit_code, programs.exit_code) == (code, code), people.output + programs.output
    document = json.loads(programs.stdout)
    assert ("error" in document) == (code != 0)
    assert code == 0 or document["error"]["message"]
    for shown in (people.output, programs.output):
        assert "Traceback" not in shown
        if arguments[0] != "bootstrap":
            assert not [path.name for path in (workspace / "secrets").iterdir() if path.read_text().strip() in shown]


def test_a_bad_inventory_is_told_whole_and_the_attempt_is_audited(spokesman: Spokesman, workspace: Path) -> None:
    spokesman("archive", "list")
    path = workspace / "customers" / "acme.yaml"
    path.write_text(path.read_text().replace("vlan: 10", "vlan: ten").replace("asn: 65010", "asn: no"))
    refused = spokesman("provision", "york")
    assert refused.exit_code == 1
    assert "customers/acme.yaml:" in refused.stderr
    assert refused.stderr.count("vlan") >= 3
    (event,) = AuditStore(open_store(f"sqlite:///{workspace}/var/spokesman.db")).events()
    assert (event.subject, event.result) == ("york", "refused")


@pytest.mark.parametrize(
    ("arguments", "action", "subject"),
    [
        (("plan", "nowhere"), "plan", "nowhere"),
        (("provision", "nowhere"), "plan", "nowhere"),
        (("archive", "take", "nobody"), "archive.take", "nobody"),
        (("bootstrap", "nobody"), "bootstrap", "nobody"),
        (("restore", "nobody"), "restore", "nobody"),
        (("restore", "acme-yor-r1"), "restore", "acme-yor-r1"),
    ],
)
def test_an_attempt_on_what_is_not_there_is_audited(
    spokesman: Spokesman, workspace: Path, arguments: tuple[str, ...], action: str, subject: str
) -> None:
    assert spokesman(*arguments).exit_code == 1
    (event,) = AuditStore(open_store(f"sqlite:///{workspace}/var/spokesman.db")).events()
    assert (event.action, event.subject, event.result) == (action, subject, "refused")


@pytest.mark.parametrize(
    ("spoilt", "arguments"),
    [
        ("secrets/fleet-password", ("plan", "york")),
        ("secrets/fleet-password", ("bootstrap", "acme-yor-r1")),
        ("secrets/master-key", ("plan", "york")),
        ("secrets/master-key", ("archive", "take", "acme-yor-r1")),
        ("secrets/master-key", ("provision", "--plan", "P-none")),
    ],
)
def test_an_attempt_without_its_secret_is_audited(
    spokesman: Spokesman, workspace: Path, spoilt: str, arguments: tuple[str, ...]
) -> None:
    (workspace / spoilt).unlink()
    assert spokesman(*arguments).exit_code == 1
    (event,) = AuditStore(open_store(f"sqlite:///{workspace}/var/spokesman.db")).events()
    assert spoilt in event.detail


def test_a_poll_that_nobody_answers_shows_why_and_ends_with_3(spokesman: Spokesman) -> None:
    polled = spokesman("poll", "acme-lon-r1", "--json")
    assert polled.exit_code == 3
    (line,) = polled.stdout.splitlines()
    told = json.loads(line)
    assert told["answer"] != "answered"
    assert told["wrong"]


@pytest.mark.parametrize("kept_by", ["agent.store.history.History.add", "agent.monitoring.keeping.keeper.Keeper.keep"])
def test_a_poll_that_cannot_be_kept_shows_the_answer_names_the_database_and_fails(
    spokesman: Spokesman, monkeypatch: pytest.MonkeyPatch, kept_by: str
) -> None:
    def full(*_: object) -> None:
        raise ConfigurationProblem("the database cannot be used: database or disk is full", where="var/some.db")

    monkeypatch.setattr(kept_by, full)
    polled = spokesman("poll", "acme-lon-r1")
    assert polled.exit_code == 1
    assert "acme-lon-r1" in polled.stdout
    assert "could not be kept" in polled.stdout
    assert "interrupted" not in polled.stdout
    assert "var/some.db: the database cannot be used: database or disk is full" in polled.stderr
    answer, error = map(json.loads, spokesman("poll", "acme-lon-r1", "--json").stdout.splitlines())
    assert answer["router"] == "acme-lon-r1"
    assert error["error"]["where"] == "var/some.db", "each line is an object, the error too"


def test_secrets_are_shown_to_nobody_who_is_not_named(spokesman: Spokesman) -> None:
    refused = spokesman("archive", "show", "acme-lon-r1", "--version", "1", "--reveal")
    assert refused.exit_code == 1


def test_no_workspace_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPOKESMAN_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(application, ["status"])
    assert refused.exit_code == 1
    assert "spokesman init" in refused.stderr


def test_a_fault_of_our_own_is_a_sentence_and_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("never seen")

    monkeypatch.setattr("sys.argv", ["spokesman", "status", "--json"])
    assert run(broken, tmp_path) == 1
    said = capsys.readouterr()
    assert "never seen" not in said.err + said.out
    assert json.loads(said.out)["error"]["exit_code"] == 1
    crash = tmp_path / "spokesman-crash.txt"
    assert "never seen" in crash.read_text()
    assert crash.stat().st_mode & 0o077 == 0


def test_an_order_that_cannot_be_rendered_holds_up_its_own_site_only(spokesman: Spokesman, workspace: Path) -> None:
    path = workspace / "customers" / "acme.yaml"
    before, leeds = path.read_text().split("name: acme-lee-r1")
    ordered = "{voice: {priority_percent: 99}}, classification: {corporate: {voice: {protocol: udp}}}"
    leeds = leeds.replace(
        "options: {proactive", f"options: {{traffic_prioritisation: {{policy: {ordered}}}, proactive", 1
    )
    path.write_text(f"{before}name: acme-lee-r1{leeds}")
    assert spokesman("inventory", "check").exit_code == 0, "what a platform can render is no rule of the inventory"
    own = spokesman("plan", "leeds")
    assert own.exit_code == 1
    assert "acme: sites.leeds.options.traffic_prioritisation.policy" in own.stderr
    assert "WV-9" in own.stderr
    assert spokesman("plan", "york").exit_code == 3, "refused only because no router answers here"
    everything = spokesman("verify")
    assert everything.exit_code == 1
    assert "acme-lee-r1" in everything.stdout


def test_a_folder_that_cannot_be_written_is_told(
    spokesman: Spokesman, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "var" / "lab").write_text("in the way")
    refused = spokesman("lab", "up")
    assert refused.exit_code == 1
    assert "var/lab: cannot be written" in refused.stderr
    monkeypatch.setattr("os.access", lambda path, _mode: path != workspace / "var")
    room = next(one for one in json.loads(spokesman("doctor", "--json").stdout)["checks"] if one["name"] == "room")
    assert room["verdict"] == "failed"


@pytest.mark.parametrize("asked", [("alarms",), ("incident", "list"), ("request", "list")])
def test_a_customers_bad_file_hides_no_history(spokesman: Spokesman, workspace: Path, asked: tuple[str, ...]) -> None:
    path = workspace / "customers" / "acme.yaml"
    path.write_text(path.read_text().replace("hubs: [london]", "hubs: [londn]"))
    assert spokesman("inventory", "check").exit_code == 1
    told = spokesman(*asked)
    assert told.exit_code == 0, told.stderr
