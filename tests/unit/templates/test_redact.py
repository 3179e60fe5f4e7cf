"""Planted secrets never survive: in every line that IOS keeps them in, in clear and obscured, in diffs and in prose."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from device_templates import fingerprint
from device_templates.cisco_iosxe.reading.secrets import redact
from device_templates.cisco_iosxe.type7 import obscure, reveal

#: {} is where the secret stands; names and numbers around it are of no account.
LINES = """\
enable secret 9 {}
enable secret {}
enable password 7 {}
enable password level 5 0 {}
username admin privilege 15 secret 9 {}
username admin secret 5 {}
username admin password 7 {}
username admin password {}
username admin privilege 1 view ops password 0 {}
  pre-shared-key {}
  pre-shared-key 6 {}
  pre-shared-key local {}
  pre-shared-key remote 6 {}
  pre-shared-key hex {}
  pre-shared-key address 0.0.0.0 0.0.0.0 key {}
  pre-shared-key address 192.0.2.1 key 6 {}
  pre-shared-key hostname hub.example key {}
crypto isakmp key {} address 192.0.2.1
crypto isakmp key 6 {} address 0.0.0.0 0.0.0.0
crypto isakmp key 6 {} hostname hub.example
key config-key password-encrypt {}
 ip nhrp authentication {}
 neighbor 10.0.0.1 password {}
 neighbor 10.0.0.1 password 7 {}
  neighbor SPOKES password 6 {}
ntp authentication-key 1 md5 {} 7
ntp authentication-key 10 hmac-sha2-256 {}
ntp authentication-key 10 cmac-aes-128 {} 7
snmp-server community {} RO
snmp-server community {} view V RO 10
snmp-server community 7 {} RW
snmp-server user u G v3 auth sha {} priv aes 128 OTHER
snmp-server user u G v3 auth sha-2 256 OTHER priv aes 128 {}
snmp-server user u G v3 encrypted auth md5 {}
snmp-server user u G remote 10.0.0.1 v3 auth sha {}
snmp-server host 10.0.0.1 {}
snmp-server host 10.0.0.1 version 2c {}
snmp-server host 10.0.0.1 vrf MGMT version 2c {} config
snmp-server host 10.0.0.1 informs version 2c {}
snmp-server host 10.0.0.1 vrf MGMT {}
tacacs-server key {}
tacacs-server key 7 {}
tacacs-server host 10.0.0.1 key {}
tacacs-server host 10.0.0.1 single-connection port 49 key 7 {}
radius-server key {}
radius-server host 10.0.0.1 auth-port 1812 acct-port 1813 key 7 {}
 key {}
 key 7 {}
 key 6 {}
 server-private 10.0.0.1 timeout 5 key 7 {}
 server-private 10.0.0.1 key {}
 server-key 7 {}
 client 10.0.0.1 server-key {}
  key-string {}
  key-string 7 {}
 ip ospf authentication-key {}
 ip ospf authentication-key 7 {}
 ip ospf message-digest-key 1 md5 {}
 ip ospf message-digest-key 1 md5 7 {}
 area 0 virtual-link 10.0.0.1 authentication-key {}
 area 0 virtual-link 10.0.0.1 message-digest-key 1 md5 7 {}
 ip rip authentication key {}
 isis password {}
 area-password {}
 domain-password {}
 standby 1 authentication {}
 standby 1 authentication text {}
 standby 1 authentication md5 key-string {}
 standby 10 authentication md5 key-string 7 {}
 vrrp 1 authentication {}
 vrrp 1 authentication md5 key-string 7 {}
 glbp 1 authentication md5 key-string {}
 ppp chap password 0 {}
 ppp chap password 7 {}
 ppp pap sent-username user password 7 {}
 ppp pap sent-username user password {}
 l2tp tunnel password 7 {}
mpls ldp neighbor 10.0.0.1 password {}
mpls ldp password option 1 for 2 7 {}
ip msdp password peer 10.0.0.1 7 {}
 wpa-psk ascii 0 {}
ip ftp password {}
ip ftp password 7 {}
ip http client password {}
 password 7 {}
 password {}
 secret 0 {}
 enrollment url http://user:{}@ca.example/scep
  path ftp://user:{}@10.0.0.1/backup
archive path scp://user:{}@10.0.0.1/backup
 authentication 7 {}
 passphrase 7 {}
 shared-secret 0 {}
 password encrypted 7 {}
 credentials username u password 7 {} realm x
 authentication username u password 7 {}
 fingerprint-secret-of-somebody secret 5 {}
ip ddns update method http://user:{}@dyn.example/
 set pap password {}
 cak 7 {}
""".splitlines()

#: What no keyword of a secret, number or fingerprint could be by chance.
SECRET = st.text(alphabet=string.ascii_letters + string.digits + "$/.#%&*-_+=@", min_size=9, max_size=24).filter(
    lambda text: not text.isdigit() and text[0].isalpha() and "@" not in text and "/" not in text
)
GOLDEN = sorted((Path(__file__).parents[2] / "golden").glob("*/expected/*"))


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("lead", ["", " ", "+", "-", "+ ", "-  "])
def test_a_secret_is_gone_from_the_lines_that_ios_keeps_it_in(line: str, lead: str) -> None:
    planted = "Zq7-Planted"
    shown = redact(lead + line.format(planted))
    assert planted not in shown
    assert shown.startswith(lead)
    assert shown != lead + line


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(LINES), SECRET)
def test_any_secret_is_gone(line: str, planted: str) -> None:
    assume(planted not in line)  # a word of the line itself is no secret
    assert planted not in redact(line.format(planted))


@settings(max_examples=200, deadline=None)
@given(SECRET, st.integers(0, 15))
def test_an_obscured_secret_is_gone_and_marked_as_the_clear_one(planted: str, start: int) -> None:
    obscured = obscure(planted, start)
    shown = redact(f" neighbor 10.0.0.1 password 7 {obscured}")
    assert obscured not in shown
    assert shown == redact(f" neighbor 10.0.0.1 password {planted}")


@settings(max_examples=200, deadline=None)
@given(SECRET, st.text(max_size=30), st.text(max_size=30), st.integers(0, 15))
def test_a_known_secret_is_gone_wherever_it_stands(planted: str, before: str, after: str, start: int) -> None:
    text = f"{before}{planted}{after}\n x {obscure(planted, start)} y"
    shown = redact(text, [planted])
    assert planted not in shown
    assert obscure(planted, start) not in shown


def test_equal_secrets_stay_equal_and_different_ones_different() -> None:
    one, two = redact(" pre-shared-key abcdefgh\n pre-shared-key abcdefgi").split("\n")
    assert one != two
    assert redact(" pre-shared-key abcdefgh").strip() == f"pre-shared-key <secret:{fingerprint('abcdefgh')}>"
    assert redact(" key 7 " + obscure("abcdefgh", 3)).strip() == f"key <secret:{fingerprint('abcdefgh')}>"


def test_the_mark_is_the_caller_s() -> None:
    assert redact("tacacs-server key hunter22", mark=lambda value: str(len(value))) == "tacacs-server key <secret:8>"


@pytest.mark.parametrize(
    "line",
    [
        "interface Tunnel10",
        " tunnel key 10",
        " ip nhrp network-id 10",
        "key chain OSPF\n key 1\n  accept-lifetime local 1",
        "snmp-server group FLEET v3 priv read FLEET access SNMP-FLEET",
        "snmp-server host 10.254.255.30 vrf MGMT version 3 priv spokesman",
        "crypto ikev2 keyring VPN\n peer ANY\n  address 0.0.0.0 0.0.0.0",
        "ip ssh rsa keypair-name SSH",
        "crypto pki trustpoint TP\n rsakeypair TP",
        "aaa authentication login default local",
        "service password-encryption",
        "no service password-recovery",
        "password encryption aes",
        "security passwords min-length 8",
        "ntp trusted-key 1",
        "ntp server vrf MGMT 10.254.255.10 key 1",
        "no ip http secure-server",
        " standby 10 priority 110",
        "ip domain name managed.invalid",
        " enrollment url http://ca.example:80/scep",
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    assert redact(line) == line


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parents[1].name}-{path.name}")
def test_nothing_planted_leaks_from_a_rendered_configuration(path: Path) -> None:
    shown = redact(path.read_text())
    assert "Planted" not in shown
    assert "pltd" not in shown
    for word in shown.split():
        assert "Planted" not in (reveal(word) or "")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_redaction_keeps_lines_and_settles(text: str) -> None:
    shown = redact(text)
    assert shown.count("\n") == text.count("\n")
    assert redact(shown).count("\n") == shown.count("\n")
