"""The faults that ``lab break`` knows of a Lync server, with the numbers they take."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from agent.lab.errors import LabError


class ServerBreak(StrEnum):
    """What ``lab break`` can do to a server."""

    SERVICE = "service"  # its main service stops, and with it SIP
    WEB = "web"  # the web server's service stops, and with it HTTPS
    STORAGE = "storage"  # its disk C: fills to a percentage
    CPU = "cpu"  # its processors are loaded to a percentage
    CERTIFICATE = "certificate"  # its certificate ends in some days, in the past where negative
    CLOCK = "clock"  # its clock is off by some seconds
    SIP = "sip"  # SIP takes connections and answers nothing
    POWER = "power"  # switched off


@dataclass(frozen=True, slots=True)
class Scale:
    """The number that a fault takes where none is given, its bounds, and its unit."""

    usual: float
    low: float
    high: float
    unit: str


SCALES = {
    ServerBreak.STORAGE: Scale(97, 0, 100, "%"),
    ServerBreak.CPU: Scale(99, 0, 100, "%"),
    ServerBreak.CERTIFICATE: Scale(5, -3000, 3000, " days"),
    ServerBreak.CLOCK: Scale(42, -86_400, 86_400, " s"),
}


def asked(what: str, value: float | None) -> tuple[ServerBreak, float]:
    """The fault that was asked for and its number, 0 where it takes none; LabError where it cannot be."""
    try:
        kind = ServerBreak(what)
    except ValueError:
        raise LabError(f"the lab cannot break {what!r} of a server: choose one of {', '.join(ServerBreak)}") from None
    scale = SCALES.get(kind)
    if scale is None:
        if value is not None:
            raise LabError(f"{kind} takes no value: leave --value out")
        return kind, 0.0
    number = scale.usual if value is None else value
    if not (math.isfinite(number) and scale.low <= number <= scale.high):
        raise LabError(f"{kind} {number:g}: choose {scale.low:g} to {scale.high:g}{scale.unit}")
    return kind, number


def words(kind: ServerBreak, value: float) -> str:
    """A fault for people."""
    return f"{kind} {value:g}{SCALES[kind].unit}" if kind in SCALES else str(kind)
