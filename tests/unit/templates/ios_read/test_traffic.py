"""What lists, classes, policies, zones and translation of both IOS families say, with the lines that say so."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from device_templates.model import EVERYTHING, Match, NatRule, NatStatic, Rule, Selection
from tests.unit.templates.ios_read.understood import read


def _rules(lines: str) -> tuple[Rule, ...]:
    return read(f"ip access-list extended A\n{lines}").access_lists[0].rules


HOST, NET = IPv4Network("192.0.2.1/32"), IPv4Network("10.0.0.0/8")


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ("permit ip any any", Rule(True)),
        (
            "deny tcp host 192.0.2.1 10.0.0.0 0.255.255.255 eq www 443",
            Rule(False, Match((6,), (HOST,), (NET,), (), ((80, 80), (443, 443)))),
        ),
        (
            "permit udp any range 1 9 any gt 1023 log",
            Rule(True, Match((17,), (), (), ((1, 9),), ((1024, 65535),)), log=True),
        ),
        ("permit tcp any any neq 80", Rule(True, Match((6,), destination_ports=((0, 79), (81, 65535))))),
        ("permit icmp any any packet-too-big", Rule(True, Match((1,), icmp_types=(3,), icmp_codes=(4,)))),
        ("permit tcp any any established", Rule(True, Match((6,), established=True))),
        ("permit 50 any any dscp ef", Rule(True, Match((50,), dscp=(46,)))),
    ],
)
def test_entries_of_access_lists(entry: str, rule: Rule) -> None:
    assert _rules(f" {entry}\n") == _rules(f" 10 {entry}\n") == (rule,)


def test_the_order_of_entries_is_that_of_their_numbers() -> None:
    assert [one.at.line for one in _rules(" 20 permit ip any any\n 10 deny icmp any any\n")] == [3, 2]


def test_lists_without_names_and_without_entries() -> None:
    found = read(
        "access-list 10 permit 10.0.0.0 0.255.255.255\naccess-list 10 permit 192.0.2.1\nip access-list standard E\n"
    )
    ten, empty = found.access_lists
    assert ten.rules == (Rule(True, Match(sources=(NET,))), Rule(True, Match(sources=(HOST,))))
    assert empty.rules == (Rule(True),)


FIREWALL = """\
class-map type inspect match-any WEB
 match protocol http
 match protocol dns
class-map type inspect match-all IBO
 match access-group name A
 match class-map WEB
policy-map type inspect P
 class type inspect IBO
  inspect
 class class-default
  drop log
zone security A
zone security B
zone-pair security A-B source A destination B
 service-policy type inspect P
zone-pair security B-A source B destination A
ip access-list extended A
 10 permit ip 10.0.0.0 0.255.255.255 any
"""


def test_zones() -> None:
    found = read(FIREWALL)
    (pair,) = found.zone_pairs
    assert (pair.source, pair.destination, pair.at.line) == ("A", "B", 14)
    inspect, drop = pair.rules
    assert [(one.action, one.log, one.at.line) for one in pair.rules] == [("inspect", False, 8), ("drop", True, 10)]
    inside = (Rule(True, Match(sources=(NET,))),)
    http = (Rule(True, Match((6,), destination_ports=((80, 80),))),)
    dns = tuple(Rule(True, Match((number,), destination_ports=((53, 53),))) for number in (6, 17))
    assert inspect.selection == Selection(((inside, http), (inside, dns)))
    assert drop.selection == EVERYTHING


@pytest.mark.parametrize(
    "head",
    [
        "parameter-map type inspect-global\n log dropped-packets\n",
        "parameter-map type inspect global\n log dropped-packets enable\n",
    ],
)
def test_a_firewall_that_tells_what_it_dropped(head: str) -> None:
    assert read(head).logs_drops is True


def test_translation() -> None:
    found = read(
        "ip access-list standard L\n 10 permit 10.0.0.0 0.255.255.255\n"
        "ip nat inside source list L interface Vlan1 vrf A overload\nip nat source list L interface Vlan1 overload\n"
        "ip nat inside source static tcp 10.0.0.5 80 interface Vlan1 8080 vrf A extendable\n"
        "ip nat inside source static 10.0.0.6 192.0.2.6\n"
    )
    selection = Selection((((Rule(True, Match(sources=(NET,))),),),))
    assert found.nat_rules == (NatRule("A", selection, "Vlan1"), NatRule("", selection, "Vlan1"))
    assert found.nat_statics == (
        NatStatic("A", IPv4Address("10.0.0.5"), 80, "Vlan1", 8080, 6),
        NatStatic("", IPv4Address("10.0.0.6"), 0, "192.0.2.6", 0),
    )


def test_quality_of_service() -> None:
    found = read(
        "class-map match-any V\n match dscp ef\n match ip precedence 5\nclass-map N\n"
        " match not access-group name L\n match qos-group 3\n"
        "policy-map CHILD\n class V\n  priority percent 20\n class N\n"
        "  bandwidth remaining percent 50\n  random-detect dscp-based\n"
        "policy-map EGRESS\n class class-default\n  shape average 9496000\n   service-policy CHILD\n"
        "ip access-list extended L\n permit tcp any any\n"
    )
    child, egress = found.policies
    voice, other, rest = child.classes
    assert (voice.priority_percent, voice.first, len(voice.selection.ways)) == (20, True, 2)
    assert (other.bandwidth_percent, other.of_remaining, other.drops_early) == (50, True, True)
    assert other.selection.ways == (((Rule(False, Match((6,))), Rule(True)), (Rule(True, Match(marks=(3,))),)),)
    assert (rest.name, rest.rest) == ("class-default", True)
    assert [(one.rest, one.shape_bps, one.child) for one in egress.classes] == [(True, 9_496_000, "CHILD")]
    assert voice.at.of("priority_percent") == 9
