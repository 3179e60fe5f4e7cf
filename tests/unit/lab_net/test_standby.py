"""HSRP, tracked objects and probes in a lab at work, as ``show`` tells them while the primary router comes and goes."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from agent.lab.spec import LanPort, Primary
from tests.unit.lab_net.conftest import Live, running

LINES = """
track 1 ip sla 1 reachability
track 2 list boolean and
 object 1 not
ip sla 1
 icmp-echo 10.99.0.1 source-interface Vlan10
  vrf CORP
ip sla schedule 1 life forever start-time now
ip route vrf CORP 10.99.0.1 255.255.255.255 10.10.2.2
"""
GROUP = """
 standby version 2
 standby 10 ip 10.10.2.9
 standby 10 priority 150
 standby 10 preempt
 standby 10 track 2 decrement 55
"""


@pytest.fixture
def beside(live: Live) -> Live:
    """The three routers, one of them beside a primary."""
    primary = Primary(address=IPv4Address("10.10.2.2"), group=10, networks=(IPv4Network("10.99.0.0/16"),))
    port = LanPort(interface="GigabitEthernet0/1/0", hosts=(IPv4Address("10.10.2.50"),), primary=primary)
    devices = tuple(
        one.model_copy(update={"lan": (port,)}) if one.name == "spoke-a" else one for one in live.spec.devices
    )
    live.world.spec = live.spec.model_copy(update={"devices": devices})
    own = " ip address 10.10.2.1 255.255.255.0\n"
    live.run("spoke-a", running("spoke-a").replace(own, own + GROUP.lstrip("\n")) + LINES)
    live.wait(5)
    return live


def row(live: Live) -> list[str]:
    return live.show("spoke-a", "show standby brief").splitlines()[-1].split()


def test_the_groups_follow_the_primary(beside: Live) -> None:
    assert row(beside) == ["Vl10", "10", "95", "P", "Standby", "10.10.2.2", "local", "10.10.2.9"]
    beside.world.damage("spoke-a", "primary-access")
    beside.wait(5)
    assert row(beside) == ["Vl10", "10", "150", "P", "Active", "local", "10.10.2.2", "10.10.2.9"]
    beside.world.damage("spoke-a", "primary")
    beside.wait(5)
    assert row(beside)[4:7] == ["Active", "local", "unknown"]
    beside.world.mend("spoke-a")
    beside.wait(5)
    assert row(beside)[4] == "Standby"
    assert "Priority 95 (configured 150)" in beside.show("spoke-a", "show standby")


def test_tracked_objects_and_probes_are_shown(beside: Live) -> None:
    assert "Track 1\n  IP SLA 1 reachability\n  Reachability is Up\n" in beside.show("spoke-a", "show track")
    assert "object 1 not Up" in beside.show("spoke-a", "show track 2")
    assert beside.show("spoke-a", "show track brief").splitlines()[2].split()[:5] == [
        "2",
        "list",
        "boolean",
        "and",
        "Down",
    ]
    assert "OK" in beside.show("spoke-a", "show ip sla summary").splitlines()[-1]
    beside.world.damage("spoke-a", "primary")
    beside.wait(5)
    assert "Reachability is Down" in beside.show("spoke-a", "show track 1")
    assert "Timeout" in beside.show("spoke-a", "show ip sla summary").splitlines()[-1]
