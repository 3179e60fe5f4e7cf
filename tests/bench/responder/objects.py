"""What the simulated agents hold: a plain spoke as the product's modules read it, and what any poller reads of it.

A line is "OID KIND [VALUE [RATE]]", as responder/objects.c takes it. Objects by their MIBs, told apart from what the
product asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

#: Names of the four interfaces, by ifIndex: of the whole form, and of the short one.
INTERFACES = {
    1: ("GigabitEthernet0/0/0", "Gi0/0/0"),
    2: ("GigabitEthernet0/0/1", "Gi0/0/1"),
    3: ("Loopback0", "Lo0"),
    4: ("Tunnel10", "Tu10"),
}

#: The hub, as the spoke's tunnel and its provider's network know it.
HUB_TUNNEL, HUB_ADDRESS = "10.192.0.1", "198.18.0.2"

_MIB = "1.3.6.1.2.1"
_CISCO = "1.3.6.1.4.1.9.9"


def _octets(text: str) -> str:
    return "octets " + text.encode().hex()


def _system() -> Iterator[str]:
    """SNMPv2-MIB, SNMP-FRAMEWORK-MIB."""
    yield f"{_MIB}.1.1.0 {_octets('Simulated router operating system, release 17.9.4a, for benchmarks and tests')}"
    yield f"{_MIB}.1.2.0 object 1.3.6.1.4.1.32473.1.1000"
    yield f"{_MIB}.1.3.0 uptime"
    yield f"{_MIB}.1.4.0 {_octets('noc@example.net')}"
    yield f"{_MIB}.1.5.0 name"
    yield f"{_MIB}.1.6.0 {_octets('Rack 12, room 3')}"
    yield f"{_MIB}.1.7.0 integer 78"
    yield "1.3.6.1.6.3.10.2.1.1.0 engine-id"
    yield "1.3.6.1.6.3.10.2.1.2.0 boots"
    yield "1.3.6.1.6.3.10.2.1.3.0 engine-time"


def _interfaces() -> Iterator[str]:
    """IF-MIB: of ifXTable the first ten columns, which any poller reads, and those that ours reads."""
    yield f"{_MIB}.2.1.0 integer {len(INTERFACES)}"
    for index, (name, short) in INTERFACES.items():
        yield f"{_MIB}.2.2.1.2.{index} {_octets(name)}"
        yield f"{_MIB}.2.2.1.7.{index} integer 1"
        yield f"{_MIB}.2.2.1.8.{index} integer 1"
        yield f"{_MIB}.2.2.1.9.{index} ticks 4200"
        yield f"{_MIB}.31.1.1.1.1.{index} {_octets(short)}"
        yield from (f"{_MIB}.31.1.1.1.{column}.{index} counter32 {column * index} 3" for column in range(2, 6))
        for column in range(6, 11):
            yield f"{_MIB}.31.1.1.1.{column}.{index} counter64 {index << 40} {1000 * column * index}"
        yield f"{_MIB}.31.1.1.1.15.{index} gauge 1000"
        yield f"{_MIB}.31.1.1.1.18.{index} {_octets(f'link {index}')}"
        yield f"{_MIB}.31.1.1.1.19.{index} ticks 0"


def _device() -> Iterator[str]:
    """CISCO-PROCESS-MIB, CISCO-CONFIG-MAN-MIB, CISCO-NTP-MIB, ENTITY-MIB."""
    yield f"{_CISCO}.109.1.1.1.1.7.1 wander 5 20"
    yield f"{_CISCO}.109.1.1.1.1.8.1 wander 5 10"
    yield f"{_CISCO}.109.1.1.1.1.12.1 wander 700000 4000"
    yield f"{_CISCO}.109.1.1.1.1.13.1 wander 900000 4000"
    yield from (f"{_CISCO}.43.1.1.{number}.0 ticks {60000 + number}" for number in (1, 2, 3))
    yield f"{_CISCO}.168.1.1.2.0 integer 3"
    yield f"{_CISCO}.168.1.2.1.1.3.1 octets c0000201"
    yield f"{_CISCO}.168.1.2.1.1.9.1 integer 2"
    yield f"{_CISCO}.168.1.2.1.1.23.1 octets 00000010"
    yield f"{_MIB}.47.1.1.1.1.5.1 integer 3"
    for column, text in ((7, "Chassis"), (10, "17.09.04a"), (11, "FOC00000001"), (13, "SIM-1000")):
        yield f"{_MIB}.47.1.1.1.1.{column}.1 {_octets(text)}"


def _tunnel() -> Iterator[str]:
    """CISCO-IPSEC-FLOW-MONITOR-MIB and NHRP-MIB: one tunnel to the hub, and the registration with it."""
    hub = HUB_ADDRESS.split(".")
    octets = "octets " + bytes(map(int, hub)).hex()
    tunnel = "octets " + bytes(map(int, HUB_TUNNEL.split("."))).hex()
    flow, nhrp = f"{_CISCO}.171.1", f"{_MIB}.71.1"
    yield f"{flow}.2.1.1.0 gauge 1"
    yield from (f"{flow}.2.1.{number}.0 counter32 0 0" for number in (20, 21))
    yield f"{flow}.2.3.1.7.1 {_octets(HUB_ADDRESS)}"
    yield f"{flow}.2.3.1.16.1 integer 360000"
    yield f"{flow}.2.3.1.35.1 integer 1"
    yield f"{flow}.3.2.1.5.1 {octets}"
    yield from (f"{flow}.3.2.1.{column}.1 counter64 0 5000" for column in (27, 40))
    yield from (f"{flow}.3.2.1.{column}.1 counter32 0 0" for column in (34, 36, 38))
    yield f"{nhrp}.1.2.1.5.1 {tunnel}"
    yield f"{nhrp}.1.2.1.7.1 {octets}"
    yield f"{nhrp}.1.2.1.9.1 integer 6"
    yield f"{nhrp}.1.2.1.10.1 integer 2"
    yield f"{nhrp}.2.2.1.3.1.1 integer 3"
    yield f"{nhrp}.2.3.1.3.1.1 {tunnel}"
    yield f"{nhrp}.2.3.1.7.1.1 integer 1"
    yield from (f"{nhrp}.2.4.1.{column}.1 counter32 0 0" for column in (7, 8))


#: A plain spoke: one tunnel to one hub, no standby, no routing peers.
SPOKE: tuple[str, ...] = (*_system(), *_interfaces(), *_device(), *_tunnel())

#: The realistic poll of any poller: eight scalars, and ten columns of ifXTable.
SCALARS: tuple[str, ...] = (*(f"{_MIB}.1.{number}.0" for number in range(1, 8)), f"{_MIB}.2.1.0")
COLUMNS: tuple[str, ...] = tuple(f"{_MIB}.31.1.1.1.{column}" for column in range(1, 11))


def without(lines: Iterable[str], *names: str) -> Iterator[str]:
    """The objects but for those below ``names``."""
    return (line for line in lines if not any(line.startswith(f"{name}.") for name in names))
