"""A tunnel is up only while both ends agree: every line that matters, changed at one end, takes it down."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from agent.lab.net.network import Network
from agent.lab.net.reasons import Reason
from agent.lab.net.tunnels import Link
from agent.lab.pki.authority import LIFETIME_S
from tests.certified import enrolled
from tests.unit.lab_net.conftest import Bench

HUB = IPv4Address("10.255.10.1")


def link(network: Network, router: str = "spoke-a", interface: str = "Tunnel10", peer: IPv4Address = HUB) -> Link:
    return network.tunnels.links[router, interface, peer]


def test_all_tunnels_and_management_come_up(bench: Bench) -> None:
    network = bench.settled()
    assert [one.reason for one in network.tunnels.links.values() if one.reason] == []
    assert all(network.is_up(one) for one in network.tunnels.links.values())
    assert len(network.tunnels.links) == 3 + 2 * 4
    assert [network.management_reason(name, "tcp", 22) for name in bench.texts] == [None] * 3


#: Where, the line, what it becomes, and why spoke-a's first tunnel is then down.
CHANGES = [
    ("spoke-a", "pre-shared-key group-key", "pre-shared-key other-key", Reason.KEY),
    ("hub", "pre-shared-key group-key", "pre-shared-key other-key", Reason.KEY),
    ("spoke-a", "pre-shared-key group-key", "pre-shared-key local group-key", Reason.NO_KEY),
    ("spoke-a", " address 0.0.0.0 0.0.0.0\n", " address 192.0.2.0 255.255.255.0\n", Reason.NO_KEY),
    ("spoke-a", "keyring local VPN", "keyring local NONE", Reason.NO_KEY),
    ("spoke-a", "encryption aes-gcm-256", "encryption aes-gcm-128", Reason.IKE_PROPOSAL),
    ("spoke-a", "encryption aes-gcm-256", "encryption aes-cbc-256", Reason.IKE_PROPOSAL),
    ("hub", "prf sha384", "prf sha512", Reason.IKE_PROPOSAL),
    ("spoke-a", " prf sha384\n", "", Reason.IKE_PROPOSAL),
    ("spoke-a", "group 20 19", "group 21", Reason.IKE_PROPOSAL),
    ("spoke-a", "match fvrf any", "match fvrf OTHER", Reason.IKE_PROPOSAL),
    (
        "hub",
        "match identity remote address 0.0.0.0",
        "match identity remote address 192.0.2.0 255.255.255.0",
        Reason.IDENTITY,
    ),
    ("spoke-a", "match identity remote address 0.0.0.0", "match identity remote fqdn hub.invalid", Reason.IDENTITY),
    ("spoke-a", "mode transport", "mode tunnel", Reason.TRANSFORM_MODE),
    ("spoke-a", "transform-set GCM esp-gcm 256", "transform-set GCM esp-gcm 128", Reason.TRANSFORM),
    ("spoke-a", " set transform-set GCM\n", " set transform-set NONE\n", Reason.PROFILE_INCOMPLETE),
    ("spoke-a", "set pfs group20", "set pfs group19", Reason.PFS),
    ("hub", " set pfs group20\n", "", Reason.PFS),
    ("spoke-a", " set ikev2-profile VPN\n", "", Reason.PROFILE_INCOMPLETE),
    ("spoke-a", "tunnel key 10", "tunnel key 11", Reason.TUNNEL_KEY),
    ("hub", "tunnel key 10", "tunnel key 11", Reason.TUNNEL_KEY),
    ("spoke-a", "tunnel key 20", "tunnel key 10", Reason.DUPLICATE_KEY),
    ("spoke-a", "nhrp authentication NHRP10", "nhrp authentication OTHER", Reason.NHRP_AUTHENTICATION),
    ("hub", " ip nhrp authentication NHRP10\n", "", Reason.NHRP_AUTHENTICATION),
    ("spoke-a", " ip nhrp network-id 10\n", "", Reason.NO_NETWORK_ID),
    ("hub", " ip nhrp network-id 10\n", "", Reason.NO_NETWORK_ID),
    ("spoke-a", "nhs 10.255.10.1 nbma 198.51.100.10", "nhs 10.255.10.1 nbma 198.51.100.11", Reason.NO_PEER),
    ("spoke-a", "nhs 10.255.10.1 nbma 198.51.100.10", "nhs 10.255.10.1 nbma 198.51.100.26", Reason.WRONG_NHS),
    ("spoke-a", "nhs 10.255.10.1 nbma 198.51.100.10 multicast", "nhs 10.255.10.1", Reason.NO_NHS),
    ("hub", "ip address 10.255.10.1 255.255.255.0", "ip address 10.255.10.9 255.255.255.0", Reason.WRONG_NHS),
    ("spoke-a", "ip address 10.255.10.2 255.255.255.0", "ip address 10.255.99.2 255.255.255.0", Reason.SUBNET),
    ("spoke-a", "ip address 10.255.10.2 255.255.255.0", "ip mtu 1400", Reason.NO_ADDRESS),
    (
        "spoke-a",
        "tunnel source GigabitEthernet0/0/0\n tunnel mode gre",
        "tunnel source Vlan10\n tunnel mode gre",
        Reason.NOT_A_TUNNEL,
    ),
    ("spoke-a", "protection ipsec profile VPN shared", "protection ipsec profile VPN", Reason.PROFILE_NOT_SHARED),
    ("hub", "protection ipsec profile VPN shared", "protection ipsec profile VPN", Reason.NO_PEER),
    ("spoke-a", " tunnel protection ipsec profile VPN shared\n", "", Reason.NOT_PROTECTED),
    (
        "spoke-a",
        "ip route 0.0.0.0 0.0.0.0 198.51.100.17",
        "ip route 192.0.2.0 255.255.255.0 198.51.100.17",
        Reason.NO_ROUTE,
    ),
    ("spoke-a", "ip route 0.0.0.0 0.0.0.0 198.51.100.17", "ip route 0.0.0.0 0.0.0.0 198.51.100.20", Reason.NO_ROUTE),
    ("hub", "ip route 0.0.0.0 0.0.0.0 198.51.100.9", "ip forward-protocol nd", Reason.NO_ROUTE),
    ("spoke-a", "ip address 198.51.100.18", "ip address 198.51.100.19", Reason.WRONG_ADDRESS),
    ("spoke-a", "ip address 198.51.100.18 255.255.255.248", "ip address dhcp", Reason.NO_ADDRESS),
    ("spoke-a", " no shutdown", " shutdown", Reason.SHUTDOWN),
    ("hub", " no shutdown", " shutdown", Reason.NO_PEER),
    ("spoke-a", "interface Tunnel10\n", "interface Tunnel10\n shutdown\n", Reason.SHUTDOWN),
    ("hub", "interface Tunnel10\n", "interface Tunnel10\n shutdown\n", Reason.TUNNEL_KEY),
]


@pytest.mark.parametrize(("where", "old", "new", "reason"), CHANGES)
def test_a_changed_line_takes_the_tunnel_down_and_its_repair_brings_it_back(
    bench: Bench, where: str, old: str, new: str, reason: Reason
) -> None:
    assert bench.settled().is_up(link(bench.network()))
    before = dict(bench.texts)
    bench.change(where, old, new)
    broken = bench.network()
    assert link(broken).reason == reason
    assert not broken.is_up(link(broken)), "a disagreement shows at once"
    assert not bench.settled().is_up(link(bench.network()))
    bench.texts = before
    assert not bench.network().is_up(link(bench.network())), "an agreement takes a moment"
    assert bench.settled().is_up(link(bench.network()))


def test_a_spoke_of_another_vpn_or_router_is_untouched(bench: Bench) -> None:
    bench.change("spoke-a", "nhrp authentication NHRP10", "nhrp authentication OTHER")
    network = bench.settled()
    assert not network.is_up(link(network))
    assert network.is_up(link(network, "spoke-a", "Tunnel20", IPv4Address("10.255.20.1")))
    assert network.is_up(link(network, "spoke-b"))
    assert ("hub", "Tunnel10", IPv4Address("10.255.10.2")) not in network.tunnels.links, "the hub forgets the spoke"


def test_two_spokes_with_one_tunnel_address_do_not_both_register(bench: Bench) -> None:
    bench.change("spoke-b", "ip address 10.255.10.3", "ip address 10.255.10.2")
    network = bench.settled()
    assert network.is_up(link(network, "spoke-a"))
    assert link(network, "spoke-b").reason is Reason.DUPLICATE_ADDRESS


def test_an_access_list_at_the_internet_can_cut_the_tunnels(bench: Bench) -> None:
    bench.change(
        "spoke-a",
        "interface GigabitEthernet0/0/0\n",
        "ip access-list extended IN\n 10 permit udp any any eq isakmp\n 20 permit icmp any any\n"
        "interface GigabitEthernet0/0/0\n ip access-group IN in\n",
    )
    assert link(bench.settled()).reason is Reason.BLOCKED
    bench.change("spoke-a", " 20 permit icmp any any\n", " 20 permit esp host 198.51.100.10 any\n")
    network = bench.settled()
    assert network.is_up(link(network))
    assert network.management_reason("spoke-a", "tcp", 22) is Reason.BLOCKED, "ESP from the centre is not permitted"


def test_identities_by_name_and_keys_by_name(bench: Bench) -> None:
    bench.change(
        "spoke-a",
        " authentication remote pre-share\n",
        " identity local fqdn spoke-a.vpn.invalid\n authentication remote pre-share\n",
    )
    assert link(bench.settled()).reason is Reason.IDENTITY
    bench.change(
        "hub",
        "match identity remote address 0.0.0.0",
        "match identity remote address 0.0.0.0\n match identity remote fqdn domain vpn.invalid",
    )
    network = bench.settled()
    assert network.is_up(link(network))
    suite = link(network).suite
    assert suite is not None
    assert (suite.encryption, suite.group, suite.local_id) == ("aes-gcm-256", "20", "fqdn spoke-a.vpn.invalid")


CERTIFICATES = """\
crypto pki trustpoint CA
 enrollment url http://ca.invalid
 fingerprint {fingerprint}
 subject-name CN={name},OU=acme.vpn
 auto-enroll 70
crypto pki certificate map ACME 10
 subject-name co ou = acme.vpn
"""
ISSUED = 1000.0


def with_certificates(bench: Bench, name: str, trustpoint: str = CERTIFICATES, *, has: bool = True) -> None:
    start, rest = bench.texts[name].split("crypto ikev2 profile VPN\n")
    rest = rest.replace("pre-share", "rsa-sig", 2).replace(" keyring local VPN\n", " pki trustpoint CA\n", 1)
    rest = rest.replace("match identity remote address 0.0.0.0", "match certificate ACME", 1)
    rest = rest.replace("rsa-sig\n", "rsa-sig\n identity local dn\n", 1)
    text = trustpoint.format(name=name, fingerprint="A" * 40) + start + "crypto ikev2 profile VPN\n" + rest
    bench.texts[name] = enrolled(text, bench.spec.authorities, ISSUED) if has else text


def test_certificates_of_one_authority_agree(bench: Bench) -> None:
    for name in bench.texts:
        with_certificates(bench, name)
    network = bench.settled()
    assert network.is_up(link(network))
    suite = link(network).suite
    assert suite is not None
    assert (suite.sign, suite.verify) == ("rsa-sig", "rsa-sig")
    assert (suite.local_id, suite.remote_id) == ("dn cn=spoke-a,ou=acme.vpn", "dn cn=hub,ou=acme.vpn")


@pytest.mark.parametrize(
    ("trustpoint", "has", "reason"),
    [
        ("", True, Reason.NO_CERTIFICATE),
        (CERTIFICATES, False, Reason.NO_CERTIFICATE),
        (CERTIFICATES.replace("ca.invalid", "elsewhere.invalid"), True, Reason.NO_CERTIFICATE),
        (CERTIFICATES.replace("CN={name},OU=acme.vpn", "CN={name},OU=globex.vpn"), True, Reason.IDENTITY),
        (CERTIFICATES.replace("CN={name},OU=acme.vpn", "CN={name},OU=my-acme.vpn"), True, Reason.IDENTITY),
        (CERTIFICATES.replace("co ou = acme", "co ou = globex"), True, Reason.IDENTITY),
        (CERTIFICATES.replace("co ou = acme", "nc ou = acme"), True, Reason.IDENTITY),
        (CERTIFICATES.replace("map ACME 10", "map OTHER 10"), True, Reason.IDENTITY),
    ],
)
def test_without_a_certificate_that_fits_it_stays_down(
    bench: Bench, trustpoint: str, has: bool, reason: Reason
) -> None:
    for name in bench.texts:
        with_certificates(bench, name, *([trustpoint] if name == "spoke-a" else []), has=has or name != "spoke-a")
    network = bench.settled()
    assert link(network).reason is reason
    assert network.is_up(link(network, "spoke-b"))


@pytest.mark.parametrize(
    ("late", "reason"), [("spoke-a", Reason.CERTIFICATE_EXPIRED), ("hub", Reason.PEER_CERTIFICATE_EXPIRED)]
)
def test_a_certificate_that_has_expired_proves_nothing(bench: Bench, late: str, reason: Reason) -> None:
    for name in bench.texts:
        with_certificates(bench, name)
    bench.texts[late] = enrolled(bench.texts[late], bench.spec.authorities, ISSUED - LIFETIME_S)
    bench.now = ISSUED
    assert link(bench.settled()).reason is reason


def test_expiry_ends_no_association_but_the_next_authentication_fails(bench: Bench) -> None:
    for name in bench.texts:
        with_certificates(bench, name)
    bench.now = ISSUED
    assert bench.settled().is_up(link(bench.settled()))
    bench.now += LIFETIME_S
    assert bench.settled().is_up(link(bench.settled()))
    bench.history.cleared["hub"] = bench.now
    assert link(bench.settled()).reason is Reason.CERTIFICATE_EXPIRED
    assert not bench.settled().is_up(link(bench.settled()))


def test_a_private_key_that_is_gone_proves_nothing(bench: Bench) -> None:
    for name in bench.texts:
        with_certificates(bench, name)
    bench.keys["spoke-a"] = frozenset({"another"})
    network = bench.settled()
    assert link(network).reason is Reason.NO_CERTIFICATE
    assert network.is_up(link(network, "spoke-b"))


def test_one_end_by_key_and_one_by_certificate(bench: Bench) -> None:
    with_certificates(bench, "spoke-a")
    assert link(bench.settled()).reason is Reason.AUTH_METHOD


def test_obscured_keys_are_compared_by_what_they_hide(bench: Bench) -> None:
    bench.change("hub", "password bgp-word", "password 7 110B1E154D0518020A")
    network = bench.settled()
    assert all(network.session_state(one).reason is None for one in network.sessions_of("spoke-a", "CORP")) is False
    bench.change("hub", "password 7 110B1E154D0518020A", f"password 7 {obscured('bgp-word')}")
    network = bench.settled()
    assert all(network.session_state(one).up for one in network.sessions_of("spoke-a", "CORP"))


def obscured(text: str) -> str:
    """Type 7 with salt 05, by the published constant."""
    pad = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
    return "05" + "".join(f"{byte ^ pad[(5 + at) % len(pad)]:02X}" for at, byte in enumerate(text.encode()))
