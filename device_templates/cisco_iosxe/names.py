"""How IOS-XE names what the inventory has: VRFs and interfaces."""

from __future__ import annotations

from device_templates.shows import VpnRef


def vrf_of(vpn: str) -> str:
    """The VRF of a VPN."""
    return vpn.upper()


def tunnel_of(vpn: VpnRef) -> str:
    """The tunnel interface of a VPN."""
    return f"Tunnel{vpn.id}"


def lan_of(vlan: int) -> str:
    """The interface that has the router's address in a LAN."""
    return f"Vlan{vlan}"
