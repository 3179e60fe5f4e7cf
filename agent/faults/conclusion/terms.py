"""The causes and places that a conclusion can name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """What is probably broken."""

    ACCESS_OR_POWER = "access_or_power"
    MANAGEMENT_TUNNEL_ONLY = "management_tunnel_only"
    MANAGEMENT_TUNNEL = "management_tunnel"
    MANAGEMENT_CENTRE = "management_centre"
    HUB_SIDE = "hub_side"
    KEY_MISMATCH = "key_mismatch"
    CERTIFICATE_EXPIRED = "certificate_expired"
    VPN_TUNNEL = "vpn_tunnel"
    CPU_LOAD = "cpu_load"
    SESSION_HANGS = "session_hangs"
    PACKET_LOSS = "packet_loss"
    SLOW_PATH = "slow_path"
    SNMP_ONLY = "snmp_only"
    REBOOTED = "rebooted"
    RECOVERED = "recovered"
    UNDETERMINED = "undetermined"


class Place(StrEnum):
    """Where it lies."""

    THIS_ROUTER = "this router"
    HUB = "the hub"
    EITHER_END = "one of the tunnel's two ends"
    BOTH_ENDS = "both of the tunnel's ends"
    ACCESS = "the access"
    #: The access is the customer's own, and so is its repair [WV-34].
    CUSTOMER = "the customer's side"
    MANAGEMENT_PATH = "the management path"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The first conclusion on a fault; ``also`` are further faults that the evidence proves on their own."""

    cause: Cause
    place: Place
    why: str
    also: tuple[Conclusion, ...] = ()

    def __str__(self) -> str:
        own = f"{self.cause.replace('_', ' ')} ({self.place}): {self.why}"
        return "; also ".join([own, *map(str, self.also)])
