"""What the router shows, in NAPALM's forms: pure functions from JSON text; what is not there is left out.

``interfaces`` is iproute2's own JSON by namespace (the front door's is ""); ``bgp`` is FRR's own JSON by VPN.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agent.drivers.linux_frr import wire
from agent.provisioning.ports import DeviceFacts

_FAMILIES = {"ipv4Unicast": "ipv4", "ipv6Unicast": "ipv6"}


def facts(found: DeviceFacts, shown: str) -> dict[str, Any]:
    """``get_facts``."""
    return {
        "vendor": "Linux with FRRouting",
        "model": found.model,
        "os_version": found.version,
        "serial_number": found.serial,
        "hostname": found.hostname,
        "fqdn": found.hostname,
        "uptime": float(found.uptime_s),
        "interface_list": sorted(interfaces(shown)),
    }


def interfaces(shown: str) -> dict[str, dict[str, Any]]:
    """``get_interfaces``: a link of a VPN under its own name, or ``vpn/name`` where that name is taken."""
    return {name: _interface(link) for name, link in _links(shown)}


def addresses(shown: str) -> dict[str, dict[str, dict[str, dict[str, int]]]]:
    """``get_interfaces_ip``."""
    found: dict[str, dict[str, dict[str, dict[str, int]]]] = {}
    for name, link in _links(shown):
        for row in _rows(link.get("addr_info")):
            family = {"inet": "ipv4", "inet6": "ipv6"}.get(str(row.get("family")))
            length = row.get("prefixlen")
            if family and isinstance(row.get("local"), str) and isinstance(length, int):
                held = found.setdefault(name, {}).setdefault(family, {})
                held[row["local"]] = {"prefix_length": length}
    return found


def bgp_neighbors(shown: str) -> dict[str, dict[str, Any]]:
    """``get_bgp_neighbors``, by VPN; ValueError where the BGP of one is not told, which is not a VPN without any."""
    instances = wire.shown(shown)
    silent = [vpn for vpn, instance in instances.items() if not _told(instance)]
    if silent:
        raise ValueError(f"the BGP of {', '.join(silent)} does not answer")
    return {vpn: _instance(_mapping(instance)) for vpn, instance in instances.items()}


def _told(instance: object) -> bool:
    return all(isinstance(_mapping(instance).get(part), dict) for part in ("summary", "neighbors"))


def _instance(instance: Mapping[str, Any]) -> dict[str, Any]:
    summary = _mapping(_mapping(instance.get("summary")).get("ipv4Unicast"))
    neighbors = _mapping(instance.get("neighbors"))
    peers = {
        address: _peer(_mapping(neighbor), _mapping(_mapping(summary.get("peers")).get(address)))
        for address, neighbor in neighbors.items()
        if isinstance(neighbor, dict)
    }
    return {"router_id": str(summary.get("routerId", "")), "peers": peers}


def _peer(neighbor: Mapping[str, Any], summary: Mapping[str, Any]) -> dict[str, Any]:
    up = neighbor.get("bgpState") == "Established"
    return {
        "local_as": _int(neighbor.get("localAs")),
        "remote_as": _int(neighbor.get("remoteAs")),
        "remote_id": str(neighbor.get("remoteRouterId", "")),
        "is_up": up,
        "is_enabled": not neighbor.get("adminShutDown", False),
        "description": str(neighbor.get("nbrDesc", "")),
        "uptime": _int(neighbor.get("bgpTimerUpMsec")) // 1000 if up else -1,
        "address_family": {
            name: {
                "received_prefixes": _int(summary.get("pfxRcd", family.get("acceptedPrefixCounter")), -1),
                "accepted_prefixes": _int(family.get("acceptedPrefixCounter"), -1),
                "sent_prefixes": _int(family.get("sentPrefixCounter"), -1),
            }
            for key, name in _FAMILIES.items()
            if (family := _mapping(_mapping(neighbor.get("addressFamilyInfo")).get(key)))
        },
    }


def _interface(link: Mapping[str, Any]) -> dict[str, Any]:
    flags = link.get("flags") if isinstance(link.get("flags"), list) else []
    return {
        "is_up": link.get("operstate") == "UP" or "LOWER_UP" in (flags or []),
        "is_enabled": "UP" in (flags or []),
        "description": str(link.get("ifalias", "")),
        "last_flapped": -1.0,
        "speed": -1.0,
        "mtu": _int(link.get("mtu"), -1),
        "mac_address": str(link.get("address", "")).upper() if link.get("link_type") == "ether" else "",
    }


def _links(shown: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each link with the name that NAPALM's answers have for it; the loopbacks of VPNs are left out."""
    taken: set[str] = set()
    for namespace, links in _mapping(_parsed(shown)).items():
        for link in _rows(links):
            own = link.get("ifname")
            if not isinstance(own, str) or not own or (own == "lo" and namespace):
                continue
            name = f"{namespace}/{own}" if own in taken else own
            taken.add(name)
            yield name, link


def _parsed(shown: str) -> object:
    try:
        return wire.shown(shown)
    except ValueError:
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _int(value: object, otherwise: int = 0) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
