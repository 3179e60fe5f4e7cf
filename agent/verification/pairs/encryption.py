"""Whether tunnels are encrypted, strongly, and by profiles that can be used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, Member, cite, front_of, one, source_of
from agent.verification.pairs.tunnels import MULTIPOINT
from device_templates.model import (
    At,
    Crypto,
    IkePolicy,
    IkeProfile,
    Interface,
    IpsecProfile,
    RouterModel,
    Trustpoint,
    Tunnel,
)
from inventory import SiteView

#: Encryption and integrity that nobody should render any more, by the words of the platforms.
_WEAK = re.compile(r"\b(esp-)?(null|des|3des|md5(-hmac)?|sha1?(-hmac)?|seal)\b")
_WEAK_GROUPS = {"1", "2", "5"}
_USE_STRONG = "use AES-GCM-256, prf sha384, group 19 or 20, RSA keys of 3072 bits and SHA-512"
#: Of RSA, in bits: shorter ones are no longer allowed [NIST SP 800-131A].
_SHORTEST_KEY = 2048
#: Signatures, beside keys, are how peers prove who they are.
SIGNATURE = "-sig"


def ipsec_of(model: RouterModel, tunnel: Tunnel) -> IpsecProfile | None:
    """The IPsec profile that protects a tunnel."""
    return next((one for one in model.crypto.ipsec_profiles if one.name == tunnel.protection), None)


def ike_of(model: RouterModel, tunnel: Tunnel) -> IkeProfile | None:
    """The IKEv2 profile that protects a tunnel."""
    ipsec = ipsec_of(model, tunnel)
    return next((one for one in model.crypto.profiles if ipsec is not None and one.name == ipsec.ike_profile), None)


def ike_profile_of(member: Member) -> IkeProfile | None:
    """The IKEv2 profile that protects a router's tunnel in a VPN."""
    return ike_of(member.model, member.tunnel)


def trustpoint_of(member: Member) -> Trustpoint | None:
    """The trustpoint of that profile, None where it works with keys."""
    ike = ike_profile_of(member)
    return next((one for one in member.model.crypto.trustpoints if ike and one.name == ike.trustpoint), None)


def every_tunnel_is_protected(ground: Ground) -> Iterator[Finding]:
    """All tunnels are IPsec [WV-3]."""
    for view, model in ground.routers:
        for interface, tunnel in model.tunnels():
            if not tunnel.protection:
                lines = cite(view.router.name, interface.at)
                yield one(view, "WV-3", f"{interface.name} is not protected by IPsec", lines=lines)


def profiles_are_complete(ground: Ground) -> Iterator[Finding]:
    """What protects a tunnel is there: transforms, an IKEv2 profile with peers that it takes, and a key [WV-3]."""
    for view, model in ground.routers:
        for interface, tunnel in model.tunnels():
            for fault, at in _missing(model, tunnel) if tunnel.protection else ():
                lines = (*cite(view.router.name, tunnel.at, "protection"), *cite(view.router.name, at))
                yield one(view, "WV-3", f"{interface.name}: {fault}", lines=tuple(dict.fromkeys(lines)))


def _missing(model: RouterModel, tunnel: Tunnel) -> Iterator[tuple[str, At]]:
    ipsec, ike = ipsec_of(model, tunnel), ike_of(model, tunnel)
    if ipsec is None:
        yield f"IPsec profile {tunnel.protection} does not exist", tunnel.at
        return
    known = {transform.name for transform in model.crypto.transforms}
    if not known.intersection(ipsec.transforms):
        yield f"IPsec profile {ipsec.name} has no transform set", ipsec.at
    if ike is None:
        yield f"IPsec profile {ipsec.name} has no IKEv2 profile", ipsec.at
        return
    if ike.shutdown:
        yield f"IKEv2 profile {ike.name} is shut down", ike.at
    if not ike.methods or bool(ike.own) != bool(ike.theirs):
        yield f"IKEv2 profile {ike.name} says not how both ends prove who they are", ike.at
    if ike.front_vrf not in (None, tunnel.front_vrf):
        yield f"IKEv2 profile {ike.name} waits for peers in another table than the tunnel's", ike.at
    if ike.proposals == ():
        yield f"IKEv2 profile {ike.name} proposes nothing by IKEv2 that is the same in all its parts", ike.at
    if not ike.remote and not ike.maps:
        yield f"IKEv2 profile {ike.name} takes no peer: it matches no identity and no certificate", ike.at
    if "pre-share" in ike.methods and not any(key.keyring == ike.keyring for key in model.crypto.keys):
        yield f"IKEv2 profile {ike.name} works with keys and has no keyring with one", ike.at


def shared_source_shares_profile(ground: Ground) -> Iterator[Finding]:
    """Multipoint tunnels on one interface use one IPsec profile, say ``shared``, and name it in one way [WV-3]."""
    for view, model in ground.routers:
        sources: dict[str, list[tuple[Interface, Tunnel]]] = {}
        for interface, tunnel in model.tunnels():
            if tunnel.mode == MULTIPOINT:
                sources.setdefault(source_of(model, tunnel), []).append((interface, tunnel))
        for source, found in sources.items():
            kinds = {(tunnel.protection, tunnel.shared) for _, tunnel in found}
            if len(kinds) > 1 or (len(found) > 1 and not found[0][1].shared):
                lines = tuple(line for _, tunnel in found for line in cite(view.router.name, tunnel.at, "protection"))
                yield one(view, "WV-3", f"tunnels on {source} do not share one IPsec profile", lines=lines)
            elif len({tunnel.source for _, tunnel in found}) > 1:
                lines = tuple(line for _, tunnel in found for line in cite(view.router.name, tunnel.at, "source"))
                message = f"tunnels share an IPsec profile and name their source {source} in different ways"
                yield one(view, "WV-3", message, "name it in one way", lines=lines)


def algorithms_are_strong(ground: Ground) -> Iterator[Finding]:
    """No DES, 3DES, MD5, SHA-1, no group 1, 2 or 5, no RSA key of less than 2048 bits [WV-3]."""
    for view, model in ground.routers:
        for message, lines in _weak(view, model.crypto):
            yield one(view, "WV-3", message, _USE_STRONG, lines=lines)


def _weak(view: SiteView, crypto: Crypto) -> Iterator[tuple[str, tuple[Line, ...]]]:
    router = view.router.name
    for what, words, at in _algorithms(crypto):
        if found := _WEAK.search(words):
            yield f"{what} allows weak algorithms: {words}", cite(router, at, _field(at, found.group()))
    for proposal in crypto.proposals:
        if weak := _WEAK_GROUPS & set(proposal.groups):
            where = cite(router, proposal.at, "groups")
            yield f"proposal {proposal.name} allows group {', '.join(sorted(weak))}", where
    for profile in crypto.ipsec_profiles:
        if profile.pfs.removeprefix("group") in _WEAK_GROUPS:
            yield f"IPsec profile {profile.name} uses {profile.pfs}", cite(router, profile.at, "pfs")
    used = {profile.trustpoint for profile in crypto.profiles}
    for trustpoint in (found for found in crypto.trustpoints if found.name in used):
        if trustpoint.key_bits is not None and trustpoint.key_bits < _SHORTEST_KEY:
            where = cite(router, trustpoint.at, "key_bits")
            yield f"trustpoint {trustpoint.name} has a key of {trustpoint.key_bits} bits", where
        if not trustpoint.digest or _WEAK.search(trustpoint.digest):
            said = trustpoint.digest or "whatever the platform has"
            yield f"trustpoint {trustpoint.name} signs with {said}", cite(router, trustpoint.at, "digest")


def _field(at: At, word: str) -> str:
    """The field of a proposal that a weak word most likely stands in."""
    hash_word = word.startswith(("md5", "sha"))
    named = {name for name, _ in at.fields}
    return next((one for one in ("integrity", "prf") if hash_word and one in named), "encryption")


def _algorithms(crypto: Crypto) -> Iterator[tuple[str, str, At]]:
    for proposal in crypto.proposals:
        words = " ".join((*proposal.encryption, *proposal.integrity, *proposal.prf))
        yield f"proposal {proposal.name}", words, proposal.at
    for transform in crypto.transforms:
        yield f"transform set {transform.name}", transform.algorithms, transform.at


def something_is_proposed(ground: Ground) -> Iterator[Finding]:
    """Every tunnel has IKEv2 proposals that are stated: a platform's own are older than its software [WV-3]."""
    for view, model in ground.routers:
        known = {proposal.name for proposal in model.crypto.proposals}
        if not any(known.intersection(policy.proposals) for policy in model.crypto.policies):
            lines = tuple(line for profile in model.crypto.profiles for line in cite(view.router.name, profile.at))
            yield one(view, "WV-3", "no IKEv2 policy with a proposal is defined", _USE_STRONG, lines=lines)
            continue
        for interface, tunnel in model.tunnels():
            if tunnel.protection and not any(True for _ in policies_of(model, tunnel)):
                scopes = (one for one in model.crypto.policies if one.front_vrf is not None or one.addresses)
                lines = tuple(line for one in scopes for line in _scope(view.router.name, one))
                message = f"no IKEv2 policy is for the table and the address that {interface.name} leaves by"
                yield one(view, "WV-3", message, _USE_STRONG, lines=lines)


def _scope(router: str, policy: IkePolicy) -> tuple[Line, ...]:
    return tuple(dict.fromkeys(line for name in ("front_vrf", "addresses") for line in cite(router, policy.at, name)))


def policies_of(model: RouterModel, tunnel: Tunnel) -> Iterator[IkePolicy]:
    """The policies that a tunnel negotiates by: those of its front table, and of the address that it leaves by."""
    front = front_of(model, tunnel)
    address = front.address.ip if front and front.address else None
    for policy in model.crypto.policies:
        if policy.front_vrf in (None, tunnel.front_vrf) and (not policy.addresses or address in policy.addresses):
            yield policy


CHECKS = (
    every_tunnel_is_protected,
    profiles_are_complete,
    shared_source_shares_profile,
    something_is_proposed,
    algorithms_are_strong,
)
