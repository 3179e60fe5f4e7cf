"""Faults in the packet filters of a router of files: what passes between its networks and to itself, and classes."""

# ruff: noqa: E501 - one line for one way to be wrong

from __future__ import annotations

from tests.mutation.drawing import after, either, gone, into
from tests.mutation.mutant import Catalogue, Router

FILTERS = Catalogue(documents=True)
fault = FILTERS.fault

DOOR, VPN = r"%% file etc/nftables/front-door\.nft", r"%% file etc/nftables/(?!front-door)\S+\.nft"
_CENTRE = r"\{ 10\.254\.255\.0/24, 192\.0\.2\.0/28 \}"


def _has_feed(router: Router) -> bool:
    feed = router.view.site.options.snmp_feed
    return feed is not None and feed.vpn == "corporate"


fault("files: what tunnels need is dropped", "IKE, ESP or GRE does not come in", "WV-3",
      either(gone(r'iifname "eth0" (udp dport|meta l4proto (esp|gre)).* accept', DOOR),
             into(r'(iifname "eth0") udp dport \{ 500, 4500 \} accept', r"\1 udp dport { 500 } accept",
                  r"\1 udp dport { 4500 } accept", r"\1 udp dport { 500, 4500 } drop", under=DOOR)))  # fmt: skip
fault("files: a lease is not let in", "the access gets no address", "WV-2 WV-3",
      gone(r'iifname "eth0" udp sport 67 udp dport 68 accept', DOOR))  # fmt: skip
fault("files: GRE in the clear", "it passes without IPsec", "WV-3",
      gone(r"meta l4proto gre (meta|rt) ipsec missing drop", DOOR))  # fmt: skip
fault("files: the internet reaches the router", "a port is open, or all of them", "WV-7 WV-11",
      either(after(r'iifname "eth0" meta l4proto esp accept', "tcp dport 22 accept", 'iifname "eth0" tcp dport 179 accept',
                   'iifname "eth0" udp dport 161 accept', 'iifname "eth0" accept', under=DOOR),
             into(r"(type filter hook input .*) policy drop;", r"\1 policy accept;", under=DOOR)))  # fmt: skip
fault("files: the front door forwards", "networks are joined", "WV-6 WV-7 WV-11",
      either(into(r"(type filter hook forward priority filter;) policy drop;", r"\1 policy accept;", under=DOOR),
             after(r"type filter hook forward priority filter; policy drop;", "accept", 'iifname "eth0" accept',
                   'iifname "mgmt0" accept', 'oifname "mgmt0" accept', under=DOOR)))  # fmt: skip
fault("files: management in the clear", "its packets leave by the access while the tunnel is down", "WV-7",
      gone(rf'oifname "eth0" ip daddr {_CENTRE} drop', DOOR))  # fmt: skip
fault("files: logins from elsewhere, or from nowhere", "strangers may try, or the centre may not", "WV-7",
      either(gone(r'iifname "mgmt0" .* tcp dport 22 accept', DOOR),
             into(r'iifname "mgmt0" (ip saddr \{.*\}) tcp dport 22 accept', r'iifname "mgmt0" tcp dport 22 accept',
                  r'iifname "mgmt0" ip saddr 198.18.0.0/15 tcp dport 22 accept',
                  r'iifname "mgmt0" \1 tcp dport 23 accept', under=DOOR)))  # fmt: skip
fault("files: managers that may read", "they may not, or others may", "WV-7 WV-10 WV-13",
      either(gone(r".* udp dport 161 accept"),
             into(r"(.*) ip saddr \{ (\S+), (\S+) \} (.* ?udp dport 161 accept)", r"\1 \4", r"\1 ip saddr { \2 } \4",
                  r"\1 ip saddr { \2, \3, 10.10.1.99 } \4")))  # fmt: skip
fault("files: hosts reach the agent of their feed", "the filter of the VPN lets everybody in", "WV-13",
      into(r"(type filter hook input .*) policy drop;", r"\1 policy accept;",
           under=r"%% file etc/nftables/corporate\.nft", when=_has_feed))  # fmt: skip
fault("files: routing does not come in", "no session of BGP, no standby", "WV-3 WV-12",
      either(gone(r'iifname "gre\d+" .* tcp dport 179 accept', VPN), gone(r".* meta l4proto vrrp accept", VPN),
             into(r'(iifname "gre\d+" ip saddr) \S+ (tcp dport 179 accept)', r"\1 10.99.0.0/16 \2", under=VPN)))  # fmt: skip
fault("files: LAN and tunnel", "nothing passes between them, or one way only", "WV-3",
      either(gone(r'iifname \{ "gre\d+", "vlan\d+" \} oifname .* accept', VPN),
             into(r'iifname (\{ "(gre\d+)", "(vlan\d+)" \}) oifname \{.*\} accept', r'iifname "\2" oifname "\3" accept',
                  r'iifname "\3" oifname "\2" accept', r"iifname \1 oifname \1 drop", under=VPN)))  # fmt: skip
fault("files: size of segments", "what is too large for the tunnel is dropped", "WV-3",
      either(gone(r'oifname "gre\d+" tcp flags syn .*', VPN),
             into(r'(oifname "gre\d+" tcp flags syn .*) 1360', r"\1 1460", r"\1 1400", under=VPN)))  # fmt: skip
fault("files: redirects", "NHRP sees nothing of what returns", "WV-3",
      either(gone(r".* log group \d+ snaplen \d+", VPN, lambda one: bool(one.hub_of)),
             into(r"(.* log group) \d+ (snaplen \d+)", r"\1 7 \2", under=VPN, when=lambda one: bool(one.hub_of))))  # fmt: skip
fault("files: breakout of more or less than was ordered", "a port too many, or one that was ordered is refused", "WV-11",
      either(gone(r'iifname \{.*\} oifname "ibo\d+" tcp dport \d+ jump allowed', VPN),
             into(r'(iifname \{.*\} oifname "ibo\d+" (?:tcp|udp)) dport \d+ jump allowed', r"\1 dport { 22, 25 } jump allowed",
                  under=VPN),
             into(r'(iifname \{.*\} oifname "ibo\d+") tcp dport (\d+) jump allowed', r"\1 accept", under=VPN)))  # fmt: skip
fault("files: prefixes of the VPN in the clear", "they may leave by breakout", "WV-3 WV-11",
      gone(r'oifname "ibo\d+" ip daddr \{.*\} jump refused', VPN))  # fmt: skip
fault("files: the internet reaches a VPN", "what nobody asked for comes in", "WV-6 WV-11 WV-3",
      either(into(r'(iifname "(?:ibo\d+|eth0)" oifname \S.*) ct state established,related accept', r"\1 accept")))  # fmt: skip
fault("files: no answers from the internet", "what was asked for does not come in", "WV-11",
      gone(r'iifname "(ibo\d+|eth0)" oifname .* ct state established,related accept'))  # fmt: skip
fault("files: translation missing", "inner addresses leave to the internet", "WV-11",
      gone(r".*\bmasquerade"))  # fmt: skip
fault("files: guests reach more than the internet", "the centre's networks, the router, or a VPN", "WV-6 WV-7 WV-11",
      either(gone(rf'iifname "vlan50" oifname "eth0" ip daddr {_CENTRE} jump refused', DOOR),
             into(r'iifname "vlan50" icmp type echo-request accept', 'iifname "vlan50" accept',
                  'iifname "vlan50" tcp dport 22 accept', under=DOOR)))  # fmt: skip
fault("files: guests do not reach the internet", "what was ordered is refused", "WV-11",
      either(gone(r'iifname "vlan50" oifname "eth0" ip saddr \S+ jump allowed', DOOR),
             into(r'(iifname "vlan50" oifname "eth0" ip saddr) \S+ (jump allowed)', r"\1 192.168.99.0/24 \2", under=DOOR)))  # fmt: skip
fault("files: offloaded traffic goes back to the primary", "it is not dropped where the tunnel does not take it", "WV-8",
      either(gone(r'oifname != "gre\d+" .* drop comment .*', VPN),
             into(r'(oifname != "gre\d+" .* (?:dport|dscp)) \S+ (drop comment .*)', r"\1 7 \2", under=VPN)))  # fmt: skip
fault("files: the tracked destination is reached by others", "hosts' packets to it go out by this access", "WV-12 WV-3",
      gone(r"ip daddr \S+ drop", VPN))  # fmt: skip
fault("files: drops are not logged", "the customer is not told", "WV-14",
      into(r"limit rate .* log prefix .*", "counter",
           when=lambda router: router.view.site.options.firewall_logging is not None))  # fmt: skip
fault("files: class of what leaves", "traffic is in another class than ordered", "WV-9",
      either(gone(r".* meta priority set 1:1\d accept"),
             into(r"(.* meta priority set) 1:1\d accept", r"\1 1:3 accept", r"\1 1:2 accept"),
             into(r'(oifname "gre\d+" ip dscp) (?:\{.*?\}|\S+) (.*)', r"\1 cs7 \2", under=VPN)))  # fmt: skip
fault("files: class of guests", "they are served before others", "WV-9",
      into(r'(iifname "vlan50" oifname "eth0" meta priority set) 1:3', r"\1 1:10", r"\1 1:2", under=DOOR))  # fmt: skip
