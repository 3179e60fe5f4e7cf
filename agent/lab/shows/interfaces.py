"""``show interfaces``."""

from __future__ import annotations

from agent.lab.running.config import Interface
from agent.lab.shows.common import View, short_interface, stable, uptime

_MEDIA = {
    "Gigabit": ("C1111-2x1GE", 1_000_000),
    "TenGiga": ("BUILT-IN-2T", 10_000_000),
    "TwoGiga": ("BUILT-IN-4x2_5GE", 2_500_000),
    "FastEth": ("FastEthernet", 100_000),
}

#: Packets a second each way, of every interface that is up.
_PACKETS_S = 4


def interfaces(view: View, words: list[str]) -> str | None:
    """``show interfaces [NAME | description]``."""
    rest = words[2:]
    known = view.station.config.interfaces
    if rest == ["description"]:
        return _descriptions(view)
    if not rest:
        return "".join(_one(view, interface) for interface in known.values())
    if len(rest) == 1:
        found = known.get(rest[0])
        return _one(view, found) if found else None
    return None


def _descriptions(view: View) -> str:
    rows = ["Interface                      Status         Protocol Description\n"]
    for interface in view.station.config.interfaces.values():
        status = view.world.interface_status(view.router, interface.name)
        line = "up" if status.line_up else "down" if status.admin_up else "admin down"
        protocol = "up" if status.protocol_up else "down"
        rows.append(f"{short_interface(interface.name):<30} {line:<14} {protocol:<8} {interface.description}\n")
    return "".join(rows)


def _one(view: View, interface: Interface) -> str:
    status = view.world.interface_status(view.router, interface.name)
    line = "up" if status.line_up else "down" if status.admin_up else "administratively down"
    protocol = "up" if status.protocol_up else "down"
    rows = [f"{interface.name} is {line}, line protocol is {protocol} "]
    rows.append(f"  Hardware is {_hardware(view, interface)}")
    if interface.description:
        rows.append(f"  Description: {interface.description}")
    rows += _address(interface, status.address)
    rows.append(f"  MTU {_mtu(interface)} bytes, BW {_bandwidth(interface)} Kbit/sec, DLY {_delay(interface)} usec, ")
    rows.append("     reliability 255/255, txload 1/255, rxload 1/255")
    rows.append(f"  Encapsulation {_encapsulation(interface)}, loopback not set")
    rows += _tunnel(view, interface)
    return "\n".join(rows) + "\n" + _counters(view, interface)


def _hardware(view: View, interface: Interface) -> str:
    name = interface.name
    if name.startswith("Tunnel"):
        return "Tunnel"
    if name.startswith("Loopback"):
        return "Loopback"
    digits = f"{stable(view.router.chassis.serial, name):08x}"
    mac = f"{view.router.chassis.mac.hex()[:4]}.{digits[:4]}.{digits[4:]}"
    kind = "Ethernet SVI" if name.startswith("Vlan") else _MEDIA.get(name[:7], ("Ethernet", 0))[0]
    return f"{kind}, address is {mac} (bia {mac})"


def _address(interface: Interface, address: str | None) -> list[str]:
    if interface.unnumbered:
        used = f" ({address.split('/')[0]})" if address else ""
        return [f"  Interface is unnumbered. Using address of {interface.unnumbered}{used}"]
    return [f"  Internet address is {address}"] if address else []


def _mtu(interface: Interface) -> int:
    return {"Tunnel": 9976, "Loopba": 1514}.get(interface.name[:6], 1500)


def _bandwidth(interface: Interface) -> int:
    if interface.bandwidth_kbps:
        return interface.bandwidth_kbps
    if interface.name.startswith("Tunnel"):
        return 100
    if interface.name.startswith("Loopback"):
        return 8_000_000
    return _MEDIA.get(interface.name[:7], ("", 1_000_000))[1]


def _delay(interface: Interface) -> int:
    return {"Tunnel": 50_000, "Loopba": 5_000}.get(interface.name[:6], 10)


def _encapsulation(interface: Interface) -> str:
    return {"Tunnel": "TUNNEL", "Loopba": "LOOPBACK"}.get(interface.name[:6], "ARPA")


def _tunnel(view: View, interface: Interface) -> list[str]:
    tunnel = interface.tunnel
    if tunnel is None:
        if "Ethernet" in interface.name:
            return ["  Keepalive set (10 sec)", "  Full Duplex, 1000Mbps, link type is auto, media type is RJ45"]
        return []
    source = view.station.interface(tunnel.source)
    own = view.station.address(source) if source else None
    rows = ["  Keepalive not set"]
    target = f", destination {tunnel.destination}" if tunnel.destination else ""
    rows.append(f"  Tunnel source {own.ip if own else 'UNKNOWN'} ({tunnel.source}){target}")
    rows.append(f"  Tunnel protocol/transport {'multi-GRE/IP' if tunnel.multipoint else 'IPSEC/IP'}")
    if tunnel.multipoint:
        rows.append(f"    Key {'disabled' if tunnel.key is None else f'0x{tunnel.key:X}'}, sequencing disabled")
    rows.append("  Tunnel TTL 255, Fast tunneling enabled")
    rows.append(f"  Tunnel transport MTU {interface.mtu} bytes")
    if tunnel.profile:
        shared = " (shared)" if tunnel.shared else ""
        rows.append(f'  Tunnel protection via IPSec (profile "{tunnel.profile}"){shared}')
    return rows


def _counters(view: View, interface: Interface) -> str:
    state = view.network.history.interfaces.states.get((view.router.name, interface.name))
    carried = int(state.up_for(view.now)) if state else 0
    bad = input_errors(view, interface.name)
    last = "00:00:00, output 00:00:00" if state and state.up else "never, output never"
    return (
        f"  Last input {last}, output hang never\n"
        f'  Last clearing of "show interface" counters {uptime(view.router.uptime) if carried else "never"}\n'
        "  Input queue: 0/375/0/0 (size/max/drops/flushes); Total output drops: 0\n"
        "  Queueing strategy: fifo\n  Output queue: 0/40 (size/max)\n"
        "  5 minute input rate 8000 bits/sec, 4 packets/sec\n  5 minute output rate 8000 bits/sec, 4 packets/sec\n"
        f"     {carried * _PACKETS_S} packets input, {carried * 1000} bytes, 0 no buffer\n"
        "     Received 0 broadcasts (0 IP multicasts)\n     0 runts, 0 giants, 0 throttles \n"
        f"     {bad} input errors, {bad} CRC, 0 frame, 0 overrun, 0 ignored\n"
        f"     {carried * _PACKETS_S} packets output, {carried * 1000} bytes, 0 underruns\n"
        "     0 output errors, 0 collisions, 0 interface resets\n     0 unknown protocol drops\n"
    )


def input_errors(view: View, name: str) -> int:
    """Damaged packets that arrived on an interface since the boot: those that a bad access line loses on their way."""
    if name != view.station.device.access.interface:
        return 0
    router = view.router
    return int(view.world.trouble.wear.lost_seconds(router.name, router.booted_at, view.now) * _PACKETS_S)
