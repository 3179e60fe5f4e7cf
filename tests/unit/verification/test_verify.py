"""Every check stays silent on what we render, and speaks when one line of one router is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from agent.verification import CHECKS, Finding, verify
from agent.verification.ground import Ground
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.rendering.render import render
from device_templates.cisco_iosxe.type7 import obscure
from inventory import Inventory, Secret, UnknownName
from inventory.loader import load_workspace

GOLDEN = Path(__file__).parents[2] / "golden"
LONDON, LEEDS, YORK = "acme-lon-r1", "acme-lee-r1", "acme-yor-r1"


@lru_cache(maxsize=4)
def _case(name: str) -> tuple[Inventory, dict[str, str]]:
    """A golden workspace and its rendered texts by router."""
    inventory = load_workspace(GOLDEN / name / "workspace")
    values = tomllib.loads((GOLDEN / name / "secrets.toml").read_text())["secrets"]
    texts = {
        view.router.name: render(inventory, view, lambda ref: Secret(values[ref])).text for view in inventory.sites()
    }
    return inventory, texts


def _findings(case: str, change: Callable[[dict[str, str]], None]) -> tuple[Finding, ...]:
    inventory, texts = _case(case)
    changed = dict(texts)
    change(changed)
    return verify({name: read_model(text) for name, text in changed.items()}, inventory)


@pytest.mark.parametrize("case", ["two_vpns", "two_hubs", "certificates"])
def test_what_we_render_fits(case: str) -> None:
    assert _findings(case, lambda _: None) == ()


@pytest.mark.parametrize("case", ["two_vpns", "two_hubs", "certificates"])
def test_a_part_of_the_routers_fits_too(case: str) -> None:
    inventory, texts = _case(case)
    for name, text in texts.items():
        assert verify({name: read_model(text)}, inventory) == ()


#: Check, router, what is there, what is put in its place, the rule of the finding.
MISTAKES = [
    ("the_router_is_itself", LEEDS, "hostname acme-lee-r1", "hostname acme-yor-r1", "WV-4"),
    (
        "tunnel_for_every_vpn",
        LEEDS,
        "ip address 10.255.16.2 255.255.248.0",
        "ip address 10.9.9.9 255.255.255.0",
        "WV-3",
    ),
    ("tunnel_addresses_in_the_network", LEEDS, "10.255.16.2 255.255.248.0", "10.255.16.2 255.255.255.0", "WV-3"),
    ("tunnel_addresses_unique", YORK, "ip address 10.255.8.3 ", "ip address 10.255.8.2 ", "WV-3"),
    ("tunnel_keys_agree", LEEDS, "tunnel key 20", "tunnel key 21", "WV-6"),
    ("tunnel_keys_unique", LEEDS, "tunnel key 20", "tunnel key 10", "WV-6"),
    ("network_ids_agree", YORK, "network-id 10", "network-id 12", "WV-3"),
    ("network_ids_unique", LEEDS, "network-id 20", "network-id 10", "WV-6"),
    ("nhrp_authentication_agrees", YORK, "authentication pltdNhr1", "authentication pltdNhr2", "WV-3"),
    ("sizes_agree", YORK, "ip mtu 1400", "ip mtu 1300", "WV-3"),
    ("hubs_are_named", LEEDS, "nhs 10.255.8.1 nbma 198.51.100.10", "nhs 10.255.8.1 nbma 198.51.100.11", "WV-3"),
    ("hubs_are_named", LEEDS, " ip nhrp nhs 10.255.8.1 nbma 198.51.100.10 multicast\n", "", "WV-3"),
    ("servers_are_hubs", YORK, "nhs 10.255.8.1", "nhs 10.255.8.2", "WV-1"),
    ("dynamic_full_mesh", YORK, " ip nhrp shortcut\n", "", "WV-3"),
    ("dynamic_full_mesh", LONDON, " ip nhrp redirect\n", "", "WV-3"),
    ("tunnels_are_multipoint", YORK, "tunnel mode gre multipoint", "tunnel mode gre ip", "WV-3"),
    ("hub_is_where_spokes_look", LONDON, "ip address 198.51.100.10", "ip address 198.51.100.11", "WV-1"),
    ("every_tunnel_is_protected", YORK, " tunnel protection ipsec profile VPN shared\n", "", "WV-3"),
    ("shared_source_shares_profile", LEEDS, "profile VPN shared", "profile VPN", "WV-3"),
    ("something_is_proposed", YORK, "crypto ikev2 policy STRONG\n proposal STRONG\n", "", "WV-3"),
    ("algorithms_are_strong", YORK, "encryption aes-gcm-256", "encryption 3des", "WV-3"),
    ("algorithms_are_strong", YORK, "prf sha384", "integrity sha1", "WV-3"),
    ("algorithms_are_strong", YORK, "group 20 19", "group 20 5", "WV-3"),
    ("algorithms_are_strong", YORK, "set VPN esp-gcm 256", "set VPN esp-aes 256 esp-sha-hmac", "WV-3"),
    ("algorithms_are_strong", YORK, "set pfs group20", "set pfs group2", "WV-3"),
    ("proposals_meet", YORK, "group 20 19", "group 21", "WV-3"),
    ("proposals_meet", YORK, "encryption aes-gcm-256", "encryption aes-gcm-128", "WV-3"),
    ("proposals_meet", LONDON, "prf sha384", "prf sha512", "WV-3"),
    ("transforms_meet", YORK, "set VPN esp-gcm 256", "set VPN esp-gcm 128", "WV-3"),
    ("transforms_meet", YORK, "mode transport", "mode tunnel", "WV-3"),
    ("profiles_agree", YORK, "set pfs group20", "set pfs group19", "WV-3"),
    ("profiles_agree", YORK, "authentication local pre-share", "authentication local rsa-sig", "WV-3"),
    ("keys_are_equal", YORK, "Planted-Group-Key-01", "Planted-Group-Key-99", "WV-3"),
    ("one_vrf_for_each_vpn", LEEDS, " vrf forwarding CCTV\n ip address 10.255.16.2", " ip address 10.255.16.2", "WV-6"),
    ("one_vrf_for_each_vpn", LEEDS, "CCTV\n ip address 10.255.16.2", "CORPORATE\n ip address 10.255.16.2", "WV-6"),
    ("lans_in_the_vrf", LEEDS, " vrf forwarding CCTV\n ip address 10.20.2.1", " ip address 10.20.2.1", "WV-6"),
    ("lans_in_the_vrf", LEEDS, "switchport access vlan 20", "switchport access vlan 10", "WV-6"),
    ("no_route_targets_across", LEEDS, " rd 65020:20\n", " rd 65020:20\n route-target import 65010:10\n", "WV-6"),
    (
        "no_static_route_across",
        LEEDS,
        "\nip scp",
        "\nip route vrf CCTV 0.0.0.0 0.0.0.0 1.1.1.1 global\nip scp",
        "WV-6",
    ),
    ("no_static_route_across", LEEDS, "\nip scp", "\nip route vrf CCTV 10.10.2.0 255.255.255.0 Vlan10\nip scp", "WV-6"),
    (
        "management_has_its_own_tunnel",
        LEEDS,
        "tunnel destination 203.0.113.1",
        "tunnel destination 203.0.113.9",
        "WV-7",
    ),
    (
        "management_is_apart",
        LEEDS,
        "vrf forwarding MGMT\n ip unnumbered",
        "vrf forwarding CCTV\n ip unnumbered",
        "WV-7",
    ),
    ("management_is_apart", LEEDS, "ipsec profile MANAGEMENT\n!\ninterface", "ipsec profile VPN\n!\ninterface", "WV-7"),
    ("management_is_apart", LEEDS, "vrf forwarding MGMT\n ip address", "vrf forwarding CCTV\n ip address", "WV-7"),
    ("management_is_apart", LEEDS, "interface Vlan1\n", "interface Vlan1\n vrf forwarding MGMT\n", "WV-7"),
    ("management_key_is_its_own", LEEDS, "Planted-Centre-Key-01", "Planted-Group-Key-01", "WV-7"),
    ("router_ids_unique", LEEDS, "bgp router-id 10.254.0.12", "bgp router-id 10.254.0.13", "WV-3"),
    ("router_ids_unique", LEEDS, "  bgp router-id 10.255.8.2", "  bgp router-id 10.255.8.3", "WV-3"),
    ("routing_in_every_vpn", LEEDS, "address-family ipv4 vrf CCTV", "address-family ipv4 vrf OTHER", "WV-3"),
    ("autonomous_systems_agree", LEEDS, "remote-as 65010", "remote-as 65011", "WV-3"),
    ("autonomous_systems_agree", LONDON, "SPOKES-CCTV remote-as 65010", "SPOKES-CCTV remote-as 65011", "WV-3"),
    ("sessions_are_known", LONDON, "range 10.255.8.0/21", "range 10.255.8.0/31", "WV-3"),
    ("sessions_are_known", LEEDS, "neighbor 10.255.16.1", "neighbor 10.255.16.9", "WV-3"),
    (
        "passwords_agree",
        YORK,
        "neighbor 10.255.8.1 password 7 ",
        f"neighbor 10.255.8.1 password 7 {obscure('x', 1)} ",
        "WV-3",
    ),
    ("neighbors_are_bounded", LEEDS, "  neighbor 10.255.8.1 prefix-list CORPORATE-OWN out\n", "", "WV-6"),
    ("neighbors_are_bounded", LEEDS, "  neighbor 10.255.8.1 maximum-prefix 501 80 restart 5\n", "", "WV-6"),
    ("own_networks_are_announced", LEEDS, "  network 10.20.2.0 mask 255.255.255.0\n", "", "WV-3"),
    ("announced_networks_are_there", LONDON, "ip route vrf CORPORATE 10.10.0.0 255.255.0.0 Null0 254\n", "", "WV-3"),
    ("announced_networks_are_there", LEEDS, "Vlan20\n", "Vlan20\n shutdown\n", "WV-3"),
    ("profiles_are_complete", YORK, " set ikev2-profile VPN\n", "", "WV-3"),
    ("profiles_are_complete", YORK, " keyring local VPN\n", "", "WV-3"),
    ("profiles_are_complete", YORK, " match identity remote address 0.0.0.0\n", "", "WV-3"),
    ("profiles_are_complete", YORK, " set transform-set VPN\n", "", "WV-3"),
    ("identities_fit", YORK, "remote address 0.0.0.0", "remote fqdn elsewhere.invalid", "WV-3"),
    ("identities_fit", LONDON, "remote address 0.0.0.0", "remote address 192.0.2.0 255.255.255.0", "WV-3"),
    ("identities_fit", YORK, " keyring local VPN\n", " identity local fqdn york.invalid\n keyring local VPN\n", "WV-3"),
    (
        "tunnels_have_a_source",
        YORK,
        "interface GigabitEthernet0/0/0\n",
        "interface GigabitEthernet0/0/0\n shutdown\n",
        "WV-3",
    ),
    ("tunnels_have_a_source", YORK, "tunnel source GigabitEthernet0/0/0", "tunnel source GigabitEthernet0/0/9", "WV-3"),
    ("tunnels_have_a_source", LONDON, "interface Tunnel20\n", "interface Tunnel20\n shutdown\n", "WV-3"),
    ("hubs_are_reached", LONDON, "ip route 0.0.0.0 0.0.0.0 198.51.100.9\n", "", "WV-3"),
    ("no_port_of_nobody", LEEDS, "0/1/3\n shutdown", "0/1/3\n switchport access vlan 20", "WV-6"),
    ("centre_is_taken_for_itself", LEEDS, "remote fqdn centre.managed", "remote fqdn other.managed", "WV-7"),
    ("centre_is_taken_for_itself", LEEDS, "address 203.0.113.1\n", "address 203.0.113.2\n", "WV-7"),
    (
        "management_identities_are_unique",
        LEEDS,
        "identity local fqdn acme-lee-r1",
        "identity local fqdn acme-yor-r1",
        "WV-7",
    ),
    ("management_is_alike", LEEDS, "Planted-Centre-Key-01", "Planted-Centre-Key-99", "WV-7"),
    ("management_is_alike", LEEDS, "set MANAGEMENT esp-gcm 256", "set MANAGEMENT esp-gcm 128", "WV-7"),
    ("centre_is_routed", LEEDS, "ip route vrf MGMT 10.254.255.0 255.255.255.0 Tunnel4095\n", "", "WV-7"),
    ("references_are_defined", LEEDS, "ip access-list extended INTERNET-IN", "ip access-list extended OTHER", "WV-6"),
    ("references_are_defined", LEEDS, "crypto ikev2 keyring VPN", "crypto ikev2 keyring OTHER", "WV-6"),
    ("references_are_defined", LEEDS, "ip prefix-list CCTV-OWN", "ip prefix-list OTHER", "WV-6"),
    ("references_are_defined", LEEDS, "vrf definition MGMT", "vrf definition OTHER", "WV-6"),
    ("snmp_reads_only", LEEDS, "read FEED access", "read FEED write FEED access", "WV-13"),
    ("snmp_reads_only", LEEDS, "group FLEET v3 priv", "group FLEET v3 auth", "WV-13"),
    ("snmp_reads_only", LEEDS, "read FLEET access SNMP-FLEET", "read FLEET", "WV-13"),
    ("feed_has_its_hosts", LEEDS, "SNMP-FEED\n 10 permit 10.10.2.50", "SNMP-FEED\n 10 permit 10.10.2.51", "WV-13"),
    ("feed_has_its_hosts", LEEDS, "SNMP-FEED\n", "SNMP-FEED\n 5 permit 10.10.2.51\n 6 permit 10.10.2.52\n", "WV-13"),
    ("feed_has_its_hosts", LEEDS, "SNMP-FEED\n 10 permit 10.10.2.50\n", "SNMP-FEED\n 10 permit any\n", "WV-13"),
]


AUSTIN, DALLAS = "ini-aus", "ini-dal"
#: The same of a customer whose routers have certificates.
CERTIFIED = [
    ("certificates_are_usable", DALLAS, " pki trustpoint PROVIDER-CA\n", "", "WV-3"),
    ("certificates_are_usable", DALLAS, " fingerprint 0123456789ABCDEF0123456789ABCDEF01234567\n", "", "WV-3"),
    ("certificates_are_usable", DALLAS, " enrollment url http://10.254.255.50:80/pkiclient\n", "", "WV-3"),
    ("certificates_are_usable", DALLAS, " auto-enroll 80 regenerate\n", "", "WV-3"),
    ("certificates_are_usable", DALLAS, "revocation-check crl none", "revocation-check none", "WV-3"),
    ("certificates_are_usable", DALLAS, " revocation-check crl none\n", "", "WV-3"),
    ("certificates_are_usable", DALLAS, " subject-name CN=ini-dal,OU=initech.vpn\n", "", "WV-3"),
    ("certificates_are_usable", AUSTIN, " match certificate VPN\n", "", "WV-3"),
    ("certificates_are_usable", AUSTIN, " match certificate VPN\n", " match identity remote any\n", "WV-3"),
    ("certificates_are_usable", AUSTIN, "pki certificate map VPN 10", "pki certificate map OTHER 10", "WV-3"),
    ("members_know_each_other", DALLAS, "CN=ini-dal,OU=initech.vpn", "CN=ini-dal,OU=initech", "WV-3"),
    ("names_are_unique", DALLAS, "CN=ini-dal", "CN=ini-aus", "WV-3"),
    ("members_know_each_other", AUSTIN, "subject-name co ou = initech.vpn", "subject-name co ou = other.vpn", "WV-3"),
    ("members_know_each_other", AUSTIN, "subject-name co ou = initech", "subject-name nc ou = initech", "WV-3"),
    ("profiles_agree", AUSTIN, "authentication local rsa-sig", "authentication local ecdsa-sig", "WV-3"),
    ("profiles_agree", AUSTIN, "fingerprint 0123", "fingerprint 9999", "WV-3"),
    ("references_are_defined", DALLAS, "trustpoint PROVIDER-CA\n enr", "trustpoint OTHER\n enr", "WV-6"),
    ("references_are_defined", DALLAS, "pki certificate map VPN 10", "pki certificate map OTHER 10", "WV-6"),
    (
        "references_are_defined",
        DALLAS,
        " source interface Loopback0\n rsa",
        " source interface Loopback9\n rsa",
        "WV-6",
    ),
]


def _name(mistake: tuple[str, str, str, str, str]) -> str:
    check, router, before, after, _ = mistake
    return f"{check}-{router}-{before.strip()[:30]}->{after.strip()[:30]}"


@pytest.mark.parametrize("mistake", [*MISTAKES, *CERTIFIED], ids=_name)
def test_one_wrong_line_is_found(mistake: tuple[str, str, str, str, str]) -> None:
    check, router, before, after, rule = mistake
    inventory, texts = _case("two_vpns" if mistake in MISTAKES else "certificates")
    assert before in texts[router]
    changed = {**texts, router: texts[router].replace(before, after)}
    models = {name: read_model(text) for name, text in changed.items()}
    findings = verify(models, inventory)
    own = next(one for one in CHECKS if one.name == check.replace("_", "-"))
    mine = tuple(own(Ground(inventory, models)))
    assert {finding.message for finding in mine} <= {finding.message for finding in findings}
    assert mine
    assert {finding.rule for finding in mine} == {rule}
    assert any(router in finding.routers for finding in mine)
    assert all(finding.remedy for finding in mine)
    assert "lanted" not in str(findings) + repr(findings)
    assert "pltd" not in str(findings) + repr(findings)


def test_hubs_that_do_not_know_each_other() -> None:
    def change(texts: dict[str, str]) -> None:
        texts["gx-ber"] = texts["gx-ber"].replace(" ip nhrp nhs 10.200.0.1 nbma 192.0.2.10 multicast\n", "")

    (finding,) = _findings("two_hubs", change)
    assert (finding.rule, finding.routers) == ("WV-3", ("gx-ber", "gx-osl"))


def test_a_map_that_takes_another_customers_certificate() -> None:
    inventory, texts = _case("certificates")

    def of_one_authority(changed: dict[str, str]) -> None:
        for name in ("rod-tul", "rod-eni"):
            changed[name] = re.sub(
                r"fingerprint [0-9A-F]+", f"fingerprint {'0123456789ABCDEF' * 2}01234567", texts[name]
            )

    def careless(changed: dict[str, str]) -> None:
        of_one_authority(changed)
        changed[DALLAS] = texts[DALLAS].replace("subject-name co ou = initech.vpn", "subject-name co .vpn")

    assert _findings("certificates", of_one_authority) == ()
    findings = _findings("certificates", careless)
    assert {(finding.rule, finding.routers) for finding in findings} == {("WV-6", (DALLAS,))}
    assert "another customer's" in findings[0].message
    assert inventory.router(DALLAS).customer.customer == "initech"


def test_one_router_by_key_and_the_others_by_certificate() -> None:
    def change(texts: dict[str, str]) -> None:
        profile = "rsa-sig\n authentication local rsa-sig\n pki trustpoint PROVIDER-CA\n"
        assert profile in texts[DALLAS]
        texts[DALLAS] = texts[DALLAS].replace(profile, "pre-share\n authentication local pre-share\n")

    assert any("how peers prove who they are" in finding.message for finding in _findings("certificates", change))


#: Checks of what no reader tells yet.
AWAITED = {
    "registrations-follow-the-address",
    "networks-are-let-through",
    "logins-come-from-management",
    "no-communities",
    "customers-see-no-secrets",
    "firewall-logs-go-to-the-customer",
    "firewall-logs-go-nowhere-else",
    "log-hosts-are-known",
    "direct-tunnels-are-possible",
}


def test_every_check_has_a_mistake_that_it_finds() -> None:
    tested = {check.replace("_", "-") for check, *_ in (*MISTAKES, *CERTIFIED)} | {"strangers-are-refused"}
    tested.add("what-packets-do")  # each of its questions has its mistakes in tests/unit/flows
    assert {check.name for check in CHECKS} - AWAITED == tested


def test_every_check_names_its_rule() -> None:
    for check in CHECKS:
        assert "[WV-" in (check.find.__doc__ or "")


def test_a_router_that_nobody_knows() -> None:
    inventory, texts = _case("two_vpns")
    with pytest.raises(UnknownName):
        verify({"nobody": read_model(texts[LEEDS])}, inventory)


def test_an_empty_configuration_is_told_and_not_stumbled_over() -> None:
    inventory, _ = _case("two_vpns")
    assert len(verify({LEEDS: read_model(f"hostname {LEEDS}\nend\n")}, inventory)) >= 4
