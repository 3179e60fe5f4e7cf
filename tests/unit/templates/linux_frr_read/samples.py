"""Documents that the tests of this folder start from: a hub, and a spoke of the same VPN."""

from __future__ import annotations

from device_templates.linux_frr.reading.document import Document, File, parse, write

NETWORK = """\
hostname = "acme-lon-r1"

[front_door]
interface = "eth0"
address = "198.51.100.10/29"
gateway = "198.51.100.9"
mtu = 1500

[management]
interface = "mgmt0"
address = "10.254.0.11/32"
key = 4095
peer = "203.0.113.1"
networks = ["10.254.0.0/24"]
mtu = 1400

[[vpn]]
name = "corporate"
[vpn.tunnel]
name = "gre10"
key = 10
mtu = 1400
ttl = 64
[[vpn.lan]]
name = "vlan10"
ports = ["eth2"]
"""
FRR = """\
frr defaults traditional
log syslog informational
nhrp nflog-group 10
!
ip route 10.10.8.0/22 10.10.1.254
ip route 10.10.0.0/16 Null0 254
!
interface gre10
 description VPN corporate, hub
 ip address 10.255.8.1/32
 ip nhrp network-id 10
 ip nhrp holdtime 600
 ip nhrp redirect
 tunnel source eth0
exit
!
interface vlan10
 ip address 10.10.1.1/24
exit
!
router bgp 65010
 bgp router-id 10.255.8.1
 no bgp default ipv4-unicast
 neighbor SPOKES peer-group
 neighbor SPOKES remote-as 65010
 neighbor SPOKES password bgp-pass-word
 neighbor SPOKES timers 20 60
 neighbor SPOKES disable-connected-check
 bgp listen range 10.255.8.0/21 peer-group SPOKES
 address-family ipv4 unicast
  network 10.10.1.0/24
  neighbor SPOKES activate
  neighbor SPOKES route-reflector-client
  neighbor SPOKES next-hop-self force
  neighbor SPOKES prefix-list MEMBERS in
  neighbor SPOKES prefix-list TO-SPOKES out
  neighbor SPOKES maximum-prefix 100 80 restart 5
 exit-address-family
exit
!
ip prefix-list MEMBERS seq 5 permit 10.10.0.0/16 le 32
ip prefix-list MEMBERS seq 10 permit 10.255.8.0/21 le 32
ip prefix-list TO-SPOKES seq 5 permit 10.10.0.0/16
!
"""
#: What FRR 8.4 shows where ``FRR`` runs.
FRR_SHOWN = """\
Building configuration...

Current configuration:
!
frr version 8.4.4
frr defaults traditional
hostname acme-lon-r1
log syslog informational
no ipv6 forwarding
nhrp nflog-group 10
!
ip route 10.10.0.0/16 Null0 254
ip route 10.10.8.0/22 10.10.1.254
!
interface gre10
 description VPN corporate, hub
 ip address 10.255.8.1/32
 ip nhrp holdtime 600
 ip nhrp network-id 10
 ip nhrp redirect
 tunnel source eth0
exit
!
interface vlan10
 ip address 10.10.1.1/24
exit
!
router bgp 65010
 bgp router-id 10.255.8.1
 no bgp default ipv4-unicast
 neighbor SPOKES peer-group
 neighbor SPOKES remote-as 65010
 neighbor SPOKES password bgp-pass-word
 neighbor SPOKES disable-connected-check
 neighbor SPOKES timers 20 60
 bgp listen range 10.255.8.0/21 peer-group SPOKES
 !
 address-family ipv4 unicast
  network 10.10.1.0/24
  neighbor SPOKES activate
  neighbor SPOKES route-reflector-client
  neighbor SPOKES next-hop-self force
  neighbor SPOKES maximum-prefix 100 80 restart 5
  neighbor SPOKES prefix-list MEMBERS in
  neighbor SPOKES prefix-list TO-SPOKES out
 exit-address-family
exit
!
ip prefix-list MEMBERS seq 5 permit 10.10.0.0/16 le 32
ip prefix-list MEMBERS seq 10 permit 10.255.8.0/21 le 32
ip prefix-list TO-SPOKES seq 5 permit 10.10.0.0/16
!
end
"""
SWANCTL = """\
connections {
  management {
    version = 2
    local_addrs = 198.51.100.10
    remote_addrs = 203.0.113.1
    proposals = aes256gcm16-prfsha384-ecp384-ecp256
    local {
      auth = psk
      id = acme-lon-r1.mgmt.example.net
    }
    remote {
      auth = psk
      id = centre.mgmt.example.net
    }
    children {
      management {
        mode = tunnel
        esp_proposals = aes256gcm16-ecp384
        mark_in = 4095
        mark_out = 4095
        start_action = trap|start
      }
    }
  }
  vpn {
    version = 2
    local_addrs = 198.51.100.10
    remote_addrs = %any
    proposals = aes256gcm16-prfsha384-ecp384-ecp256
    local {
      auth = psk
      id = 198.51.100.10
    }
    remote {
      auth = psk
      id = %any
    }
    children {
      gre {
        mode = transport
        local_ts = dynamic[gre]
        remote_ts = dynamic[gre]
        esp_proposals = aes256gcm16-ecp384
        start_action = trap
      }
    }
  }
}
secrets {
  ike-management {
    id = centre.mgmt.example.net
    secret = "management-key-1"
  }
  ike-vpn {
    secret = "vpn-key-1"
  }
}
"""
FRONT_DOOR = """\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		meta l4proto gre meta ipsec missing drop
		ct state established,related accept
		iif "lo" accept
		iifname "eth0" udp dport { 500, 4500 } accept
		meta ipsec exists ip protocol gre accept
		iifname "mgmt0" tcp dport 22 ip saddr 10.254.0.0/24 accept
		iifname "mgmt0" udp dport 161 ip saddr { 10.254.0.5, 10.254.0.6 } accept
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
	}

	chain output {
		type filter hook output priority filter; policy accept;
		ip protocol gre rt ipsec missing drop
	}
}
"""
CORPORATE_NFT = """\
table inet filter {
	chain forward {
		type filter hook forward priority filter; policy accept;
		oifname "gre10" tcp flags syn tcp option maxseg size set 1360
	}
}
"""
SNMPD = """\
agentAddress udp:10.254.0.11:161
createUser fleet SHA-256 "auth-pass-1" AES "priv-pass-1"
rouser fleet priv
"""
USERS = "fleet:$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE\n"

FILES = {
    "etc/frr/corporate/frr.conf": FRR,
    "etc/nftables/corporate.nft": CORPORATE_NFT,
    "etc/nftables/front-door.nft": FRONT_DOOR,
    "etc/snmp/snmpd.conf": SNMPD,
    "etc/spokesman/network.toml": NETWORK,
    "etc/spokesman/users": USERS,
    "etc/ssh/sshd_config": "ListenAddress 10.254.0.11\nPasswordAuthentication yes\n",
    "etc/swanctl/swanctl.conf": SWANCTL,
}
#: What stands in those files and is shown nowhere.
SECRETS = (
    "bgp-pass-word",
    "management-key-1",
    "vpn-key-1",
    "auth-pass-1",
    "priv-pass-1",
    "$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE",
)


def with_files(changed: dict[str, str | None]) -> str:
    """The hub's document with other contents, or without the files that are None."""
    files = {**FILES, **changed}
    return write(Document(tuple(File(path, text) for path, text in files.items() if text is not None)))


HUB = with_files({})
#: The same router as it tells what runs.
HUB_RUNNING = with_files({"etc/frr/corporate/frr.conf": FRR_SHOWN})


def content(text: str, path: str) -> str:
    """One file of a document."""
    found = parse(text).content(path)
    assert found is not None
    return found
