"""What a virtual Windows server shows by SNMP: HOST-RESOURCES-MIB and the services of LanMgr-Mib-II, in their shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from agent.lab.snmp.ber import Oid, Value
from agent.lab.snmp.values import identifier, number, octets, text, ticks

_MIB2: Oid = (1, 3, 6, 1, 2, 1)
_HOST: Oid = (*_MIB2, 25)
_SERVICE: Oid = (1, 3, 6, 1, 4, 1, 77, 1, 2, 3, 1)
_ENGINE: Oid = (1, 3, 6, 1, 6, 3, 10, 2, 1)
_WINDOWS: Oid = (1, 3, 6, 1, 4, 1, 311, 1, 1, 3, 1, 2)
_UNIT = 4096
#: Clusters of the disks C: and D:, and blocks of 64 kB of virtual and physical memory.
_SIZE_C, _SIZE_D, _VIRTUAL, _PHYSICAL = 26_056_703, 52_428_799, 301_039, 262_127
#: Windows' own services, which run on every server.
WINDOWS_SERVICES = (
    "Base Filtering Engine", "COM+ Event System", "Cryptographic Services", "DCOM Server Process Launcher",
    "DHCP Client", "DNS Client", "Netlogon", "Remote Procedure Call (RPC)", "SNMP Service", "Server",
    "Windows Event Log", "Windows Firewall", "Windows Remote Management (WS-Management)", "Windows Time", "Workstation",
)  # fmt: skip
_PROGRAMS = ("System Idle Process", "System", "smss.exe", "services.exe", "svchost.exe", "snmp.exe", "w3wp.exe")


class Windows(Protocol):
    """A server as its agent sees it."""

    @property
    def services(self) -> tuple[str, ...]:
        """Display names of the services that run."""

    @property
    def disk_percent(self) -> float:
        """How full its disk C: is."""

    @property
    def load(self) -> int:
        """The processors' load, percent."""

    @property
    def uptime(self) -> float:
        """Seconds since the agent started."""

    @property
    def engine_id(self) -> bytes:
        """Its SNMP engine."""

    @property
    def boots(self) -> int:
        """How often the engine started."""

    @property
    def fqdn(self) -> str:
        """Its full name."""

    def local_time(self) -> datetime:
        """Its wall clock, in its own zone."""


class WindowsMib:
    """All instances of this moment."""

    def __init__(self, server: Windows) -> None:
        self._rows = dict(_all(server))
        self._oids = sorted(self._rows)
        self._objects = {oid[:-1] for oid in self._oids}

    def oids(self) -> list[Oid]:
        """All instances in order."""
        return self._oids

    def value(self, oid: Oid) -> Value | None:
        """The value of an instance, None where there is none."""
        return self._rows.get(oid)

    def has_object(self, oid: Oid) -> bool:
        """Whether there is another instance of the same object."""
        return oid[:-1] in self._objects


def windows_mib(server: Windows) -> Callable[[], WindowsMib]:
    """Makes the instances anew for each request: services come and go."""
    return lambda: WindowsMib(server)


def _all(server: Windows) -> Iterator[tuple[Oid, Value]]:
    yield from _system(server)
    yield from _storage(server)
    yield from _processors(server)
    for place, name in enumerate(_PROGRAMS, 1):
        yield (*_HOST, 4, 2, 1, 2, 4 * place), text(name)
    for name in (*WINDOWS_SERVICES, *server.services):
        yield from _service(name)


def _system(server: Windows) -> Iterator[tuple[Oid, Value]]:
    now = server.local_time()
    yield (*_MIB2, 1, 1, 0), text("Hardware: Intel64 Family 6 - Software: Windows Version 6.3 (Build 9600)")
    yield (*_MIB2, 1, 2, 0), identifier(_WINDOWS)
    yield (*_MIB2, 1, 3, 0), ticks(server.uptime)
    yield (*_MIB2, 1, 5, 0), text(server.fqdn)
    yield (*_HOST, 1, 1, 0), ticks(server.uptime)
    # Eight octets: Windows names no zone.
    date = (now.month, now.day, now.hour, now.minute, now.second, 0)
    yield (*_HOST, 1, 2, 0), octets(now.year.to_bytes(2, "big") + bytes(date))
    yield (*_ENGINE, 1, 0), octets(server.engine_id)
    yield (*_ENGINE, 2, 0), number(server.boots)
    yield (*_ENGINE, 3, 0), number(int(server.uptime))


def _storage(server: Windows) -> Iterator[tuple[Oid, Value]]:
    rows = (
        ("C:\\ Label:  Serial Number 10f82425", 4, _UNIT, _SIZE_C, server.disk_percent),
        ("D:\\ Label:Data  Serial Number 10f82426", 4, _UNIT, _SIZE_D, 21.0),
        ("E:\\", 7, 0, 0, 0.0),
        ("Virtual Memory", 3, 65_536, _VIRTUAL, 44.0),
        ("Physical Memory", 2, 65_536, _PHYSICAL, 93.0),
    )
    for row, (name, kind, unit, size, percent) in enumerate(rows, 1):
        yield (*_HOST, 2, 3, 1, 1, row), number(row)
        yield (*_HOST, 2, 3, 1, 2, row), identifier((*_HOST, 2, 1, kind))
        yield (*_HOST, 2, 3, 1, 3, row), text(name)
        yield (*_HOST, 2, 3, 1, 4, row), number(unit)
        yield (*_HOST, 2, 3, 1, 5, row), number(size)
        yield (*_HOST, 2, 3, 1, 6, row), number(int(size * percent / 100))


def _processors(server: Windows) -> Iterator[tuple[Oid, Value]]:
    for row in range(6, 10):
        yield (*_HOST, 3, 3, 1, 1, row), identifier((0, 0))
        yield (*_HOST, 3, 3, 1, 2, row), number(min(100, max(0, server.load + row % 3 - 1)))


def _service(name: str) -> Iterator[tuple[Oid, Value]]:
    """A row of svSvcTable: the index is the display name, its length first; a stopped service has none."""
    encoded = name.encode("latin-1", "replace")
    index = (len(encoded), *encoded)
    yield (*_SERVICE, 1, *index), octets(encoded)
    for column, value in ((2, 4), (3, 1), (4, 2), (5, 1)):
        yield (*_SERVICE, column, *index), number(value)
