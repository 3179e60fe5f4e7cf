"""What one poll of a router brought, with every value checked for type and range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from collectors.snmp import Failure


@dataclass(frozen=True, slots=True)
class WrongType:
    """A value of another type or range than its object has; it is left out of the sample, and nothing stands in."""

    what: str
    oid: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.what} ({self.oid}): expected {self.expected}, found {self.found}"


class AdminStatus(IntEnum):
    """ifAdminStatus."""

    UP = 1
    DOWN = 2
    TESTING = 3


class OperStatus(IntEnum):
    """ifOperStatus."""

    UP = 1
    DOWN = 2
    TESTING = 3
    UNKNOWN = 4
    DORMANT = 5
    NOT_PRESENT = 6
    LOWER_LAYER_DOWN = 7


@dataclass(frozen=True, slots=True)
class InterfaceSample:
    """One interface; None where the device gave no usable value.

    ``last_change_s`` and ``discontinuity_s`` are seconds on the device's clock (sysUpTime). Octets count modulo 2**64;
    a rate may only be taken between samples with the same ``discontinuity_s``.
    """

    admin: AdminStatus | None
    oper: OperStatus | None
    last_change_s: float | None
    in_octets: int | None
    out_octets: int | None
    discontinuity_s: float | None


@dataclass(frozen=True, slots=True)
class RouterSample:
    """One poll of one router; None where it gave no usable value.

    With a ``failure`` nothing was read and ``detail`` says more. ``uptime_s`` (wraps after 497 days) and the
    configuration's times are seconds on the device's clock. ``interfaces`` maps full names
    (``GigabitEthernet0/0/0``); a name that was asked for and is not there has no row in the device's table.
    ``requests`` were answered, and ``lost`` tries before went unanswered. ``peers`` are the addresses that the router
    has IPsec tunnels with; None where they were not asked for or not told. ``idle_ticks`` is the time that all of its
    ``processors`` together were idle, in hundredths of a second modulo 2**32.
    """

    router: str
    at: datetime
    failure: Failure | None = None
    detail: str = ""
    round_trip_s: float | None = None
    uptime_s: float | None = None
    engine_id: str | None = None
    engine_boots: int | None = None
    engine_time_s: int | None = None
    name: str | None = None
    serial: str | None = None
    config_changed_s: float | None = None
    config_saved_s: float | None = None
    startup_changed_s: float | None = None
    cpu_1_min_percent: int | None = None
    cpu_5_min_percent: int | None = None
    idle_ticks: int | None = None
    processors: int = 0
    memory_used_kb: int | None = None
    memory_free_kb: int | None = None
    interface_count: int | None = None
    interfaces: Mapping[str, InterfaceSample] = field(default_factory=dict)
    requests: int = 0
    lost: int = 0
    peers: frozenset[str] | None = None
    problems: tuple[WrongType, ...] = ()
