"""Breakout, iLAN, firewall logging and accesses of IOS-XE by themselves: what they write, refuse and warn of."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from device_templates import NotRenderable
from device_templates.cisco_iosxe.rendering import render as rendering
from device_templates.cisco_iosxe.rendering.bootstrap import bootstrap, snmp_user_lines
from inventory import Inventory, Secret
from inventory.options import Options
from tests.unit.templates.iosxe_options.orders import EVERYTHING, ORDERS, ordered, paths, shown, under

Secrets = Callable[[str], Secret]


def test_destinations_of_the_vpn_never_leave_by_the_breakout(inventory: Inventory, secret: Secrets) -> None:
    rendered = rendering.render(*ordered(inventory, "york", ("internet_breakout",)), secret)
    assert under(rendered, "ip access-list extended IBO-CORPORATE") == [
        "10 deny ip any 10.10.0.0 0.0.255.255",
        "20 deny ip any 10.255.8.0 0.0.7.255",
        "30 permit ip 10.10.3.0 0.0.0.255 any",
    ]
    assert shown(rendered, r"ip route vrf CORPORATE (.* Null0 \d+)") == [
        "10.10.0.0 255.255.0.0 Null0 254",
        "10.255.8.0 255.255.248.0 Null0 254",
    ]


@pytest.mark.parametrize("vrf", ["CORPORATE", "ILAN"])
def test_the_way_out_of_a_vrf(inventory: Inventory, secret: Secrets, vrf: str) -> None:
    fixed = rendering.render(*ordered(inventory, "york", EVERYTHING, "static"), secret)
    assert f"ip route vrf {vrf} 0.0.0.0 0.0.0.0 GigabitEthernet0/0/0 198.51.100.25 global" in paths(fixed)
    assert "route-replicate" not in fixed.text
    leased = rendering.render(*ordered(inventory, "york", EVERYTHING, "dhcp"), secret)
    assert shown(leased, rf"(ip route vrf {vrf} 0.0.0.0 .*)") == []
    assert shown(leased, rf"vrf definition {vrf} > address-family ipv4 > (route-replicate .*)")
    assert shown(leased, r"ip prefix-list INTERNET-ROUTE (.*)") == ["seq 5 permit 0.0.0.0/0"]


def test_a_breakout_carries_what_is_listed(inventory: Inventory, secret: Secrets) -> None:
    rendered = rendering.render(*ordered(inventory, "york", ("internet_breakout",)), secret)
    assert under(rendered, "class-map type inspect match-any BREAKOUT") == [
        "match protocol http",
        "match protocol https",
        "match access-group name QUIC",
        "match protocol dns",
        "match protocol icmp",
    ]
    assert under(rendered, "class-map type inspect match-all IBO-CORPORATE") == [
        "match access-group name IBO-CORPORATE",
        "match class-map BREAKOUT",
    ]


def test_guests_have_the_internet_and_nothing_else(inventory: Inventory, secret: Secrets) -> None:
    rendered = rendering.render(*ordered(inventory, "york", ("ilan",)), secret)
    assert under(rendered, "ip access-list extended ILAN-SELF") == ["10 permit udp any eq bootpc any eq bootps"]
    assert under(rendered, "ip access-list extended ILAN") == [
        "10 deny ip any 10.254.255.0 0.0.0.255",
        "20 permit ip 192.168.50.0 0.0.0.255 any",
    ]
    assert {"vrf ILAN", "dns-server 9.9.9.9"} <= set(under(rendered, "ip dhcp pool ILAN"))
    assert "ip dhcp excluded-address vrf ILAN 192.168.50.1" in paths(rendered)
    assert "policy-map ILAN-IN > class class-default > set dscp default" in paths(rendered)
    assert "interface Vlan50 > service-policy input ILAN-IN" in paths(rendered)
    assert "interface GigabitEthernet0/1/6 > switchport access vlan 50" in paths(rendered)
    assert "interface GigabitEthernet0/1/6 > shutdown" not in paths(rendered)


def test_guests_without_name_servers_are_warned_of(inventory: Inventory, secret: Secrets) -> None:
    for access, warned in (("static", True), ("dhcp", False)):
        options = Options.model_validate({"ilan": {**ORDERS["ilan"], "dns": []}})  # type: ignore[dict-item]
        rendered = rendering.render(*ordered(inventory, "york", (), access, options=options), secret)
        assert any("name servers" in warning for warning in rendered.warnings) == warned
        assert ("import all" in under(rendered, "ip dhcp pool ILAN")) == (not warned)
        assert "dns-server" not in rendered.text


@pytest.mark.parametrize(
    ("auth", "priv", "line"),
    [
        ("sha", "aes128", "auth sha A priv aes 128 P"),
        ("sha224", "aes192", "auth sha-2 224 A priv aes 192 P"),
        ("sha384", "aes256", "auth sha-2 384 A priv aes 256 P"),
        ("sha512", "aes256", "auth sha-2 512 A priv aes 256 P"),
    ],
)
def test_snmp_users_are_made_with_their_algorithms(
    inventory: Inventory, secret: Secrets, auth: str, priv: str, line: str
) -> None:
    new, _ = ordered(inventory, "york", ())
    user = new.settings.credentials["fleet-v3"].model_copy(update={"auth_protocol": auth, "priv_protocol": priv})
    settings = new.settings.model_copy(update={"credentials": {**new.settings.credentials, "fleet-v3": user}})
    chosen = Inventory(new.root, settings, new.customers, "changed")
    (made,) = snmp_user_lines(chosen, chosen.site("york"), secret)
    assert made.user == f"spokesman ({auth}, {priv})"
    before, words = made.line.split(" v3 ")[0], made.line.split(" v3 ")[1].split()
    words[words.index("priv") - 1], words[-1] = "A", "P"
    assert (before, " ".join(words)) == ("snmp-server user spokesman FLEET", line)


def test_release_16_says_it_otherwise(inventory: Inventory, secret: Secrets) -> None:
    router = inventory.site("york").router.model_copy(update={"release": "16.12.4"})
    new, _ = ordered(inventory, "york", EVERYTHING, router=router)
    user = new.settings.credentials["fleet-v3"].model_copy(update={"auth_protocol": "sha"})
    settings = new.settings.model_copy(update={"credentials": {**new.settings.credentials, "fleet-v3": user}})
    old = Inventory(new.root, settings, new.customers, "changed")
    rendered = rendering.render(old, old.site("york"), secret)
    assert re.search(r"^ntp authentication-key 1 md5 \S+ 7$", rendered.text, re.M)
    assert "sha2-256 0" not in rendered.text
    assert "license boot level securityk9" in bootstrap(old, old.site("york"), secret).stages[0].text
    assert all(" auth sha " in line.line for line in snmp_user_lines(old, old.site("york"), secret))


def test_a_router_is_managed_from_its_first_minute_behind_its_firewall(inventory: Inventory, secret: Secrets) -> None:
    text = bootstrap(*ordered(inventory, "york", EVERYTHING), secret).stages[1].text
    lines = text.splitlines()
    assert lines.index("zone security INTERNET") < lines.index(" zone-member security INTERNET")
    assert lines.index(" service-policy type inspect INTERNET-SELF") < lines.index(" zone-member security INTERNET")
    assert {"ip access-list extended INTERNET-IN", "ip access-list extended INTERNET-OUT"} <= set(lines)
    assert "ILAN" not in text
    assert "IBO" not in text


@pytest.mark.parametrize(
    ("ilan", "message"),
    [
        ({"port": "GigabitEthernet0/0/0"}, r"GigabitEthernet0/0/0 is used twice.*WV-6"),
        ({"port": "GigabitEthernet0/9/0"}, r"no switch port of a C1111-8P.*WV-11"),
    ],
)
def test_a_port_that_guests_cannot_have(
    inventory: Inventory, secret: Secrets, ilan: dict[str, object], message: str
) -> None:
    options = Options.model_validate({"ilan": {"vlan": 50, "address": "192.168.50.1/24", **ilan}})
    with pytest.raises(NotRenderable, match=message):
        rendering.render(*ordered(inventory, "york", (), options=options), secret)


@pytest.mark.parametrize("name", ["ilan", "internet", "self", "default"])
def test_a_vpn_with_the_name_of_a_zone_is_refused(inventory: Inventory, secret: Secrets, name: str) -> None:
    new, view = ordered(inventory, "york", ("ilan",))
    customer = new.customers["acme"]
    vpns = {name: customer.vpns["corporate"]}
    site = view.site.model_copy(update={"tunnels": {name: view.site.tunnels["corporate"]}, "lans": {}})
    other = customer.model_copy(update={"vpns": vpns, "sites": {**customer.sites, "york": site}})
    renamed = Inventory(new.root, new.settings, {"acme": other}, "changed")
    with pytest.raises(NotRenderable, match=rf"{name} is a zone of the firewall.*WV-11"):
        rendering.render(renamed, renamed.site("york"), secret)
