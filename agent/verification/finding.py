"""What verification finds: a rule that is broken, the lines that break it, and a packet that proves it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from inventory import Severity


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a router's configuration; numbers count from 1, its text is looked up and redacted when shown."""

    router: str
    number: int


@dataclass(frozen=True, slots=True)
class Flow:
    """One packet that a verdict is about; ``protocol`` is an IP protocol number, ports are 0 where it has none."""

    source: IPv4Address
    destination: IPv4Address
    protocol: int
    source_port: int = 0
    destination_port: int = 0
    dscp: int = 0


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of the path that a flow takes: the router, what it does with the packet, and the lines that say so."""

    router: str
    what: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit: the rule it breaks, the routers concerned, what is wrong and what to do.

    ``check`` is the stable name of the check that found it, ``lines`` those that disagree, at every end, ``flow`` and
    ``path`` a packet that proves it and the way it takes, ``option`` the field of the inventory to change, as
    ``sites.leeds.options.internet_breakout``.
    """

    rule: str
    routers: tuple[str, ...]
    message: str
    remedy: str
    severity: Severity = Severity.ERROR
    check: str = ""
    lines: tuple[Line, ...] = ()
    flow: Flow | None = None
    path: tuple[Hop, ...] = ()
    option: str = ""

    def __str__(self) -> str:
        return f"{', '.join(self.routers)}: {self.message} [{self.rule}] -> {self.remedy}"
