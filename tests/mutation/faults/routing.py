"""Faults of BGP in the VPNs: systems, neighbours, passwords, what is announced and believed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address
from random import Random

from tests.mutation.drawing import after, either, gone, inside, into, number, with_random
from tests.mutation.faults.tunnels import hub, moved
from tests.mutation.mutant import Catalogue, Router

ROUTING = Catalogue()
fault, drawing = ROUTING.fault, ROUTING.drawing

#: A list of what a VPN's routers announce and believe; the other one is of routes to the internet.
_LIST = r"ip prefix-list (?P<list>(?!INTERNET-)\S+)"
FAMILY = r"address-family ipv4 vrf \S+"

fault(
    "BGP system changed",
    "sessions between two systems are not what the neighbours expect",
    "WV-3",
    into(r"router bgp \d+", with_random("router bgp {}", number(64600, 64700))),
)
fault(
    "neighbour in another system",
    "the session is refused: bad peer AS",
    "WV-3",
    into(r"neighbor (\S+) remote-as \d+", with_random(r"neighbor \1 remote-as {}", number(64600, 64700)), under=FAMILY),
)


@drawing("neighbour missing", "nothing is learnt from that hub, or told to it, or a summary both announce", "WV-3")
def _no_neighbor(router: Router, _: Random) -> Iterator[str]:
    yield from (text for address, text in without_neighbor(router) if not in_equal_range(router, address))


def without_neighbor(router: Router) -> Iterator[tuple[str, str]]:
    """Each neighbour's address, with the text that has nothing of it."""
    for line, match in router.config.find(r"neighbor (\d+\.\d+\.\d+\.\d+) remote-as \d+", FAMILY):
        its = [one for one, _ in router.config.find(rf"neighbor {re.escape(match[1])} .*", FAMILY)]
        yield match[1], router.config.without(*(one for one in its if one.over == line.over))


def in_equal_range(router: Router, address: str) -> bool:
    """Whether a hub takes another by its range too, as it would by name: it is told of networks, not of a summary.

    The other one opens the session, with the same system and password.
    """
    vpns = (vpn for name, vpn in router.view.vpns.items() if name in router.hub_of and vpn.summary is None)
    return any(IPv4Address(address) in vpn.tunnel_network for vpn in vpns)


@drawing("neighbour address changed", "nobody has this address", "WV-3")
def _other_neighbor(router: Router, random: Random) -> Iterator[str]:
    for _, match in router.config.find(r"neighbor (\d+\.\d+\.\d+\.\d+) remote-as \d+", FAMILY):
        new = moved(match[1], random)
        yield re.sub(rf"neighbor {re.escape(match[1])} ", f"neighbor {new} ", router.config.text)


fault(
    "neighbour shut down or not activated",
    "no session, or none that carries routes",
    "WV-3",
    either(after(r"neighbor (\S+) timers .*", r"neighbor \1 shutdown", under=FAMILY),
           into(r"neighbor (\S+) activate", r"no neighbor \1 activate", under=FAMILY)),
)  # fmt: skip
fault(
    "BGP password changed or missing",
    "TCP drops what is signed otherwise",
    "WV-3",
    either(into(r"(neighbor \S+ password 7 \S+)([0-9A-F])", lambda _, match, __: (match[1] + _flipped(match[2]),),
                under=FAMILY),
           gone(r"neighbor \S+ password .*", FAMILY)),
)  # fmt: skip
fault(
    "listen range narrowed, moved or missing",
    "the hub does not answer routers outside of it",
    "WV-3",
    either(into(r"bgp listen range (\S+)/\d+ (.*)", r"bgp listen range \1/32 \2", "bgp listen range 10.99.0.0/24 \\2",
                under=FAMILY),
           gone(r"bgp listen range .*", FAMILY),
           into(r"(bgp listen range \S+) peer-group \S+", r"\1 peer-group OTHER", under=FAMILY)),
)  # fmt: skip
fault(
    "no reflection at the hub",
    "without a summary a spoke learns the other spokes' networks by reflection only",
    "WV-3",
    gone(r"neighbor \S+ route-reflector-client", FAMILY, lambda router: _without_summary(router)),
)
fault(
    "address family of another VRF",
    "the VPN's tunnel is in a VRF that BGP does not know, or shares with another VPN",
    "WV-3 WV-6",
    either(
        gone(FAMILY), into(r"address-family ipv4 vrf \S+", "address-family ipv4 vrf OTHER"), gone(r"router bgp \d+")
    ),
)
fault(
    "BGP unbounded",
    "a mistake at one site, or a leak, is believed by all",
    "WV-6 WV-3",
    either(gone(r"neighbor \S+ prefix-list \S+ (in|out)", FAMILY), gone(r"neighbor \S+ maximum-prefix .*", FAMILY)),
)
fault(
    "prefix list widened",
    "networks that are not the VPN's are announced or believed",
    "WV-6 WV-3",
    either(into(rf"({_LIST} seq \d+ permit) \S+( le \d+)?", r"\1 0.0.0.0/0 le 32"),
           after(rf"{_LIST} seq \d+ permit \S+( le \d+)?",
                 r"ip prefix-list \g<list> seq 900 permit 0.0.0.0/0 le 32",
                 r"ip prefix-list \g<list> seq 900 permit 192.168.0.0/16 le 24")),
)  # fmt: skip
fault(
    "prefix list entry missing, changed or denied",
    "a network of the VPN is not announced, or not believed",
    "WV-3 WV-6",
    either(gone(rf"{_LIST} seq \d+ permit \S+( le \d+)?"),
           into(rf"({_LIST} seq \d+) permit (\S+( le \d+)?)", r"\1 deny \3", r"\1 permit 192.168.77.0/24"),
           into(rf"({_LIST} seq \d+ permit \S+) le \d+", r"\1", when=hub)),
)  # fmt: skip
fault(
    "network not announced",
    "nobody else in the VPN learns it",
    "WV-3",
    gone(r"network \S+ mask \S+", FAMILY),
)
fault(
    "network announced that is not there",
    "no route fits the changed statement, so the network is not announced",
    "WV-3",
    into(r"network (\S+) mask (\S+)", "network 192.168.77.0 mask 255.255.255.0", r"network \1 mask 255.255.255.255",
         under=FAMILY),
)  # fmt: skip


@drawing("router-id of another router", "BGP refuses a neighbour with its own router-id", "WV-3")
def _router_id(router: Router, _: Random) -> Iterator[str]:
    for line, match in router.config.find(r"bgp router-id (\S+)", FAMILY):
        for text in router.others:
            for other in re.findall(r"^  bgp router-id (\S+)", text, re.MULTILINE):
                if other.rpartition(".")[0] == match[1].rpartition(".")[0]:
                    yield router.config.replaced(line, f"bgp router-id {other}")


@drawing("summary without its route", "BGP announces only what the table holds", "WV-3")
def _no_summary(router: Router, _: Random) -> Iterator[str]:
    for line, match in router.config.find(r"ip route vrf (\S+) (\S+) (\S+) Null0 \d+"):
        announced = rf"network {re.escape(match[2])} mask {re.escape(match[3])}"
        if any(router.config.find(announced, rf"address-family ipv4 vrf {match[1]}")):
            yield router.config.without(line)


fault(
    "network hidden in a summary",
    "its own network is told no more, and the summary passes no list",
    "WV-3",
    after(r"network (\d+\.\d+)\.(\d+)\.0 mask 255\.255\.255\.0",
          r"aggregate-address \1.\2.0 255.255.254.0 summary-only", under=FAMILY,
          when=lambda router: not hub(router)),
)  # fmt: skip


@drawing("next hop changed", "what is sent to the VPN goes to a router that does not take it there", "WV-3")
def _elsewhere(router: Router, random: Random) -> Iterator[str]:
    top = "\nip forward-protocol nd\n"
    clause = f"{top}route-map ELSEWHERE permit 10\n set ip next-hop 198.18.0.{random.randint(1, 254)}\n"
    for line, match in router.config.find(r"neighbor (\S+) prefix-list \S+ (in|out)", FAMILY):
        text = router.config.after(line, f"neighbor {match[1]} route-map ELSEWHERE {match[2]}")
        yield text.replace(top, clause)


fault(
    "secondary address of a network that is elsewhere",
    "packets for another site's hosts are looked for in a LAN here",
    "WV-3 WV-12",
    after(r"ip address ((?!192\.168\.)\d+\.\d+)\.\d+\.\d+ 255\.255\.255\.0",  # guests' hosts are in no VPN
          r"ip address \1.0.1 255.255.0.0 secondary", under=r"interface Vlan\d+",
          when=lambda router: len(router.others) > 0),
)  # fmt: skip
fault(
    "routes kept out of the table",
    "sessions stand, and what they tell is not used",
    "WV-3",
    either(after(r"neighbor (\S+) prefix-list \S+ in", "table-map NONE filter", "distance 255 0.0.0.0 255.255.255.255",
                 "distribute-list prefix NONE in", r"neighbor \1 filter-list 99 in", under=FAMILY),
           inside(r"address-family ipv4", "maximum routes 1 80", under=r"vrf definition (?!MGMT).*")),
)  # fmt: skip
fault(
    "routes of another table taken in",
    "what one VRF exports another imports: two VPNs are one",
    "WV-6",
    inside(r"vrf definition \S+", lambda router, _, __: (f"route-target import {one}" for one in _foreign(router))),
)


@drawing("two tables exchange routes", "one exports what the other imports: two VPNs are one", "WV-6 WV-7")
def _leak(router: Router, random: Random) -> Iterator[str]:
    config = router.config
    vrfs = [line for line, _ in config.find(r"vrf definition \S+")]
    for one in vrfs:
        for other in vrfs:
            if one is not other:
                target = f"65500:{random.randint(1, 999)}"
                raw = list(config.raw)
                for line, word in sorted(((one, "export"), (other, "import")), key=lambda at: -at[0].number):
                    place = next(
                        (n for n in range(line.number, config.end_of(line)) if "address-family" in raw[n]), None
                    )
                    if place is not None:
                        raw.insert(place + 1, f"  route-target {word} {target}")
                yield "\n".join(raw)


fault(
    "VRF missing or incomplete",
    "interfaces lose their table, or it cannot hold addresses, or BGP cannot tell it from others",
    "WV-6 WV-3 WV-7",
    either(gone(r"(vrf definition|ip vrf) \S+"), gone(r"rd \S+", r"(vrf definition|ip vrf) .*"),
           gone(r"address-family ipv4", r"vrf definition .*")),
)  # fmt: skip


def _flipped(digit: str) -> str:
    """Another hexadecimal digit: the last letter of what is hidden becomes another one."""
    return f"{int(digit, 16) ^ 1:X}"


def _without_summary(router: Router) -> bool:
    return all(vpn.summary is None for vpn in router.view.vpns.values())


def _foreign(router: Router) -> Iterator[str]:
    """The route distinguishers of the router's VPNs, as targets: none is exported, and so none may be imported."""
    for _, match in router.config.find(r"rd (\S+)", r"vrf definition \S+"):
        yield match[1]
