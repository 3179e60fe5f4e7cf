"""Whether two ends agree on IKEv2 and IPsec, as they negotiate it: something in common, not equal texts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, Member, VpnGround, cite
from agent.verification.pairs.agreement import Aspect, between, couples, disagreements, first, secret
from agent.verification.pairs.encryption import ike_profile_of, ipsec_of, policies_of, trustpoint_of
from device_templates.model import IkeProposal

#: Encryption that authenticates by itself, by the words of the platforms.
_AEAD = ("aes-gcm", "chacha20")
Offer = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]
V = TypeVar("V", bound=Hashable)


def proposals_meet(ground: Ground) -> Iterator[Finding]:
    """Two ends have an IKEv2 proposal in common: a cipher, its integrity, a prf and a group [WV-3]."""
    for vpn in ground.vpns:
        yield from _apart(vpn, _offers, _meet, "what IKEv2 proposes has nothing in common with", _proposal_lines)


def _offers(member: Member) -> frozenset[Offer]:
    return frozenset((one.encryption, one.integrity, one.prf or one.integrity, one.groups) for one in _used(member))


def _used(member: Member) -> tuple[IkeProposal, ...]:
    """The proposals of its profile, else those of the policies that are for its tunnel."""
    ike = ike_profile_of(member)
    used = {name for policy in policies_of(member.model, member.tunnel) for name in policy.proposals}
    if ike is not None and ike.proposals is not None:
        used = {*ike.proposals}
    return tuple(one for one in member.model.crypto.proposals if one.name in used)


def _meet(mine: frozenset[Offer], theirs: frozenset[Offer]) -> bool:
    return any(_common(one, other) for one in mine for other in theirs)


def _common(one: Offer, other: Offer) -> bool:
    ciphers = set(one[0]) & set(other[0])
    aead = any(cipher.startswith(_AEAD) for cipher in ciphers)
    return bool(ciphers and (aead or set(one[1]) & set(other[1])) and set(one[2]) & set(other[2])) and bool(
        set(one[3]) & set(other[3])
    )


def _proposal_lines(member: Member) -> tuple[Line, ...]:
    """The fields of its proposals, for any of them may be what differs."""
    lines = (
        line
        for proposal in _used(member)
        for field in ("encryption", "integrity", "prf", "groups")
        for line in cite(member.router, proposal.at, field)
    )
    return tuple(dict.fromkeys(lines)) or _profile("")(member)


def transforms_meet(ground: Ground) -> Iterator[Finding]:
    """Two ends have an IPsec transform in common, in the same mode [WV-3]."""
    for vpn in ground.vpns:
        yield from _apart(vpn, _transforms, _share, "the IPsec transform is not that of", _transform_lines)


def _transforms(member: Member) -> frozenset[tuple[str, str]]:
    ipsec = ipsec_of(member.model, member.tunnel)
    names = ipsec.transforms if ipsec else ()
    return frozenset((one.algorithms, one.mode) for one in member.model.crypto.transforms if one.name in names)


def _share(mine: frozenset[tuple[str, str]], theirs: frozenset[tuple[str, str]]) -> bool:
    return bool(mine & theirs)


def _transform_lines(member: Member) -> tuple[Line, ...]:
    ipsec = ipsec_of(member.model, member.tunnel)
    used = [one for one in member.model.crypto.transforms if ipsec and one.name in ipsec.transforms]
    lines = (line for one in used for field in ("algorithms", "mode") for line in cite(member.router, one.at, field))
    return tuple(dict.fromkeys(lines)) or member.of_tunnel("protection")


def _apart(
    vpn: VpnGround,
    value: Callable[[Member], V],
    fits: Callable[[V, V], bool],
    words: str,
    at: Callable[[Member], tuple[Line, ...]],
) -> Iterator[Finding]:
    """A finding for each class of routers that fits another one not, where it has to."""
    seen: set[str] = set()
    for mine, group, theirs, others in couples(vpn.members, value):
        odd, peer = first(group), first(others)
        if odd.router not in seen and not fits(mine, theirs):
            seen.add(odd.router)
            message = f"VPN {vpn.name}: {words} {peer.router}"
            yield between(group, peer, "WV-3", message, at)


def _profile(field: str) -> Callable[[Member], tuple[Line, ...]]:
    def lines(member: Member) -> tuple[Line, ...]:
        ike = ike_profile_of(member)
        return cite(member.router, ike.at, field) if ike else member.of_tunnel("protection")

    return lines


def _ipsec(field: str) -> Callable[[Member], tuple[Line, ...]]:
    def lines(member: Member) -> tuple[Line, ...]:
        ipsec = ipsec_of(member.model, member.tunnel)
        return cite(member.router, ipsec.at, field) if ipsec else member.of_tunnel("protection")

    return lines


def _trust(member: Member) -> tuple[Line, ...]:
    trustpoint = trustpoint_of(member)
    return cite(member.router, trustpoint.at, "fingerprint") if trustpoint else _profile("trustpoint")(member)


def _pfs(member: Member) -> str:
    ipsec = ipsec_of(member.model, member.tunnel)
    return ipsec.pfs if ipsec else ""


def _methods(member: Member) -> frozenset[str]:
    ike = ike_profile_of(member)
    return ike.methods if ike else frozenset()


def _authority(member: Member) -> str:
    trustpoint = trustpoint_of(member)
    return trustpoint.fingerprint if trustpoint else ""


def _ike(vpn: VpnGround, _: Member) -> str:
    return vpn.option("ike")


def _listed(value: Hashable) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)


_ASPECTS = (
    Aspect(
        "WV-3", "perfect forward secrecy", _pfs, _ipsec("pfs"), lambda _vpn, _member: "", lambda one: str(one or "no")
    ),
    Aspect("WV-3", "how peers prove who they are", _methods, _profile("methods"), _ike, _listed),
    Aspect("WV-3", "the authority of its certificates", _authority, _trust, _ike, secret),
)


def profiles_agree(ground: Ground) -> Iterator[Finding]:
    """The routers of a VPN use one forward secrecy, prove themselves alike, and know one authority [WV-3]."""
    for vpn in ground.vpns:
        for aspect in _ASPECTS:
            yield from disagreements(vpn, aspect)


CHECKS = (proposals_meet, transforms_meet, profiles_agree)
