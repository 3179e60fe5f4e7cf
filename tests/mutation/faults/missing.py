"""One line is missing: any of those that do something, in the sections that are named here.

What is left out, and why: descriptions, speeds for people, timers and their like; lines that are a platform's default
in some release (shortcut, multicast of NHRP, activation in a VRF); guards that another line doubles (a breakout's
routes to Null0 and its list's denials); an explicit last denial; what the router tells only the provider.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.mutation.drawing import When, always, either, gone
from tests.mutation.faults.firewall import DOOR, translated
from tests.mutation.faults.ground import LAN, wan
from tests.mutation.faults.quality import ordered
from tests.mutation.faults.tunnels import TUNNEL
from tests.mutation.mutant import Catalogue, Draw, Router

MISSING = Catalogue()

#: Lists whose order matters, and what is needed of them.
_ORDERED = r"MANAGEMENT-SSH|SNMP-\S+|INTERNET-IN|ILAN"
_NEEDED = ("permit esp", "eq isakmp", "permit 1", "permit ip")


def _section(name: str, why: str, rules: str, *draws: Draw) -> None:
    MISSING.fault(f"any line missing: {name}", why, rules, either(*draws))


def _lines(under: str, *patterns: str, when: When = always) -> Draw:
    return gone("|".join(f"(?:{pattern})" for pattern in patterns), under, when)


def _of_access(router: Router, random: Random) -> Iterator[str]:
    patterns = (r"ip address .*", r"ip nat outside", r"zone-member .*", r"service-policy output .*")
    yield from _lines(wan(router), *patterns)(router, random)


def leased(router: Router) -> bool:
    return router.view.site.access.address == "dhcp"


def _logins_are_local(router: Router) -> bool:
    return "\ntacacs server " not in router.config.text


_section(
    "tunnels", "each line of a tunnel is needed for it, or for what may be in it", "WV-1 WV-3 WV-6 WV-7 WV-11",
    _lines(TUNNEL, r"(ip )?vrf forwarding .*", r"ip address .*", r"ip mtu .*", r"ip tcp adjust-mss .*",
           r"ip nhrp (authentication|network-id|nhs) .*", r"ip nhrp redirect", r"zone-member .*", r"tunnel .*"),
    _lines(TUNNEL, r"ip nhrp registration no-unique", when=leased),
    _lines(r"interface Tunnel4095", r"(ip )?vrf forwarding .*", r"ip unnumbered .*", r"tunnel .*"),
    _lines(r"interface Loopback0", r"(ip )?vrf forwarding .*", r"ip address .*"),
)  # fmt: skip
_section(
    "access and LANs", "each line is the address, the table, the zone or the policy of what is plugged in there",
    "WV-1 WV-2 WV-3 WV-6 WV-7 WV-8 WV-9 WV-11 WV-12",
    _of_access,
    _lines(LAN, r"(ip )?vrf forwarding .*", r"ip address .*", r"ip nat inside", r"zone-member .*", r"ip policy .*",
           r"standby (version 2|\d+ (ip|priority|preempt|authentication)( .*)?)"),
    _lines(r"interface \S+Ethernet\S+", r"switchport access vlan .*"),
)  # fmt: skip
_section(
    "keys and encryption", "the ends do not agree any more, or one cannot prove who it is", "WV-3 WV-6 WV-7",
    _lines(r"crypto ikev2 proposal .*", r"prf .*", r"encryption .*", r"group .*"),
    _lines(r"crypto ikev2 policy .*", r"proposal .*"),
    _lines(r"crypto ikev2 keyring .*", r"peer .*", r"address .*", r"pre-shared-key .*"),
    _lines(r"crypto ikev2 profile .*", r"match .*", r"authentication .*", r"keyring .*", r"pki trustpoint .*"),
    _lines(r"crypto ikev2 profile MANAGEMENT", r"identity .*"),
    _lines(r"crypto ipsec profile .*", r"set ikev2-profile .*", r"set transform-set .*"),
    _lines(r"crypto ipsec profile VPN", r"set pfs .*"),
    _lines(r"crypto ipsec transform-set VPN .*", r"mode transport"),
    _lines(r"crypto pki trustpoint .*", r"enrollment url .*", r"fingerprint .*", r"subject-name .*", r"auto-enroll .*",
           r"revocation-check .*", r"vrf .*"),
    gone(r"crypto ikev2 (proposal|policy|keyring|profile) .*"), gone(r"crypto ipsec (profile|transform-set) .*"),
    gone(r"crypto pki (trustpoint|certificate map) .*"),
)  # fmt: skip
_section(
    "routing", "a network is not announced, not believed, or not reached", "WV-2 WV-3 WV-6 WV-7 WV-11",
    _lines(r"address-family ipv4 vrf .*", r"network .*", r"bgp listen .*", r"neighbor \S+ remote-as .*",
           r"neighbor \S+ (prefix-list|password|maximum-prefix) .*"),
    gone(r"ip route (?!.* Null0 \d+).*"),
    gone(r"ip prefix-list (?!INTERNET-).*"),
    gone(r"route-replicate .*", r"vrf definition .*"),
    gone(r"(vrf definition|ip vrf|router bgp) .*"), gone(r"rd .*", r"(vrf definition|ip vrf) .*"),
)  # fmt: skip
_section(
    "lists", "what an entry let in or out is dropped", "WV-2 WV-3 WV-7 WV-8 WV-9 WV-10 WV-11 WV-12 WV-13",
    _lines(r"ip access-list standard .*", r"\d+ permit .*"),
    _lines(DOOR, r"\d+ permit (esp|tcp|udp any any eq isakmp|udp any eq boot).*",
           r"\d+ permit icmp any any unreachable"),
    _lines(DOOR, r"\d+ permit udp any any eq non500-isakmp", when=translated),
    _lines(r"ip access-list extended (IBO|ILAN|OFFLOAD|PRIMARY|VPN\d+)\S*", r"\d+ permit .*"),
    _lines(r"ip access-list extended ILAN", r"\d+ deny .*"),
)  # fmt: skip
_section(
    "firewall and translation", "what was ordered does not pass, or nobody sees that it does not",
    "WV-3 WV-6 WV-7 WV-11 WV-14",
    gone(r"zone security .*"), gone(r"zone-pair security \S+ source (?!self)\S+ destination \S+"),
    _lines(r"zone-pair .*", r"service-policy .*"),
    _lines(r"policy-map type inspect .*", r"class type inspect .*"),
    _lines(r"class-map type inspect .*", r"match (protocol|class-map) .*"),
    gone(r"ip nat inside source .*"),
    _lines(r"ip dhcp pool .*", r"vrf .*", r"network .*", r"default-router .*"), gone(r"ip dhcp pool .*"),
    gone(r"logging host .* discriminator FIREWALL"), gone(r"logging discriminator .*"),
)  # fmt: skip
_section(
    "prioritisation", "traffic is in another class, or in a queue of nobody's making", "WV-9",
    gone(r"service-policy (input|output) .*", r"interface .*", ordered),
    _lines(r"policy-map CLASSES", r"class CLASS-.*", r"priority .*"),
    _lines(r"policy-map EGRESS", r"shape .*", r"service-policy .*"),
    _lines(r"policy-map CLASSIFY-(?!ILAN)\S+", r"class VPN.*", r"set dscp .*"),
    _lines(r"class-map match-any (CLASS|VPN\d+)-\S+", r"match .*"),
)  # fmt: skip
_section(
    "standby and offload", "the group does not follow the destination, or offloaded traffic not its policy",
    "WV-6 WV-8 WV-12",
    gone(r"track \d+ .*"), _lines(r"track \d+ list .*", r"object .*"),
    gone(r"ip sla \d+"), gone(r"ip sla schedule .*"), _lines(r"ip sla \d+", r"icmp-echo .*", r"vrf .*"),
    gone(r"ip local policy .*"), _lines(r"route-map (OFFLOAD|PRIMARY)\S* .*", r"match .*"),
    _lines(r"route-map OFFLOAD\S* .*", r"set .*"), _lines(r"route-map PRIMARY .*", r"set ip next-hop .*"),
    gone(r"route-map (OFFLOAD|PRIMARY)\S* .*"), _lines(LAN, r"standby \d+ track .*"),
)  # fmt: skip
_section(
    "services", "the centre, or the customer, is let in no more, or everybody is", "WV-4 WV-6 WV-7 WV-10 WV-13",
    gone(r"hostname .*"), gone(r"snmp-server (group|view) .*"), _lines(r"line vty .*", r"access-class .*"),
    gone(r"username .*", when=_logins_are_local),
    gone(r"ip access-list standard .*"),
)  # fmt: skip


@MISSING.drawing(
    "list entries in each other's place",
    "the first entry that fits decides: what was let in is denied, or guests are let in",
    "WV-3 WV-7 WV-10 WV-11 WV-13",
)
def _swapped(router: Router, _: Random) -> Iterator[str]:
    config = router.config
    for header, _match in config.find(rf"ip access-list (standard|extended) ({_ORDERED})"):
        entries = list(config.children(header))
        denials = [one for one in entries if " deny " in one.text]
        needed = [one for one in entries if any(word in one.text for word in _NEEDED)]
        for one in needed:
            for other in denials:
                number, words = one.text.split(" ", 1)
                place, denial = other.text.split(" ", 1)
                if int(place) > int(number) or " permit ip " in one.text:
                    raw = list(config.raw)
                    raw[one.number], raw[other.number] = f" {number} {denial}", f" {place} {words}"
                    yield "\n".join(raw)
