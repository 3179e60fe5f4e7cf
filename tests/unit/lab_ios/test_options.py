"""Lines of the service options: what real routers make of them, what they refuse, and what each release lacks."""

from __future__ import annotations

import pytest

from agent.lab.config import ConfigTree
from agent.lab.ios import versions
from agent.lab.lines.replace import replace
from agent.lab.models import Chassis
from agent.lab.router import VirtualRouter

LISTS = "class-map type inspect match-any WEB\n match protocol http\npolicy-map type inspect P\n"


def router(model: str = "C1111-8P", release: str = "17.9") -> VirtualRouter:
    box = VirtualRouter("r1", Chassis(model, "FCZ0000A0B1", release))
    box.reload(seconds=0)
    return box


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("class-map VOICE\n match dscp 46 40", "class-map match-all VOICE\n match dscp ef cs5\n"),
        ("policy-map type inspect P", "policy-map type inspect P\n class class-default\n  drop\n"),
        (
            LISTS + " class type inspect WEB\n  inspect\n class class-default\n  drop log",
            "policy-map type inspect P\n class type inspect WEB\n  inspect\n class class-default\n  drop log\n",
        ),
        ("ip access-list extended A\n permit tcp any any eq 80", " 10 permit tcp any any eq www\n"),
        ("ip access-list extended A\n 5 permit udp any eq 68 any eq 67", " 5 permit udp any eq bootpc any eq bootps\n"),
        ("ip access-list extended A\n permit ip any any dscp 46", " 10 permit ip any any dscp ef\n"),
        ("ip sla 1\n icmp-echo 10.0.0.1\nip sla schedule 1 start-time now life forever",
         "ip sla schedule 1 life forever start-time now\n"),
        ("interface Vlan10\n standby version 2\n standby 300 ip 10.0.0.1\n standby 300 priority 100",
         " standby 300 ip"),
        ("logging discriminator FW msg-body includes %FW-\nlogging host 10.0.0.1 discriminator FW",
         "logging host 10.0.0.1 discriminator FW\n"),
    ],
)  # fmt: skip
def test_what_the_router_makes_of_a_line(typed: str, shown: str) -> None:
    box = router()
    assert box.merge(typed + "\nend\n") == ""
    assert shown in box.running.render()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("policy-map P\n class NONE", "class map NONE not configured"),
        ("interface Vlan10\n service-policy output NONE", "policy map NONE not configured"),
        ("interface Vlan10\n zone-member security NONE", "Zone NONE does not exist"),
        ("zone-pair security A source NONE destination self", "Zone NONE does not exist"),
        ("zone security A\nzone-pair security A source A destination self\n"
         "zone-pair security B source A destination self", "source A destination self is not allowed"),
        ("zone security A\nzone-pair security A source A destination self\n service-policy type inspect NONE",
         "policy map NONE not configured"),
        ("logging host 10.0.0.1 discriminator NONE", "NONE does not exist"),
        ("logging discriminator NINELONGX msg-body drops X", "Invalid input"),
        ("interface Vlan10\n standby 300 ip 10.0.0.1", "Group number must be 0 to 255"),
        ("ip sla schedule 1 life forever start-time now", "Entry 1 not configured"),
        ("ip sla 1\n icmp-echo 10.0.0.1\nip sla schedule 1 life forever start-time now\nip sla 1\n", "already running"),
        ("class-map type inspect match-any X\n match protocol telepathy", "Invalid input"),
        ("vrf definition A\ninterface Vlan10\n vrf forwarding A\n ip address 10.0.0.1 255.0.0.0", "no address-family"),
    ],
)  # fmt: skip
def test_what_the_router_refuses(typed: str, said: str) -> None:
    assert said in router().merge(typed + "\nend\n")


@pytest.mark.parametrize(
    ("line", "has", "has_not"),
    [
        ("ntp authentication-key 1 hmac-sha2-256 word", ["xe 17.9"], ["xe 16.12", "ios 15.7"]),
        ("ntp authentication-key 1 md5 word", ["xe 17.9", "xe 16.12", "ios 15.7"], []),
        ("parameter-map type inspect-global", ["xe 17.9", "xe 16.12"], ["ios 15.7"]),
        ("parameter-map type inspect global", ["ios 15.7"], []),
        ("license boot level securityk9", ["xe 16.12", "xe 17.9"], ["ios 15.7"]),
        ("license boot level network-advantage", ["xe 17.9"], ["xe 16.12", "ios 15.7"]),
        ("license boot module c1900 technology-package securityk9", ["ios 15.7"], ["xe 17.9", "xe 16.12"]),
    ],
)
def test_what_each_release_has(line: str, has: list[str], has_not: list[str]) -> None:
    models = {"xe": "C1111-8P", "ios": "CISCO1921/K9"}
    for one in (*has, *has_not):
        kind, release = one.split()
        refused = "Invalid" in router(models[kind], release).merge(line + "\nend\n")
        assert refused == (one in has_not), one


def test_crypto_lines_need_the_security_licence() -> None:
    box = router("CISCO1921/K9", "15.7(3)M8")
    assert "Invalid" in box.merge("crypto ikev2 proposal P\nend\n")
    box.merge("license boot module c1900 technology-package securityk9\nend\n")
    box.save("test")
    box.reload(seconds=0)
    assert box.merge("crypto ikev2 proposal P\nend\n") == ""
    assert router("C892FSP-K9", "15.7").merge("crypto ikev2 proposal P\nend\n") == ""


def test_classic_ios_reassembles_before_it_translates() -> None:
    box = router("C892FSP-K9", "15.7")
    box.merge("interface GigabitEthernet8\n ip nat outside\nend\n")
    assert " ip nat outside\n ip virtual-reassembly in\n" in box.running.render()


def test_an_operation_is_changed_by_replacing_it() -> None:
    box = router()
    box.merge("ip sla 1\n icmp-echo 10.0.0.1\n  frequency 5\nip sla schedule 1 life forever start-time now\nend\n")
    target = ConfigTree.parse(box.running.render().replace("frequency 5", "frequency 9"))
    assert replace(box, target).equal
    assert "  frequency 9\n" in box.running.render()


def test_classic_ios_says_what_it_is() -> None:
    box = router("CISCO2911/K9", "15.7(3)M8")
    said = versions.version(box)
    assert "Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Version 15.7(3)M8, RELEASE SOFTWARE" in said
    assert "Cisco CISCO2911/K9 (revision 1.0) with " in said
    assert "security      None          None           None" in said
    assert "c2900-universalk9-mz.SPA.157-3.M8.bin" in said
    assert 'NAME: "CISCO2911/K9 chassis"' in versions.inventory(box)
    assert "License Level: advipservices" in versions.version(router("C892FSP-K9", "15.7"))
