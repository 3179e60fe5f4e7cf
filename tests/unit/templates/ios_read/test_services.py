"""What IOS routers tell others and whom they let in, and old encryption, with the lines that say so."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from device_templates.model import (
    IkePolicy,
    LogHost,
    LoginServer,
    Origin,
    SnmpCommunity,
    SnmpView,
    Terminal,
    TimeServer,
)
from device_templates.texts import fingerprint
from tests.unit.templates.ios_read.understood import read

HOST = IPv4Network("192.0.2.1/32")


def test_who_is_told_what() -> None:
    found = read(
        "logging discriminator FIREWALL msg-body includes %FW-\nlogging discriminator OTHERS msg-body drops %FW-\n"
        "logging host 10.0.0.1 vrf A discriminator FIREWALL\n"
        "logging host 10.0.0.2 discriminator OTHERS\nlogging host 10.0.0.3\n"
    ).log_hosts
    assert found == (
        LogHost(IPv4Address("10.0.0.1"), "A", True, False),
        LogHost(IPv4Address("10.0.0.2"), "", False, True),
        LogHost(IPv4Address("10.0.0.3"), "", True, True),
    )
    assert found[0].at.of("discriminator") == 1


def test_what_is_leased_to_nobody() -> None:
    pool = "ip dhcp pool P\n vrf A\n network 10.0.0.0 255.255.255.0\n import all\n"
    excluded = "ip dhcp excluded-address vrf A 10.0.0.1\nip dhcp excluded-address vrf A 10.0.0.5 10.0.0.9\n"
    (found,) = read(f"vrf definition A\n{excluded}ip dhcp excluded-address 10.0.0.20\n{pool}").leases
    first, last = IPv4Address("10.0.0.5"), IPv4Address("10.0.0.9")
    assert found.excluded == ((IPv4Address("10.0.0.1"),) * 2, (first, last))
    assert found.at.of("excluded") == 2
    assert found.names


def test_what_is_told_depends_on_the_level_too() -> None:
    (found,) = read("logging trap warnings\nlogging host 10.0.0.3\n").log_hosts
    assert (found.firewall, found.others) == (False, True)


def test_who_may_log_in() -> None:
    found = read(
        "aaa new-model\naaa authorization exec default local\n"
        "line vty 0 4\n access-class L in vrf-also\n transport input ssh\nline vty 5 15\n"
        " access-class L in\n transport input none\n"
        "line vty 16 20\nip http server\n"
    ).terminals
    assert found == (
        Terminal("vty 0 4", "L", frozenset({"ssh"}), True),
        Terminal("vty 5 15", "L", frozenset(), False),
        Terminal("vty 16 20", "", frozenset({"ssh", "telnet"}), True),
        Terminal("http", "", frozenset({"http"})),
    )


@pytest.mark.parametrize(
    ("lines", "methods"),
    [
        ("aaa new-model\naaa authentication login default group tacacs+ local\n", ("group tacacs+", "local")),
        ("aaa new-model\naaa authentication login default none\n", ("none",)),
        ("aaa new-model\naaa authentication login A none\n", ("local",)),
        ("aaa new-model\naaa authentication login A none\nline vty 0 4\n login authentication A\n", ("none",)),
        ("", ()),
        ("line vty 0 4\n login local\n", ("local",)),
        ("line vty 0 4\n no login\n", ("none",)),
    ],
)
def test_how_who_logs_in_proves_it(lines: str, methods: tuple[str, ...]) -> None:
    text = lines if "line vty" in lines else f"{lines}line vty 0 4\n"
    (terminal,) = read(text).terminals
    assert terminal.methods == methods


@pytest.mark.parametrize(
    ("lines", "protocol"),
    [
        ("version 15.7\n", "ssh version 1"),
        ("version 15.7\nip ssh version 2\n", "ssh"),
        ("version 17.9\n", "ssh"),
        ("version 17.9\nip ssh version 1\n", "ssh version 1"),
    ],
)
def test_classic_routers_take_both_versions_of_ssh_unless_told_otherwise(lines: str, protocol: str) -> None:
    (terminal,) = read(f"{lines}line vty 0 4\n transport input ssh\n").terminals
    assert terminal.protocols == {protocol}


def test_snmp() -> None:
    found = read(
        "snmp-server community Planted-Key view V RW 10\nsnmp-server view V iso included\n"
        "snmp-server view V sysUpTime excluded\n"
    )
    assert found.communities == (SnmpCommunity(fingerprint("Planted-Key"), True, "10"),)
    assert found.snmp_views == (SnmpView("V", (("iso", True), ("sysUpTime", False))),)
    assert "Planted" not in repr(found)


def test_the_time_is_proved_by_a_key_that_is_trusted() -> None:
    lines = "ntp authentication-key 1 md5 Planted-Key\nntp server vrf M 10.0.0.1 key 1 prefer\nntp server 10.0.0.2\n"
    asked = (TimeServer("10.0.0.1", "M", True), TimeServer("10.0.0.2", "", False))
    assert read(f"{lines}ntp authenticate\nntp trusted-key 1 - 3\n").time_servers == asked
    for rest in ("ntp authenticate\n", "ntp trusted-key 1\n", "ntp authenticate\nntp trusted-key 2\n"):
        assert not any(server.proved for server in read(lines + rest).time_servers or ())


def test_who_is_asked_whether_a_login_is_right() -> None:
    text = (
        "aaa new-model\naaa group server tacacs+ G\n server name S\n ip vrf forwarding M\n"
        " server-private 10.0.0.2 key Planted-Key\naaa group server tacacs+ UNUSED\n server name S\n"
        "aaa authentication login default group G local\ntacacs server S\n address ipv4 10.0.0.1\n key Planted-Key\n"
    )
    mark = fingerprint("Planted-Key")
    assert set(read(text).login_servers) == {
        LoginServer(IPv4Address("10.0.0.1"), "M", mark),
        LoginServer(IPv4Address("10.0.0.2"), "M", mark),
    }
    assert read(text.replace("aaa new-model\n", "")).login_servers == ()


@pytest.mark.parametrize(
    ("lines", "listeners"),
    [
        ("tftp-server flash:x\n", 1),
        ("no ip dns server\nno ip finger\nno service config\n", 0),
        ("ip dns server\nservice tcp-small-servers\n", 2),
        ("ip finger\n", 1),
        ("line aux 0\n exec-timeout 5 0\n transport input none\n", 0),
        ("line aux 0\n modem InOut\n transport input all\n", 2),
    ],
)
def test_services_that_answer_whoever_asks(lines: str, listeners: int) -> None:
    assert len(read(lines).listeners) == listeners


def test_where_what_the_router_says_starts() -> None:
    lines = (
        "interface Loopback0\nlogging source-interface Loopback0 vrf M\nsnmp-server source-interface traps Loopback0\n"
    )
    assert read(lines).origins == (Origin("logs", "Loopback0", "M"), Origin("notifications", "Loopback0", ""))


def test_ike_of_version_1() -> None:
    crypto = read(
        "crypto isakmp policy 10\n encr aes 256\n hash sha256\n authentication pre-share\n group 14\n"
        "crypto isakmp key Planted-Key address 192.0.2.1\ncrypto isakmp policy 20\n"
    ).crypto
    strong, default = crypto.proposals
    assert (strong.encryption, strong.integrity, strong.groups, strong.method, strong.version) == (
        ("aes-256",), ("sha256",), ("14",), "pre-share", 1,
    )  # fmt: skip
    assert (default.encryption, default.groups) == (("des",), ("1",))
    assert [(one.peer, one.fingerprint) for one in crypto.keys] == [(HOST, fingerprint("Planted-Key"))]


def test_what_keeps_tunnels_and_what_is_said_of_all_profiles() -> None:
    crypto = read(
        "crypto ikev2 dpd 30 5 on-demand\ncrypto ikev2 limit max-sa 9\n"
        "crypto ipsec security-association lifetime seconds 900\n"
        "crypto ikev2 policy P\n match fvrf any\n match address local 192.0.2.1\n proposal A\n"
        "crypto ikev2 profile ONE\n dpd 10 2 periodic\n lifetime 700\n shutdown\ncrypto ikev2 profile TWO\n"
        "crypto ipsec profile ONE\n set security-association lifetime seconds 800\n responder-only\n"
        "crypto ipsec profile TWO\n set security-association replay disable\n"
        "crypto pki trustpoint CA\n rsakeypair LABEL 1024\n hash md5\n"
    ).crypto
    one, two = crypto.profiles
    assert (one.dpd_s, one.lifetime_s, one.shutdown) == (10, 700, True)
    assert (two.dpd_s, two.lifetime_s, two.shutdown) == (30, None, False)
    first, second = crypto.ipsec_profiles
    assert (first.lifetime_s, first.responder_only, first.replay_window) == (800, True, 64)
    assert (second.lifetime_s, second.responder_only, second.replay_window) == (900, False, 0)
    assert crypto.policies == (IkePolicy("P", ("A",), None, (HOST.network_address,)),)
    assert (crypto.limit, crypto.at.of("limit")) == (9, 2)
    assert [(one.key_bits, one.digest) for one in crypto.trustpoints] == [(1024, "md5")]


def test_how_often_a_tunnel_registers() -> None:
    lines = ("", " ip nhrp holdtime 600\n", " ip nhrp holdtime 600\n ip nhrp registration timeout 60\n")
    tunnels = [read(f"interface Tunnel1\n{one}").interfaces[0].tunnel for one in lines]
    assert [one.registers_s for one in tunnels if one] == [None, 200, 60]


def test_interfaces_have_one_name_however_they_are_shortened() -> None:
    model = read("interface Gi0/0/0\ninterface Tu1\n tunnel source gig0/0/0\ninterface te1/0\ninterface lo0\n")
    assert [one.name for one in model.interfaces] == [
        "GigabitEthernet0/0/0", "Tunnel1", "TenGigabitEthernet1/0", "Loopback0",
    ]  # fmt: skip
    assert [one.name for one in model.used] == ["GigabitEthernet0/0/0"]


def test_names_that_are_used_know_their_line() -> None:
    model = read("interface Vlan1\n vrf forwarding A\n ip access-group L in\nsnmp-server community Planted-Key RO 10\n")
    assert [(one.kind, one.name, one.at.line) for one in model.used] == [
        ("vrf", "A", 2),
        ("access-list", "L", 3),
        ("access-list", "10", 4),
    ]
    assert model.used[0].place == "interface Vlan1 > vrf forwarding A"
    assert model.defined >= {("interface", "Vlan1")}
    assert "Planted" not in repr(model)
