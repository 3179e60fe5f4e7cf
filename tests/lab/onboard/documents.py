"""Documents for routers of the tests: two that speak BGP over one LAN cable, and small ones without FRR."""

from __future__ import annotations

from device_templates.linux_frr.onboard.router.change.document import build

Files = dict[str, str]
FRR = "etc/frr/corporate/frr.conf"
NETWORK = "etc/spokesman/network.toml"
NFT = "etc/nftables/front-door.nft"
SSHD = "etc/ssh/sshd_config"
_NETWORK = """\
hostname = "r{me}"
[front_door]
interface = "eth0"
address = "198.51.100.{me}/24"
gateway = "198.51.100.254"
[[vpn]]
name = "corporate"
[[vpn.lan]]
name = "vlan10"
ports = ["eth2"]
"""
_FRR = """\
interface vlan10
 ip address 10.0.0.{me}/24
exit
!
ip route {prefix} Null0
!
router bgp 6500{me}
 bgp router-id 10.0.0.{me}
 no bgp ebgp-requires-policy
 neighbor 10.0.0.{other} remote-as 6500{other}
 neighbor 10.0.0.{other} timers 1 3
 neighbor 10.0.0.{other} timers connect 1
 !
 address-family ipv4 unicast
  network {prefix}
 exit-address-family
exit
"""
_NFT = """\
table ip filter {{
	chain input {{
		type filter hook input priority filter; policy accept;
		tcp dport {port} accept
	}}
}}
"""


def small(me: int = 1, port: int = 22) -> Files:
    """A router without routing: an address, a filter, and sshd."""
    return {
        NETWORK: _NETWORK.format(me=me),
        NFT: _NFT.format(port=port),
        SSHD: f"Port {port}\nHostKey /etc/ssh/router_ed25519_key\nUsePAM no\n",
    }


def routing(me: int, prefix: str) -> Files:
    """A router that speaks BGP with the one at the other end of the LAN cable, and announces a prefix."""
    return {**small(me), FRR: _FRR.format(me=me, other=3 - me, prefix=prefix)}


__all__ = ["FRR", "NETWORK", "NFT", "SSHD", "Files", "build", "routing", "small"]
