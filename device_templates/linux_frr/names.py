"""How linux_frr names what the inventory has: namespaces and interfaces."""

from __future__ import annotations

from device_templates.shows import VpnRef


def vrf_of(vpn: str) -> str:
    """The network namespace of a VPN."""
    return vpn


def tunnel_of(vpn: VpnRef) -> str:
    """The tunnel interface of a VPN."""
    return f"gre{vpn.id}"


def lan_of(vlan: int) -> str:
    """The bridge that has the router's address in a LAN."""
    return f"vlan{vlan}"
