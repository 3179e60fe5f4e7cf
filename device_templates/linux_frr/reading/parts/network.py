"""network.toml as records: tolerant, for what a file of a router says is not always what it should say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from device_templates.errors import NotParsable
from device_templates.linux_frr.reading.complete import NETWORK


@dataclass(frozen=True, slots=True)
class Lan:
    """A bridge in a VPN, and its ports."""

    name: str
    ports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VpnLinks:
    """The links of one VPN; ``tunnel`` is "" without one, ``breakout`` the end of the veth pair in the VPN."""

    name: str
    tunnel: str
    key: int | None
    mtu: int | None
    lans: tuple[Lan, ...]
    breakout: str
    breakout_inside: IPv4Interface | None
    breakout_outside: IPv4Interface | None


@dataclass(frozen=True, slots=True)
class Network:
    """Everything; names are "" and addresses None where they are not told."""

    hostname: str
    front_door: str
    address: IPv4Interface | None
    dhcp: bool
    gateway: IPv4Address | None
    mtu: int | None
    management: str
    management_address: IPv4Interface | None
    management_key: int | None
    management_mtu: int | None
    peer: IPv4Address | None
    networks: tuple[IPv4Network, ...]
    vpns: tuple[VpnLinks, ...]
    ilan: Lan | None
    ilan_address: IPv4Interface | None
    unused: tuple[str, ...]


def network(content: str) -> Network:
    """Reads network.toml; raises NotParsable where it is no TOML."""
    try:
        data = tomllib.loads(content)
    except (tomllib.TOMLDecodeError, RecursionError):
        raise NotParsable("it is not TOML", where=NETWORK, remedy="read the configuration again") from None
    door, management, ilan = _table(data, "front_door"), _table(data, "management"), _table(data, "ilan")
    return Network(
        hostname=_text(data, "hostname"),
        front_door=_text(door, "interface"),
        address=_interface(door, "address"),
        dhcp=_text(door, "address") == "dhcp",
        gateway=_address(door, "gateway"),
        mtu=_number(door, "mtu"),
        management=_text(management, "interface"),
        management_address=_interface(management, "address"),
        management_key=_number(management, "key"),
        management_mtu=_number(management, "mtu"),
        peer=_address(management, "peer"),
        networks=tuple(found for one in _texts(management, "networks") if (found := _network(one)) is not None),
        vpns=tuple(_vpn(one) for one in _tables(data, "vpn")),
        ilan=_lan(ilan) if ilan else None,
        ilan_address=_interface(ilan, "address"),
        unused=_texts(_table(data, "ports"), "unused"),
    )


def _vpn(data: Mapping[str, object]) -> VpnLinks:
    tunnel, breakout = _table(data, "tunnel"), _table(data, "breakout")
    return VpnLinks(
        name=_text(data, "name"),
        tunnel=_text(tunnel, "name"),
        key=_number(tunnel, "key"),
        mtu=_number(tunnel, "mtu"),
        lans=tuple(_lan(one) for one in _tables(data, "lan")),
        breakout=_text(breakout, "name"),
        breakout_inside=_interface(breakout, "inside"),
        breakout_outside=_interface(breakout, "outside"),
    )


def _lan(data: Mapping[str, object]) -> Lan:
    return Lan(_text(data, "name"), _texts(data, "ports"))


def _table(data: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def _tables(data: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    found = data.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(data: Mapping[str, object], key: str) -> str:
    found = data.get(key)
    return found if isinstance(found, str) else ""


def _texts(data: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = data.get(key)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def _number(data: Mapping[str, object], key: str) -> int | None:
    found = data.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _interface(data: Mapping[str, object], key: str) -> IPv4Interface | None:
    try:
        return IPv4Interface(_text(data, key))
    except ValueError:
        return None


def _address(data: Mapping[str, object], key: str) -> IPv4Address | None:
    try:
        return IPv4Address(_text(data, key))
    except ValueError:
        return None


def _network(text: str) -> IPv4Network | None:
    try:
        return IPv4Network(text, strict=False)
    except ValueError:
        return None
