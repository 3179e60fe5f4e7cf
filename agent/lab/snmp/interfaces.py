"""IF-MIB of one router: the same interfaces in ifTable and ifXTable, with counters that grow while they are up."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator

from agent.lab.net.network import Network
from agent.lab.net.stations import Station
from agent.lab.net.tracking import Tracked
from agent.lab.router import VirtualRouter
from agent.lab.running.config import Interface
from agent.lab.snmp.ber import Oid, Value
from agent.lab.snmp.values import counter32, counter64, gauge, number, octets, text, ticks

_NUMBER: Oid = (1, 3, 6, 1, 2, 1, 2, 1, 0)
_TABLE: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_EXTENDED: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
_UP, _DOWN = 1, 2
#: Prefix of the name -> ifType, short form.
_KINDS = {
    "GigabitEthernet": (6, "Gi"),
    "TenGigabitEthernet": (6, "Te"),
    "TwoGigabitEthernet": (6, "Tw"),
    "FastEthernet": (6, "Fa"),
    "Loopback": (24, "Lo"),
    "Vlan": (53, "Vl"),
    "Tunnel": (131, "Tu"),
    "Null": (1, "Nu"),
}


def short(name: str) -> str:
    """``GigabitEthernet0/0/0`` as ``Gi0/0/0``."""
    for prefix, (_, abbreviated) in _KINDS.items():
        if name.startswith(prefix):
            return abbreviated + name[len(prefix) :]
    return name


def kind(name: str) -> int:
    """The ifType of an interface by its name."""
    return next((number for prefix, (number, _) in _KINDS.items() if name.startswith(prefix)), 1)


class InterfaceTable:
    """The rows of one boot: an index stays with its name until the next reload."""

    def __init__(self, router: VirtualRouter, network: Callable[[], Network], errors: Callable[[str], int]) -> None:
        self._router = router
        self._network = network
        self._errors = errors
        self._boots = -1
        self.indices: dict[str, int] = {}  # ifIndex by name
        self._before: dict[str, float] = {}

    def rows(self) -> Iterator[tuple[Oid, Callable[[], Value]]]:
        """Every instance with what gives its value."""
        station = self._network().stations[self._router.name]
        if self._boots != self._router.boots:
            self._boots, self._before = self._router.boots, {}
            self.indices.clear()
        interfaces = station.config.interfaces
        for name in sorted(interfaces, key=_virtual):
            self.indices.setdefault(name, len(self.indices) + 1)
        yield _NUMBER, lambda: number(len(interfaces))
        for name, interface in interfaces.items():
            yield from self._row(station, interface, self.indices[name])

    def _state(self, name: str) -> Tracked:
        known = self._network().history.interfaces.states.get((self._router.name, name))
        return known or Tracked(up=False, since=self._router.booted_at)

    def _row(self, station: Station, interface: Interface, index: int) -> Iterator[tuple[Oid, Callable[[], Value]]]:
        name = interface.name
        speed = interface.bandwidth_kbps or self._speed(station, name)
        mac = b"" if kind(name) not in {6, 53} else self._router.chassis.mac[:5] + bytes((index & 0xFF,))
        state = self._state
        clock = self._router.clock
        up_at_boot = self._before.setdefault(name, state(name).up_for(max(self._router.booted_at, state(name).since)))

        def flow(what: str) -> float:
            return _rate(self._router.name, name, what) * max(0.0, state(name).up_for(clock.now()) - up_at_boot)

        def last_change() -> Value:
            return ticks(state(name).since - self._router.booted_at)

        table: dict[int, Callable[[], Value]] = {
            1: lambda: number(index),
            2: lambda: text(name),
            3: lambda: number(kind(name)),
            4: lambda: number(interface.mtu),
            5: lambda: gauge(speed * 1000),
            6: lambda: octets(mac),
            7: lambda: number(_DOWN if interface.shutdown else _UP),
            8: lambda: number(_UP if state(name).up else _DOWN),
            9: last_change,
            10: lambda: counter32(flow("in")),
            11: lambda: counter32(flow("in") / 300),
            13: lambda: counter32(0),
            14: lambda: counter32(self._errors(name)),
            16: lambda: counter32(flow("out")),
            17: lambda: counter32(flow("out") / 300),
            19: lambda: counter32(0),
            20: lambda: counter32(0),
        }
        extended: dict[int, Callable[[], Value]] = {
            1: lambda: text(short(name)),
            6: lambda: counter64(flow("in")),
            7: lambda: counter64(flow("in") / 300),
            10: lambda: counter64(flow("out")),
            11: lambda: counter64(flow("out") / 300),
            14: lambda: number(1),
            15: lambda: gauge(speed // 1000),
            16: lambda: number(2),
            17: lambda: number(1 if kind(name) == 6 else 2),
            18: lambda: text(interface.description),
            19: lambda: ticks(0),
        }
        for column, value in table.items():
            yield (*_TABLE, column, index), value
        for column, value in extended.items():
            yield (*_EXTENDED, column, index), value

    def _speed(self, station: Station, name: str) -> int:
        """Nominal speed in kb/s; a tunnel says 100, as IOS does."""
        if name.startswith("Tunnel"):
            return 100
        if name.startswith("Loopback"):
            return 8_000_000
        if name == station.device.access.interface:
            return min(1_000_000, max(10_000, station.device.access.kbps))
        return 10_000_000 if name.startswith(("TenGig", "Null")) else 1_000_000


def _rate(router: str, name: str, what: str) -> float:
    """Octets a second that an interface carries: always the same for the same interface."""
    seed = int.from_bytes(hashlib.sha256(f"{router}/{name}/{what}".encode()).digest()[:2], "big")
    return 500.0 + seed % 20_000


def _virtual(name: str) -> bool:
    """Ports of the box are numbered before what is only configured."""
    return not re.match(r"\w*Ethernet", name)
