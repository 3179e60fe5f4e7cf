"""BGP sessions, routing tables, and whether packets arrive and come back."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from agent.lab.net.network import Network
from agent.lab.net.reasons import Reason
from agent.lab.net.tracking import Tracked
from agent.lab.routing.forwarding import Arrival
from agent.lab.routing.sessions import Table
from tests.unit.lab_net.conftest import Bench

CORP = ("spoke-a", "CORP")
OWN, FAR_HOST, HUB_HOST = (IPv4Address(text) for text in ("10.10.2.1", "10.10.3.50", "10.10.1.50"))


def state(network: Network, router: str = "spoke-a", vrf: str = "CORP") -> Tracked:
    (session,) = network.sessions_of(router, vrf)
    return network.session_state(session)


def prefixes(network: Network, table: Table = CORP, codes: str = "B") -> dict[str, str]:
    return {str(route.prefix): str(route.via) for route in network.ribs[table].routes() if route.code in codes}


def test_sessions_establish_and_the_hub_reflects_with_the_spoke_as_next_hop(bench: Bench) -> None:
    network = bench.settled()
    assert state(network).up
    assert [session.dynamic for session in network.sessions_of("hub", "CORP")] == [True, True]
    assert prefixes(network) == {
        "10.10.0.0/16": "10.255.10.1",
        "10.10.1.0/24": "10.255.10.1",
        "10.10.3.0/24": "10.255.10.3",
    }
    assert prefixes(network, ("spoke-a", "CCTV")) == {}, "no route crosses from VPN to VPN [WV-6]"


CHANGES = [
    ("spoke-a", "remote-as 65010", "remote-as 65011", Reason.REMOTE_AS),
    ("spoke-a", "router bgp 65010", "router bgp 65011", Reason.REMOTE_AS),
    ("hub", "neighbor SPOKES remote-as 65010", "neighbor SPOKES remote-as 65011", Reason.REMOTE_AS),
    ("spoke-a", "password bgp-word", "password other", Reason.DIFFERENT_PASSWORDS),
    ("hub", "  neighbor SPOKES password bgp-word\n", "", Reason.DIFFERENT_PASSWORDS),
    ("hub", "  neighbor SPOKES activate\n", "", Reason.NOT_ACTIVATED),
    ("spoke-a", "  neighbor 10.255.10.1 activate\n", "", Reason.NOT_ACTIVATED),
    ("hub", "listen range 10.255.10.0/24", "listen range 10.255.11.0/24", Reason.NO_NEIGHBOR),
    (
        "spoke-a",
        "neighbor 10.255.10.1 activate",
        "neighbor 10.255.10.1 activate\n  neighbor 10.255.10.1 shutdown",
        Reason.NEIGHBOR_SHUTDOWN,
    ),
    ("spoke-a", "pre-shared-key group-key", "pre-shared-key other", Reason.NO_ROUTE),
]


@pytest.mark.parametrize(("where", "old", "new", "reason"), CHANGES)
def test_a_changed_line_ends_the_session(bench: Bench, where: str, old: str, new: str, reason: Reason) -> None:
    assert state(bench.settled()).up
    before = dict(bench.texts)
    bench.change(where, old, new)
    network = bench.settled()
    assert not state(network).up
    assert state(network).reason is reason
    assert prefixes(network) == {}
    bench.texts = before
    assert state(bench.settled()).up


def test_local_as_makes_external_sessions(bench: Bench) -> None:
    bench.change("spoke-a", "router bgp 65010", "router bgp 65099")
    bench.change("spoke-a", "remote-as 65010", "remote-as 65010\n  neighbor 10.255.10.1 local-as 65010")
    network = bench.settled()
    assert state(network).up
    route = network.ribs[CORP].exact(IPv4Network("10.10.1.0/24"))
    assert route is not None
    assert route.distance == 200, "equal AS numbers on the session: internal"


def test_filters_of_both_ends_apply(bench: Bench) -> None:
    bench.change(
        "hub", "  neighbor SPOKES activate\n", "  neighbor SPOKES activate\n  neighbor SPOKES prefix-list OUT out\n"
    )
    bench.texts["hub"] += "ip prefix-list OUT seq 5 permit 10.10.0.0/16\n"
    assert prefixes(bench.settled()) == {"10.10.0.0/16": "10.255.10.1"}
    bench.texts["hub"] += "ip prefix-list OUT seq 10 permit 10.10.0.0/16 ge 24 le 24\n"
    bench.change(
        "spoke-a",
        "neighbor 10.255.10.1 activate",
        "neighbor 10.255.10.1 activate\n  neighbor 10.255.10.1 route-map IN in",
    )
    assert prefixes(bench.settled()) == {}, "a route map that is not there denies"
    bench.texts["spoke-a"] += (
        "ip prefix-list HUB seq 5 permit 10.10.1.0/24\n"
        "route-map IN deny 10\n match ip address prefix-list HUB\nroute-map IN permit 20\n"
    )
    assert prefixes(bench.settled()) == {"10.10.0.0/16": "10.255.10.1", "10.10.3.0/24": "10.255.10.3"}


def test_summary_only_and_next_hop_self(bench: Bench) -> None:
    bench.change(
        "hub", "aggregate-address 10.10.0.0 255.255.0.0", "aggregate-address 10.10.0.0 255.255.0.0 summary-only"
    )
    assert prefixes(bench.settled()) == {"10.10.0.0/16": "10.255.10.1"}
    bench.change("hub", " summary-only", "")
    bench.change(
        "hub", "SPOKES route-reflector-client", "SPOKES route-reflector-client\n  neighbor SPOKES next-hop-self all"
    )
    assert set(prefixes(bench.settled()).values()) == {"10.255.10.1"}


def test_without_reflection_spokes_learn_nothing_of_each_other(bench: Bench) -> None:
    bench.change("hub", "  neighbor SPOKES route-reflector-client\n", "")
    assert set(prefixes(bench.settled())) == {"10.10.0.0/16", "10.10.1.0/24"}


def test_a_withdrawn_network_is_gone_everywhere(bench: Bench) -> None:
    bench.settled()
    bench.change("spoke-b", "ip address 10.10.3.1 255.255.255.0", "ip address 10.10.4.1 255.255.255.0")
    assert "10.10.3.0/24" not in prefixes(bench.settled())


def test_packets_go_through_the_hub_and_back(bench: Bench) -> None:
    forwarding = bench.settled().forwarding
    there = forwarding.round_trip(CORP, OWN, FAR_HOST)
    assert isinstance(there, Arrival)
    assert [link.router for link in there.links] == ["spoke-a", "hub"]
    assert isinstance(forwarding.round_trip(CORP, OWN, HUB_HOST), Arrival)
    assert isinstance(forwarding.round_trip(CORP, OWN, IPv4Address("10.255.10.1")), Arrival)


@pytest.mark.parametrize("destination", ["10.10.3.51", "10.10.9.1", "10.254.255.1", "203.0.113.1"])
def test_what_is_not_there_or_in_another_table_does_not_answer(bench: Bench, destination: str) -> None:
    assert isinstance(bench.settled().forwarding.round_trip(CORP, OWN, IPv4Address(destination)), Reason)


def test_an_answer_needs_a_way_back(bench: Bench) -> None:
    bench.change("spoke-a", "  network 10.10.2.0 mask 255.255.255.0\n", "")
    network = bench.settled()
    assert isinstance(network.forwarding.deliver(CORP, FAR_HOST), Arrival)
    assert isinstance(network.forwarding.round_trip(CORP, OWN, FAR_HOST), Reason)
    assert isinstance(network.forwarding.round_trip(CORP, IPv4Address("10.255.10.2"), HUB_HOST), Arrival)


def test_a_null_route_discards_and_a_lan_needs_its_port(bench: Bench) -> None:
    bench.texts["spoke-a"] += "ip route vrf CORP 10.10.3.0 255.255.255.0 Null0\n"
    assert bench.settled().forwarding.round_trip(CORP, OWN, FAR_HOST) is Reason.DISCARDED
    bench.change("spoke-b", "switchport access vlan 10", "switchport access vlan 11")
    network = bench.settled()
    assert network.forwarding.deliver(("hub", "CORP"), FAR_HOST) is Reason.DISCARDED
    assert not network.protocol_up(network.stations["spoke-b"], network.stations["spoke-b"].config.interfaces["Vlan10"])


def test_the_internet_and_the_centre_answer_from_the_right_tables(bench: Bench) -> None:
    forwarding = bench.settled().forwarding
    wan = IPv4Address("198.51.100.18")
    for there in ("198.51.100.10", "203.0.113.1", "198.51.100.17"):
        assert isinstance(forwarding.round_trip(("spoke-a", ""), wan, IPv4Address(there)), Arrival)
    assert isinstance(forwarding.round_trip(("spoke-a", ""), wan, IPv4Address("192.0.2.77")), Reason)
    management = IPv4Address("10.254.0.2")
    assert isinstance(forwarding.round_trip(("spoke-a", "MGMT"), management, IPv4Address("10.254.255.10")), Arrival)


def test_a_loop_ends(bench: Bench) -> None:
    bench.texts["spoke-a"] += "ip route vrf CORP 10.77.0.0 255.255.0.0 10.255.10.1\n"
    bench.texts["hub"] += "ip route vrf CORP 10.77.0.0 255.255.0.0 10.255.10.2\n"
    assert bench.settled().forwarding.deliver(CORP, IPv4Address("10.77.1.1")) is Reason.LOOP
