"""Whether certificates prove what they should: routers of a VPN know each other, and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from ipaddress import IPv4Address
from urllib.parse import urlsplit

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, Member, cite, one
from agent.verification.pairs.agreement import between, first, grouped
from agent.verification.pairs.encryption import SIGNATURE, ike_profile_of, trustpoint_of
from device_templates.model import CertificateMap, IkeProfile, RouterModel, Trustpoint
from inventory import Severity, SiteView
from inventory.settings import CertificateAuthority

#: Operators of certificate maps; both texts are in small letters without needless blanks.
_HOLDS: dict[str, Callable[[str, str], bool]] = {
    "co": lambda name, value: value in name,
    "nc": lambda name, value: value not in name,
    "eq": lambda name, value: name == value,
    "ne": lambda name, value: name != value,
}
#: What the certificate of another customer's router would say, as names are rendered, in small letters.
_STRANGER = "cn=nobody,ou=nobody.vpn"
#: Those of one entry: field, operator, value.
Conditions = tuple[tuple[str, str, str], ...]


def certificates_are_usable(ground: Ground) -> Iterator[Finding]:
    """A router that proves itself by certificate can get one, checks others', and takes only those that fit [WV-3]."""
    for member, profile in _certified(ground):
        trustpoint = trustpoint_of(member)
        authority = ground.inventory.settings.pki.get(member.view.vpns[member.vpn].ike.certificates or "")
        wrong = (*_faults(member, profile), *_strange(trustpoint, authority), *_unreached(ground, member, trustpoint))
        for fault, field in wrong:
            own = trustpoint is not None and field != "maps"
            lines = cite(member.router, trustpoint.at if own and trustpoint else profile.at, field)
            message = f"IKEv2 profile {profile.name}: {fault}"
            yield one(member.view, "WV-3", message, lines=lines, option=f".vpns.{member.vpn}.ike.certificates")


def revocation_stops_nobody(ground: Ground) -> Iterator[Finding]:
    """Where nobody says what was revoked, peers are taken still: a permanent tunnel waits for no server [WV-3]."""
    for member, profile in _certified(ground):
        trustpoint = trustpoint_of(member)
        if trustpoint is not None and trustpoint.checks and trustpoint.checks[-1] != "none":
            lines = cite(member.router, trustpoint.at, "checks")
            message = f"IKEv2 profile {profile.name} takes no peer while revocations cannot be asked for"
            option = f".vpns.{member.vpn}.ike.certificates"
            yield one(member.view, "WV-3", message, lines=lines, option=option, severity=Severity.WARNING)


def _strange(trustpoint: Trustpoint | None, authority: CertificateAuthority | None) -> Iterator[tuple[str, str]]:
    """What of a trustpoint is not that of the authority which was ordered."""
    if trustpoint is None or authority is None:
        return
    if trustpoint.url and _place(trustpoint.url) != _place(authority.enrollment_url):
        yield f"trustpoint {trustpoint.name} enrols at {trustpoint.url}, where its authority is not", "url"
    if trustpoint.fingerprint and trustpoint.fingerprint != authority.fingerprint:
        yield f"trustpoint {trustpoint.name} believes another authority than the one ordered", "fingerprint"


def _unreached(ground: Ground, member: Member, trustpoint: Trustpoint | None) -> Iterator[tuple[str, str]]:
    """An authority in the management centre is reached by the management tunnel, in its table, any other outside."""
    centre, host = ground.inventory.settings.management_centre, _place(trustpoint.url)[0] if trustpoint else None
    tunnels = [one for one, tunnel in member.model.tunnels() if tunnel.destination == centre.peer]
    if trustpoint is None or not host or not tunnels:
        return
    try:
        address = IPv4Address(host)
    except ValueError:  # a name: where that is, is not in the configuration
        return
    inside = any(address in network for network in centre.networks)
    wanted = tunnels[0].vrf if inside else member.tunnel.front_vrf
    if trustpoint.vrf != wanted:
        where = f"VRF {trustpoint.vrf}" if trustpoint.vrf else "the global table"
        yield f"trustpoint {trustpoint.name} looks for its authority in {where}, where it is not", "url"


def _place(url: str) -> tuple[str | None, int]:
    try:
        parts = urlsplit(url)
        return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None, 0


def _faults(member: Member, profile: IkeProfile) -> Iterator[tuple[str, str]]:
    trustpoint = trustpoint_of(member)
    if trustpoint is None:
        yield "it signs with certificates and has no trustpoint", "trustpoint"
        return
    for missing, what, field in (
        (not trustpoint.url, "no enrollment URL", "url"),
        (not trustpoint.fingerprint, "no fingerprint: any authority would be believed", "fingerprint"),
        (not trustpoint.subject, "no subject name", "subject"),
        (not trustpoint.automatic, "no auto-enroll: its certificate will expire", "automatic"),
        (trustpoint.checks[:1] in {(), ("none",)}, "no check whether a certificate was revoked", "checks"),
    ):
        if missing:
            yield f"trustpoint {trustpoint.name} has {what}", field
    known = {entry.name for entry in member.model.crypto.maps}
    if not profile.maps or not set(profile.maps) <= known:
        yield "no certificate map says whose certificates are taken", "maps"
    if profile.remote:
        yield "it also takes peers by what they call themselves, whatever their certificates say", "maps"


def names_are_unique(ground: Ground) -> Iterator[Finding]:
    """No two routers of a VPN have one name in their certificates [WV-3]."""
    for vpn in ground.vpns:
        owners: dict[str, list[Member]] = {}
        for member in vpn.members:
            trustpoint = trustpoint_of(member)
            if trustpoint is not None and trustpoint.subject:
                owners.setdefault(trustpoint.subject, []).append(member)
        for found in owners.values():
            if len(found) > 1:
                message = f"VPN {vpn.name}: its certificate has the same name as that of {found[0].router}"
                yield between(found[1:], found[0], "WV-3", message, _subject_lines)


def _subject_lines(member: Member) -> tuple[Line, ...]:
    trustpoint = trustpoint_of(member)
    return cite(member.router, trustpoint.at, "subject") if trustpoint else ()


def members_know_each_other(ground: Ground) -> Iterator[Finding]:
    """Each router's name in its certificate fits the maps of the others in its VPN [WV-3]."""
    for vpn in ground.vpns:
        classes = grouped([one for one in vpn.members if _maps(one)], _maps)
        for at, (_, judges) in enumerate(classes):
            judge = first(judges)
            heard = vpn.members if at == 0 or judge.hub else vpn.hubs
            alone = len(judges) == 1
            strangers = [one for one in heard if not (alone and one is judge) and not takes(judge, one)]
            if strangers:
                odd = strangers[0]
                peer = next((one for one in judges if one is not odd), judge)
                message = f"VPN {vpn.name}: the certificate of {odd.router} does not fit the map of {peer.router}"
                yield between(strangers, peer, "WV-3", message, _name_or_map(peer))


def _maps(member: Member) -> tuple[Conditions, ...]:
    """What a member takes: routers that take the same fit together or not as one of them does."""
    profile = ike_profile_of(member)
    return _conditions(member.model, profile) if profile else ()


def _conditions(model: RouterModel, profile: IkeProfile) -> tuple[Conditions, ...]:
    return tuple(entry.conditions for entry in model.crypto.maps if entry.name in profile.maps)


def _name_or_map(judge: Member) -> Callable[[Member], tuple[Line, ...]]:
    def lines(member: Member) -> tuple[Line, ...]:
        if member is not judge:
            return _subject_lines(member)
        profile = ike_profile_of(judge)
        maps = [entry for entry in judge.model.crypto.maps if profile and entry.name in profile.maps]
        return tuple(line for entry in maps for line in cite(judge.router, entry.at))

    return lines


def strangers_are_refused(ground: Ground) -> Iterator[Finding]:
    """No router takes the certificate that its authority gives, or may give, to another customer's router [WV-6]."""
    given: dict[str, list[tuple[SiteView, Trustpoint]]] = {}
    for view, model in ground.routers:
        for trustpoint in _used(model):
            given.setdefault(trustpoint.fingerprint, []).append((view, trustpoint))
    judged: dict[tuple[Hashable, ...], str] = {}
    for member, profile in _certified(ground):
        own, customer = trustpoint_of(member), member.view.customer.customer
        if own is None:
            continue
        key = (customer, own.fingerprint, _conditions(member.model, profile))
        if key not in judged:
            others = ((view, name) for view, name in given[own.fingerprint] if view.customer.customer != customer)
            taken = (view.router.name for view, name in others if _fits(member.model, profile, name.subject))
            anybody = profile.maps and _fits(member.model, profile, _STRANGER)
            judged[key] = next(taken, "any router to which the authority gives one" if anybody else "")
        if judged[key]:
            message = f"IKEv2 profile {profile.name} takes the certificate of {judged[key]}, another customer's"
            option = f".vpns.{member.vpn}.ike.certificates"
            yield one(member.view, "WV-6", message, lines=_name_or_map(member)(member), option=option)


def _certified(ground: Ground) -> Iterator[tuple[Member, IkeProfile]]:
    """Each router once for each of its profiles that work with certificates."""
    seen: set[tuple[str, str]] = set()
    for vpn in ground.vpns:
        for member in vpn.members:
            profile = ike_profile_of(member)
            if profile is None or (member.router, profile.name) in seen:
                continue
            seen.add((member.router, profile.name))
            if any(method.endswith(SIGNATURE) for method in profile.methods):
                yield member, profile


def _used(model: RouterModel) -> Iterator[Trustpoint]:
    names = {profile.trustpoint for profile in model.crypto.profiles}
    return (trustpoint for trustpoint in model.crypto.trustpoints if trustpoint.name in names)


def takes(member: Member, other: Member) -> bool:
    """Whether ``member`` takes another one's certificate; one that works with keys is another check's matter."""
    profile, trustpoint = ike_profile_of(member), trustpoint_of(other)
    return profile is None or trustpoint is None or not profile.maps or _fits(member.model, profile, trustpoint.subject)


def _fits(model: RouterModel, profile: IkeProfile, subject: str) -> bool:
    return any(_holds(entry, subject) for entry in model.crypto.maps if entry.name in profile.maps)


def _holds(entry: CertificateMap, subject: str) -> bool:
    """Whether an entry takes a certificate by its name; what it says of anything else is not known."""
    conditions = ((operator, value) for field, operator, value in entry.conditions if field == "subject-name")
    return all(operator in _HOLDS and _HOLDS[operator](subject, value) for operator, value in conditions)


CHECKS = (
    certificates_are_usable,
    revocation_stops_nobody,
    names_are_unique,
    members_know_each_other,
    strangers_are_refused,
)
