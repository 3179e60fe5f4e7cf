"""spokesman service-level: says what is proved, and what is not, from what is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.app.app import App
from agent.cli import application
from agent.monitoring.cycle import Reason
from agent.monitoring.service_level import Day, Gap, OfDay
from agent.monitoring.service_level.level import DAY_S
from agent.scaffold import create
from agent.store.service_level import ServiceLevels


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "workspace"
    create(root, "virtual")
    monkeypatch.chdir(root)
    return root


def shown(*arguments: str) -> Result:
    return CliRunner().invoke(application, ("service-level", *arguments))


def test_what_was_never_polled_is_not_proved(workspace: Path) -> None:
    result = shown()
    assert result.exit_code == 0
    assert "3 of 3 routers were not, or are not proved to have been, polled every 300 s." in result.output
    assert shown("--since", "yesterday").exit_code == 2


def test_gaps_are_shown_with_their_reason_and_are_in_the_document(workspace: Path) -> None:
    now = datetime.now(UTC)
    kept = ServiceLevels(App(workspace, "tester", lambda _: None).engine)
    began, ended = (now - timedelta(seconds=900)).timestamp(), (now - timedelta(seconds=500)).timestamp()
    kept.add([Gap("acme-lee-r1", began, ended, 400.0, Reason.NOT_ASKED, "secrets/snmp: it is empty")])
    kept.keep([Day(int(now.timestamp() // DAY_S), {"acme-lee-r1": OfDay(5, 400.0, ended)})])
    first = json.loads(shown("--json", "--since", "7d").stdout)[0]
    assert (first["router"], first["polls"], first["longest_s"], first["held"]) == ("acme-lee-r1", 5, 400.0, False)
    assert [gap["reason"] for gap in first["gaps"]] == ["it could not be asked: secrets/snmp: it is empty"]
    assert "it could not be asked: secrets/snmp: it is" in " ".join(shown().output.split())
