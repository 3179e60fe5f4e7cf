"""The lines that the router's own program writes are those that the poll reads."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from collectors import told
from collectors.told import Told
from device_templates.linux_frr.onboard.router import places
from device_templates.linux_frr.onboard.router.change import sets
from device_templates.linux_frr.onboard.router.services import vici
from device_templates.linux_frr.onboard.router.showing import watch

#: As vici tells: a VPN's SA in transport mode, the centre's tunnel, and one that is not up yet.
SAS = [
    {"remote-host": "198.51.100.10", "child-sas": {"gre-3": {"state": "INSTALLED", "mode": "TRANSPORT"}}},
    {"remote-host": "203.0.113.1", "child-sas": {"management-1": {"state": "INSTALLED", "mode": "TUNNEL"}}},
    {"remote-host": "198.51.100.18", "child-sas": {"gre-4": {"state": "CREATED", "mode": "TRANSPORT"}}},
]


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The program's part that writes the lines; its VPN's tunnel is this machine's loopback."""
    for name in ("WATCH", "SAVED"):
        monkeypatch.setattr(places, name, tmp_path / name)
    monkeypatch.setattr(watch, "_SEEN", tmp_path / "seen.json")
    monkeypatch.setattr(watch, "enter_namespace", lambda _name: None)
    monkeypatch.setattr(vici, "list_sas", lambda: SAS)
    tunnels = [SimpleNamespace(name="vpn", tunnel=SimpleNamespace(name=name)) for name in ("lo", "gre99")]
    monkeypatch.setattr(watch, "settings", lambda: SimpleNamespace(vpns=tunnels))
    return watch


def read() -> Told:
    found = told.read(places.WATCH.read_text().splitlines())
    assert isinstance(found, Told), found
    return found


def test_tunnels_and_far_ends_come_through(program: Any) -> None:
    program.write_watch()
    found = read()
    assert found.peers == frozenset({"198.51.100.10"})
    assert set(found.interfaces) == {"lo"}  # gre99 is not there
    assert (found.interfaces["lo"]["admin"], found.interfaces["lo"]["oper"]) == ("up", "up")
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    assert 0 <= uptime - found.written_s < 10
    assert (found.config_changed_s, found.startup_changed_s) == (0, 0)


def test_that_charon_cannot_be_asked_comes_through(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vici, "list_sas", lambda: None)
    program.write_watch()
    assert read().peers is None


def test_a_change_of_what_runs_comes_through_and_the_first_look_is_none(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = {"etc/rsyslog.conf": "before\n"}
    monkeypatch.setattr(sets, "running", lambda _meant: dict(runs))
    program.write_watch({})
    assert read().config_changed_s == 0
    runs["etc/rsyslog.conf"] = "after\n"
    program.write_watch({})
    changed = read().config_changed_s
    assert changed is not None
    assert changed > 0
    program.write_watch({})
    assert read().config_changed_s == changed
