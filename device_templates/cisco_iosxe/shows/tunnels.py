"""Reads what IOS-XE shows of tunnels, IKE associations, NHRP and BGP."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from itertools import zip_longest

from device_templates.shows import ESTABLISHED, IkeState, Neighbor, NextHopServer, TunnelPeer, TunnelState

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ADDRESS = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_HEAD = re.compile(r"Interface: (Tunnel\d+)\b")
_PEER = re.compile(rf"[ \t]*\d+[ \t]+({_ADDRESS}|UNKNOWN)[ \t]+({_ADDRESS})[ \t]+([A-Z][A-Za-z/]*)[ \t]+(\S+)[ \t]+\S")
#: A second tunnel address behind the same NBMA address comes without its first two columns.
_SAME_NBMA = re.compile(rf"[ \t]+({_ADDRESS})[ \t]+(UP|NHRP|IKE|IPSEC)[ \t]+(\S+)[ \t]+\S")
_IKE = re.compile(
    rf"^[ \t]*\d+[ \t]+({_ADDRESS})/\d+[ \t]+({_ADDRESS})/\d+[ \t]+\S+[ \t]+([A-Z][A-Z-]+)[ \t]*$", re.MULTILINE
)
_IKE_STATES = {"READY": IkeState.ESTABLISHED, "DELETE": IkeState.ENDING}
_BGP = re.compile(
    rf"^\*?({_ADDRESS})[ \t]+4[ \t]+\d+(?:\.\d+)?(?:[ \t]+\d+){{5}}[ \t]+(\S+)[ \t]+(\S[^\n]*)$", re.MULTILINE
)
_NHRP_ENTRY = re.compile(rf"^(?=\*?{_ADDRESS}/32)", re.MULTILINE)
_NHRP = re.compile(rf"\*?({_ADDRESS})/32(?: \(\S+\))?\s+via\s+{_ADDRESS}\s.*?NBMA address: ({_ADDRESS})", re.DOTALL)
_SERVER = re.compile(rf"[ \t]*({_ADDRESS})[ \t]+([A-Z]{{1,5}})[ \t]")
_COUNTS = re.compile(r"req-sent[ \t]+(\d+)[ \t]+req-failed[ \t]+(\d+)[ \t]+repl-recv[ \t]+(\d+)")


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


def tunnels(text: str) -> tuple[tuple[str, TunnelPeer], ...]:
    """The peers in ``show dmvpn``, each with its interface, which is "" before the first one is named."""
    peers, interface, nbma = [], "", ""
    for line in text.splitlines():
        if head := _HEAD.match(line):
            interface = head[1]
        elif row := _PEER.match(line):
            nbma, peer, state, since = row.groups()
            peers.append((interface, TunnelPeer(_known(nbma), peer, _state(state), since)))
        elif row := _SAME_NBMA.match(line):
            peer, state, since = row.groups()
            peers.append((interface, TunnelPeer(_known(nbma), peer, _state(state), since)))
    return tuple(peers)


def _known(nbma: str) -> str | None:
    return None if nbma in ("", "UNKNOWN") or IPv4Address(nbma).is_unspecified else nbma


def _state(word: str) -> TunnelState:
    return TunnelState(word) if word in TunnelState.__members__ else TunnelState.DOWN


def ike(text: str) -> dict[str, IkeState]:
    """State by remote address in ``show crypto ikev2 sa``; the best one where a peer has several associations."""
    found: dict[str, IkeState] = {}
    for _, remote, status in _IKE.findall(text):
        state = _IKE_STATES.get(status, IkeState.NEGOTIATING)
        found[remote] = min(found.get(remote, state), state, key=list(IkeState).index)
    return found


def neighbors(text: str) -> dict[str, Neighbor]:
    """BGP neighbours by address in a summary."""
    found = {}
    for address, since, last in _BGP.findall(text):
        state = last.strip()
        prefixes = int(state) if state.isdecimal() else None
        found[address] = Neighbor(address, since, ESTABLISHED if prefixes is not None else state, prefixes)
    return found


def nhrp(text: str) -> dict[str, str]:
    """WAN (NBMA) address by tunnel address in ``show ip nhrp``."""
    entries = (_NHRP.match(entry) for entry in _NHRP_ENTRY.split(text))
    return {entry[1]: entry[2] for entry in entries if entry is not None}
