"""What routes, BGP, probes and policy routing of both IOS families say, with the lines that say so."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from device_templates.model import (
    EVERYTHING,
    BgpVrf,
    PolicyHop,
    PrefixEntry,
    Probe,
    Rule,
    Selection,
    StaticRoute,
    Track,
)
from tests.unit.templates.ios_read.understood import read

HUB = IPv4Address("10.0.0.1")


def test_routes() -> None:
    found = read(
        "ip route 0.0.0.0 0.0.0.0 192.0.2.1 200 name x track 5\n"
        "ip route vrf A 0.0.0.0 0.0.0.0 Vlan1 192.0.2.1 global\n"
        "ip route vrf A 10.0.0.0 255.0.0.0 Null0 250\n"
        "ip route 0.0.0.0 0.0.0.0 Vlan1 dhcp\n"
        "ip route 0.0.0.0 0.0.0.0 dhcp 254\n"
    ).routes
    every, private, hop = IPv4Network("0.0.0.0/0"), IPv4Network("10.0.0.0/8"), IPv4Address("192.0.2.1")
    assert found == (
        StaticRoute("", every, "192.0.2.1", via=hop, distance=200, track=5),
        StaticRoute("A", every, "Vlan1", "global", hop, "Vlan1"),
        StaticRoute("A", private, "Null0", distance=250, null=True),
        StaticRoute("", every, "Vlan1", interface="Vlan1", leased=True),
        StaticRoute("", every, "dhcp", distance=254, leased=True),
    )
    assert [one.at.line for one in found] == [1, 2, 3, 4, 5]


def test_prefix_lists_are_in_the_order_of_their_numbers() -> None:
    (found,) = read(
        "ip prefix-list P seq 10 deny 10.0.0.0/8 ge 9\nip prefix-list P seq 5 permit 10.0.0.0/8\n"
    ).prefix_lists
    network = IPv4Network("10.0.0.0/8")
    assert found.entries == (PrefixEntry(True, network, 8, 8), PrefixEntry(False, network, 9, 32))


def test_probes_and_tracks() -> None:
    found = read(
        "ip sla 1\n icmp-echo 10.0.0.9 source-interface Vlan1\n  vrf A\n  frequency 5\n"
        "ip sla schedule 1 life forever start-time now\n"
        "ip sla 2\n icmp-echo 10.0.0.9\ntrack 1 ip sla 1 reachability\n delay down 10 up 60\n"
        "track 2 interface Vlan1 line-protocol\n"
        "track 3 list boolean and\n object 1 not\n object 2\n"
        "track 4 ip route 10.0.0.0 255.0.0.0 reachability\n ip vrf A\n"
    )
    target = IPv4Address("10.0.0.9")
    assert found.probes == (Probe(1, target, "Vlan1", "A", 5, True), Probe(2, target, "", "", 60, False))
    assert found.tracks == (
        Track(1, "probe", probe=1, down_s=10, up_s=60),
        Track(2, "interface", interface="Vlan1"),
        Track(3, "all", members=((1, True), (2, False))),
        Track(4, "route", prefix=IPv4Network("10.0.0.0/8"), vrf="A"),
    )


def _vrf(lines: str) -> BgpVrf:
    bgp = read(f"router bgp 1\n{lines}").bgp
    assert bgp is not None
    (found,) = bgp.vrfs
    return found


def test_a_neighbour_has_what_its_group_has() -> None:
    found = _vrf(
        " address-family ipv4 vrf A\n  neighbor G peer-group\n  neighbor G remote-as 7\n  neighbor G route-map M in\n"
        "  neighbor G activate\n  neighbor 10.0.0.1 peer-group G\n  neighbor 10.0.0.2 remote-as 8\n"
        "  neighbor 10.0.0.2 shutdown\n"
        "  aggregate-address 10.0.0.0 255.0.0.0 summary-only\n  redistribute static route-map M\n  network 10.0.0.0\n"
    )
    group, member, other = found.neighbors
    assert (group.group, member.group, member.remote_as, member.map_in) == (True, False, 7, "M")
    assert (member.active, other.active, other.at.of("active")) == (True, False, 9)
    assert (found.aggregates, found.networks) == ((IPv4Network("10.0.0.0/8"),), (IPv4Network("10.0.0.0/8"),))
    assert found.sources == ("static route-map M",)


@pytest.mark.parametrize(
    ("lines", "active"),
    [
        (" neighbor 10.0.0.1 remote-as 2\n", True),
        (" no bgp default ipv4-unicast\n neighbor 10.0.0.1 remote-as 2\n", False),
        (" neighbor 10.0.0.1 remote-as 2\n address-family ipv4\n  neighbor 10.0.0.1 activate\n", True),
        (" neighbor 10.0.0.1 remote-as 2\n address-family ipv4\n  no neighbor 10.0.0.1 activate\n", False),
    ],
)
def test_neighbours_of_the_global_table(lines: str, active: bool) -> None:
    found = _vrf(lines)
    assert (found.vrf, [one.remote_as for one in found.neighbors], found.neighbors[0].active) == ("", [2], active)


def test_how_many_neighbours_are_taken_and_how_far_routes_are() -> None:
    silent = read("router bgp 1\n address-family ipv4 vrf A\n").bgp
    said = read("router bgp 1\n bgp listen limit 9\n address-family ipv4 vrf A\n  distance bgp 30 255 200\n").bgp
    assert silent is not None
    assert said is not None
    assert [(one.listen_limit, one.vrfs[0].distances) for one in (silent, said)] == [(100, (20, 200)), (9, (30, 255))]
    assert said.at.of("listen_limit") == 2


def test_how_a_session_starts_and_what_it_may_bring() -> None:
    head = "access-list 7 permit 10.0.0.0\ninterface Vlan1\nrouter bgp 1\n address-family ipv4 vrf A\n"
    found = read(
        "vrf definition A\n" + head + "  neighbor 10.0.0.1 remote-as 1\n  neighbor 10.0.0.1 distribute-list 7 in\n"
        "  neighbor 10.0.0.1 transport connection-mode passive\n  neighbor 10.0.0.1 update-source Vlan1\n"
    ).bgp
    assert found is not None
    (neighbor,) = found.vrfs[0].neighbors
    assert (neighbor.access_list_in, neighbor.access_list_out) == ("7", "")
    assert (neighbor.passive, neighbor.source) == (True, "Vlan1")


def test_policy_routing() -> None:
    found = read(
        "route-map M permit 20\n set vrf A\nroute-map M permit 10\n match ip address L\n"
        " set ip next-hop verify-availability 10.0.0.2 20 track 2\n"
        " set ip next-hop verify-availability 10.0.0.1 10 track 1\n"
        " set interface Tunnel1 Null0\nip local policy route-map M\nip access-list extended L\n permit ip any any\n"
    )
    first, second = found.route_maps[0].clauses
    assert first.hops == (PolicyHop(HUB, 1), PolicyHop(IPv4Address("10.0.0.2"), 2))
    assert (first.interfaces, first.null, first.default, first.vrf) == (("Tunnel1",), True, False, None)
    assert (second.sequence, second.vrf, second.selection, found.local_policy) == (20, "A", EVERYTHING, "M")
    assert first.selection == Selection((((Rule(True),),),))


@pytest.mark.parametrize(
    ("line", "vrf", "default", "hops"),
    [
        ("set ip default next-hop 10.0.0.1", None, True, 1),
        ("set ip global next-hop 10.0.0.1", "", False, 1),
        ("set ip vrf A next-hop 10.0.0.1", "A", False, 1),
        ("set global", "", False, 0),
        ("set local-preference 200", None, False, 0),
    ],
)
def test_where_a_clause_sends_packets(line: str, vrf: str | None, default: bool, hops: int) -> None:
    (clause,) = read(f"route-map M permit 10\n {line}\n").route_maps[0].clauses
    assert (clause.vrf, clause.default, len(clause.hops)) == (vrf, default, hops)
