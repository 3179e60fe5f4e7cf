"""What a spoke with everything that can be ordered holds, as our values; a round of polls moves it on."""

from __future__ import annotations

from ipaddress import IPv4Address

from collectors.modules import Module, modules_of
from collectors.questions import Expected
from collectors.snmp import Counter32, Counter64, Gauge32, Oid, TimeTicks, Value
from tests.unit.collectors import objects
from tests.unit.collectors.agents import ROUTER_COLUMNS

CISCO: Oid = (1, 3, 6, 1, 4, 1, 9, 9)
NAMES = {1: "GigabitEthernet0/0/0", 2: "Vlan10", 20: "Tunnel10"}
WANTED = frozenset(NAMES.values())
#: All that is read of a router that is no hub.
MODULES: tuple[Module, ...] = tuple(one for one in modules_of("cisco") if "registered with" not in one.when)
EXPECTED: Expected = (("interfaces", WANTED), ("ports", WANTED), ("standby", frozenset({"Vlan10 7"})))
SENSOR: Oid = (*CISCO, 91, 1, 1, 1, 1, 4, 1001)
HSRP: Oid = (*CISCO, 106, 1, 2, 1, 1, 15, 2, 7)
PEER: Oid = objects.IPSEC_REMOTE
ENGINE_TIME: Oid = (1, 3, 6, 1, 6, 3, 10, 2, 1, 3, 0)


def spoke(uptime_s: int = 500_000) -> dict[Oid, Value]:
    """A healthy one."""
    found: dict[Oid, Value] = {
        objects.SYS_UPTIME: TimeTicks(uptime_s * 100),
        objects.IF_NUMBER: len(NAMES),
        objects.ENGINE_ID: bytes.fromhex("800000090300aabbccddee01"),
        objects.ENGINE_BOOTS: 7,
        ENGINE_TIME: uptime_s - 5,
        (*CISCO, 43, 1, 1, 1, 0): TimeTicks(50_000),
        (*CISCO, 43, 1, 1, 2, 0): TimeTicks(60_000),
        (*CISCO, 43, 1, 1, 3, 0): TimeTicks(60_100),
        (*CISCO, 109, 1, 1, 1, 1, 7, 1): Gauge32(12),
        (*CISCO, 109, 1, 1, 1, 1, 8, 1): Gauge32(9),
        (*CISCO, 109, 1, 1, 1, 1, 12, 1): Gauge32(300_000),
        (*CISCO, 109, 1, 1, 1, 1, 13, 1): Gauge32(700_000),
        HSRP: 5,
        (*CISCO, 42, 1, 2, 10, 1, 1, 11): Gauge32(30),
        (*CISCO, 42, 1, 2, 10, 1, 2, 11): 1,
        (*CISCO, 42, 1, 2, 2, 1, 2, 11): bytes([192, 0, 2, 9]),
        (1, 3, 6, 1, 2, 1, 71, 1, 2, 3, 1, 3, 1, 1): bytes([10, 255, 0, 1]),
        (1, 3, 6, 1, 2, 1, 71, 1, 2, 3, 1, 7, 1, 1): 1,
        (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 7, 1001): b"Temp: inlet",
        SENSOR: 31,
        (*CISCO, 91, 1, 1, 1, 1, 5, 1001): 1,
        (*CISCO, 91, 1, 2, 1, 1, 2, 1001, 1): 20,
        (*CISCO, 91, 1, 2, 1, 1, 3, 1001, 1): 4,
        (*CISCO, 91, 1, 2, 1, 1, 4, 1001, 1): 70,
        (1, 3, 6, 1, 2, 1, 1, 5, 0): b"acme-lon-r1",
        (*CISCO, 168, 1, 1, 2, 0): 3,
        (1, 3, 6, 1, 2, 1, 71, 1, 1, 2, 1, 5, 1, 1): bytes([10, 255, 0, 1]),
        (1, 3, 6, 1, 2, 1, 71, 1, 1, 2, 1, 9, 1, 1): 2,
    }
    for index, name in NAMES.items():
        found |= {
            (*ROUTER_COLUMNS["descr"], index): name.encode(),
            (*ROUTER_COLUMNS["admin"], index): 1,
            (*ROUTER_COLUMNS["oper"], index): 1,
            (*ROUTER_COLUMNS["changed"], index): TimeTicks(4200),
            (*ROUTER_COLUMNS["in"], index): Counter64(2**40 + index),
            (*ROUTER_COLUMNS["out"], index): Counter64(2**41 + index),
            (*ROUTER_COLUMNS["discontinuity"], index): TimeTicks(0),
            (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 15, index): Gauge32(1000),
            (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18, index): b"to the hub",
        }
    for index, last in ((31, 10), (32, 11)):
        found |= tunnel(index, last)
    return found


def tunnel(index: int, last: int, octets: int = 1000) -> dict[Oid, Value]:
    """An IPsec tunnel to 198.51.100.``last``."""
    table = PEER[:-1]
    return {
        (*PEER, index): IPv4Address(f"198.51.100.{last}").packed,
        (*table, 27, index): Counter64(octets),
        (*table, 34, index): Counter32(0),
        (*table, 36, index): Counter32(0),
        (*table, 38, index): Counter32(0),
        (*table, 40, index): Counter64(octets + 7),
    }


def moved_on(values: dict[Oid, Value], seconds: int, octets: int = 12_345) -> None:
    """Let time pass, and traffic."""
    for oid, value in values.items():
        if oid == objects.SYS_UPTIME and isinstance(value, TimeTicks):
            values[oid] = TimeTicks((value + seconds * 100) % 2**32)
        elif oid == ENGINE_TIME and isinstance(value, int):
            values[oid] = value + seconds
        elif isinstance(value, Counter64):
            values[oid] = Counter64((value + octets) % 2**64)
        elif isinstance(value, Gauge32) and oid[:10] == (*CISCO, 109, 1, 1, 1):
            values[oid] = Gauge32((value * 7 + seconds) % 90)
