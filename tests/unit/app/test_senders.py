"""Whose traps are believed: by the address that this machine sees a router under, and by its credentials."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from agent.app.app import App
from agent.app.senders import syslog_speakers, trap_senders
from collectors.snmp import V3User
from device_templates import platform_text

GOLDEN = Path(__file__).parents[2] / "golden" / "linux_frr" / "two_vpns"
NAT = """
[[reach.nat]]
managed = "10.254.0.0/24"
reached = "127.77.3.0/24"
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The golden workspace with its secrets, behind a translation."""
    copy = tmp_path / "workspace"
    shutil.copytree(GOLDEN / "workspace", copy)
    (copy / "spokesman.toml").write_text((copy / "spokesman.toml").read_text() + NAT)
    for reference, value in tomllib.loads((GOLDEN / "secrets.toml").read_text())["secrets"].items():
        if reference.startswith("env:"):
            monkeypatch.setenv(reference.removeprefix("env:"), value)
    return copy


def test_senders_are_known_by_their_translated_addresses(workspace: Path) -> None:
    app = App(workspace, "test")
    senders = trap_senders(app, app.inventory)
    assert {address: name for address, (name, _) in senders.items()} == {
        "127.77.3.11": "acme-lon-r1",
        "127.77.3.12": "acme-lee-r1",
        "127.77.3.13": "acme-yor-r1",
    }
    for _, credentials in senders.values():
        assert isinstance(credentials, V3User)
        assert credentials.name == "spokesman"


def test_speakers_are_known_by_the_same_addresses_and_need_no_secret(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLEET_SNMP_PRIV")
    app = App(workspace, "test")
    speakers = syslog_speakers(app, app.inventory)
    assert speakers["127.77.3.12"] == ("acme-lee-r1", platform_text("linux_frr").messages)
    assert len(speakers) == 3


def test_a_router_whose_secrets_cannot_be_read_is_left_out_and_told(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("FLEET_SNMP_PRIV")
    app = App(workspace, "test")
    assert trap_senders(app, app.inventory) == {}
    assert "traps of acme-lon-r1 are not believed" in caplog.text
    assert "Planted" not in caplog.text
