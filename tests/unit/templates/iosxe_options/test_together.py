"""What holds of every IOS-XE router, whatever of breakout, iLAN and firewall logging it has [WV-6, WV-11, WV-14]."""

from __future__ import annotations

import re

from device_templates.texts import Rendered
from tests.unit.templates.iosxe_options.orders import WAN, paths, shown, under

Every = list[tuple[tuple[str, ...], str, Rendered]]

_USES = (
    (r".* > match access-group name (\S+)", r"ip access-list extended (\S+)"),
    (r"ip nat inside source list (\S+) .*", r"ip access-list extended (\S+)"),
    (r".* > match class-map (\S+)", r"class-map type inspect match-any (\S+)"),
    (r".* > class type inspect (\S+)", r"class-map type inspect match-\S+ (\S+)"),
    (r".* > service-policy type inspect (\S+)", r"policy-map type inspect (\S+)"),
    (r".* > service-policy input (\S+)", r"policy-map (?!type)(\S+)"),
    (r".* > inspect (\S+)", r"parameter-map type inspect (\S+)"),
    (r".* > zone-member security (\S+)", r"zone security (\S+)"),
    (r"zone-pair security \S+ source (?!self)(\S+) .*", r"zone security (\S+)"),
    (r"zone-pair security .* destination (?!self)(\S+)", r"zone security (\S+)"),
    (r".* > route-replicate .* route-map (\S+)", r"route-map (\S+) permit 10"),
    (r".* > match ip address prefix-list (\S+)", r"ip prefix-list (\S+) .*"),
    (r".* > vrf forwarding (\S+)", r"vrf definition (\S+)"),
    (r"ip (?:route|nat|dhcp) .*\bvrf (\S+) .*", r"vrf definition (\S+)"),
    (r"logging host .* discriminator (\S+)", r"logging discriminator (\S+) .*"),
    (r"logging buffered discriminator (\S+) .*", r"logging discriminator (\S+) .*"),
)


def test_every_name_that_is_used_is_defined(every: Every) -> None:
    for orders, access, rendered in every:
        for uses, defines in _USES:
            assert set(shown(rendered, uses)) <= set(shown(rendered, defines)), (orders, access, uses)


def test_the_internet_is_in_the_global_table_and_nothing_leads_from_vrf_to_vrf(
    every: Every,
) -> None:
    for _, _, rendered in every:
        assert shown(rendered, rf"{WAN} > (vrf .*)") == []
        assert not re.search(
            r"set (vrf|global|ip global)|route-target|import|vasi", rendered.text.replace("import all", "")
        )
        assert set(shown(rendered, r".* > route-replicate from vrf (.*)")) <= {
            "global unicast all route-map INTERNET-ROUTE"
        }
        for route in shown(rendered, r"(ip route vrf .* global)"):
            assert " 0.0.0.0 0.0.0.0 GigabitEthernet0/0/0 " in route


def test_a_zone_is_a_vrf_and_every_interface_is_in_its_own(every: Every) -> None:
    for orders, _, rendered in every:
        if not {"internet_breakout", "ilan"} & set(orders):
            assert "zone" not in rendered.text.replace("show-timezone", "")
            continue
        assert shown(rendered, rf"{WAN} > zone-member security (\S+)") == ["INTERNET"]
        for interface, vrf in re.findall(r"^(interface \S+)\n(?: .*\n)*? vrf forwarding (\S+)", rendered.text, re.M):
            assert shown(rendered, rf"{interface} > zone-member security (\S+)") == [vrf]


def test_only_these_pairs_of_zones_may_speak(every: Every) -> None:
    for orders, _, rendered in every:
        own = {"INTERNET self", "self INTERNET"} if {"internet_breakout", "ilan"} & set(orders) else set()
        breakout = {"CORPORATE INTERNET"} if "internet_breakout" in orders else set()
        guests = {"ILAN INTERNET", "ILAN self"} if "ilan" in orders else set()
        pairs = {
            pair.replace(" destination", "")
            for pair in shown(rendered, r"zone-pair security \S+ source (\S+ destination \S+)")
        }
        assert pairs == own | breakout | guests


def test_what_fits_no_class_is_dropped_and_logged(every: Every) -> None:
    for _, _, rendered in every:
        for policy in shown(rendered, r"policy-map type inspect (\S+)"):
            assert under(rendered, f"policy-map type inspect {policy}")[-2:] == [
                "class class-default",
                "class class-default > drop log",
            ]
            (action,) = shown(rendered, rf"policy-map type inspect {policy} > class type inspect \S+ > (\S+).*")
            assert action == ("pass" if "SELF" in policy else "inspect")


def test_the_router_itself_speaks_ipsec_and_what_its_access_needs(every: Every) -> None:
    for orders, access, rendered in every:
        for name in ("INTERNET-IN", "INTERNET-OUT") if "ilan" in orders else ("INTERNET-IN",):
            lines = [line.split(" ", 1)[1] for line in under(rendered, f"ip access-list extended {name}")]
            assert {"permit esp any any", "permit udp any any eq isakmp", "permit icmp any any unreachable"} <= set(
                lines
            )
            assert "permit udp any any eq non500-isakmp" in lines
            assert len([line for line in lines if "boot" in line]) == (access == "dhcp")
            assert len([line for line in lines if "203.0.113.5" in line]) == ("trustpoint" in rendered.text)
            assert lines[-1] == "deny ip any any"


def test_the_list_at_the_interface_gives_way_to_the_firewall(every: Every) -> None:
    """It is asked before addresses are translated back, so it would stop the answers."""
    for orders, _, rendered in every:
        firewall = bool({"internet_breakout", "ilan"} & set(orders))
        assert shown(rendered, rf"{WAN} > ip access-group (.*)") == ([] if firewall else ["INTERNET-IN in"])
        assert shown(rendered, rf"{WAN} > ip (nat .*)") == (["nat outside"] if firewall else [])


def test_only_lans_that_may_go_out_are_inside(every: Every) -> None:
    for orders, _, rendered in every:
        inside = ["Vlan10"] * ("internet_breakout" in orders) + ["Vlan50"] * ("ilan" in orders)
        assert shown(rendered, r"interface (\S+) > ip nat inside") == inside


def test_routes_to_nowhere_never_hide_a_lan_or_a_tunnel(every: Every) -> None:
    """A LAN that is down is no longer announced; iBGP has distance 200, NHRP's shortcuts have 250."""
    for _, _, rendered in every:
        discarded = shown(rendered, r"ip route vrf (\S+ \S+ \S+ Null0 \d+)")
        assert len({line.rsplit(" ", 2)[0] for line in discarded}) == len(discarded)
        assert {int(line.rsplit(" ", 1)[1]) for line in discarded} <= {254}
        assert not [line for line in discarded if " 10.10.1.0 " in line or " 10.10.3.0 " in line]


def test_firewall_logs_are_the_customers_alone(every: Every) -> None:
    for orders, _, rendered in every:
        if not {"internet_breakout", "ilan"} & set(orders):
            continue
        assert "logging discriminator OTHERS msg-body drops %FW-" in paths(rendered)
        assert shown(rendered, r"logging buffered discriminator (\S+) .*") == ["OTHERS"]
        told = dict(line.split(" ", 1) for line in shown(rendered, r"logging host (.*)"))
        logged = "firewall_logging" in orders
        assert told.pop("10.10.1.60", None) == ("vrf CORPORATE discriminator FIREWALL" if logged else None)
        assert set(told.values()) == {"vrf MGMT discriminator OTHERS"}
        assert ("logging discriminator FIREWALL msg-body includes %FW-" in paths(rendered)) == logged
        assert ("logging source-interface Vlan10 vrf CORPORATE" in paths(rendered)) == logged
        assert ("parameter-map type inspect-global > log dropped-packets" in paths(rendered)) == logged
        assert all(len(name) <= 8 for name in shown(rendered, r"logging discriminator (\S+) .*"))


def test_a_spoke_whose_address_may_change_registers_again(every: Every) -> None:
    for _, access, rendered in every:
        found = shown(rendered, r"interface Tunnel10 > (ip nhrp registration no-unique)")
        assert bool(found) == (access in {"dhcp", "nat"})
        assert "mode transport" in under(rendered, "crypto ipsec transform-set VPN esp-gcm 256")
