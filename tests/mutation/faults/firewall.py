"""Faults of zones, their pairs and policies, of translation, and of what breakout and guests stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from tests.mutation.drawing import either, gone, inside, into, stranger, with_random
from tests.mutation.faults.ground import LAN, wan
from tests.mutation.faults.tunnels import TUNNEL
from tests.mutation.mutant import Catalogue, Router

FIREWALL = Catalogue()
fault, drawing = FIREWALL.fault, FIREWALL.drawing

_MEMBER = r"zone-member security (\S+)"
_PAIR = r"zone-pair security (\S+) source (\S+) destination (\S+)"
#: Pairs that let customers or guests out; those of the router itself are named apart.
_OUTWARD = r"zone-pair security \S+ source (?!self)\S+ destination INTERNET"
_GUESTS_SELF = r"zone-pair security \S+ source ILAN destination self"
_INTERNET_SELF = r"zone-pair security \S+ source INTERNET destination self"
_OPEN = ("policy-map type inspect OPEN", " class class-default", "  pass")


def translated(router: Router) -> bool:
    """Whether somebody in one of the router's VPNs, itself included, is behind address translation."""
    customer, inventory = router.view.customer, router.scene.inventory
    return any(view.site.access.nat for name in router.view.vpns for view in inventory.members(customer, name))


def logged(router: Router) -> bool:
    return router.view.site.options.firewall_logging is not None


@drawing(
    "zone member missing", "an interface in no zone reaches none that is in one, and guards nothing", "WV-11 WV-3 WV-6"
)
def _no_zone(router: Router, random: Random) -> Iterator[str]:
    for where in (LAN, TUNNEL, wan(router)):
        yield from gone(_MEMBER, where)(router, random)


@drawing("zone member moved", "its new zone's pairs hold for it, and its own VPN is beyond a border",
         "WV-11 WV-3 WV-6 WV-7")  # fmt: skip
def _other_zone(router: Router, _: Random) -> Iterator[str]:
    zones = [match[1] for _, match in router.config.find(r"zone security (\S+)")]
    for where in (LAN, TUNNEL, wan(router)):
        for line, match in router.config.find(_MEMBER, where):
            yield from (
                router.config.replaced(line, f"zone-member security {zone}") for zone in zones if zone != match[1]
            )


fault(
    "zone pair missing or without policy",
    "what it let pass is dropped; or, from internet or guests to the router itself, everything passes",
    "WV-11 WV-3 WV-7",
    either(gone(_OUTWARD), gone(_GUESTS_SELF), gone(_INTERNET_SELF),
           gone(r"service-policy type inspect \S+", _PAIR)),
)  # fmt: skip


@drawing("zone pair added", "the service has none from internet or guests to a VPN, or out of one without breakout",
         "WV-11 WV-6")  # fmt: skip
def _more_pairs(router: Router, _: Random) -> Iterator[str]:
    pairs = {(match[2], match[3]) for _, match in router.config.find(_PAIR)}
    vpns = sorted({match[1] for _, match in router.config.find(_MEMBER, TUNNEL)})
    guests = ["ILAN"] if router.view.site.options.ilan else []
    doors = [*(("INTERNET", vpn) for vpn in vpns), *((guest, vpn) for guest in guests for vpn in vpns),
             *((vpn, "INTERNET") for vpn in vpns), *((vpn, guest) for guest in guests for vpn in vpns)]  # fmt: skip
    last = [line for line, _ in router.config.find(_PAIR)][-1:]
    for line in last:
        for source, destination in doors:
            if (source, destination) not in pairs:
                pair = f"zone-pair security MORE source {source} destination {destination}"
                yield router.config.after(line, *_OPEN, pair, " service-policy type inspect OPEN")


@drawing("zone pair between others", "what was ordered is dropped, and something else let through", "WV-11 WV-6 WV-7")
def _redirected(router: Router, _: Random) -> Iterator[str]:
    zones = [match[1] for _, match in router.config.find(r"zone security (\S+)")]
    pairs = {(match[2], match[3]) for _, match in router.config.find(_PAIR)}
    for line, match in router.config.find(_OUTWARD.replace(r"(?!self)\S+", r"(?!self)(\S+)")):
        for zone in zones:
            if zone not in (match[1], "INTERNET"):
                yield router.config.replaced(line, re.sub(r"destination \S+", f"destination {zone}", line.text))
                if (zone, "INTERNET") not in pairs:  # a second pair of the same zones is refused
                    yield router.config.replaced(line, re.sub(r"source \S+", f"source {zone}", line.text))


@drawing("zone pair with another policy", "its classes are of other traffic", "WV-11 WV-3 WV-7")
def _other_policy(router: Router, _: Random) -> Iterator[str]:
    pattern = r"service-policy type inspect (\S+)"
    policies = sorted({match[1] for _, match in router.config.find(r"policy-map type inspect (\S+)")})
    for where in (_OUTWARD, _GUESTS_SELF):
        for line, match in router.config.find(pattern, where):
            for other in policies:
                if other != match[1]:
                    yield router.config.replaced(line, f"service-policy type inspect {other}")


fault(
    "policy does something else with a class",
    "without inspection answers do not come back; dropped, nothing passes; inspected, the router cannot inspect itself",
    "WV-11 WV-3 WV-7",
    either(into(r"inspect( \S+)?", "pass", "drop", "drop log", under=r"policy-map type inspect .*"),
           into(r"pass", "drop", "drop log", under=r"policy-map type inspect .*"),
           gone(r"class type inspect \S+", r"policy-map type inspect .*")),
)  # fmt: skip
fault(
    "policy lets the rest pass",
    "what no class takes is passed instead of dropped",
    "WV-11 WV-7 WV-6",
    into(r"drop log", "pass", under=r"policy-map type inspect (?!SELF-INTERNET)\S+"),
)
fault(
    "inspect class narrowed",
    "a protocol that was ordered is dropped",
    "WV-11",
    either(gone(r"match protocol \S+", r"class-map type inspect .*"),
           into(r"class-map type inspect match-any (IBO-PROTOCOLS)", r"class-map type inspect match-all \1")),
)  # fmt: skip
fault(
    "inspect class widened",
    "protocols that were not ordered leave",
    "WV-11",
    either(inside(r"class-map type inspect match-any IBO-PROTOCOLS", "match protocol smtp", "match protocol tcp",
                  "match protocol udp", "match protocol ssh", "match protocol telnet"),
           into(r"class-map type inspect match-all (IBO-\S+)", r"class-map type inspect match-any \1"),
           gone(r"match class-map IBO-PROTOCOLS", r"class-map type inspect .*")),
)  # fmt: skip
DOOR = r"ip access-list extended INTERNET-(IN|OUT)"
fault(
    "what tunnels need is not let in or out",
    "without ESP and IKE no tunnel comes up",
    "WV-3 WV-7 WV-11",
    either(gone(r"\d+ permit (esp any any|udp any any eq isakmp)", DOOR),
           gone(r"\d+ permit udp any any eq non500-isakmp", DOOR, translated),
           into(r"(\d+) permit (esp any any|udp any any eq isakmp)", r"\1 deny \2", under=DOOR)),
)  # fmt: skip
fault(
    "leases are not let in or out",
    "the access has no address when its lease ends",
    "WV-3 WV-2 WV-7 WV-11",
    gone(r"\d+ permit udp any eq boot\S+ any eq boot\S+", DOOR),
)
fault(
    "what makes the path's size known is not let in",
    "packets too large vanish: a router on the way says so by an ICMP that is dropped",
    "WV-3 WV-11",
    gone(r"\d+ permit icmp any any unreachable", r"ip access-list extended INTERNET-IN"),
)
fault(
    "list denies before it permits",
    "the first entry that fits decides",
    "WV-3 WV-7 WV-11",
    inside(DOOR, "5 deny ip any any", "5 deny udp any any", "5 deny esp any any"),
)
fault(
    "front door wide open",
    "whoever is on the internet reaches the router's own services",
    "WV-7 WV-11",
    either(inside(r"ip access-list extended INTERNET-IN", "5 permit ip any any", "5 permit tcp any any",
                  "5 permit tcp any any eq 22", "5 permit udp any any", "5 permit udp any any eq snmp"),
           into(r"(\d+) deny ip any any", r"\1 permit ip any any", under=r"ip access-list extended INTERNET-IN"),
           gone(r"ip access-group INTERNET-IN in", r"interface .*"),
           inside(r"ip access-list extended ILAN-SELF", "5 permit ip any any", "5 permit tcp any any eq 22")),
)  # fmt: skip

_NAT = r"ip nat inside source list (\S+) interface (\S+) vrf (\S+) overload"
fault(
    "translation missing or wrong",
    "private addresses get no answer from the internet",
    "WV-11 WV-6",
    either(gone(_NAT), into(_NAT, r"ip nat inside source list OTHER interface \2 vrf \3 overload",
                            r"ip nat inside source list \1 interface Loopback0 vrf \3 overload",
                            r"ip nat inside source list \1 interface \2 vrf MGMT overload",
                            r"ip nat inside source list \1 interface \2 vrf \3"),
           gone(r"ip nat (inside|outside)", r"interface .*")),
)  # fmt: skip
fault(
    "translation list without the hosts",
    "their addresses are not translated, and not let out",
    "WV-11",
    either(gone(r"\d+ permit ip \S+ \S+ any", r"ip access-list extended (IBO-\S+|ILAN)"),
           into(r"(\d+) permit ip \S+ (\S+) any", r"\1 permit ip 10.77.0.0 \2 any", r"\1 deny ip any any",
                under=r"ip access-list extended (IBO-\S+|ILAN)"),
           inside(r"ip access-list extended (IBO-(?!QUIC)\S+|ILAN)", "5 deny ip any any")),
)  # fmt: skip
fault(
    "guests reach the centre",
    "the centre's networks are nothing for guests",
    "WV-11 WV-7",
    either(gone(r"\d+ deny ip any .*", r"ip access-list extended ILAN"),
           inside(r"ip access-list extended ILAN", "5 permit ip any any")),
)  # fmt: skip
_OUT = r"ip route vrf (\S+) 0\.0\.0\.0 0\.0\.0\.0 (\S+) (\S+) global"
fault(
    "no way out of a VRF",
    "breakout, or guests, have no route to the internet",
    "WV-11 WV-6",
    either(gone(_OUT), into(_OUT, with_random(r"ip route vrf \1 0.0.0.0 0.0.0.0 \2 {} global", stranger),
                            r"ip route vrf \1 0.0.0.0 0.0.0.0 \3", r"ip route vrf \1 0.0.0.0 0.0.0.0 Null0"),
           gone(r"route-replicate from vrf global .*", r"vrf definition .*"),
           into(r"(ip prefix-list INTERNET-ROUTE seq \d+) permit 0\.0\.0\.0/0", r"\1 deny 0.0.0.0/0",
                r"\1 permit 192.168.77.0/24")),
)  # fmt: skip


@drawing("VPN prefixes leave while tunnels are down", "neither a route to Null0 nor a list keeps them", "WV-11 WV-6")
def _unguarded(router: Router, _: Random) -> Iterator[str]:
    config = router.config
    guards = list(config.find(r"ip route vrf (\S+) (\S+) (\S+) Null0 \d+"))
    for line, match in guards:
        wildcard = ".".join(str(255 - int(part)) for part in match[3].split("."))
        pattern = rf"\d+ deny ip any {re.escape(match[2])} {re.escape(wildcard)}"
        denials = [one for one, _ in config.find(pattern, rf"ip access-list extended IBO-{match[1]}")]
        if denials:
            yield config.without(line, *denials)


_POOL = r"ip dhcp pool \S+"
fault(
    "guests get no lease",
    "the pool is gone, in another table, of another network or gateway, without names, or has nothing to lease",
    "WV-11",
    either(gone(_POOL), gone(r"vrf \S+", _POOL), into(r"vrf \S+", "vrf MGMT", under=_POOL), gone(r"network .*", _POOL),
           into(r"network \S+ (\S+)", r"network 192.168.77.0 \1", under=_POOL), gone(r"default-router .*", _POOL),
           into(r"default-router .*", "default-router 192.168.77.1", under=_POOL),
           gone(r"\d+ permit udp .*", r"ip access-list extended ILAN-SELF"), gone(r"(import all|dns-server .*)", _POOL),
           into(r"(ip dhcp excluded-address .*192\.168\.50\.)1", r"\g<1>1 192.168.50.254")),
)  # fmt: skip
fault(
    "guests' address changed or missing",
    "their gateway is not there, or another network is",
    "WV-11",
    into(r"ip address (192\.168\.50\.1) (\S+)", r"ip address 192.168.77.1 \2", r"ip address \1 255.255.255.252",
         "no ip address", under=LAN),
)  # fmt: skip

fault(
    "drops are not logged",
    "the customer does not learn what its firewall dropped",
    "WV-14",
    either(gone(r"log dropped-packets.*", r"parameter-map .*", logged),
           into(r"drop log", "drop", under=r"policy-map type inspect (?!SELF-)\S+", when=logged)),
)  # fmt: skip
fault(
    "firewall messages to the provider",
    "the provider keeps no firewall logs of the customer",
    "WV-14 WV-17",
    either(into(r"(logging host \S+ vrf MGMT) discriminator \S+", r"\1", r"\1 discriminator FIREWALL", when=logged),
           into(r"(logging discriminator OTHERS \S+) drops (%?)FW(-?)", r"\1 includes \2FW\3", r"\1 drops \2XX\3",
                when=logged)),
)  # fmt: skip
fault(
    "other messages to the customer, or none",
    "the customer's host is sent the firewall's messages, all of them and no others",
    "WV-14",
    either(gone(r"audit-trail on", r"parameter-map type inspect \S+"),
           into(r"inspect FIREWALL", "inspect", under=r"policy-map type inspect .*"),
           into(r"(logging host \S+ vrf \S+) discriminator FIREWALL", r"\1", r"\1 discriminator OTHERS"),
           gone(r"logging host \S+ vrf \S+ discriminator FIREWALL"),
           into(r"(logging host \S+) vrf \S+ discriminator FIREWALL", r"\1 vrf MGMT discriminator FIREWALL",
                r"\1 discriminator FIREWALL"),
           into(r"(logging discriminator FIREWALL \S+) includes (%?)FW(-?)", r"\1 drops \2FW\3",
                r"\1 includes \2XX\3")),
)  # fmt: skip
