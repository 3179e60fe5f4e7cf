"""Faults of whom a router speaks BGP with and how; and of what switch ports carry beside their VLAN."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.mutation.drawing import after, either, gone, inside, into, number, stranger
from tests.mutation.faults.routing import FAMILY
from tests.mutation.faults.tunnels import spoke_only
from tests.mutation.mutant import Catalogue, Router

PEERS = Catalogue()
fault, drawing = PEERS.fault, PEERS.drawing

_ACTIVE = r"neighbor (\d+\.\d+\.\d+\.\d+) activate"
_PORT = r"interface \S+Ethernet\S+"

fault(
    "session from another interface",
    "its address is not the one that the other end knows",
    "WV-3",
    after(_ACTIVE, r"neighbor \1 update-source Loopback0", under=FAMILY),
)
fault(
    "session that nobody opens",
    "a hub waits for its spokes, and this spoke waits for the hub",
    "WV-3",
    after(_ACTIVE, r"neighbor \1 transport connection-mode passive", under=FAMILY, when=spoke_only),
)


@drawing("stranger as BGP neighbour", "whoever answers is believed, and told of the table's routes", "WV-6")
def _stranger(router: Router, random: Random) -> Iterator[str]:
    for line, _ in router.config.find(r"no bgp default ipv4-unicast"):
        yield router.config.replaced(line, f"neighbor {stranger(random)} remote-as {number(64600, 64700)(random)}")
    for line, _ in router.config.find(r"router bgp \d+"):
        raw, end, who = router.config.raw, router.config.end_of(line), stranger(random)
        lines = (f"  neighbor {who} remote-as 64999", f"  neighbor {who} activate")
        yield "\n".join([*raw[:end], " address-family ipv4 vrf MGMT", *lines, " exit-address-family", *raw[end:]])


def _many(router: Router) -> bool:
    """Whether a hub has two spokes or more, over all its VPNs."""
    vpns = [router.view.customer.vpns[name] for name in router.hub_of]
    sites = router.view.customer.sites.values()
    members = sum(name in one.tunnels for name in router.hub_of for one in sites)
    return members - sum(len(vpn.hubs) for vpn in vpns) > 1


fault(
    "fewer neighbours taken than there are",
    "the spokes that come last have no session",
    "WV-3",
    after(r"bgp log-neighbor-changes", "bgp listen limit 1", when=_many),
)
fault(
    "range wider than the tunnels",
    "whoever is on a LAN may be a neighbour",
    "WV-6",
    into(r"bgp listen range \S+ (peer-group \S+)", r"bgp listen range 10.0.0.0/8 \1", under=FAMILY),
)
fault(
    "routes that are never used",
    "a distance of 255 keeps what is learned out of the table",
    "WV-3",
    inside(FAMILY, "distance bgp 20 255 200", "distance bgp 255 255 255"),
)
fault(
    "list of networks that lets none in",
    "nothing is learned from that neighbour, or told to it",
    "WV-3",
    after(_ACTIVE, r"neighbor \1 distribute-list SNMP-FLEET in", under=FAMILY, when=spoke_only),
)
fault(
    "default route told to spokes",
    "no list bounds it: where a spoke believes it, all traffic takes the VPN",
    "WV-6",
    after(r"neighbor (SPOKES-\S+) activate", r"neighbor \1 default-originate", under=FAMILY),
)


@drawing("another site's network announced", "packets for that site come here, and end here", "WV-3")
def _foreign(router: Router, _: Random) -> Iterator[str]:
    for line, match in router.config.find(r"address-family ipv4 vrf (\S+)"):
        vpn = next((name for name in router.view.vpns if name.upper() == match[1]), "")
        sites = router.view.customer.sites.values() if vpn and vpn not in router.hub_of else ()
        for network in (lan.address.network for site in sites for lan in site.lans.get(vpn, ())):
            if network not in {lan.address.network for lan in router.view.site.lans[vpn]}:
                address, mask = network.network_address, network.netmask
                text = router.config.inside(line, f"network {address} mask {mask}")
                route = f"ip route vrf {match[1]} {address} {mask} Null0 254"
                entry = f"ip prefix-list {match[1]}-OWN seq 900 permit {network}"
                yield text.replace("\nip forward-protocol nd", f"\n{route}\n{entry}\nip forward-protocol nd", 1)


@drawing("one distinguisher for two tables", "the second VRF is refused it, and BGP does not serve that", "WV-6 WV-3")
def _distinguisher(router: Router, _: Random) -> Iterator[str]:
    found = list(router.config.find(r"rd (\S+)", r"(vrf definition|ip vrf) .*"))
    for line, match in found:
        yield from (router.config.replaced(line, f"rd {other[1]}") for _, other in found if other[1] != match[1])


def _negotiates(router: Router) -> bool:
    return router.view.site.router.platform == "cisco_iosxe"


fault(
    "port that negotiates",
    "it becomes a trunk of every VLAN when what is plugged in asks for one",
    "WV-6 WV-11",
    either(gone(r"switchport mode access", _PORT, _negotiates),
           into(r"switchport mode access", "switchport mode dynamic auto", under=_PORT)),
)  # fmt: skip


@drawing("voice in the VLAN of another network", "a host reaches it by tags", "WV-6 WV-11")
def _voice(router: Router, _: Random) -> Iterator[str]:
    found = list(router.config.find(r"switchport access vlan (\d+)", _PORT))
    for line, match in found:
        for other in sorted({one[1] for _, one in found} - {match[1]}):
            yield router.config.after(line, f"switchport voice vlan {other}")
