"""Whether certificates prove what they should: routers of a VPN know each other, and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.verification.encryption import ike_profile_of, trustpoint_of
from agent.verification.finding import Finding
from agent.verification.ground import FIX, Ground, Member, one
from device_templates.model import CertificateMap, IkeProfile, RouterModel, Trustpoint

_SIGNATURE = "-sig"
#: Operators of certificate maps; both texts are in small letters without needless blanks.
_HOLDS: dict[str, Callable[[str, str], bool]] = {
    "co": lambda name, value: value in name,
    "nc": lambda name, value: value not in name,
    "eq": lambda name, value: name == value,
    "ne": lambda name, value: name != value,
}


def certificates_are_usable(ground: Ground) -> Iterator[Finding]:
    """A router that proves itself by certificate can get one, checks others', and takes only those that fit [WV-3]."""
    for member, profile in _certified(ground):
        for fault in _faults(member, profile):
            yield one(member.view, "WV-3", f"IKEv2 profile {profile.name}: {fault}")


def _faults(member: Member, profile: IkeProfile) -> Iterator[str]:
    trustpoint = trustpoint_of(member)
    if trustpoint is None:
        yield "it signs with certificates and has no trustpoint"
        return
    for missing, what in (
        (not trustpoint.url, "no enrollment URL"),
        (not trustpoint.fingerprint, "no fingerprint: any authority would be believed"),
        (not trustpoint.subject, "no subject name"),
        (not trustpoint.automatic, "no auto-enroll: its certificate will expire"),
        (trustpoint.checks[:1] in {(), ("none",)}, "no check whether a certificate was revoked"),
    ):
        if missing:
            yield f"trustpoint {trustpoint.name} has {what}"
    known = {entry.name for entry in member.model.crypto.maps}
    if not profile.maps or not set(profile.maps) <= known:
        yield "no certificate map says whose certificates are taken"
    if profile.remote:
        yield "it also takes peers by what they call themselves, whatever their certificates say"


def members_know_each_other(ground: Ground) -> Iterator[Finding]:
    """Each router's name in its certificate fits the maps of the others in its VPN, and is its own [WV-3]."""
    for vpn in ground.vpns:
        subjects: dict[str, Member] = {}
        for member in vpn.members:
            trustpoint, profile = trustpoint_of(member), ike_profile_of(member)
            if trustpoint is None or profile is None:
                continue
            if trustpoint.subject and subjects.setdefault(trustpoint.subject, member) is not member:
                other = subjects[trustpoint.subject].router
                yield one(member.view, "WV-3", f"VPN {vpn.name}: its certificate has the same name as that of {other}")
            refusing = [peer.router for peer in vpn.members if peer is not member and not _takes(peer, trustpoint)]
            if refusing:
                message = f"VPN {vpn.name}: the certificate of {member.router} does not fit the map of {refusing[0]}"
                yield Finding("WV-3", (member.router, *refusing), message, FIX)


def strangers_are_refused(ground: Ground) -> Iterator[Finding]:
    """No router takes the certificate that the same authority gives to a router of another customer [WV-6]."""
    for member, profile in _certified(ground):
        own = trustpoint_of(member)
        for view, model in ground.routers:
            if own is None or view.customer.customer == member.view.customer.customer:
                continue
            theirs = (other for other in _used(model) if other.fingerprint == own.fingerprint)
            if any(_fits(member.model, profile, other) for other in theirs):
                message = (
                    f"IKEv2 profile {profile.name} takes the certificate of {view.router.name}, another customer's"
                )
                yield one(member.view, "WV-6", message)


def _certified(ground: Ground) -> Iterator[tuple[Member, IkeProfile]]:
    """Each router once for each of its profiles that work with certificates."""
    seen: set[tuple[str, str]] = set()
    for vpn in ground.vpns:
        for member in vpn.members:
            profile = ike_profile_of(member)
            if profile is None or (member.router, profile.name) in seen:
                continue
            seen.add((member.router, profile.name))
            if any(method.endswith(_SIGNATURE) for method in profile.methods):
                yield member, profile


def _used(model: RouterModel) -> Iterator[Trustpoint]:
    names = {profile.trustpoint for profile in model.crypto.profiles}
    return (trustpoint for trustpoint in model.crypto.trustpoints if trustpoint.name in names)


def _takes(member: Member, trustpoint: Trustpoint) -> bool:
    """Whether ``member`` takes a certificate; one that works with keys is another check's matter."""
    profile = ike_profile_of(member)
    return profile is None or not profile.maps or _fits(member.model, profile, trustpoint)


def _fits(model: RouterModel, profile: IkeProfile, trustpoint: Trustpoint) -> bool:
    return any(_holds(entry, trustpoint) for entry in model.crypto.maps if entry.name in profile.maps)


def _holds(entry: CertificateMap, trustpoint: Trustpoint) -> bool:
    """Whether an entry takes the certificate of a trustpoint; what it says of anything but the name is not known."""
    conditions = ((operator, value) for field, operator, value in entry.conditions if field == "subject-name")
    return all(operator in _HOLDS and _HOLDS[operator](trustpoint.subject, value) for operator, value in conditions)
