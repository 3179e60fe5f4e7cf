"""Faults in what a router of files tells FRR: addresses, NHRP, BGP, static routes."""

# ruff: noqa: E501 - one line for one way to be wrong

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from tests.mutation.drawing import either, gone, inside, into, number, stranger, with_random
from tests.mutation.mutant import Catalogue, Router

ROUTING = Catalogue(documents=True)
fault, drawing = ROUTING.fault, ROUTING.drawing

FRR = r"%% file etc/frr/.*"
TUNNEL, LAN, BGP = r"interface gre\d+", r"interface vlan\d+", r"router bgp \d+"


def _leases(router: Router) -> bool:
    return router.view.site.access.address == "dhcp"


fault("files: address of a tunnel", "nobody looks for it there", "WV-3",
      either(into(r"ip address (\d+\.\d+\.\d+)\.\d+/32", r"ip address \1.200/32", under=TUNNEL),
             gone(r"ip address .*", TUNNEL), gone(TUNNEL)))  # fmt: skip
fault("files: address of a LAN", "hosts have lost their gateway", "WV-3 WV-6",
      either(into(r"ip address (\d+\.\d+)\.\d+\.\d+/24", r"ip address \1.77.1/24", under=LAN),
             gone(r"ip address .*", LAN), gone(LAN, FRR)))  # fmt: skip
fault("files: interface shut", "nothing passes it", "WV-3",
      inside(rf"{TUNNEL}|{LAN}", "shutdown", under=FRR))  # fmt: skip
fault("files: NHRP server", "the spoke does not find the hub", "WV-3 WV-1",
      either(into(r"ip nhrp nhs (\S+) nbma \S+", with_random(r"ip nhrp nhs \1 nbma {}", stranger), under=TUNNEL),
             into(r"ip nhrp nhs (\d+\.\d+\.\d+)\.\d+ (.*)", r"ip nhrp nhs \1.99 \2", under=TUNNEL),
             gone(r"ip nhrp nhs .*", TUNNEL)))  # fmt: skip
fault("files: NHRP network missing, or that of another VPN", "the tunnel speaks no NHRP, or two VPNs are one", "WV-3 WV-6",
      either(gone(r"ip nhrp network-id \d+", TUNNEL),
             into(r"ip nhrp network-id \d+", "ip nhrp network-id 10", "ip nhrp network-id 20", under=TUNNEL,
                  when=lambda one: len(one.view.vpns) > 1)))  # fmt: skip
fault("files: direct tunnels", "spokes never learn of each other", "WV-3",
      either(gone(r"ip nhrp (redirect|shortcut)", TUNNEL), gone(r"nhrp nflog-group \d+", when=lambda one: bool(one.hub_of)),
             into(r"nhrp nflog-group \d+", "nhrp nflog-group 9", when=lambda one: bool(one.hub_of))))  # fmt: skip
fault("files: registration is unique", "the hub refuses a spoke whose address has changed", "WV-1",
      gone(r"ip nhrp registration no-unique", TUNNEL, _leases))  # fmt: skip
fault("files: autonomous system", "the two ends name different ones", "WV-3",
      either(into(r"router bgp \d+", with_random("router bgp {}", number(64600, 64700))),
             into(r"(neighbor \S+ remote-as) \d+", with_random(r"\1 {}", number(64600, 64700)), under=BGP)))  # fmt: skip
fault("files: BGP password", "the other end has another one", "WV-3",
      either(gone(r"neighbor \S+ password .*", BGP),
             into(r"(neighbor \S+ password) .*", with_random(r"\1 Another-{}", number(1, 999)), under=BGP)))  # fmt: skip
fault("files: neighbour", "there is no session with it", "WV-3",
      either(gone(r"neighbor \S+ (remote-as|peer-group|activate).*", BGP), gone(r"bgp listen range .*", BGP),
             into(r"bgp listen range \S+ (.*)", r"bgp listen range 10.99.0.0/24 \1", under=BGP),
             gone(BGP), gone(r"address-family ipv4 unicast", BGP)))  # fmt: skip


@drawing("files: hub that does not reflect", "without a summary spokes hear nothing of each other", "WV-3")
def _not_reflecting(router: Router, _: Random) -> Iterator[str]:
    for name in router.hub_of:
        if not router.view.vpns[name].summary:
            for line, _match in router.config.find(r"neighbor \S+ route-reflector-client"):
                if line.under(rf"%% file etc/frr/{name}/frr\.conf"):
                    yield router.config.without(line)


fault("files: neighbour without bounds", "it may send whatever it likes, or be sent it", "WV-6 WV-3",
      either(gone(r"neighbor \S+ prefix-list \S+ (in|out)", BGP), gone(r"neighbor \S+ maximum-prefix .*", BGP)))  # fmt: skip
fault("files: network not announced", "nobody finds it", "WV-3",
      either(gone(r"network 10\.[12]0\.\d+\.0/24", BGP),
             into(r"network 10\.([12]0)\.\d+\.0/24", r"network 10.\1.99.0/24", under=BGP)))  # fmt: skip
fault("files: list of prefixes", "it refuses the VPN's networks, or lets others in", "WV-3 WV-6",
      either(into(r"(ip prefix-list \S+ seq \d+) permit (.*)", r"\1 permit 0.0.0.0/0 le 32",
                  r"\1 permit 172.20.0.0/16 le 32"),
             into(r"(ip prefix-list (?:OWN|TO-SPOKES) seq \d+) permit (10\.[12]0\..*)", r"\1 deny \2"),
             gone(r"ip prefix-list OWN .*")))  # fmt: skip


@drawing("files: router-id of another router", "two routers are one to BGP", "WV-3")
def _same_router(router: Router, _: Random) -> Iterator[str]:
    for line, match in router.config.find(r"bgp router-id (\d+\.\d+\.\d+\.)\d+", BGP):
        for text in router.others:
            for other in re.findall(rf"^ bgp router-id {re.escape(match[1])}\d+$", text, re.MULTILINE):
                yield router.config.replaced(line, other.strip())


fault("files: default route of breakout", "packets to the internet go nowhere, or elsewhere", "WV-11 WV-3",
      either(gone(r"ip route 0\.0\.0\.0/0 .*"),
             into(r"ip route 0\.0\.0\.0/0 .*", "ip route 0.0.0.0/0 169.254.7.7", "ip route 0.0.0.0/0 blackhole")))  # fmt: skip


@drawing("files: route into a LAN", "what is for other sites goes to a host there", "WV-3 WV-12")
def _into_lan(router: Router, _: Random) -> Iterator[str]:
    for line, match in router.config.find(r"(ip route 10\.\S+/(?:16|21|24)) blackhole 254"):
        for lan, address in router.config.find(r"ip address (10\.[12]0\.\d+)\.\d+/24", LAN):
            if lan.over[0] == line.over[0]:
                yield router.config.replaced(line, f"{match[1]} {address[1]}.99")


fault("files: route of the tracked destination", "the probe does not go to the primary", "WV-12",
      either(gone(r"ip route \S+/32 .*"), into(r"(ip route \S+/32) (\d+\.\d+\.\d+)\.\d+", r"\1 \2.99")))  # fmt: skip
