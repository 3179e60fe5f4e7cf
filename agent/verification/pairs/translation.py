"""Whether tunnels pass the translation of addresses that a site is behind: ESP in UDP, in transport mode."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, Member, VpnGround, cite, one
from agent.verification.pairs.encryption import ipsec_of
from agent.verification.pairs.tunnels import MULTIPOINT

_TRANSPORT = "transport"


def tunnels_pass_translation(ground: Ground) -> Iterator[Finding]:
    """Where a site is behind translation, both ends put ESP into UDP, and leave the outer addresses to NHRP [WV-3]."""
    told: set[tuple[str, str]] = set()
    for vpn in ground.vpns:
        for member in vpn.members if _translated(vpn) else ():
            for fault, lines in _faults(member):
                if (member.router, fault) not in told:
                    told.add((member.router, fault))
                    message = f"VPN {vpn.name}: {fault}, and a site is behind address translation"
                    yield one(member.view, "WV-3", message, lines=lines, option="access.nat")


def _translated(vpn: VpnGround) -> bool:
    """Whether any site of a VPN is behind translation, at hand or not."""
    customer = vpn.members[0].view.customer if vpn.members else None
    return any(site.access.nat and vpn.name in site.tunnels for site in customer.sites.values()) if customer else False


def _faults(member: Member) -> Iterator[tuple[str, tuple[Line, ...]]]:
    crypto, ipsec = member.model.crypto, ipsec_of(member.model, member.tunnel)
    if not crypto.traverses_nat:
        yield "it does not put ESP into UDP", cite(member.router, crypto.at, "plain")
    used = [one for one in crypto.transforms if ipsec and one.name in ipsec.transforms]
    if member.tunnel.mode == MULTIPOINT and used and all(one.mode != _TRANSPORT for one in used):
        lines = cite(member.router, used[0].at, "mode") or cite(member.router, used[0].at)
        yield f"transform set {used[0].name} is not of transport mode", lines


CHECKS = (tunnels_pass_translation,)
