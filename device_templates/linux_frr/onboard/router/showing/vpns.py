"""What FRR and the kernel tell of each VPN: tunnels, NHRP, BGP, routes and interfaces."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .. import files, places
from ..network.seen import look_at
from ..network.settings import FILE, Settings, read_settings
from ..services import vici, vty
from ..system import run, side_by_side


def settings() -> Settings:
    """The settings that were applied last."""
    return read_settings(files.read(places.ROOT / FILE))


def tunnels(arguments: list[str]) -> dict[str, Any]:
    """NHRP's cache and the tunnel's state of each VPN, and all IKE SAs."""
    links = {vpn.name: vpn.tunnel.name if vpn.tunnel else "" for vpn in settings().vpns}

    def ask(name: str) -> dict[str, Any]:
        (cache,) = _frr(name, "nhrpd", "show ip nhrp cache json")
        return {"cache": _rows(cache), "link": _link(name, links[name])}

    return {"vpns": side_by_side(ask, _asked(links, arguments)), "sas": vici.list_sas()}


def nhrp(arguments: list[str]) -> dict[str, Any]:
    """NHRP's cache and shortcuts."""
    return _of_nhrp(arguments, {"cache": "show ip nhrp cache json", "shortcuts": "show ip nhrp shortcut json"})


def servers(arguments: list[str]) -> dict[str, Any]:
    """The next hop servers of each VPN, beside its cache."""
    return _of_nhrp(arguments, {"servers": "show ip nhrp nhs json", "cache": "show ip nhrp cache json"})


def bgp(arguments: list[str]) -> dict[str, Any]:
    """BGP's summary and neighbours of each VPN."""

    def ask(name: str) -> dict[str, Any] | None:
        summary, neighbors = _frr(name, "bgpd", "show bgp summary json", "show bgp neighbors json")
        return None if summary is None else {"summary": summary, "neighbors": neighbors}

    return side_by_side(ask, _asked(settings().places, arguments))


def routes(arguments: list[str]) -> dict[str, Any]:
    """The routes of each VPN, as FRR has them, and of the front door, as the kernel has them."""
    told = side_by_side(lambda name: _frr(name, "zebra", "show ip route json")[0], _asked(settings().places, arguments))
    return {"vpns": told, "front_door": _ip("", "route")}


def interfaces(_: list[str]) -> dict[str, Any]:
    """Links with addresses and counters of each namespace; the front door is ""."""
    return side_by_side(lambda name: _ip(name, "addr"), ("", *settings().places))


def _of_nhrp(arguments: list[str], commands: dict[str, str]) -> dict[str, Any]:

    def ask(name: str) -> dict[str, Any] | None:
        answers = [_rows(answer) for answer in _frr(name, "nhrpd", *commands.values())]
        return None if None in answers else dict(zip(commands, answers, strict=True))

    return {"vpns": side_by_side(ask, _asked(settings().places, arguments))}


def _asked(names: Iterable[str], arguments: list[str]) -> list[str]:
    return [name for name in names if not arguments or name == arguments[0]]


def _frr(vpn: str, daemon: str, *questions: str) -> list[Any]:
    """What a daemon of a VPN's FRR answers to several questions; None for what is no JSON."""
    return [_json(answer) for answer in vty.ask(vpn, daemon, *questions)]


def _json(text: str) -> Any:
    """The first document in a text: some answers have words around it."""
    try:
        return json.JSONDecoder().raw_decode(text, text.index("{"))[0]
    except ValueError:
        return None


def _rows(answer: Any) -> list[Any] | None:
    """The rows of an NHRP table."""
    if not isinstance(answer, dict):
        return None
    rows = answer.get("table", [])
    return rows if isinstance(rows, list) else []


def _link(vpn: str, name: str) -> str:
    link = look_at(vpn).links.get(name) if name else None
    if link is None:
        return "absent"
    return "up" if link.up else "down"


def _ip(place: str, what: str) -> list[Any]:
    done = run("ip", "-j", "-s", "-d", what, "show", place=place)
    try:
        read = json.loads(done.out or "[]")
    except ValueError:
        return []
    return [row for row in read if row] if isinstance(read, list) else []
