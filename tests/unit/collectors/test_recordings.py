"""The modules against recordings of real devices, where there are some beside the repository."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.monitoring.reboots import Life
from collectors.modules import modules_of
from collectors.reading import Reading
from tests.unit.collectors.collected import collected, recorded

#: A folder of recordings; without one there is nothing to check here, and the other tests carry their own data.
FOLDER = Path(os.environ.get("SPOKESMAN_RECORDINGS", Path(__file__).parents[4] / "shared" / "data" / "snmprec"))

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recordings of real devices in {FOLDER}")


def told(name: str, agent: str = "cisco") -> Reading:
    return collected(modules_of(agent), recorded(FOLDER / f"{name}.snmprec"))


def test_a_router_with_sensors_only() -> None:
    found = told("iosxe-isr4321")
    assert (found.text("model"), found.text("first_entity")) == ("ISR4321/K9", "chassis")
    assert len(found.tables["interfaces"]) == 12
    assert len(found.tables["sensors"]) == 30
    assert found.tables["power_units"] == {"Power Supply Module 0": {"state": "on"}}
    limits = found.tables["sensor_limits"].values()
    assert {row["severity"] for row in limits} == {"other", "minor", "critical"}
    assert [problem.what for problem in found.problems] == ["sysUpTime"], "the recording has none"


def test_a_stack_with_standby_groups_and_an_environment() -> None:
    found = told("iosxe-c3850-hsrp")
    assert len(found.tables["interfaces"]) == 174
    assert {row["state"] for row in found.tables["standby"].values()} == {"standby"}
    assert set(found.tables["standby"]) >= {"Vlan1 1", "Vlan11 1"}
    assert found.tables["supplies"]["Switch 1 - Power Supply B"] == {"state": "not present"}
    assert set(found.tables["temperatures"]) >= {"Switch 1 - Inlet Temp Sensor"}
    assert "sensors" not in found.tables
    assert found.figures["cpu_5_min_percent"] == 8
    assert found.figures["memory_used_kb"] == 2_204_512


def test_a_probe() -> None:
    found = told("ios-ipsla")
    assert found.tables["probes"] == {"10": {"round_trip_ms": 16, "sense": "ok"}}
    assert found.tables["probe_targets"] == {"10": {"target": "c0a8a8b6"}}
    assert found.problems == ()


def test_tunnels_of_a_firewall() -> None:
    found = told("asa")
    assert len(found.tables["ipsec"]) == 2
    assert all(row["in_octets"] for row in found.tables["ipsec"].values())
    assert {row["status"] for row in found.tables["ike"].values()} == {"active"}
    assert found.figures["memory_used_kb"] > 1_000_000
    assert found.problems == ()


def test_a_windows_server() -> None:
    found = told("windows-2019", "windows")
    assert set(found.tables["storage"]) >= {"C:\\", "Physical Memory"}
    assert len(found.tables["processors"]) == 4
    assert (found.seconds("uptime_s"), found.problems) == (15796.68, ())


@pytest.mark.parametrize("name", ["asa", "ios-ipsla"])
def test_no_recorded_engine_proves_a_wrap_that_was_none(name: str) -> None:
    found = told(name)
    uptime_s = found.seconds("uptime_s")
    assert uptime_s is not None
    at = datetime(2026, 11, 21, tzinfo=UTC)
    assert Life(at, uptime_s, engine_time_s=found.number("engine_time_s")).whole_uptime_s == uptime_s
