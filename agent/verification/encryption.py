"""Whether tunnels are encrypted, strongly, and alike at both ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.verification.finding import Finding
from agent.verification.ground import Ground, Member, one
from device_templates.model import Crypto, IkeProfile, IpsecProfile, Trustpoint

#: Encryption and integrity that nobody should render any more, by the words of the platforms.
_WEAK = re.compile(r"\b(esp-)?(null|des|3des|md5(-hmac)?|sha1?(-hmac)?|seal)\b")
_WEAK_GROUPS = {"1", "2", "5"}
_USE_STRONG = "use AES-GCM-256, prf sha384 and group 19 or 20"


def every_tunnel_is_protected(ground: Ground) -> Iterator[Finding]:
    """All tunnels are IPsec [WV-3]."""
    for view, model in ground.routers:
        for interface, tunnel in model.tunnels():
            if not tunnel.protection:
                yield one(view, "WV-3", f"{interface.name} is not protected by IPsec")


def shared_source_shares_profile(ground: Ground) -> Iterator[Finding]:
    """Multipoint tunnels on one interface use one IPsec profile, and all or none say ``shared`` [WV-3]."""
    for view, model in ground.routers:
        sources: dict[str, set[tuple[str, bool]]] = {}
        counts: dict[str, int] = {}
        for _, tunnel in model.tunnels():
            if tunnel.mode == "gre multipoint":
                sources.setdefault(tunnel.source, set()).add((tunnel.protection, tunnel.shared))
                counts[tunnel.source] = counts.get(tunnel.source, 0) + 1
        for source, kinds in sources.items():
            if len(kinds) > 1 or (counts[source] > 1 and not next(iter(kinds))[1]):
                yield one(view, "WV-3", f"tunnels on {source} do not share one IPsec profile")


def algorithms_are_strong(ground: Ground) -> Iterator[Finding]:
    """No DES, 3DES, MD5, SHA-1, no group 1, 2 or 5 [WV-3]."""
    for view, model in ground.routers:
        for what, words in _algorithms(model.crypto):
            if _WEAK.search(words):
                yield one(view, "WV-3", f"{what} allows weak algorithms: {words}", _USE_STRONG)
        for proposal in model.crypto.proposals:
            if weak := _WEAK_GROUPS & set(proposal.groups):
                yield one(view, "WV-3", f"proposal {proposal.name} allows group {', '.join(sorted(weak))}", _USE_STRONG)
        for profile in model.crypto.ipsec_profiles:
            if profile.pfs.removeprefix("group") in _WEAK_GROUPS:
                yield one(view, "WV-3", f"IPsec profile {profile.name} uses {profile.pfs}", _USE_STRONG)


def _algorithms(crypto: Crypto) -> Iterator[tuple[str, str]]:
    for proposal in crypto.proposals:
        words = " ".join((*proposal.encryption, *proposal.integrity, *proposal.prf))
        yield f"proposal {proposal.name}", words
    for transform in crypto.transforms:
        yield f"transform set {transform.name}", transform.algorithms


def something_is_proposed(ground: Ground) -> Iterator[Finding]:
    """IKEv2 proposals are stated: a platform's own defaults are older than its software [WV-3]."""
    for view, model in ground.routers:
        if not model.crypto.policies or not model.crypto.proposals:
            yield one(view, "WV-3", "no IKEv2 policy with a proposal is defined", _USE_STRONG)


def proposals_agree(ground: Ground) -> Iterator[Finding]:
    """The routers of a VPN propose alike [WV-3]."""
    for vpn in ground.vpns:
        yield from vpn.disagreement("WV-3", "what IKEv2 proposes", lambda member: _proposed(member.model.crypto))


def _proposed(crypto: Crypto) -> frozenset[tuple[tuple[str, ...], ...]]:
    used = {name for _, names in crypto.policies for name in names}
    return frozenset(
        (one.encryption, one.integrity, one.prf, one.groups) for one in crypto.proposals if one.name in used
    )


def profiles_agree(ground: Ground) -> Iterator[Finding]:
    """The routers of a VPN use one transform, mode and forward secrecy, and prove themselves alike [WV-3]."""
    for vpn in ground.vpns:
        yield from vpn.disagreement("WV-3", "the IPsec transform", _transforms)
        yield from vpn.disagreement("WV-3", "perfect forward secrecy", lambda member: _pfs(member))
        yield from vpn.disagreement("WV-3", "how peers prove who they are", _methods)
        yield from vpn.disagreement("WV-3", "the IKE key", _keys)
        yield from vpn.disagreement("WV-3", "the authority of its certificates", _authority)


def _ipsec(member: Member) -> IpsecProfile | None:
    name = member.tunnel.protection
    return next((one for one in member.model.crypto.ipsec_profiles if one.name == name), None)


def ike_profile_of(member: Member) -> IkeProfile | None:
    """The IKEv2 profile that protects a router's tunnel in a VPN."""
    ipsec = _ipsec(member)
    profiles = member.model.crypto.profiles
    return next((one for one in profiles if ipsec is not None and one.name == ipsec.ike_profile), None)


def trustpoint_of(member: Member) -> Trustpoint | None:
    """The trustpoint of that profile, None where it works with keys."""
    ike = ike_profile_of(member)
    return next((one for one in member.model.crypto.trustpoints if ike and one.name == ike.trustpoint), None)


def _transforms(member: Member) -> frozenset[tuple[str, str]]:
    ipsec = _ipsec(member)
    names = ipsec.transforms if ipsec else ()
    return frozenset((one.algorithms, one.mode) for one in member.model.crypto.transforms if one.name in names)


def _pfs(member: Member) -> str:
    ipsec = _ipsec(member)
    return ipsec.pfs if ipsec else ""


def _methods(member: Member) -> frozenset[str]:
    ike = ike_profile_of(member)
    return ike.methods if ike else frozenset()


def _keys(member: Member) -> frozenset[str]:
    ike = ike_profile_of(member)
    return frozenset(key.fingerprint for key in member.model.crypto.keys if ike and key.keyring == ike.keyring)


def _authority(member: Member) -> str:
    trustpoint = trustpoint_of(member)
    return trustpoint.fingerprint if trustpoint else ""
