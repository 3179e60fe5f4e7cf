"""The parameters of an order for one router, what excludes what, and the customer that has ordered a row of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.pairwise.covering import Row

#: Every value of every parameter; "none" and "no" are what is not ordered.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "platform": ("xe17", "xe16", "ios15"),
    "role": ("hub", "spoke"),
    "access": ("static", "dhcp", "cpa-nat"),
    "keys": ("psk", "centre-ca", "public-ca"),
    "hubs": ("one", "two"),
    "vpns": ("one", "two"),
    "summary": ("yes", "no"),
    "passwords": ("yes", "no"),
    "behind": ("yes", "no"),
    "breakout": ("none", "web", "all"),
    "ilan": ("none", "plain", "dns"),
    "feed": ("none", "one", "two"),
    "fw_log": ("no", "yes"),
    "quality": ("none", "marks", "ports"),
    "standby": ("none", "plain", "key"),
    "offload": ("none", "one", "two", "marks"),
}

#: Platform, release, model, SNMP credentials; the port of the internet access, and what LAN ports begin with.
_RELEASES = {
    "xe17": ("cisco_iosxe", "17.9", "C1111-8P", "fleet-v3", "GigabitEthernet0/0/0", "GigabitEthernet0/1/"),
    "xe16": ("cisco_iosxe", "16.12.4", "C1111-8P", "fleet-sha", "GigabitEthernet0/0/0", "GigabitEthernet0/1/"),
    "ios15": ("cisco_ios", "15.7(3)M8", "CISCO2911/K9", "fleet-sha", "GigabitEthernet0/0", "GigabitEthernet0/0/"),
}


def allowed(row: Mapping[str, str]) -> bool:
    """What the inventory's rules let pass, of values that are there."""
    if row.get("role") == "hub" and row.get("access", "static") != "static":
        return False  # WV-1: a hub has an address of its own
    beside = {row.get("standby", "none"), row.get("offload", "none")} != {"none"}
    if row.get("role") == "hub" and beside:
        return False  # WV-12: never primary, and a hub is every other site's only way
    if row.get("standby") == "none" and row.get("offload", "none") != "none":
        return False  # WV-8: only beside a primary access
    if row.get("offload") == "marks" and row.get("quality", "none") != "none":
        return False  # WV-8: what comes in is marked anew before offload looks at it
    without_firewall = row.get("breakout") == "none" and row.get("ilan") == "none"
    return not (row.get("fw_log") == "yes" and without_firewall)  # WV-14: there is nothing to log


def customer(number: int, row: Row) -> dict[str, Any]:
    """The customer file of a row: its router, the hubs, and a plain spoke; ``number`` makes addresses unique.

    Every VPN has a spoke: a key, or a neighbour, that nobody shares cannot be wrong.
    """
    vpns = ("corporate", "cctv")[: 1 if row["vpns"] == "one" else 2]
    hubs = ("alpha", "beta")[: 1 if row["hubs"] == "one" else 2]
    tested = "alpha" if row["role"] == "hub" else "gamma"
    sites = {}
    for place, name in enumerate(("alpha", "beta", "gamma", "delta"), 1):
        if name == tested:
            sites[name] = _tested(number, place, row, vpns)
        elif name in hubs or name == "delta":
            alone = name == "delta" and tested == "gamma"
            sites[name] = _plain(number, place, "xe17", vpns[:1] if alone else vpns)
    return {
        "customer": f"row{number}",
        "name": f"Row {number}",
        "contacts": {"incidents": {"name": "Network desk", "email": "noc@row.example"}},
        "vpns": {name: _vpn(number, place, hubs, row) for place, name in enumerate(vpns, 1)},
        "sites": sites,
    }


def _vpn(number: int, place: int, hubs: tuple[str, ...], row: Row) -> dict[str, Any]:
    vpn: dict[str, Any] = {
        "id": 10 * place,
        "hubs": list(hubs),
        "tunnel_network": f"10.{200 + place}.{number}.0/24",
        "asn": 65000 + number,
        "ike": {"psk": "env:IKE_PSK"} if row["keys"] == "psk" else {"certificates": row["keys"]},
    }
    if row["summary"] == "yes":
        vpn["summary"] = f"10.{10 * place}.0.0/16"
    if row["passwords"] == "yes":
        vpn |= {"bgp_password": f"env:BGP_{place}", "nhrp_authentication": f"env:NHRP_{place}"}
    return vpn


def _plain(number: int, place: int, release: str, vpns: tuple[str, ...]) -> dict[str, Any]:
    """A site with its VPNs and nothing more."""
    wan, (*_, outside, inside) = 8 * place, _RELEASES[release]
    return {
        "orders": [{"reference": f"P-{number}-{place}", "status": "accepted", "signed": "2026-10-01",
                    "requested": "2026-11-30", "maintenance": "24x7x4"}],
        "access": {"provided_by": "apa", "interface": outside, "address": f"198.18.{number}.{wan + 2}/29",
                   "gateway": f"198.18.{number}.{wan + 1}", "down_kbps": 50000, "up_kbps": 20000},
        "router": _router(number, place, release),
        "tunnels": {name: f"10.{200 + at}.{number}.{place}" for at, name in enumerate(vpns, 1)},
        "lans": {
            name: [{"vlan": 10 * at, "ports": [f"{inside}{at - 1}"], "address": f"10.{10 * at}.{place}.3/24"}]
            for at, name in enumerate(vpns, 1)
        },
        "service_management": "basic",
    }  # fmt: skip


def _router(number: int, place: int, release: str) -> dict[str, Any]:
    platform, version, model, snmp, *_ = _RELEASES[release]
    return {
        "name": f"row{number}-r{place}",
        "platform": platform,
        "release": version,
        "model": model,
        "management": {"address": f"10.254.{number}.{place}", "credentials": "fleet"},
        "snmp": {"credentials": snmp},
    }


def _tested(number: int, place: int, row: Row, vpns: tuple[str, ...]) -> dict[str, Any]:
    site = _plain(number, place, row["platform"], vpns)
    if row["access"] != "static":
        site["access"] = {key: value for key, value in site["access"].items() if key != "gateway"} | {"address": "dhcp"}
    if row["access"] == "cpa-nat":
        site["access"] |= {"provided_by": "cpa", "installed": True, "nat": True}
    if row["behind"] == "yes":
        lan = site["lans"]["corporate"][0]
        lan["routes"] = [{"prefix": f"10.10.{100 + place}.0/24", "via": f"10.10.{place}.254"}]
    if options := _options(place, row, vpns):
        site["options"] = options
    if row["quality"] != "none":
        site["service_management"] = "enhanced"
    if row["standby"] != "none":
        site["resilience"] = _resilience(place, row, vpns)
    return site


def _resilience(place: int, row: Row, vpns: tuple[str, ...]) -> dict[str, Any]:
    groups = {
        name: {"group": 10 * at, "virtual": f"10.{10 * at}.{place}.1", "primary_address": f"10.{10 * at}.{place}.2"}
        for at, name in enumerate(vpns, 1)
    }
    if row["standby"] == "key":
        groups = {name: {**group, "authentication": "env:HSRP_KEY"} for name, group in groups.items()}
    there = [f"10.{10 * len(vpns)}.4.0/24"]
    backups = {"name": "backups", "vpn": "corporate", "match": {"protocol": "tcp", "destination_port": [873]}}
    plain = {"name": "plain", "vpn": vpns[-1], "match": {"protocol": "udp", "destination": there}}
    marked = {"name": "marked", "vpn": vpns[-1], "match": {"dscp": ["cs1"], "destination": there}}
    offload = {"none": [], "one": [backups], "two": [backups, plain], "marks": [marked]}
    return {
        "primary": {"router": f"mpls-{place}", "service": "ipcg", "access_kbps": 20000, "track": "10.10.99.1"},
        "hsrp": groups,
        "offload": offload[row["offload"]],
    }


def _options(place: int, row: Row, vpns: tuple[str, ...]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    last = len(vpns)
    if row["breakout"] != "none":
        allow = ["http", "https", "dns"] if row["breakout"] == "web" else ["http", "https", "dns", "ntp", "ftp", "icmp"]
        options["internet_breakout"] = {"vpn": vpns[-1], "allow": allow}
    if row["ilan"] != "none":
        options["ilan"] = {"port": _RELEASES[row["platform"]][-1] + "3", "vlan": 50, "address": "192.168.50.1/24"}
    if row["ilan"] == "dns":
        options["ilan"]["dns"] = ["203.0.113.53"]
    if row["feed"] != "none":
        hosts = [f"10.10.{place}.50", f"10.10.{place}.51"][: 1 if row["feed"] == "one" else 2]
        options["snmp_feed"] = {"vpn": "corporate", "credentials": "customer-feed", "hosts": hosts}
    if row["fw_log"] == "yes":
        options["firewall_logging"] = {"vpn": vpns[-1], "host": f"10.{10 * last}.{place}.60"}
    if row["quality"] != "none":
        options["traffic_prioritisation"] = _quality(row, vpns)
    return options


def _quality(row: Row, vpns: tuple[str, ...]) -> dict[str, Any]:
    by_mark: dict[str, Any] = {"voice": {"dscp": ["ef", "cs5"]}, "business": {"dscp": ["af31"]}}
    by_port: dict[str, Any] = {
        "voice": {"dscp": ["ef"], "protocol": "udp"},
        "business": {"protocol": "tcp", "destination_port": [443, 8443]},
        "bulk": {"source_port": [873]},
    }
    policy: dict[str, Any] = {"voice": {"priority_percent": 20}, "business": {"bandwidth_percent": 40}}
    if row["quality"] == "ports":
        policy["bulk"] = {"bandwidth_percent": 10}
    return {
        "policy": policy,
        "classification": dict.fromkeys(vpns, by_mark if row["quality"] == "marks" else by_port),
    }
