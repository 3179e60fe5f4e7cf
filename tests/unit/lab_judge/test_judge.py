"""The judge: what options promise of packets, and what becomes of the promise when one line is gone."""

from __future__ import annotations

import time
from ipaddress import IPv4Address

import pytest

from agent.lab.errors import LabError
from agent.lab.judge import End, Judged, Verdict, surroundings
from agent.lab.net.reasons import Reason
from agent.lab.traffic.logs import FIREWALL, OTHER
from tests.unit.lab_judge.conftest import Case

HUB, SPOKE = "acme-lon-r1", "acme-lee-r1"
CORPORATE, CCTV, GUEST = IPv4Address("10.10.2.50"), IPv4Address("10.20.2.50"), IPv4Address("192.168.50.7")
FAR_CORPORATE, FAR_CCTV, WEB = IPv4Address("10.10.1.50"), IPv4Address("10.20.1.50"), IPv4Address("9.9.9.9")
WAN = "GigabitEthernet0/0/0"


def test_every_tunnel_of_the_reference_is_up_and_no_line_was_refused(options: Case) -> None:
    judged = options.look()
    assert judged.refused == {}
    assert judged.up() == {
        ("CORPORATE", SPOKE, HUB), ("CCTV", SPOKE, HUB), ("MGMT", SPOKE, "centre"), ("MGMT", HUB, "centre"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "target", "protocol", "port", "end"),
    [
        (CORPORATE, FAR_CORPORATE, "tcp", 445, End.HOST),
        (CCTV, FAR_CCTV, "icmp", None, End.HOST),
        (CCTV, FAR_CORPORATE, "tcp", 445, End.LOST),
        (CORPORATE, FAR_CCTV, "tcp", 445, End.LOST),
        (GUEST, FAR_CORPORATE, "tcp", 445, End.LOST),
        (GUEST, CORPORATE, "icmp", None, End.LOST),
        (GUEST, WEB, "tcp", 25, End.INTERNET),
        (CCTV, WEB, "tcp", 443, End.INTERNET),
        (CCTV, WEB, "tcp", 25, End.LOST),
        (CORPORATE, WEB, "tcp", 443, End.LOST),
    ],
)
def test_where_packets_of_the_spoke_end(
    options: Case, source: IPv4Address, target: IPv4Address, protocol: str, port: int | None, end: End
) -> None:
    verdict = options.look().reaches(SPOKE, source, target, protocol, port)
    assert verdict.end is end
    assert verdict.works is (end is not End.LOST)


def test_the_internet_knocks_at_closed_doors(options: Case) -> None:
    judged, own = options.look(), IPv4Address("198.51.100.10")
    for protocol, port, good in (("tcp", 22, False), ("udp", 161, False), ("udp", 500, True), ("icmp", None, True)):
        verdict = judged.reaches(HUB, WEB, own, protocol, port, interface=WAN, source_port=port)
        assert verdict.works is good, (protocol, port)
    assert not judged.reaches(HUB, WEB, FAR_CORPORATE, "tcp", 80, interface=WAN).arrives


def test_a_guest_is_marked_to_best_effort_and_translated(options: Case) -> None:
    verdict = options.look().reaches(SPOKE, GUEST, WEB, "udp", 53, dscp=46)
    assert verdict.packet.dscp == 0
    assert verdict.packet.source == IPv4Address("198.18.0.2")
    assert [(hop.vrf, hop.arrives, hop.leaves) for hop in verdict.path] == [("ILAN", "Vlan50", WAN)]


def test_while_the_hub_is_gone_nothing_of_a_vpn_leaves_by_the_internet(options: Case) -> None:
    judged = options.look(cut={HUB})
    verdict = judged.reaches(SPOKE, CCTV, FAR_CCTV, "tcp", 443)
    assert verdict.reason is Reason.DISCARDED
    assert judged.reaches(SPOKE, CCTV, WEB, "tcp", 443).works


def _web(judged: Judged) -> Verdict:
    return judged.reaches(SPOKE, CCTV, WEB, "tcp", 443)


@pytest.mark.parametrize(
    ("line", "instead", "reason"),
    [
        (" match protocol https\n", "", Reason.FIREWALL),
        (" service-policy type inspect CCTV-INTERNET\n", "", Reason.FIREWALL),
        ("ip nat inside source list IBO-CCTV interface GigabitEthernet0/0/0 vrf CCTV overload\n", "", Reason.IN_CLEAR),
        (" ip nat outside\n", "", Reason.IN_CLEAR),
        ("ip nat inside source list IBO-CCTV interface GigabitEthernet0/0/0 vrf CCTV",
         "ip nat inside source list IBO-CCTV interface GigabitEthernet0/0/0 vrf ILAN", Reason.IN_CLEAR),
    ],
)  # fmt: skip
def test_one_line_less_and_breakout_is_gone(options: Case, line: str, instead: str, reason: Reason) -> None:
    assert _web(options.look()).works
    assert _web(options.without(SPOKE, line, instead)).reason is reason


@pytest.mark.parametrize(
    ("router", "line", "instead", "reason"),
    [
        (SPOKE, "tunnel key 20", "tunnel key 21", Reason.TUNNEL_KEY),
        (HUB, "ip nhrp network-id 20\n", "shutdown\n", Reason.TUNNEL_KEY),
        (HUB, "permit udp any any eq isakmp", "deny udp any any eq isakmp", Reason.BLOCKED),
        (SPOKE, "permit udp any any eq non500-isakmp", "deny udp any any eq non500-isakmp", Reason.BLOCKED),
    ],
)
def test_one_line_other_and_a_tunnel_is_down(
    options: Case, router: str, line: str, instead: str, reason: Reason
) -> None:
    judged = options.without(router, line, instead)
    found = next(one for one in judged.tunnels() if (one.vrf, one.router) == ("CCTV", SPOKE))
    assert (found.up, found.reason) == (False, reason)


def test_a_trunk_carries_no_host_and_a_firewall_stops_routing(options: Case) -> None:
    port = " switchport access vlan 20\n switchport mode access\n"
    judged = options.without(SPOKE, port, port.replace("mode access", "mode trunk"))
    assert not judged.reaches(HUB, FAR_CCTV, CCTV, "tcp", 445).arrives
    pair = "zone-pair security ILAN-SELF source ILAN destination self\n"
    more = "zone-pair security CCTV-SELF source CCTV destination self\n service-policy type inspect ILAN-SELF\n"
    judged = options.without(SPOKE, pair, more + pair)
    assert ("CCTV", SPOKE, HUB) in judged.up()
    assert not judged.reaches(SPOKE, CCTV, FAR_CCTV, "tcp", 445).works


def test_a_pair_without_a_policy_leaves_the_router_itself_open(options: Case) -> None:
    judged = options.without(HUB, " service-policy type inspect INTERNET-SELF\n")
    assert judged.up() == options.look().up()
    own = IPv4Address("198.51.100.10")
    assert judged.reaches(HUB, WEB, own, "udp", 161, interface=WAN).arrives


def test_firewall_logs_are_the_customers_alone(options: Case) -> None:
    judged, host = options.look(), IPv4Address("10.10.1.60")
    assert judged.logged(HUB, FIREWALL["xe"]) == {host: True}
    centre = judged.logged(HUB, OTHER)
    assert host not in centre
    assert set(centre.values()) == {True}
    judged = options.without(HUB, " discriminator OTHERS", "")
    assert len(judged.logged(HUB, FIREWALL["xe"])) > 1


def test_a_line_that_no_router_has_is_refused_and_told(options: Case) -> None:
    judged = options.without(SPOKE, " ip nat outside\n", " ip nat sideways\n")
    assert [(one.line, "Invalid input" in one.answer) for one in judged.refused[SPOKE]] == [("ip nat sideways", True)]


def test_a_stranger_and_a_host_of_no_lan_are_errors(options: Case) -> None:
    with pytest.raises(LabError, match="no such router"):
        options.look(lambda texts: texts.update({"stranger": "hostname x\n"}))
    with pytest.raises(LabError, match="has no LAN"):
        options.look().reaches(SPOKE, IPv4Address("172.16.0.1"), WEB)
    with pytest.raises(LabError, match="no tunnel starts"):
        surroundings({"r": "hostname r\n"})


def test_a_question_takes_well_below_a_second(options: Case) -> None:
    options.look()
    began = time.process_time()
    for number in range(5):
        _web(options.without(SPOKE, "description Internet access", f"description Internet access {number}"))
    assert (time.process_time() - began) / 5 < 0.5
