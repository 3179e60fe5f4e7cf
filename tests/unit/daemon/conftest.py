"""A workspace's inventory, a fake network and a daemon on them, for the daemon's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory import Inventory
from inventory.customer import Customer
from inventory.settings import Settings


def _site(number: int, *, hub: bool) -> dict[str, object]:
    return {
        "orders": [{"reference": f"ORD-{number}", "status": "accepted"}],
        "access": {
            "provided_by": "apa",
            "interface": "GigabitEthernet0/0/0",
            "address": f"198.51.100.{number}/24",
            "gateway": "198.51.100.254",
            "down_kbps": 1000,
            "up_kbps": 1000,
        },
        "router": {
            "name": f"acme-r{number}",
            "platform": "cisco_iosxe",
            "release": "17.9",
            "model": "C1111-8P",
            "management": {"address": f"10.254.0.{number}", "credentials": "fleet"},
            "snmp": {"credentials": "fleet-v3"},
        },
        "tunnels": {"corporate": f"10.255.8.{number}"},
        "lans": {},
        "service_management": "enhanced",
        "options": {"proactive_monitoring": True},
    }


def make_inventory(routers: int, digest: str = "d1", period_s: int = 2) -> Inventory:
    """``routers`` sites of one customer; the first is the hub."""
    sites = {f"site-{number}": _site(number, hub=number == 1) for number in range(1, routers + 1)}
    vpn = {"id": 10, "hubs": ["site-1"], "tunnel_network": "10.255.8.0/21", "asn": 65010, "ike": {"psk": "psk"}}
    customer = Customer.model_validate({"customer": "acme", "name": "Acme", "vpns": {"corporate": vpn}, "sites": sites})
    settings = Settings.model_validate(
        {
            "management_centre": {
                "name": "centre",
                "peer": "203.0.113.1",
                "identity": "centre",
                "tunnel_peer": "10.254.255.254",
                "networks": ["10.253.0.0/24"],
                "ike_psk": "ike",
                "ntp": ["10.253.0.1"],
                "ntp_key": "ntp",
                "syslog": ["10.253.0.2"],
                "snmp_managers": ["10.253.0.3"],
                "contact": "noc",
            },
            "credentials": {"fleet": {"kind": "ssh", "username": "spokesman", "password": "pw"}},
            "store": {"master_key": "key"},
            "schedules": {"poll_period_s": period_s, "reload_period_s": 2},
        }
    )
    return Inventory(Path("/nowhere"), settings, {"acme": customer}, digest)


@pytest.fixture
def inventory() -> Inventory:
    """One hub and two spokes."""
    return make_inventory(3)
