"""What FRR and the kernel tell of each VPN: tunnels, NHRP, BGP, routes and interfaces."""

from __future__ import annotations

import json
from typing import Any

from .. import files, places
from ..network.seen import look_at
from ..network.settings import FILE, Settings, read_settings
from ..services import vici
from ..system import run


def settings() -> Settings:
    """The settings that were applied last."""
    return read_settings(files.read(places.ROOT / FILE))


def tunnels(arguments: list[str]) -> dict[str, Any]:
    """NHRP's cache and the tunnel's state of each VPN, and all IKE SAs."""
    told = {}
    for vpn in settings().vpns:
        if _asked(vpn.name, arguments):
            (cache,) = _frr(vpn.name, "show ip nhrp cache json")
            told[vpn.name] = {"cache": _rows(cache), "link": _link(vpn.name, vpn.tunnel.name if vpn.tunnel else "")}
    return {"vpns": told, "sas": vici.list_sas()}


def nhrp(arguments: list[str]) -> dict[str, Any]:
    """NHRP's cache and shortcuts."""
    return _of_nhrp(arguments, {"cache": "show ip nhrp cache json", "shortcuts": "show ip nhrp shortcut json"})


def servers(arguments: list[str]) -> dict[str, Any]:
    """The next hop servers of each VPN, beside its cache."""
    return _of_nhrp(arguments, {"servers": "show ip nhrp nhs json", "cache": "show ip nhrp cache json"})


def bgp(arguments: list[str]) -> dict[str, Any]:
    """BGP's summary and neighbours of each VPN."""
    told: dict[str, Any] = {}
    for name in settings().places:
        if _asked(name, arguments):
            summary, neighbors = _frr(name, "show bgp summary json", "show bgp neighbors json")
            told[name] = None if summary is None else {"summary": summary, "neighbors": neighbors}
    return told


def routes(arguments: list[str]) -> dict[str, Any]:
    """The routes of each VPN, as FRR has them, and of the front door, as the kernel has them."""
    told = {name: _frr(name, "show ip route json")[0] for name in settings().places if _asked(name, arguments)}
    return {"vpns": told, "front_door": _ip("", "route")}


def interfaces(_: list[str]) -> dict[str, Any]:
    """Links with addresses and counters of each namespace; the front door is ""."""
    return {name: _ip(name, "addr") for name in ("", *settings().places)}


def _of_nhrp(arguments: list[str], commands: dict[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in settings().places:
        if _asked(name, arguments):
            answers = [_rows(answer) for answer in _frr(name, *commands.values())]
            told[name] = None if None in answers else dict(zip(commands, answers, strict=True))
    return {"vpns": told}


def _asked(name: str, arguments: list[str]) -> bool:
    return not arguments or name == arguments[0]


def _frr(vpn: str, *commands: str) -> list[Any]:
    """What a VPN's FRR answers to several questions, in one process; None for what is no JSON."""
    questions = [word for command in commands for word in ("-c", command)]
    out = run("vtysh", "-N", vpn, *questions, timeout_s=20).out
    decoder = json.JSONDecoder()
    answers: list[Any] = []
    at = 0
    while len(answers) < len(commands):
        at = out.find("{", at)
        if at < 0:
            break
        try:
            answer, at = decoder.raw_decode(out, at)
        except ValueError:
            break
        answers.append(answer)
    return answers if len(answers) == len(commands) else _one_by_one(vpn, commands)


def _one_by_one(vpn: str, commands: tuple[str, ...]) -> list[Any]:
    """The same, each in a process of its own, so that what says nothing is told from what does."""
    if len(commands) == 1:
        return [None]
    return [_frr(vpn, command)[0] for command in commands]


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
