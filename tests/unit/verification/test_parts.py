"""What the checks are made of: classes, identities, prefix filters, and findings as an engineer reads them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from random import Random

import pytest

from agent.verification import Finding, Flow, Hop, Line
from agent.verification.pairs.identities import Identity, identity_of, takes
from agent.verification.routing.filters import PrefixFilter
from agent.verification.shown import as_document, of_finding, of_line
from device_templates.model import IkeProfile, PrefixEntry

ADDRESS = Identity("address", "198.51.100.10")
LEASED = Identity("address", None)
NAME = Identity("fqdn", "lee-r1.managed.invalid")


@pytest.mark.parametrize(
    ("remote", "identity", "fits"),
    [
        (("any",), NAME, True),
        (("address 0.0.0.0",), ADDRESS, True),
        (("address 0.0.0.0",), LEASED, True),
        (("address 0.0.0.0",), NAME, False),
        (("address 0.0.0.0 0.0.0.0",), LEASED, True),
        (("address 198.51.100.10",), ADDRESS, True),
        (("address 198.51.100.11",), ADDRESS, False),
        (("address 198.51.100.0 255.255.255.0",), ADDRESS, True),
        (("address 198.51.100.0 255.255.255.0",), LEASED, False),
        (("fqdn lee-r1.managed.invalid",), NAME, True),
        (("fqdn LEE-R1.managed.invalid",), NAME, True),
        (("fqdn domain managed.invalid",), NAME, True),
        (("fqdn domain aged.invalid",), NAME, False),
        (("fqdn other", "fqdn domain managed.invalid"), NAME, True),
        (("email domain managed.invalid",), Identity("email", "r1@managed.invalid"), True),
        ((), ADDRESS, False),
        (("address nonsense",), ADDRESS, False),
    ],
)
def test_who_takes_whom(remote: tuple[str, ...], identity: Identity, fits: bool) -> None:
    assert takes(remote, identity) is fits


@pytest.mark.parametrize(
    ("identity", "method", "wanted"),
    [
        ("", "pre-share", Identity("address", "192.0.2.1")),
        ("address 0.0.0.0", "pre-share", Identity("address", "192.0.2.1")),
        ("", "rsa-sig", Identity("dn", None)),
        ("fqdn x.invalid", "pre-share", Identity("fqdn", "x.invalid")),
    ],
)
def test_what_a_router_calls_itself(identity: str, method: str, wanted: Identity) -> None:
    profile = IkeProfile("P", identity, (), frozenset({method}), "", "")
    assert identity_of(profile, IPv4Address("192.0.2.1")) == wanted


def test_a_prefix_filter_decides_as_its_entries_in_order_do() -> None:
    random = Random(5)
    for _ in range(60):
        entries = [_entry(random) for _ in range(random.randint(0, 8))]
        found = PrefixFilter(entries)
        for _ in range(20):
            network = _network(random)
            first = next((one for one in entries if _fits(one, network)), None)
            assert found.decides(network) is first
            assert found.permits(network) is (first is not None and first.permit)


def _network(random: Random) -> IPv4Network:
    length = random.randint(0, 6)
    return IPv4Network((random.getrandbits(length) << (32 - length) if length else 0, length))


def _entry(random: Random) -> PrefixEntry:
    network = _network(random)
    shortest = random.randint(network.prefixlen, 7)
    return PrefixEntry(random.random() < 0.6, network, shortest, random.randint(shortest, 8))


def _fits(entry: PrefixEntry, network: IPv4Network) -> bool:
    return network.subnet_of(entry.network) and entry.shortest <= network.prefixlen <= entry.longest


TEXT = """\
hostname x
interface Vlan10
 ip address 10.1.1.1 255.255.255.0
!
router bgp 1
 address-family ipv4 vrf A
  network 10.0.0.0
"""


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1, "hostname x"),
        (3, "interface Vlan10 > ip address 10.1.1.1 255.255.255.0"),
        (7, "router bgp 1 > address-family ipv4 vrf A > network 10.0.0.0"),
        (0, ""),
        (99, ""),
    ],
)
def test_a_line_is_shown_under_what_it_stands_under(number: int, shown: str) -> None:
    assert of_line(TEXT, number) == shown


FINDING = Finding(
    "WV-6",
    ("r1", "r2"),
    "VPN a reaches VPN b",
    "take the route away",
    check="routes-stay-apart",
    lines=(Line("r1", 3), Line("r2", 17)),
    flow=Flow(IPv4Address("10.1.1.5"), IPv4Address("10.2.1.9"), 6, 49152, 443, 46),
    path=(Hop("r1", "arrives by Vlan10", (Line("r1", 2),)), Hop("r2", "leaves by Vlan20")),
    option="sites.x.options.internet_breakout",
)


def test_a_finding_is_read_with_its_lines_its_packet_and_the_way_it_takes() -> None:
    assert list(of_finding(FINDING, lambda line: f"text {line.number}")) == [
        "error [WV-6] routes-stay-apart: r1, r2",
        "  VPN a reaches VPN b",
        "    r1:3   text 3",
        "    r2:17  text 17",
        "  a packet that proves it: tcp 10.1.1.5:49152 -> 10.2.1.9:443, dscp 46",
        "    1. r1: arrives by Vlan10",
        "         r1:2  text 2",
        "    2. r2: leaves by Vlan20",
        "  to change: sites.x.options.internet_breakout; take the route away",
    ]


def test_programs_get_the_same() -> None:
    document = as_document(FINDING, lambda line: f"text {line.number}")
    assert document["lines"][1] == {"router": "r2", "number": 17, "text": "text 17"}
    assert document["flow"]["destination_port"] == 443
    assert document["path"][0]["lines"][0]["text"] == "text 2"
    assert (document["check"], document["severity"]) == ("routes-stay-apart", "error")
