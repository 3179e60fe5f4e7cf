"""Faults of the customer's tunnels: key, NHRP, addresses, source, mode, protection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations
from random import Random

from tests.mutation.drawing import after, either, gone, inside, into, number, stranger, with_random
from tests.mutation.mutant import Catalogue, Router

TUNNELS = Catalogue()
fault, drawing = TUNNELS.fault, TUNNELS.drawing

#: The header of a customer's tunnel; 4095 is management's.
TUNNEL = r"interface Tunnel(?!4095$)\d+"
_ADDRESS = r"ip address (\S+) (\S+)"
_WORD = r"\S+"


def several(router: Router) -> bool:
    """Whether the router carries more than one VPN."""
    return len(router.view.vpns) > 1


def hub(router: Router) -> bool:
    return bool(router.hub_of)


def spoke_only(router: Router) -> bool:
    return not router.hub_of


fault(
    "tunnel key changed or missing",
    "packets with another key, or none, belong to no tunnel of the far end",
    "WV-3 WV-6",
    either(into(r"tunnel key \d+", with_random("tunnel key {}", number(5000, 9000)), under=TUNNEL),
           gone(r"tunnel key \d+", TUNNEL)),
)  # fmt: skip


@drawing("tunnel key of another VPN", "packets of one VPN come out in another, or in none", "WV-3 WV-6")
def _other_key(router: Router, _: Random) -> Iterator[str]:
    keys = [match[1] for _, match in router.config.find(r"tunnel key (\d+)", TUNNEL)]
    for line, match in router.config.find(r"tunnel key (\d+)", TUNNEL):
        yield from (router.config.replaced(line, f"tunnel key {key}") for key in keys if key != match[1])


fault("network-id missing", "without it NHRP is off", "WV-3", gone(r"ip nhrp network-id \d+", TUNNEL))


@drawing("network-id of another VPN", "two tunnels with one network-id are one NHRP network", "WV-3 WV-6")
def _other_network_id(router: Router, _: Random) -> Iterator[str]:
    ids = [match[1] for _, match in router.config.find(r"ip nhrp network-id (\d+)", TUNNEL)]
    for line, match in router.config.find(r"ip nhrp network-id (\d+)", TUNNEL):
        yield from (router.config.replaced(line, f"ip nhrp network-id {one}") for one in ids if one != match[1])


fault(
    "NHRP authentication changed or missing",
    "NHRP drops packets whose word is not its own",
    "WV-3",
    either(into(r"ip nhrp authentication \S+", with_random("ip nhrp authentication x{}", number(1000, 9999)),
                under=TUNNEL),
           gone(r"ip nhrp authentication \S+", TUNNEL)),
)  # fmt: skip
_NHS = r"ip nhrp nhs (\S+) nbma (\S+)( multicast)?"
fault(
    "NHS missing",
    "the router registers with that hub no more, and has no permanent tunnel to it",
    "WV-3 WV-1",
    gone(_NHS, TUNNEL),
)
fault(
    "NHS address changed",
    "nobody has this tunnel address, so nobody answers registrations",
    "WV-3 WV-1",
    into(_NHS, lambda _, match, random: (f"ip nhrp nhs {moved(match[1], random)} nbma {match[2]} multicast",),
         under=TUNNEL),
)  # fmt: skip
fault(
    "NBMA address changed",
    "registrations go to an internet address where no hub is",
    "WV-3 WV-1",
    into(_NHS, with_random(r"ip nhrp nhs \1 nbma {}\3", stranger), under=TUNNEL),
)
fault(
    "no redirects from the hub",
    "spokes are not told to go direct: no dynamic full mesh",
    "WV-3",
    either(gone(r"ip nhrp redirect", TUNNEL), into(r"ip nhrp redirect", "no ip nhrp redirect", under=TUNNEL)),
)
fault(
    "no shortcuts at the spoke",
    "it takes no direct ways: no dynamic full mesh (a missing line is the default of some releases)",
    "WV-3",
    into(r"ip nhrp shortcut", "no ip nhrp shortcut", under=TUNNEL),
)
fault(
    "registration stays unique",
    "after a new lease the hub refuses the registration until the old one is too old",
    "WV-3 WV-2 WV-1",
    gone(r"ip nhrp registration no-unique", TUNNEL, lambda router: router.view.site.access.address == "dhcp"),
)
fault(
    "tunnel source changed or missing",
    "the tunnel leaves from an interface without an internet address, or from none",
    "WV-3 WV-1 WV-6",
    either(into(r"tunnel source \S+", "tunnel source Loopback0", "tunnel source Vlan1", under=TUNNEL),
           gone(r"tunnel source \S+", TUNNEL)),
)  # fmt: skip
fault(
    "tunnel mode changed or missing",
    "without multipoint GRE a tunnel needs a destination, and has none",
    "WV-3",
    either(into(r"tunnel mode gre multipoint", "tunnel mode ipsec ipv4", "tunnel mode gre ip", under=TUNNEL),
           gone(r"tunnel mode gre multipoint", TUNNEL)),
)  # fmt: skip
fault(
    "tunnel unprotected",
    "it travels the internet in clear, and the far end takes only what is encrypted",
    "WV-3",
    gone(r"tunnel protection ipsec profile .*", TUNNEL),
)
fault(
    "tunnel protected by another profile",
    "the profile of management has another key, and takes the centre only",
    "WV-3 WV-7",
    into(r"tunnel protection ipsec profile \S+(.*)", r"tunnel protection ipsec profile MANAGEMENT\1", under=TUNNEL),
)
fault(
    "protection not shared",
    "several multipoint tunnels of one source cannot tell their security associations apart",
    "WV-3",
    into(r"(tunnel protection ipsec profile \S+) shared", r"\1", under=TUNNEL, when=several),
)
fault(
    "front door in another table",
    "the internet is in the global table, and the tunnel looks for it elsewhere",
    "WV-3 WV-6 WV-7",
    inside(TUNNEL, "tunnel vrf MGMT"),
)
fault(
    "tunnel shut down",
    "no tunnel comes up",
    "WV-3",
    inside(TUNNEL, "shutdown"),
)
fault(
    "tunnel address changed or missing",
    "the address is the one that was ordered; hubs, neighbours and next hops name it",
    "WV-3 WV-6 WV-1",
    either(into(_ADDRESS, lambda _, match, random: (f"ip address {moved(match[1], random)} {match[2]}",), under=TUNNEL),
           into(_ADDRESS, "no ip address", under=TUNNEL)),
)  # fmt: skip


@drawing("tunnel address of another router", "two routers with one address: NHRP knows the last", "WV-3")
def _duplicate(router: Router, _: Random) -> Iterator[str]:
    for line, match in router.config.find(_ADDRESS, TUNNEL):
        view = router.view
        own = next(name for name in view.vpns if str(view.site.tunnels[name]) == match[1])
        for other in router.scene.inventory.members(view.customer, own):
            if other.name != view.name:
                yield router.config.replaced(line, f"ip address {other.site.tunnels[own]} {match[2]}")


fault(
    "tunnel mask too narrow",
    "the far ends are not in its network any more",
    "WV-3",
    into(_ADDRESS, r"ip address \1 255.255.255.254", r"ip address \1 255.255.255.255", under=TUNNEL),
)
fault(
    "tunnel MTU or MSS",
    "larger packets are broken up outside encryption, or dropped on their way",
    "WV-3 WV-7",
    either(into(r"ip mtu \d+", "ip mtu 1500", "ip mtu 1440", under=r"interface Tunnel\d+"),
           gone(r"ip mtu \d+", TUNNEL),
           into(r"ip tcp adjust-mss \d+", "ip tcp adjust-mss 1460", under=TUNNEL),
           gone(r"ip tcp adjust-mss \d+", TUNNEL)),
)  # fmt: skip
fault(
    "access that tunnels do not fit",
    "encrypted packets are broken up on their way out",
    "WV-3 WV-7",
    lambda router, _: (
        router.config.inside(line, "ip mtu 1300")
        for line, match in router.config.find(r"interface (\S+)")
        if match[1] == router.view.site.access.interface
    ),
)
fault(
    "spoke that asks nobody",
    "it never learns where another spoke is: no dynamic full mesh",
    "WV-3",
    inside(TUNNEL, "ip nhrp server-only", when=spoke_only),
)
fault(
    "keepalives on a tunnel",
    "nobody answers them through encryption, and the tunnel is down",
    "WV-3",
    inside(TUNNEL, "keepalive 10 3"),
)
fault(
    "hub that hangs on other hubs",
    "it goes down with them",
    "WV-3",
    inside(TUNNEL, "if-state nhrp", when=lambda router: set(router.hub_of) == set(router.view.vpns)),
)
fault(
    "registrations hours apart",
    "a hub that restarted does not find the router until it registers again",
    "WV-3",
    into(r"ip nhrp holdtime \d+", "ip nhrp holdtime 65000", "ip nhrp registration timeout 9000", under=TUNNEL),
)
fault(
    "tunnel without its VRF",
    "the customer's traffic is in the global table, where the internet is",
    "WV-6 WV-3",
    gone(r"(ip )?vrf forwarding \S+", TUNNEL),
)


@drawing("tunnel in another VRF", "its traffic comes out in another VPN, or in management", "WV-6 WV-7 WV-3")
def _moved_vrf(router: Router, _: Random) -> Iterator[str]:
    yield from in_other_vrf(router, TUNNEL)


@drawing("addresses of two interfaces swapped", "each VPN answers under the other's address", "WV-3 WV-6 WV-1 WV-7")
def _swapped(router: Router, _: Random) -> Iterator[str]:
    named = r"interface (Tunnel|Vlan|Loopback)\d+"
    lines = [line for line, _ in router.config.find(r"ip address \d\S+ \S+", named)]
    for one, other in permutations(lines, 2):
        if one.number < other.number and one.text != other.text:
            yield router.config.swapped(one, other)


fault(
    "static NHRP mapping to a stranger",
    "packets for a neighbour go to an address that is not its own",
    "WV-3 WV-1 WV-6",
    after(r"ip nhrp network-id \d+",
          lambda router, _, random: (f"ip nhrp map {hub_address} {stranger(random)}" for hub_address in _hubs(router)),
          under=TUNNEL, when=spoke_only),
)  # fmt: skip


def in_other_vrf(router: Router, interfaces: str) -> Iterator[str]:
    """Each interface of some, with another of the router's VRFs."""
    pattern = r"((?:ip )?vrf forwarding) (\S+)"
    names = {match[2] for _, match in router.config.find(pattern, r"interface .*")}
    for line, match in router.config.find(pattern, interfaces):
        for name in sorted(names - {match[2]}):
            yield router.config.replaced(line, f"{match[1]} {name}")


def moved(address: str, random: Random) -> str:
    """Another address near one, that no router of any scene has."""
    head = re.match(r"(.*\.)\d+", address)
    return f"{head[1]}{random.randint(180, 250)}" if head else address


def _hubs(router: Router) -> Iterator[str]:
    for name in router.view.vpns:
        yield from (str(hub.site.tunnels[name]) for hub in router.scene.inventory.hubs(router.view, name))
