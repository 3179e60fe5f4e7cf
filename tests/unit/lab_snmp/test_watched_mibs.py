"""What the product's modules read of a virtual router: each has what it asks for, and follows what happens."""

from __future__ import annotations

import pytest

from agent.lab.snmp.mib import RouterMib
from agent.monitoring.conditions import Item, Watched
from agent.monitoring.services import conditions
from collectors.modules import modules_of
from collectors.reading import Reading
from tests.unit.collectors.collected import collected, typed
from tests.unit.lab_net.conftest import Live
from tests.unit.lab_net.test_standby import beside

__all__ = ["beside"]

QOS = """
class-map match-any VOICE
 match dscp ef
policy-map CLASSES
 class VOICE
  priority percent 20
 class class-default
  bandwidth remaining percent 80
policy-map EGRESS
 class class-default
  shape average 10000000
  service-policy CLASSES
"""
#: Tables of modules that these routers do not have rows of: IP SLA operations of other kinds, other memory pools,
#: what only IOS has of the environment, peers in VRFs.
OTHERS = {"jitter", "enhanced_pools", "pools", "temperatures", "fans", "supplies", "bgp"}


@pytest.fixture
def live() -> Live:
    return Live()


def told(live: Live, router: str) -> Reading:
    mib = RouterMib(live.world.routers[router], live.world).now()
    values = {oid: typed(value.tag, value.octets) for oid in mib.oids() if (value := mib.value(oid)) is not None}
    return collected(modules_of("cisco"), values)


def prioritised(live: Live, router: str) -> None:
    text = live.world.routers[router].running.render()
    wan = "interface GigabitEthernet0/0/0\n"
    assert wan in text
    live.run(router, text.replace(wan, wan + " service-policy output EGRESS\n").replace("\nend", f"\n{QOS}\nend"))
    live.wait(5)


def test_a_router_tells_all_that_is_read_of_its_kind(beside: Live) -> None:
    text = beside.world.routers["spoke-a"].running.render()
    beside.run("spoke-a", text.replace("\nend", "\nsnmp mib nhrp\nntp server vrf MGMT 10.254.255.10\nend"))
    prioritised(beside, "spoke-a")
    found = told(beside, "spoke-a")
    assert (found.problems, found.moved) == ((), frozenset())
    wanted = {table.name for module in modules_of("cisco") for table in module.tables} - OTHERS - {"nhrp_registered"}
    assert {name for name, rows in found.tables.items() if rows} >= wanted
    asked = {one.name for module in modules_of("cisco") for one in module.scalars}
    assert found.scalars.keys() == asked
    assert all(rows for name, rows in found.tables.items() if name in wanted)


def test_groups_and_probes_follow_the_primary(beside: Live) -> None:
    before = told(beside, "spoke-a")
    assert before.tables["standby"] == {"Vlan10 10": {"active_router": "10.10.2.2", "state": "standby"}}
    assert before.tables["probes"] == {"1": {"round_trip_ms": 12, "sense": "ok"}}
    assert before.tables["probe_targets"] == {"1": {"target": "0a630001"}}
    beside.world.damage("spoke-a", "primary")
    beside.wait(5)
    after = told(beside, "spoke-a")
    assert after.tables["standby"]["Vlan10 10"]["state"] == "active"
    assert after.tables["probes"]["1"]["sense"] == "timeout"
    assert conditions(before)[Watched.STANDS_IN]["Vlan10 10"].bad is False
    assert conditions(after)[Watched.STANDS_IN]["Vlan10 10"].bad is True
    assert conditions(after)[Watched.PROBE]["probe 1"] == Item(True, "the probe to 10.99.0.1 ended: timeout")


def test_registrations_follow_the_tunnel(live: Live) -> None:
    for router in ("spoke-a", "hub"):
        live.run(router, live.world.routers[router].running.render().replace("\nend", "\nsnmp mib nhrp\nend"))
    live.wait(5)
    assert {row["in_use"] for row in told(live, "spoke-a").tables["nhrp_servers"].values()} == {"yes"}
    registered = told(live, "hub").tables["nhrp_registered"]
    live.world.damage("spoke-a", "key")
    live.wait(30)
    found = told(live, "spoke-a")
    assert {row["in_use"] for row in found.tables["nhrp_servers"].values()} == {"no"}
    assert {row["state"] for row in found.tables["nhrp_registrations"].values()} == {"registering"}
    assert set(told(live, "hub").tables["nhrp_registered"]) < set(registered)


def test_classes_have_the_names_of_the_policies_they_lie_in_and_count(live: Live) -> None:
    prioritised(live, "spoke-a")
    before = told(live, "spoke-a").tables["classes"]
    assert set(before) == {
        "EGRESS/class-default",
        "EGRESS/class-default/CLASSES/VOICE",
        "EGRESS/class-default/CLASSES/class-default",
    }
    live.wait(10)
    after = told(live, "spoke-a").tables["classes"]
    for name, row in after.items():
        packets, former = row["packets"], before[name]["packets"]
        assert isinstance(packets, int)
        assert isinstance(former, int)
        assert packets > former
        assert row["dropped_packets"] == 0


@pytest.mark.parametrize("system", ["xe", "ios"])
def test_the_environment_is_told_by_one_of_two_mibs(live: Live, monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    router = live.world.routers["spoke-a"]
    monkeypatch.setattr(type(router), "model", property(lambda _self: MODELS[system]))
    tables = told(live, "spoke-a").tables
    if system == "ios":
        assert tables["temperatures"] == {"Temp: CPU 0/0": {"celsius": 38, "state": "normal"}}
        assert "sensors" not in tables
    else:
        assert tables["sensors"] == {"Temp: CPU 0/0": {"value": 38, "status": "ok"}}
        assert set(tables["sensor_limits"]) == {"Temp: CPU 0/0 1", "Temp: CPU 0/0 2"}
        assert tables["power_units"] == {"Power Supply Module 0": {"state": "on"}}


class _Model:
    def __init__(self, system: str) -> None:
        self.system, self.family, self.image, self.licence = system, "C", "x", ""
        self.routed: tuple[str, ...] = ()
        self.switched: tuple[str, ...] = ()


MODELS = {system: _Model(system) for system in ("xe", "ios")}
