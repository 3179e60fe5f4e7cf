"""What the prompt of each configuration mode is called."""

from __future__ import annotations

_NAMES = {
    "config": "config", "if": "config-if", "bgp": "config-router", "bgp-af": "config-router-af",
    "ospf": "config-router", "eigrp": "config-router", "vrf": "config-vrf", "vrf-af": "config-vrf-af",
    "line": "config-line",
    "archive": "config-archive", "archive-log": "config-archive-log-cfg", "ikev2-proposal": "config-ikev2-proposal",
    "ikev2-policy": "config-ikev2-policy", "ikev2-keyring": "config-ikev2-keyring",
    "ikev2-peer": "config-ikev2-keyring-peer", "ikev2-profile": "config-ikev2-profile",
    "ikev2-authpolicy": "config-ikev2-author-policy", "transform": "cfg-crypto-trans",
    "ipsec-profile": "ipsec-profile", "trustpoint": "ca-trustpoint", "certchain": "config-cert-chain",
    "certmap": "ca-certificate-map", "aaa-group": "config-sg-tacacs+", "tacacs": "config-server-tacacs",
    "radius": "config-radius-server", "acl-standard": "config-std-nacl", "acl-extended": "config-ext-nacl",
    "rmap": "config-route-map", "cmap": "config-cmap", "cmap-inspect": "config-cmap", "pmap-qos": "config-pmap",
    "pmap-inspect": "config-pmap", "pmapc": "config-pmap-c", "pmapc-inspect": "config-pmap-c",
    "zone": "config-sec-zone", "zonepair": "config-sec-zone-pair", "control-plane": "config-cp",
    "dhcp": "dhcp-config", "keychain": "config-keychain", "key": "config-keychain-key", "track": "config-track",
    "sla": "config-ip-sla", "sla-echo": "config-ip-sla-echo", "vlan": "config-vlan", "redundancy": "config-red",
    "applet": "config-applet", "pmap": "config-profile", "pmap-global": "config-profile",
}  # fmt: skip


def config_prompt(hostname: str, mode: str) -> str:
    """``R1(config-if)#``; IOS cuts the name to 20 characters here."""
    return f"{hostname[:20]}({_NAMES.get(mode, 'config-' + mode)})#"
