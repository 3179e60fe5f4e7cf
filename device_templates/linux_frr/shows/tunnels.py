"""Reads what FRR and strongSwan show of tunnels: NHRP, BGP, and the associations that make a tunnel one that is up."""

from __future__ import annotations

from ipaddress import IPv4Address

from device_templates.linux_frr.shows.answers import Answer
from device_templates.shows import (
    ESTABLISHED,
    IkeState,
    IpsecCounters,
    Neighbor,
    NextHopServer,
    TunnelPeer,
    TunnelState,
)

#: Entries of NHRP's cache that lead to a peer.
_LEADING = frozenset({"nhs", "dynamic", "static", "cached"})
#: An association in these states carries packets; one that is replaced does so until the new one is there.
_CARRYING = frozenset({"INSTALLED", "UPDATING", "REKEYING", "REKEYED"})
_IKE = {
    "ESTABLISHED": IkeState.ESTABLISHED,
    "REKEYING": IkeState.ESTABLISHED,
    "REKEYED": IkeState.ESTABLISHED,
    "CREATED": IkeState.NEGOTIATING,
    "CONNECTING": IkeState.NEGOTIATING,
}
_BEST = (IkeState.ESTABLISHED, IkeState.NEGOTIATING, IkeState.ENDING)


def tunnels(vpn: Answer, sas: Answer, servers: Answer) -> tuple[TunnelPeer, ...]:
    """The peers that NHRP knows, and the hubs that it should know, each with what is missing until it is up.

    A peer is up only where NHRP leads to it and ESP for GRE is installed with its WAN address: never unencrypted.
    """
    known: dict[str, str | None] = {}
    for row in servers.rows():
        if _is_address(row["protocol"].text()):
            known[row["protocol"].text()] = _nbma(row["nbma"]) or _nbma(row["fqdn"])
    leading = nhrp(vpn["cache"])
    for row in vpn["cache"].rows():
        if row["type"].text() != "local" and _is_address(row["protocol"].text()):
            address = row["protocol"].text()
            known[address] = leading.get(address) or _nbma(row["nbma"]) or known.get(address)
    link = vpn["link"].text()
    return tuple(
        TunnelPeer(nbma, address, _state(nbma, sas, link=link, leads=address in leading), "")
        for address, nbma in known.items()
    )


def _state(nbma: str | None, sas: Answer, *, link: str, leads: bool) -> TunnelState:
    if link != "up" or not sas.told:
        return TunnelState.DOWN
    if nbma is None:
        return TunnelState.NHRP
    if ike(sas).get(nbma) is not IkeState.ESTABLISHED:
        return TunnelState.IKE
    if not any(_protects_gre(child) for child in _children(sas, nbma)):
        return TunnelState.IPSEC
    return TunnelState.UP if leads else TunnelState.NHRP


def nhrp(cache: Answer) -> dict[str, str]:
    """WAN (NBMA) address by tunnel address, of entries that lead to a peer."""
    rows = ((row["type"].text(), row["protocol"].text(), _nbma(row["nbma"])) for row in cache.rows())
    return {address: nbma for kind, address, nbma in rows if kind in _LEADING and nbma and _is_address(address)}


def servers(vpn: Answer) -> dict[str, NextHopServer]:
    """Hubs by tunnel address; one responds where NHRP has it in its cache, for it is there once it has answered."""
    answered = {row["protocol"].text() for row in vpn["cache"].rows() if row["type"].text() == "nhs"}
    addresses = [row["protocol"].text() for row in vpn["servers"].rows()]
    return {one: NextHopServer(one, one in answered, None, None, None) for one in addresses if _is_address(one)}


def neighbors(summary: Answer) -> dict[str, Neighbor]:
    """BGP neighbours by address."""
    found = {}
    for address, peer in summary["ipv4Unicast"]["peers"].items():
        state = peer["state"].text()
        if state and _is_address(address):
            since = peer["peerUptime"].text().replace("never", "")
            prefixes = peer["pfxRcd"].number() if state == ESTABLISHED else None
            found[address] = Neighbor(address, since, state, prefixes)
    return found


def ike(sas: Answer) -> dict[str, IkeState]:
    """The state by the peer's WAN address; of several with one peer the best."""
    found: dict[str, IkeState] = {}
    for sa in sas.rows():
        state, remote = _IKE.get(sa["state"].text(), IkeState.ENDING), sa["remote-host"].text()
        if _is_address(remote):
            found[remote] = min(state, found.get(remote, state), key=_BEST.index)
    return found


def ipsec(sas: Answer, remote: str) -> IpsecCounters | None:
    """What the associations with a peer carried; what IPsec threw away the kernel counts for all peers together."""
    children = [child for child in _children(sas, remote) if child["state"].text() in _CARRYING]
    if not children:
        return None
    out, into = (sum(child[key].number() or 0 for child in children) for key in ("packets-out", "packets-in"))
    return IpsecCounters(out, into, 0, 0)


def _children(sas: Answer, remote: str) -> list[Answer]:
    return [child for sa in sas.rows() if sa["remote-host"].text() == remote for _, child in sa["child-sas"].items()]


def _protects_gre(child: Answer) -> bool:
    if child["protocol"].text() != "ESP" or child["state"].text() not in _CARRYING:
        return False
    selectors = [one.text() for one in child["local-ts"].rows()]
    return not selectors or any("[gre" in one or "[47" in one for one in selectors)


def _nbma(answer: Answer) -> str | None:
    text = answer.text()
    return text if _is_address(text) else None


def _is_address(text: str) -> bool:
    try:
        return not IPv4Address(text).is_unspecified
    except ValueError:
        return False
