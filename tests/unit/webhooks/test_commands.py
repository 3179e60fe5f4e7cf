"""spokesman webhook: what waits and why, in words and as JSON; hostile arguments and planted secrets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from agent.app.app import App
from agent.app.webhooks import Webhooks, deliveries
from agent.cli import application
from agent.lab.receiver import WebhookReceiver
from agent.requests.webhooks.schedule import Schedule
from agent.scaffold import create
from inventory import load_workspace
from tests.unit.webhooks.conftest import SECRET, put, request_event, until
from tests.unit.webhooks.liar import NETWORK

Spokesman = Callable[..., Result]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    create(root, "virtual")
    (root / "secrets").mkdir(exist_ok=True)
    (root / "secrets" / "hook").touch(mode=0o600)
    (root / "secrets" / "hook").write_text(SECRET)
    return root


@pytest.fixture
def spokesman(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Spokesman:
    monkeypatch.setenv("SPOKESMAN_WORKSPACE", str(workspace))
    return lambda *arguments: CliRunner().invoke(application, ("webhook", *arguments))


def configure(workspace: Path, url: str) -> App:
    with (workspace / "spokesman.toml").open("a") as file:
        file.write(f'\n[webhooks.desk]\nurl = "{url}"\nsecret = "file:secrets/hook"\n')
    return App(workspace, "ann")


@pytest.fixture
def failed(workspace: Path) -> App:
    """A workspace with one event that was given up and one that was not yet tried."""
    app = configure(workspace, f"http://{NETWORK}:9/hooks?token=PLANTED")
    put(app.engine, request_event("SSR-000001", "applied"))
    webhooks = Webhooks(app, Schedule(give_up_after=Schedule().first * 0))
    until(
        lambda: any(one.failed for one in deliveries(app).receivers()), lambda: webhooks.run(load_workspace(workspace))
    )
    until(lambda: not webhooks.busy)
    return app


def document(result: Result) -> Any:
    return json.loads(result.output)


def test_what_failed_is_shown_with_its_reason(spokesman: Spokesman, failed: App) -> None:
    shown = spokesman("list")
    assert shown.exit_code == 0
    for word in ("desk", "SSR-000001", "request.applied", "failed", "it cannot be reached: Connection refused"):
        assert word in shown.output
    assert "PLANTED" not in shown.output + spokesman("list", "--json").output
    told = document(spokesman("list", "--json"))
    assert [(one["name"], one["failed"], one["pending"]) for one in told["receivers"]] == [("desk", 1, 0)]
    assert [(one["sequence"], one["status"]) for one in told["deliveries"]] == [(1, "failed")]


def test_an_event_is_shown_as_it_is_sent(spokesman: Spokesman, failed: App) -> None:
    assert '"state": "applied"' in spokesman("show", "desk", "1").output
    told = document(spokesman("show", "desk", "1", "--json"))
    assert told["body"]["sequence"] == told["delivery"]["sequence"] == 1


def test_a_person_retries_and_drops(spokesman: Spokesman, failed: App) -> None:
    assert document(spokesman("retry", "desk", "--json")) == {"receiver": "desk", "to_be_sent": 1}
    assert "pending" in spokesman("list").output
    assert spokesman("drop", "desk", "1", "--reason", "told by telephone").exit_code == 0
    assert document(spokesman("list", "--json"))["deliveries"] == []
    assert document(spokesman("list", "--all", "--json"))["deliveries"][0]["status"] == "dropped"
    assert spokesman("drop", "desk", "1", "--reason", "again").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "desk", "99"), 1),
        (("show", "desk", "0"), 2),
        (("show", "desk", "x"), 2),
        (("show", "desk", "9" * 30), 1),
        (("show", "'; DROP TABLE", "1"), 1),
        (("retry", "desk", "99"), 1),
        (("retry", "nobody"), 1),
        (("retry", "desk", "9" * 30), 1),
        (("drop", "desk", "9" * 30, "--reason", "x"), 1),
        (("drop", "desk", "1"), 2),
        (("drop", "desk", "99", "--reason", "x"), 1),
        (("test", "nobody"), 1),
        (("list", "nobody"), 1),
        (("test",), 2),
    ],
)
def test_wrong_use_is_refused_in_a_sentence(
    spokesman: Spokesman, failed: App, arguments: tuple[str, ...], code: int
) -> None:
    result = spokesman(*arguments)
    assert result.exit_code == code
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.output


def test_a_test_event_says_what_came_of_it(spokesman: Spokesman, workspace: Path) -> None:
    with WebhookReceiver(SECRET) as receiver:
        configure(workspace, receiver.url)
        assert "took the test event" in spokesman("test", "desk").output
        assert receiver.events[0]["type"] == "webhook.test"
    gone = spokesman("test", "desk", "--json")
    assert gone.exit_code == 3
    assert document(gone)["taken"] is False
    assert SECRET not in gone.output


def test_a_workspace_without_receivers_says_so(spokesman: Spokesman) -> None:
    assert "No receiver is named" in spokesman("list").output
