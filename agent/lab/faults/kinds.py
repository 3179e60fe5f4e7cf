"""The faults that ``lab break`` knows: their names, the numbers they take, and how they are told to people."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from agent.lab.errors import LabError


class Break(StrEnum):
    """What ``lab break`` can do."""

    ACCESS = "access"  # the cable of the internet access is pulled
    PROVIDER = "provider"  # the line is up, but the provider carries nothing
    POWER = "power"  # switched off
    RELOAD = "reload"  # starts again by itself
    MANAGEMENT = "management"  # the management centre does not take its tunnel
    LOSS = "loss"  # percent of the packets on the access are lost, each way
    DELAY = "delay"  # milliseconds that every round trip over the access takes longer
    SSH = "ssh"  # TCP connects, but the router's SSH says nothing any more
    KEY = "key"  # somebody types another pre-shared key for a VPN
    CERTIFICATE = "certificate"  # the certificate of a VPN's tunnels has expired, and they authenticate anew
    PRIMARY = "primary"  # the primary router on the same LAN has no power
    PRIMARY_ACCESS = "primary-access"  # the primary router is up, and leads nowhere
    CPU = "cpu"  # percent of the processor that something else takes


@dataclass(frozen=True, slots=True)
class Scale:
    """The number that a fault takes: from ``low`` to ``high`` in ``unit``."""

    low: float
    high: float
    unit: str


#: Faults that need a number.
SCALES = {Break.LOSS: Scale(0.1, 100, "%"), Break.DELAY: Scale(1, 10_000, " ms"), Break.CPU: Scale(1, 100, "%")}
#: Faults that may name a VPN.
OF_A_VPN = frozenset({Break.KEY, Break.CERTIFICATE})
#: Faults of the box and of what it runs: they do not outlive its next boot, nor the box.
OF_THE_BOX = frozenset({Break.SSH, Break.KEY, Break.CPU})
#: What happens once and leaves nothing behind that could be repaired but the power.
MOMENTARY = frozenset({Break.POWER, Break.RELOAD})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is broken since ``since`` (lab seconds since 1970).

    ``vpn`` is a VRF's name, "" where the fault is of none. ``undo`` are the configuration lines that mend it,
    ``done`` those that broke it. ``boots`` counts the router's boots when it broke.
    """

    kind: Break
    since: float
    value: float | None = None
    vpn: str = ""
    boots: int = 0
    undo: tuple[str, ...] = field(default=(), repr=False)
    done: tuple[str, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        scale = SCALES.get(self.kind)
        number = f" {self.value:g}{scale.unit}" if scale and self.value is not None else ""
        return f"{self.kind}{number}{f' {self.vpn}' if self.vpn else ''}"


def kind_of(what: str) -> Break:
    """The fault called ``what``; LabError names those that there are."""
    try:
        return Break(what)
    except ValueError:
        raise LabError(f"the lab cannot break {what!r}: choose one of {', '.join(Break)}") from None


def asked(what: str, value: float | None, vpn: str) -> Break:
    """The fault that was asked for; LabError where it takes no such number, needs one, or is of no VPN."""
    kind = kind_of(what)
    scale = SCALES.get(kind)
    if scale is None and value is not None:
        raise LabError(f"{kind} takes no value: leave --value out")
    if scale is not None:
        wanted = f"{scale.low:g} to {scale.high:g}{scale.unit}"
        if value is None:
            raise LabError(f"{kind} needs a value: --value with {wanted}")
        if not (math.isfinite(value) and scale.low <= value <= scale.high):
            raise LabError(f"{kind} {value:g}: choose {wanted}")
    if vpn and kind not in OF_A_VPN:
        raise LabError(f"{kind} is not of one VPN: leave --vpn out")
    return kind
