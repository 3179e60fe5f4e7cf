"""Values as SNMP types: from Python numbers and texts."""

from __future__ import annotations

from ipaddress import IPv4Address

from agent.lab.snmp.ber import (
    COUNTER32,
    COUNTER64,
    GAUGE32,
    INTEGER,
    IP_ADDRESS,
    OCTETS,
    OID,
    TIME_TICKS,
    Oid,
    Value,
    integer_octets,
    oid_octets,
)


def text(value: str) -> Value:
    """An octet string."""
    return Value(OCTETS, value.encode())


def number(value: int) -> Value:
    """An INTEGER."""
    return Value(INTEGER, integer_octets(value))


def gauge(value: int) -> Value:
    """A Gauge32."""
    return Value(GAUGE32, integer_octets(min(value, 0xFFFFFFFF)))


def ticks(seconds: float) -> Value:
    """TimeTicks from seconds; it wraps after 497 days."""
    return Value(TIME_TICKS, integer_octets(int(max(0.0, seconds) * 100) & 0xFFFFFFFF))


def counter32(value: float) -> Value:
    """A Counter32."""
    return Value(COUNTER32, integer_octets(int(value) & 0xFFFFFFFF))


def counter64(value: float) -> Value:
    """A Counter64."""
    return Value(COUNTER64, integer_octets(int(value) & 0xFFFFFFFFFFFFFFFF))


def octets(value: bytes) -> Value:
    """An octet string of bytes."""
    return Value(OCTETS, value)


def address(value: IPv4Address) -> Value:
    """An IpAddress."""
    return Value(IP_ADDRESS, value.packed)


def identifier(value: Oid) -> Value:
    """An object identifier."""
    return Value(OID, oid_octets(value))
