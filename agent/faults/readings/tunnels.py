"""Reads what IOS-XE shows of tunnels, IKE associations, NHRP and BGP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ADDRESS = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_DMVPN = re.compile(rf"^\s*\d+\s+({_ADDRESS}|UNKNOWN)\s+({_ADDRESS})\s+([A-Z][A-Za-z/]*)\s+(\S+)\s+(\S+)", re.MULTILINE)
_IKE = re.compile(rf"^\s*\d+\s+({_ADDRESS})/\d+\s+({_ADDRESS})/\d+\s+\S+\s+([A-Z][A-Z-]+)\s*$", re.MULTILINE)
_BGP = re.compile(rf"^\*?({_ADDRESS})\s+4\s+\d+(?:\.\d+)?(?:\s+\d+){{5}}\s+(\S+)\s+(\S.*?)\s*$", re.MULTILINE)
_NHRP_ENTRY = re.compile(rf"^(?=\*?{_ADDRESS}/32)", re.MULTILINE)
_NHRP = re.compile(rf"\*?({_ADDRESS})/32(?: \(\S+\))?\s+via\s+{_ADDRESS}\s.*?NBMA address: ({_ADDRESS})", re.DOTALL)
_SERVER = re.compile(
    rf"^[ \t]*({_ADDRESS})[ \t]+([A-Z]{{1,5}})[ \t](?:[^\n]*\n?[^\n]*?)"
    r"req-sent\s+(\d+)\s+req-failed\s+(\d+)\s+repl-recv\s+(\d+)",
    re.MULTILINE,
)


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
    found = {}
    for address, flags, sent, failed, answered in _SERVER.findall(text):
        found[address] = NextHopServer(address, "R" in flags, int(sent), int(failed), int(answered))
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
        prefixes = int(last) if last.isdigit() else None
        found[address] = Neighbor(address, since, "Established" if prefixes is not None else last, prefixes)
    return found


def nhrp(text: str) -> dict[str, str]:
    """WAN (NBMA) address by tunnel address in ``show ip nhrp``."""
    entries = (_NHRP.match(entry) for entry in _NHRP_ENTRY.split(text))
    return {entry[1]: entry[2] for entry in entries if entry is not None}
