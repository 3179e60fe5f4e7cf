"""What network.toml asks for, read strictly: an unknown key or an impossible name is refused with its place."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from ..change.document import VPN
from ..errors import Refused

FILE = "etc/spokesman/network.toml"
_INTERFACE = re.compile(r"[A-Za-z][A-Za-z0-9_./-]{0,14}")
_HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_RESERVED = frozenset({"front-door", "lo", "all", "default"})


@dataclass(frozen=True)
class FrontDoor:
    """The WAN; ``address`` has its prefix length, or is "dhcp"; ``gateway`` is empty with DHCP."""

    interface: str
    address: str
    gateway: str
    mtu: int


@dataclass(frozen=True)
class Management:
    """The tunnel to the centre."""

    interface: str
    address: str
    key: int
    peer: str
    networks: tuple[str, ...]
    mtu: int


@dataclass(frozen=True)
class Tunnel:
    """The multipoint GRE of one VPN."""

    name: str
    key: int
    mtu: int
    ttl: int


@dataclass(frozen=True)
class Bridge:
    """Ports of one LAN; ``address`` is empty where FRR gives it."""

    name: str
    ports: tuple[str, ...]
    address: str = ""


@dataclass(frozen=True)
class Breakout:
    """The pair of interfaces by which a VPN reaches the internet: ``name`` in it, ``name``-fd in the front door."""

    name: str
    inside: str
    outside: str


@dataclass(frozen=True)
class Vpn:
    """A VPN: its namespace has its name."""

    name: str
    tunnel: Tunnel | None
    lans: tuple[Bridge, ...]
    breakout: Breakout | None


@dataclass(frozen=True)
class Settings:
    """All of network.toml; empty before a router has a configuration."""

    hostname: str = ""
    front_door: FrontDoor | None = None
    management: Management | None = None
    vpns: tuple[Vpn, ...] = ()
    ilan: Bridge | None = None
    unused: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The namespaces of the VPNs."""
        return tuple(vpn.name for vpn in self.vpns)


def read_settings(text: str) -> Settings:
    """Read network.toml; an empty text is a router without a configuration. Raises Refused."""
    if not text:
        return Settings()
    try:
        table = _Table(tomllib.loads(text), "")
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{FILE}: {error}") from error
    hostname = table.matching("hostname", _HOSTNAME)
    door = _front_door(table.table("front_door"))
    management = table.optional("management")
    ilan = table.optional("ilan")
    ports = table.optional("ports")
    settings = Settings(
        hostname,
        door,
        _management(management) if management else None,
        tuple(_vpn(entry) for entry in table.tables("vpn")),
        _bridge(ilan, ilan.interface_address("address")) if ilan else None,
        ports.interfaces("unused") if ports else (),
    )
    for part in (ports, table):
        if part:
            part.end()
    _distinct(settings)
    return settings


class _Table:
    """One table of the file: takes keys out of it, and tells at its end which were not expected."""

    def __init__(self, values: Any, place: str) -> None:
        if not isinstance(values, dict):
            raise Refused(f"{FILE}: {place} is not a table")
        self._values = dict(values)
        self._place = place

    def where(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key

    def take(self, key: str, kind: type, default: Any = None) -> Any:
        value = self._values.pop(key, default)
        if type(value) is not kind:
            raise Refused(f"{FILE}: {self.where(key)} is {'missing' if value is None else f'not a {kind.__name__}'}")
        return value

    def matching(self, key: str, pattern: re.Pattern[str]) -> str:
        value = str(self.take(key, str))
        if not pattern.fullmatch(value):
            raise Refused(f"{FILE}: {self.where(key)}: {value!r} cannot be used")
        return value

    def interface(self, key: str) -> str:
        return _interface(self.matching(key, _INTERFACE), self.where(key))

    def interfaces(self, key: str) -> tuple[str, ...]:
        names = self.take(key, list, [])
        if not all(isinstance(name, str) and _INTERFACE.fullmatch(name) for name in names):
            raise Refused(f"{FILE}: {self.where(key)} is no list of interfaces")
        return tuple(_interface(name, self.where(key)) for name in names)

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        value = int(self.take(key, int, default))
        if not low <= value <= high:
            raise Refused(f"{FILE}: {self.where(key)}: {value} is not between {low} and {high}")
        return value

    def address(self, key: str) -> str:
        return _valid(self.take(key, str), ipaddress.IPv4Address, self.where(key))

    def interface_address(self, key: str) -> str:
        value = str(self.take(key, str))
        if "/" not in value:
            raise Refused(f"{FILE}: {self.where(key)}: {value!r} has no prefix length")
        return _valid(value, ipaddress.IPv4Interface, self.where(key))

    def networks(self, key: str) -> tuple[str, ...]:
        return tuple(_valid(value, ipaddress.IPv4Network, self.where(key)) for value in self.take(key, list, []))

    def table(self, key: str) -> _Table:
        return _Table(self.take(key, dict), self.where(key))

    def optional(self, key: str) -> _Table | None:
        return self.table(key) if key in self._values else None

    def tables(self, key: str) -> list[_Table]:
        return [_Table(entry, f"{self.where(key)}[{n}]") for n, entry in enumerate(self.take(key, list, []), start=1)]

    def end(self) -> None:
        if self._values:
            raise Refused(f"{FILE}: {self.where(min(self._values))} is not known")


def _front_door(table: _Table) -> FrontDoor:
    interface = table.interface("interface")
    mtu = table.number("mtu", 576, 9216, 1500)
    address = table.take("address", str)
    if address == "dhcp":
        door = FrontDoor(interface, "dhcp", "", mtu)
    else:
        address = _valid(address, ipaddress.IPv4Interface, table.where("address"))
        door = FrontDoor(interface, address, table.address("gateway"), mtu)
    table.end()
    return door


def _management(table: _Table) -> Management:
    made = Management(
        table.interface("interface"),
        table.interface_address("address"),
        table.number("key", 1, 2**32 - 1),
        table.address("peer"),
        table.networks("networks"),
        table.number("mtu", 576, 9216, 1400),
    )
    table.end()
    return made


def _vpn(table: _Table) -> Vpn:
    name = table.matching("name", re.compile(VPN))
    if name in _RESERVED:
        raise Refused(f"{FILE}: {table.where('name')}: {name!r} cannot be a VPN's name")
    tunnel = table.optional("tunnel")
    breakout = table.optional("breakout")
    vpn = Vpn(
        name,
        _tunnel(tunnel) if tunnel else None,
        tuple(_bridge(lan, "") for lan in table.tables("lan")),
        _breakout(breakout) if breakout else None,
    )
    table.end()
    return vpn


def _tunnel(table: _Table) -> Tunnel:
    made = Tunnel(
        table.interface("name"),
        table.number("key", 0, 2**32 - 1),
        table.number("mtu", 576, 9216, 1400),
        table.number("ttl", 1, 255, 64),
    )
    table.end()
    return made


def _bridge(table: _Table, address: str) -> Bridge:
    made = Bridge(table.interface("name"), table.interfaces("ports"), address)
    table.end()
    return made


def _breakout(table: _Table) -> Breakout:
    made = Breakout(table.interface("name"), table.interface_address("inside"), table.interface_address("outside"))
    if len(made.name) > 12:
        raise Refused(f"{FILE}: {table.where('name')}: {made.name!r} is longer than 12 characters")
    table.end()
    return made


def _interface(name: str, where: str) -> str:
    if name in _RESERVED or "/" in name:
        raise Refused(f"{FILE}: {where}: {name!r} cannot be the name of an interface")
    return name


def _valid(value: object, kind: type, where: str) -> str:
    try:
        kind(value if isinstance(value, str) else "")
    except ValueError as error:
        raise Refused(f"{FILE}: {where}: {value!r} is no {kind.__name__}") from error
    return str(value)


def _distinct(settings: Settings) -> None:
    names = list(settings.places)
    used = [settings.front_door.interface] if settings.front_door else []
    used += [settings.management.interface] if settings.management else []
    for vpn in settings.vpns:
        used += [vpn.tunnel.name] if vpn.tunnel else []
        used += [vpn.breakout.name, f"{vpn.breakout.name}-fd"] if vpn.breakout else []
        used += [name for lan in vpn.lans for name in (lan.name, *lan.ports)]
    used += [settings.ilan.name, *settings.ilan.ports] if settings.ilan else []
    used += settings.unused
    for kind, each in (("VPN", names), ("interface", used)):
        twice = sorted({name for name in each if each.count(name) > 1})
        if twice:
            raise Refused(f"{FILE}: the {kind} {twice[0]!r} is used twice")
