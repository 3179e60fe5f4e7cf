"""Whether the management centre reaches a router: the separate tunnel [WV-7], the way back, and who is let in."""

from __future__ import annotations

import pytest

from agent.lab.net.reasons import Reason
from tests.unit.lab_net.conftest import Bench

CHANGES = [
    ("pre-shared-key centre-key", "pre-shared-key other", Reason.KEY),
    ("identity local fqdn spoke-a.managed.invalid", "identity local fqdn spoke-a.elsewhere.invalid", Reason.IDENTITY),
    (
        "identity local fqdn spoke-a.managed.invalid",
        "identity local fqdn spoke-b.managed.invalid",
        Reason.WRONG_MANAGEMENT_ADDRESS,
    ),
    (
        "identity local fqdn spoke-a.managed.invalid",
        "identity local fqdn nobody.managed.invalid",
        Reason.WRONG_MANAGEMENT_ADDRESS,
    ),
    ("match identity remote fqdn centre.managed.invalid", "match identity remote fqdn other.invalid", Reason.IDENTITY),
    ("tunnel destination 203.0.113.1", "tunnel destination 203.0.113.2", Reason.NO_PEER),
    (" tunnel mode ipsec ipv4\n", "", Reason.NO_MANAGEMENT_TUNNEL),
    ("ip address 10.254.0.2 255.255.255.255", "ip address 10.254.0.9 255.255.255.255", Reason.WRONG_MANAGEMENT_ADDRESS),
    (
        "ip route vrf MGMT 10.254.255.0 255.255.255.0 Tunnel4095",
        "ip route vrf MGMT 10.254.255.0 255.255.255.0 Null0",
        Reason.NO_RETURN_ROUTE,
    ),
    (
        "ip route vrf MGMT 10.254.255.0 255.255.255.0 Tunnel4095",
        "ip route 10.254.255.0 255.255.255.0 Tunnel4095",
        Reason.NO_RETURN_ROUTE,
    ),
    ("access-class SSH in vrf-also", "access-class SSH in", Reason.ACCESS_CLASS),
    (" permit 10.254.255.0 0.0.0.255", " permit 10.9.9.0 0.0.0.255", Reason.ACCESS_CLASS),
    ("interface Tunnel4095\n", "interface Tunnel4095\n shutdown\n", Reason.SHUTDOWN),
]


@pytest.mark.parametrize(("old", "new", "reason"), CHANGES)
def test_each_mistake_locks_the_centre_out_with_its_reason(bench: Bench, old: str, new: str, reason: Reason) -> None:
    bench.settled()
    before = dict(bench.texts)
    bench.change("spoke-a", old, new)
    assert bench.settled().management_reason("spoke-a", "tcp", 22) is reason
    assert bench.network().management_reason("spoke-b", "tcp", 22) is None
    bench.texts = before
    assert bench.settled().management_reason("spoke-a", "tcp", 22) is None


def test_an_access_class_keeps_ssh_out_but_not_snmp_and_ping(bench: Bench) -> None:
    bench.change("spoke-a", "access-class SSH in vrf-also", "access-class SSH in")
    network = bench.settled()
    assert network.management_reason("spoke-a", "udp", 161) is None
    assert network.management_reason("spoke-a", "icmp", None) is None


@pytest.mark.parametrize(("fault", "reason"), [("cut", Reason.ACCESS_DOWN), ("off", Reason.POWERED_OFF)])
def test_physical_faults_cut_everything_and_repair_restores_it(bench: Bench, fault: str, reason: Reason) -> None:
    bench.settled()
    getattr(bench, fault).add("spoke-a")
    assert bench.network().management_reason("spoke-a", "tcp", 22) is reason
    assert bench.network().management_reason("hub", "tcp", 22) is None
    getattr(bench, fault).clear()
    assert bench.network().management_reason("spoke-a", "tcp", 22) is Reason.CONVERGING
    assert bench.settled().management_reason("spoke-a", "tcp", 22) is None


def test_an_unnumbered_tunnel_uses_the_lender_s_address(bench: Bench) -> None:
    bench.change(
        "spoke-a",
        "interface Tunnel4095\n vrf forwarding MGMT\n ip address 10.254.0.2 255.255.255.255\n",
        "interface Loopback0\n vrf forwarding MGMT\n ip address 10.254.0.2 255.255.255.255\n"
        "interface Tunnel4095\n vrf forwarding MGMT\n ip unnumbered Loopback0\n",
    )
    assert bench.settled().management_reason("spoke-a", "tcp", 22) is None


def test_a_leased_address_works_and_a_translated_one_too(bench: Bench) -> None:
    device = bench.spec.device("spoke-a")
    leased = device.access.model_copy(update={"dhcp": True, "public": device.access.gateway + 5})
    changed = device.model_copy(update={"access": leased})
    others = tuple(one for one in bench.spec.devices if one.name != "spoke-a")
    bench.spec = bench.spec.model_copy(update={"devices": (*others, changed)})
    bench.change("spoke-a", "ip address 198.51.100.18 255.255.255.248", "ip address dhcp")
    bench.change("spoke-a", "ip route 0.0.0.0 0.0.0.0 198.51.100.17", "ip forward-protocol nd")
    network = bench.settled()
    assert network.management_reason("spoke-a", "tcp", 22) is None
    client = next(link for link in network.links_of("hub") if link.peer == "spoke-a")
    assert client.peer_nbma == leased.public, "the hub sees the address after translation"
