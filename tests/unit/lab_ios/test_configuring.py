"""Configuration mode: prompts, refusals, and what IOS does beyond adding a line."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from agent.lab.ios.shell import Shell
from agent.lab.lines import passwords
from agent.lab.router import VirtualRouter

Say = Callable[..., str]
INVALID = "% Invalid input detected at '^' marker."


def section(router: VirtualRouter, *path: str) -> list[str]:
    found = router.running.section(*path)
    assert found is not None
    return [line.text for line in found.lines]


def test_prompts_follow_the_sections(shell: Shell) -> None:
    seen = [shell.prompt]
    for line in ("conf t", "router bgp 65001", "address-family ipv4", "exit", "int Tunnel1", "end"):
        shell.feed(line)
        seen.append(shell.prompt)
    assert seen == [
        "lab-r1#",
        "lab-r1(config)#",
        "lab-r1(config-router)#",
        "lab-r1(config-router-af)#",
        "lab-r1(config-router)#",
        "lab-r1(config-if)#",
        "lab-r1#",
    ]


def test_a_long_hostname_is_cut_in_configuration_mode_only(shell: Shell, say: Say) -> None:
    say("conf t", "hostname a-router-with-a-very-long-name")
    assert shell.prompt == "a-router-with-a-very(config)#"
    say("end")
    assert shell.prompt == "a-router-with-a-very-long-name#"


def test_the_caret_stands_below_the_bad_word_as_typed(say: Say) -> None:
    assert say("conf t", "ip foo bar") == f"{' ' * len('lab-r1(config)#ip ')}^\n{INVALID}\n\n"
    assert say("interface Loopback0", "ip address 1.2.3.4") == "% Incomplete command.\n\n"
    assert say("s") == '% Ambiguous command:  "s"\n'


def test_a_line_of_the_outer_section_leaves_the_inner_one(router: VirtualRouter, shell: Shell, say: Say) -> None:
    say("conf t", "router bgp 65001", "address-family ipv4", "ntp authenticate")
    assert shell.prompt == "lab-r1(config)#"
    assert router.running.has("ntp authenticate")


def test_a_refused_line_changes_nothing(router: VirtualRouter, say: Say) -> None:
    before = router.running
    for line in ("foo", "no foo", "interface GigabitEthernet9/9/9", "no interface GigabitEthernet0/0/0"):
        assert "%" in say("conf t", line)
        say("end")
    assert router.running is before


def test_crypto_needs_the_licence_and_a_reload(blank: VirtualRouter) -> None:
    shell = Shell(blank, "console")
    refused = "crypto ikev2 proposal P"
    assert INVALID in [shell.feed(line).text for line in ("conf t", refused)][-1]
    shell.feed("license boot level network-advantage addon dna-advantage")
    assert INVALID in shell.feed(refused).text
    blank.reload(seconds=0)
    assert blank.merge(refused) != "", "the licence was not saved"
    blank.merge("license boot level network-advantage addon dna-advantage\n")
    blank.save("console")
    blank.reload(seconds=0)
    assert blank.merge(refused) == ""


def test_a_vrf_takes_the_address_away(router: VirtualRouter, say: Say) -> None:
    say(
        "conf t", "vrf definition A", "address-family ipv4", "exit", "interface Vlan10", "ip address 10.0.0.1 255.0.0.0"
    )
    said = say("vrf forwarding A")
    assert said == "% Interface Vlan10 IPv4 disabled and address(es) removed due to enabling VRF A\n"
    assert section(router, "interface Vlan10") == ["vrf forwarding A", "no ip address"]
    say("ip address 10.0.0.1 255.0.0.0")
    assert say("vrf forwarding A") == ""
    assert section(router, "interface Vlan10") == ["vrf forwarding A", "ip address 10.0.0.1 255.0.0.0"]
    assert say("vrf forwarding B") == "% VRF B not configured.\n"
    assert "disabling VRF A" in say("no vrf forwarding")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("no ip redirects", ["no ip redirects"]),
        ("ip redirects", []),
        ("no shutdown", []),
        ("shutdown", ["shutdown"]),
    ],
)
def test_defaults_are_not_shown(router: VirtualRouter, say: Say, line: str, shown: list[str]) -> None:
    say("conf t", "interface Loopback7", line)
    assert section(router, "interface Loopback7") == ["no ip address", *shown]


@pytest.mark.parametrize(("release", "shown"), [("17.9", 1), ("17.15", 0)])
def test_late_releases_hide_what_became_the_default(router: VirtualRouter, release: str, shown: int) -> None:
    router.chassis = type(router.chassis)(router.chassis.model, router.chassis.serial, release)
    assert router.merge("interface Tunnel1\n ip nhrp shortcut\n") == ""
    assert section(router, "interface Tunnel1").count("ip nhrp shortcut") == shown


def test_secrets_are_hashed_and_checked(router: VirtualRouter, say: Say) -> None:
    say("conf t", "username bob privilege 1 secret 0 Plain-Word-1")
    line = router.running.child("username bob")
    assert line is not None
    assert "Plain-Word-1" not in router.running.render()
    assert passwords.verify("9", line.words[-1], "Plain-Word-1")
    assert not passwords.verify("9", line.words[-1], "Plain-Word-2")
    say("username bob privilege 15")
    kept = router.running.child("username bob")
    assert kept is not None
    assert kept.text == line.text.replace("privilege 1 ", "privilege 15 ")
    assert "not a valid encrypted secret" in say("username bob secret 9 $9$short")


def test_password_encryption_covers_what_is_there_and_what_comes(router: VirtualRouter, say: Say) -> None:
    say("conf t", "tacacs server T", "key Early-Word", "exit", "router bgp 1", "neighbor 10.0.0.1 remote-as 1", "exit")
    say("service password-encryption", "router bgp 1", "neighbor 10.0.0.1 password Late-Word")
    text = router.running.render()
    found = re.findall(r"(?:key|password) 7 (\S+)", text)
    assert [passwords.reveal7(code) for code in found] == ["Late-Word", "Early-Word"]
    assert "Early-Word" not in text
    assert "Late-Word" not in text


def test_snmp_users_are_kept_but_never_shown(router: VirtualRouter, say: Say) -> None:
    say("conf t", "snmp-server user nms FLEET v3 auth sha-2 256 Auth-Word-1 priv aes 128 Priv-Word-1")
    assert "nms" not in router.running.render()
    user = router.snmp_users["nms"]
    assert (user.auth, user.auth_secret, user.priv, user.priv_secret) == (
        "sha-2 256",
        "Auth-Word-1",
        "aes 128",
        "Priv-Word-1",
    )
    assert user.engine_id == router.engine_id
    shown = say("end", "show snmp user")
    assert "User name: nms" in shown
    assert "Word" not in shown
    assert "Word" not in repr(user)
    say("conf t", "no snmp-server user nms FLEET v3")
    assert router.snmp_users == {}


def test_access_list_rules_get_numbers_and_are_not_doubled(router: VirtualRouter, say: Say) -> None:
    say("conf t", "ip access-list extended A", "permit ip any any", "permit ip any any", "deny tcp any any eq 22")
    assert section(router, "ip access-list extended A") == ["10 permit ip any any", "20 deny tcp any any eq 22"]
    assert say("10 deny ip any any") == "% Duplicate sequence number\n"
    say("15 permit udp any any", "no 10", "no deny tcp any any eq 22")
    assert section(router, "ip access-list extended A") == ["15 permit udp any any"]


def test_line_vty_spans_are_split(router: VirtualRouter, say: Say) -> None:
    say("conf t", "line vty 0 15", "exec-timeout 5 0")
    assert section(router, "line vty 0 4").count("exec-timeout 5 0") == 1
    assert section(router, "line vty 5 15") == ["exec-timeout 5 0"]


def test_what_ios_adds_by_itself(router: VirtualRouter, say: Say) -> None:
    say("conf t", "vrf definition A", "address-family ipv4", "exit")
    say("router bgp 65001", "address-family ipv4 vrf A", "neighbor 10.0.0.1 remote-as 65001")
    say("crypto ipsec transform-set T esp-gcm 256")
    assert section(router, "router bgp 65001")[0] == "bgp log-neighbor-changes"
    assert "neighbor 10.0.0.1 activate" in section(router, "router bgp 65001", "address-family ipv4 vrf A")
    assert section(router, "crypto ipsec transform-set T esp-gcm 256") == ["mode tunnel"]
    assert say("exit", "router bgp 65002") == "BGP is already running; AS is 65001\n"


def test_a_banner_is_read_to_its_delimiter(router: VirtualRouter, shell: Shell, say: Say) -> None:
    assert "End with the character '^'" in say("conf t", "banner login ^ first")
    assert shell.prompt == ""
    say("hostname not-a-command", "last ^ ignored")
    banner = router.running.child("banner login")
    assert banner is not None
    assert banner.body == " first\nhostname not-a-command\nlast "
    assert router.hostname == "lab-r1"
    say("no banner login")
    assert not router.running.has("banner login")


def test_the_visible_form_of_a_banner_is_not_what_restores_it(router: VirtualRouter) -> None:
    """``^C`` as two characters, as ``show running-config`` prints it, ends at the first ^ and gains a C."""
    router.merge("banner login ^C\nhello\n^C\nend\n")
    banner = router.running.child("banner login")
    assert banner is not None
    assert banner.body == "C\nhello\n"


def test_removing_a_user_asks(router: VirtualRouter, shell: Shell, say: Say) -> None:
    say("conf t", "username bob secret Some-Word-1", "no username bob")
    assert "remove all username related configurations" in shell.prompt
    say("")
    assert not router.running.has("username bob")


def test_certificates_are_read_to_quit(router: VirtualRouter, say: Say) -> None:
    say("conf t", "crypto pki certificate chain X", "certificate ca 02", "30820321 30820209", "quit", "exit")
    found = router.running.section("crypto pki certificate chain X", "certificate ca 02")
    assert found is not None
    assert found.body == "30820321 30820209"
