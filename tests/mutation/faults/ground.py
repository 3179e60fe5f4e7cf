"""Faults below the VPNs: internet access, static routes, LANs and their ports, the router's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from tests.mutation.drawing import after, either, gone, inside, into, number, stranger, with_random
from tests.mutation.faults.tunnels import in_other_vrf, moved
from tests.mutation.mutant import Catalogue, Router
from tests.mutation.text import Line

GROUND = Catalogue()
fault, drawing = GROUND.fault, GROUND.drawing

LAN = r"interface Vlan(?!1$)\d+"
_ADDRESS = r"ip address (\d\S+) (\S+)"


def wan(router: Router) -> str:
    return f"interface {re.escape(router.view.site.access.interface)}"


def static(router: Router) -> bool:
    return router.view.site.access.address != "dhcp"


fault("another router's name", "the configuration is that of another router", "WV-4",
      into(r"hostname \S+", with_random("hostname other-r{}", number(1, 99))))  # fmt: skip


@drawing(
    "internet address changed or missing",
    "hubs are not where the others look, and the gateway is not beside",
    "WV-1 WV-2 WV-3 WV-7",
)
def _access(router: Router, random: Random) -> Iterator[str]:
    for line, match in router.config.find(_ADDRESS, wan(router)):
        yield router.config.replaced(line, f"ip address {stranger(random)} {match[2]}")
        yield router.config.replaced(line, "no ip address")
    for leased, _match in router.config.find("ip address dhcp", wan(router)):
        yield router.config.replaced(leased, "no ip address")


@drawing(
    "internet interface down or in a VRF",
    "tunnels start in the global table, where the internet is no more",
    "WV-1 WV-2 WV-3 WV-6 WV-7",
)
def _access_down(router: Router, _: Random) -> Iterator[str]:
    for line, _match in router.config.find(wan(router)):
        yield router.config.inside(line, "shutdown")
        for name in _vrfs(router):
            yield router.config.inside(line, f"vrf forwarding {name}")


fault(
    "default route missing or wrong",
    "the internet is not reached: no tunnel comes up",
    "WV-2 WV-3 WV-7",
    either(gone(r"ip route 0\.0\.0\.0 0\.0\.0\.0 \S+"),
           into(r"(ip route 0\.0\.0\.0 0\.0\.0\.0) \S+", with_random(r"\1 {}", stranger), r"\1 Null0",
                r"ip route 203.0.113.64 255.255.255.192 Null0")),
)  # fmt: skip
_BEHIND = r"ip route vrf (\S+) (\S+) (\S+) (\d+\.\d+\.\d+\.\d+)"
fault(
    "route behind a LAN missing or wrong",
    "the network behind the LAN is not reached, and not announced",
    "WV-3 WV-6",
    either(gone(_BEHIND),
           into(_BEHIND, with_random(r"ip route vrf \1 \2 \3 {}", stranger),
                lambda _, match, random: (f"ip route vrf {match[1]} {match[2]} {match[3]} {moved(match[4], random)}",),
           )),
)  # fmt: skip


@drawing(
    "route behind a LAN in another table", "the network is reached from another VPN, or from none", "WV-3 WV-6 WV-7"
)
def _other_table(router: Router, _: Random) -> Iterator[str]:
    for line, match in router.config.find(_BEHIND):
        for name in _vrfs(router):
            if name != match[1]:
                yield router.config.replaced(line, f"ip route vrf {name} {match[2]} {match[3]} {match[4]}")


@drawing(
    "route from a VPN to the internet", "its traffic leaves unencrypted where no breakout was ordered", "WV-6 WV-11"
)
def _global(router: Router, _: Random) -> Iterator[str]:
    view = router.view
    ordered = view.site.options.internet_breakout
    gateway = f" {view.site.access.gateway}" if view.site.access.gateway else " dhcp"
    for line in _last_route(router):
        for vpn, name in _vpn_vrfs(router):
            if not (ordered and ordered.vpn == vpn):
                for prefix in ("0.0.0.0 0.0.0.0", "8.8.8.0 255.255.255.0"):
                    text = f"ip route vrf {name} {prefix} {view.site.access.interface}{gateway} global"
                    yield router.config.after(line, text)


@drawing("route from one table into another", "a VPN is joined with what it must be kept from", "WV-6 WV-7 WV-11")
def _across(router: Router, _: Random) -> Iterator[str]:
    lans = _lans(router)
    for line in _last_route(router):
        for name, network, mask, interface in lans:
            for other in sorted({*_vrfs(router)} - {name}):
                yield router.config.after(line, f"ip route vrf {other} {network} {mask} {interface}")
            yield router.config.after(line, f"ip route {network} {mask} {interface}")
        for _vpn, name in _vpn_vrfs(router):
            yield router.config.after(line, f"ip route vrf {name} 10.254.255.0 255.255.255.0 Tunnel4095")


@drawing("LAN address changed or missing", "the hosts' gateway is not there, or another network is", "WV-3 WV-6")
def _lan_address(router: Router, random: Random) -> Iterator[str]:
    for line, match in router.config.find(_ADDRESS, LAN):
        if _is_guests(router, match[1]):
            continue
        yield router.config.replaced(line, f"ip address {moved(match[1], random)} {match[2]}")
        yield router.config.replaced(line, f"ip address 10.77.{random.randint(0, 255)}.1 {match[2]}")
        yield router.config.replaced(line, f"ip address {match[1]} 255.255.255.252")
        yield router.config.replaced(line, "no ip address")


fault("LAN without its VRF", "the customer's LAN is in the global table, where the internet is", "WV-6 WV-3",
      gone(r"(ip )?vrf forwarding \S+", LAN))  # fmt: skip


@drawing("LAN in another VRF", "the hosts of one VPN are in another", "WV-6 WV-7 WV-11")
def _lan_vrf(router: Router, _: Random) -> Iterator[str]:
    yield from in_other_vrf(router, LAN)


fault(
    "LAN shut down",
    "its hosts are cut off",
    "WV-3 WV-6 WV-4 WV-11",
    inside(LAN, "shutdown"),
)
_PORT = r"interface \S+Ethernet\S+"
fault(
    "LAN port shut down",
    "what is plugged in there is cut off",
    "WV-3 WV-6 WV-4 WV-11",
    after(r"switchport access vlan \d+", "shutdown", under=_PORT),
)
fault(
    "LAN port in a VLAN of nobody, or in none",
    "what is plugged in there is cut off, or in the switch's first VLAN",
    "WV-3 WV-6 WV-11",
    either(into(r"switchport access vlan \d+", with_random("switchport access vlan {}", number(900, 999)), under=_PORT),
           gone(r"switchport access vlan \d+", _PORT)),
)  # fmt: skip


@drawing("LAN port in another VLAN", "what is plugged in there is in another VPN, or among guests", "WV-6 WV-11")
def _other_vlan(router: Router, _: Random) -> Iterator[str]:
    pattern = r"switchport access vlan (\d+)"
    used = {match[1] for _, match in router.config.find(pattern, _PORT)}
    for line, match in router.config.find(pattern, _PORT):
        yield from (router.config.replaced(line, f"switchport access vlan {one}") for one in sorted(used - {match[1]}))


fault(
    "LAN port of all VLANs",
    "a trunk carries every VLAN: each VPN's hosts reach the others by their tags",
    "WV-6 WV-11",
    into(r"switchport mode access", "switchport mode trunk", under=_PORT),
)


def _vrfs(router: Router) -> tuple[str, ...]:
    return tuple(match[1] for _, match in router.config.find(r"(?:vrf definition|ip vrf) (\S+)"))


def _vpn_vrfs(router: Router) -> Iterator[tuple[str, str]]:
    """Each VPN with its VRF, as the address of its tunnel shows."""
    config = router.config
    for vpn in router.view.vpns:
        address = str(router.view.site.tunnels[vpn])
        for line, _ in config.find(rf"ip address {re.escape(address)} \S+", r"interface Tunnel\d+"):
            for vrf, match in config.find(r"(?:ip )?vrf forwarding (\S+)", r"interface Tunnel\d+"):
                if vrf.over == line.over:
                    yield vpn, match[1]


def _lans(router: Router) -> list[tuple[str, str, str, str]]:
    """VRF, network, mask and interface of each LAN."""
    found = []
    vrfs = dict(_vpn_vrfs(router))
    for vpn, lans in router.view.site.lans.items():
        for lan in lans:
            network = lan.address.network
            found.append((vrfs[vpn], str(network.network_address), str(network.netmask), f"Vlan{lan.vlan}"))
    return found


def _is_guests(router: Router, address: str) -> bool:
    guests = router.view.site.options.ilan
    return guests is not None and str(guests.address.ip) == address


def _last_route(router: Router) -> list[Line]:
    return [line for line, _ in router.config.find(r"ip route .*")][-1:]
