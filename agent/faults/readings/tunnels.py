"""Reads what IOS-XE shows of tunnels, IKE associations, NHRP and BGP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import zip_longest

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ADDRESS = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_DMVPN = re.compile(
    rf"^[ \t]*\d+[ \t]+({_ADDRESS}|UNKNOWN)[ \t]+({_ADDRESS})[ \t]+([A-Z][A-Za-z/]*)[ \t]+(\S+)[ \t]+(\S+)",
    re.MULTILINE,
)
_IKE = re.compile(
    rf"^[ \t]*\d+[ \t]+({_ADDRESS})/\d+[ \t]+({_ADDRESS})/\d+[ \t]+\S+[ \t]+([A-Z][A-Z-]+)[ \t]*$", re.MULTILINE
)
_BGP = re.compile(
    rf"^\*?({_ADDRESS})[ \t]+4[ \t]+\d+(?:\.\d+)?(?:[ \t]+\d+){{5}}[ \t]+(\S+)[ \t]+(\S[^\n]*)$", re.MULTILINE
)
_NHRP_ENTRY = re.compile(rf"^(?=\*?{_ADDRESS}/32)", re.MULTILINE)
_NHRP = re.compile(rf"\*?({_ADDRESS})/32(?: \(\S+\))?\s+via\s+{_ADDRESS}\s.*?NBMA address: ({_ADDRESS})", re.DOTALL)
_SERVER = re.compile(rf"[ \t]*({_ADDRESS})[ \t]+([A-Z]{{1,5}})[ \t]")
_COUNTS = re.compile(r"req-sent[ \t]+(\d+)[ \t]+req-failed[ \t]+(\d+)[ \t]+repl-recv[ \t]+(\d+)")


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A line of ``show dmvpn``: the peer's WAN (NBMA) address where known, its tunnel address, state and time."""

    nbma: str | None
    tunnel: str
    state: str
    since: str

    @property
    def up(self) -> bool:
        return self.state == "UP"


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A line of a BGP summary; ``prefixes`` is None while the session is not established."""

    address: str
    since: str
    state: str
    prefixes: int | None


@dataclass(frozen=True, slots=True)
class NextHopServer:
    """A hub of ``show ip nhrp nhs detail``: whether it responds, and registrations sent and answered."""

    address: str
    responds: bool
    sent: int
    failed: int
    answered: int


def servers(text: str) -> dict[str, NextHopServer]:
    """Next-hop servers by tunnel address: flag R means that it responds, E that an answer is expected."""
    found, lines = {}, text.splitlines()
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        server = _SERVER.match(line)
        counts = _COUNTS.search(line) or (None if _SERVER.match(following) else _COUNTS.search(following))
        if server is not None and counts is not None:
            address, flags = server.groups()
            sent, failed, answered = map(int, counts.groups())
            found[address] = NextHopServer(address, "R" in flags, sent, failed, answered)
    return found


def tunnels(text: str) -> tuple[Tunnel, ...]:
    """The peers in ``show dmvpn``."""
    return tuple(
        Tunnel(None if nbma == "UNKNOWN" or IPv4Address(nbma).is_unspecified else nbma, peer, state, since)
        for nbma, peer, state, since, _ in _DMVPN.findall(text)
    )


def ike(text: str) -> dict[str, str]:
    """Status by remote address in ``show crypto ikev2 sa``: READY, IN-NEG, DELETE; no row, no association."""
    return {remote: status for _, remote, status in _IKE.findall(text)}


def neighbors(text: str) -> dict[str, Neighbor]:
    """BGP neighbours by address in a summary."""
    found = {}
    for address, since, last in _BGP.findall(text):
        state = last.strip()
        prefixes = int(state) if state.isdecimal() else None
        found[address] = Neighbor(address, since, "Established" if prefixes is not None else state, prefixes)
    return found


def nhrp(text: str) -> dict[str, str]:
    """WAN (NBMA) address by tunnel address in ``show ip nhrp``."""
    entries = (_NHRP.match(entry) for entry in _NHRP_ENTRY.split(text))
    return {entry[1]: entry[2] for entry in entries if entry is not None}
