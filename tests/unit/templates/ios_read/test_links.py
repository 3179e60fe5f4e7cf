"""What interfaces, VRFs, tunnels and standby groups of both IOS families say, with the lines that say so."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

import pytest

from device_templates.model import Interface, NhrpServer, Replica, Standby, StandbyTrack, Tunnel, Vrf
from device_templates.texts import fingerprint
from tests.unit.templates.ios_read.understood import read


def _interface(lines: str, name: str = "Vlan10") -> Interface:
    (found,) = read(f"interface {name}\n{lines}").interfaces
    return found


def test_both_families_vrfs() -> None:
    old = read("ip vrf A\n rd 1:1\n route-target export 1:1\n route-target import 1:2\n")
    new = read(
        "vrf definition A\n rd 1:1\n !\n address-family ipv4\n  route-target export 1:1\n  route-target import 1:2\n"
    )
    assert old.vrfs == new.vrfs == (Vrf("A", "1:1", frozenset({"1:2"}), frozenset({"1:1"})),)
    assert (old.vrfs[0].at.of("imports"), new.vrfs[0].at.of("imports")) == (4, 6)


def test_routes_of_another_table() -> None:
    lines = (
        "vrf definition A\n address-family ipv4\n"
        "  route-replicate from vrf global unicast all route-map M\n  import ipv4 unicast 100 map N\n"
    )
    assert read(lines).vrfs[0].replicas == (Replica("", "all", "M"), Replica("", "bgp", "N"))


def test_an_interface_with_everything() -> None:
    found = _interface(
        " ip vrf forwarding A\n ip address 10.0.0.1 255.255.255.0\n"
        " ip address 10.1.0.1 255.255.255.0 secondary\n ip mtu 1400\n"
        " ip access-group IN in\n ip access-group 101 out\n zone-member security A\n ip nat inside\n"
        " ip policy route-map M\n"
        " service-policy input P\n ip tcp adjust-mss 1360\n shutdown\n"
    )
    assert (found.vrf, found.address, found.svi) == ("A", IPv4Interface("10.0.0.1/24"), 10)
    assert found.secondaries == (IPv4Interface("10.1.0.1/24"),)
    assert (found.mtu, found.mss, found.zone, found.nat, found.policy, found.shutdown) == (
        1400,
        1360,
        "A",
        "inside",
        "M",
        True,
    )
    assert [(one.name, one.direction, one.at.line) for one in found.access_lists] == [
        ("IN", "in", 6),
        ("101", "out", 7),
    ]
    assert [(one.name, one.direction) for one in found.service_policies] == [("P", "in")]
    fields = ("vrf", "address", "mtu", "zone", "nat", "policy", "mss", "shutdown")
    assert {field: found.at.of(field) for field in fields} == {
        "vrf": 2, "address": 3, "mtu": 5, "zone": 8, "nat": 9, "policy": 10, "mss": 12, "shutdown": 13,
    }  # fmt: skip


def test_what_changes_an_interfaces_table_takes_its_address_away() -> None:
    assert _interface(" ip address 10.0.0.1 255.255.255.0\n vrf forwarding A\n").address is None


def test_the_last_line_counts_and_no_takes_back() -> None:
    found = _interface(" shutdown\n no shutdown\n ip mtu 1400\n ip mtu 1300\n ip address dhcp\n no ip address\n")
    assert (found.shutdown, found.mtu, found.dhcp) == (False, 1300, False)


@pytest.mark.parametrize(("line", "side"), [("ip nat outside", "outside"), ("ip nat enable", "both")])
def test_sides_of_translation(line: str, side: str) -> None:
    assert _interface(f" {line}\n").nat == side


def _tunnel(lines: str, head: str = "") -> Tunnel:
    (found,) = read(f"{head}interface Tunnel1\n{lines}").interfaces
    assert found.tunnel is not None
    return found.tunnel


HUB, FAR = IPv4Address("10.0.0.1"), IPv4Address("192.0.2.1")


@pytest.mark.parametrize(
    "lines",
    [
        " ip nhrp nhs 10.0.0.1 nbma 192.0.2.1 multicast\n",
        " ip nhrp map 10.0.0.1 192.0.2.1\n ip nhrp map multicast 192.0.2.1\n ip nhrp nhs 10.0.0.1\n",
        " ip nhrp nhs 10.0.0.1\n ip nhrp map multicast 192.0.2.1\n ip nhrp map 10.0.0.1 255.255.255.255 192.0.2.1\n",
    ],
)
def test_both_ways_to_name_a_hub(lines: str) -> None:
    assert _tunnel(lines).servers == (NhrpServer(HUB, FAR, multicast=True),)


def test_a_tunnel_with_everything() -> None:
    found = _tunnel(
        " tunnel source Vlan1\n tunnel mode gre multipoint\n tunnel key 5\n tunnel vrf F\n ip nhrp network-id 7\n"
        " ip nhrp registration no-unique\n if-state nhrp\n ip nhrp redirect timeout 5\n ip nhrp map multicast dynamic\n"
        " tunnel protection ipsec profile P shared\n"
    )
    assert (found.source, found.mode, found.key, found.front_vrf, found.network_id) == (
        "Vlan1",
        "gre multipoint",
        5,
        "F",
        7,
    )
    assert (found.not_unique, found.follows_nhrp, found.redirect, found.multicasts) == (True, True, True, True)
    assert (found.protection, found.shared, found.shortcut) == ("P", True, False)
    assert (found.at.of("key"), found.at.of("protection"), found.at.of("mode")) == (4, 11, 3)


@pytest.mark.parametrize(
    ("version", "lines", "shortcut"),
    [
        ("", "", False),
        ("version 17.9\n", "", False),
        ("version 17.15\n", "", True),
        ("version 17.15\n", " no ip nhrp shortcut\n", False),
        ("version 15.7\n", " ip nhrp shortcut\n", True),
    ],
)
def test_what_a_release_does_not_show(version: str, lines: str, shortcut: bool) -> None:
    assert _tunnel(f" tunnel mode gre multipoint\n{lines}", version).shortcut is shortcut


def test_hsrp() -> None:
    found = _interface(
        " standby version 2\n standby 10 ip 10.0.0.254\n standby 10 priority 150\n"
        " standby 10 preempt delay minimum 30 reload 180\n"
        " standby 10 authentication md5 key-string Planted-Key\n standby 10 track 12 decrement 55\n"
        " standby 10 track 13\n"
    ).standbys
    tracks = (StandbyTrack(12, 55), StandbyTrack(13, 10))
    virtual = IPv4Address("10.0.0.254")
    assert found == (Standby(10, virtual, 150, True, "hsrp", 2, 30, tracks, f"md5 {fingerprint('Planted-Key')}"),)
    assert (found[0].at.of("priority"), found[0].tracks[1].at.line) == (4, 8)


@pytest.mark.parametrize(
    ("line", "hold_s"),
    [
        ("standby 1 timers 30 90", 90),
        ("standby 1 timers msec 250 msec 750", 1),
        ("standby 1 timers msec 500 2", 2),
        ("vrrp 1 timers advertise 20", 60),
        ("vrrp 1 timers advertise msec 200", 1),
        ("vrrp 1 timers learn", 3),
    ],
)
def test_how_long_a_silent_router_counts_as_there(line: str, hold_s: int) -> None:
    (found,) = _interface(f" {line}\n").standbys
    assert found.hold_s == hold_s


def test_defaults_of_hsrp_and_vrrp() -> None:
    virtual = IPv4Address("10.0.0.254")
    assert _interface(" standby ip 10.0.0.254\n").standbys == (Standby(0, virtual, 100, False),)
    assert _interface(" vrrp 5 ip 10.0.0.254\n").standbys == (Standby(5, virtual, 100, True, "vrrp", 2, hold_s=3),)


_MEMBER = "interface GigabitEthernet0/1/1\n switchport access vlan 10\n"


@pytest.mark.parametrize(
    ("name", "lines", "release", "trunk"),
    [
        ("GigabitEthernet0/1/0", " switchport access vlan 10\n switchport mode access\n", "17.9", False),
        ("GigabitEthernet0/1/0", " switchport access vlan 10\n", "17.9", True),
        ("GigabitEthernet0/1/0", " switchport access vlan 10\n", "15.7", False),
        ("GigabitEthernet0/1/0", "", "17.9", True),
        ("GigabitEthernet0/1/0", " no ip address\n", "17.9", False),
        ("GigabitEthernet0/0/1", "", "17.9", False),
    ],
)
def test_ports_whose_mode_is_not_said(name: str, lines: str, release: str, trunk: bool) -> None:
    assert read(f"version {release}\ninterface {name}\n{lines}{_MEMBER}").interfaces[0].trunk is trunk
