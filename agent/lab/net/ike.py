"""Whether two ends agree on IKEv2 and IPsec: the suite they use, or the first thing they disagree on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network

from agent.lab.net.reasons import Reason
from agent.lab.pki.certificate import Certificate, distinguished
from agent.lab.running.crypto import (
    DEFAULT_PROPOSAL,
    Conditions,
    CryptoConfig,
    IkeProfile,
    IpsecProfile,
    KeyringPeer,
    Proposal,
)

_AEAD = ("aes-gcm",)


@dataclass(frozen=True)
class End:
    """One end: its crypto configuration, the front door's VRF, and the IPsec profile in use.

    ``address`` is where its peer sees it, ``local`` the one it has itself: they differ behind address translation.
    ``keys`` names the key pairs that it holds, None for all that its certificates need; ``ended`` are certificates, by
    serial number, that end earlier than they say.
    """

    crypto: CryptoConfig
    hostname: str
    address: IPv4Address
    local: IPv4Address
    fvrf: str
    profile: str
    keys: frozenset[str] | None = None
    ended: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suite:
    """What two ends agreed on. ``sign`` is the first end's method, ``verify`` the second's; ids as presented."""

    encryption: str
    integrity: str
    prf: str
    group: str
    sign: str
    verify: str
    local_id: str
    remote_id: str
    transform: tuple[str, ...]
    mode: str
    pfs: str


@dataclass(frozen=True)
class _Ready:
    """An end with its profiles looked up."""

    end: End
    ipsec: IpsecProfile
    ike: IkeProfile
    identity: str

    @property
    def certificate(self) -> Certificate | None:
        """What it signs with: a certificate whose private key it holds, of an authority that it knows."""
        trustpoint = self.end.crypto.trustpoints.get(self.ike.trustpoint)
        own = trustpoint.own if trustpoint and trustpoint.authority else None
        return own if own and (self.end.keys is None or own.key in self.end.keys) else None


def agree(one: End, two: End, moment: float = 0.0) -> Suite | Reason:
    """Negotiate as ``one`` (the initiator) and ``two`` would; whether it succeeds does not depend on who begins.

    ``moment`` is when they prove who they are, in lab seconds: certificates must hold then.
    """
    near, far = _ready(one), _ready(two)
    if isinstance(near, Reason):
        return near
    if isinstance(far, Reason):
        return far
    proposal = _proposal(near.end, far.end)
    if proposal is None:
        return Reason.IKE_PROPOSAL
    refusal = _authenticated(near, far, moment) or _of_the_peer(_authenticated(far, near, moment))
    if refusal:
        return refusal
    transform = _transform(near, far)
    if isinstance(transform, Reason):
        return transform
    if near.ipsec.pfs != far.ipsec.pfs:
        return Reason.PFS
    algorithms, mode = transform
    return Suite(
        encryption=proposal.encryption[0],
        integrity="".join(proposal.integrity[:1]),
        prf=proposal.prf[0],
        group=proposal.group[0],
        sign=near.ike.local,
        verify=far.ike.local,
        local_id=near.identity,
        remote_id=far.identity,
        transform=algorithms,
        mode=mode,
        pfs=near.ipsec.pfs,
    )


def _ready(end: End) -> _Ready | Reason:
    ipsec = end.crypto.ipsec_profiles.get(end.profile)
    if ipsec is None or not any(name in end.crypto.transforms for name in ipsec.transforms):
        return Reason.PROFILE_INCOMPLETE
    ike = end.crypto.ike_profiles.get(ipsec.ike_profile)
    if ike is None or ike.shutdown or not ike.local or not ike.remote or not (ike.match or ike.maps):
        return Reason.PROFILE_INCOMPLETE
    if ike.fvrf not in {end.fvrf, "any"}:
        return Reason.WRONG_VRF
    identity = ike.identity
    if not identity or identity.startswith("address"):
        identity = "dn" if not identity and _signs(ike.local) else f"address {end.local}"
    ready = _Ready(end, ipsec, ike, identity)
    return replace(ready, identity=f"dn {_subject(ready)}") if identity == "dn" else ready


def _subject(ready: _Ready) -> str:
    return ready.certificate.subject if ready.certificate else ready.end.hostname


def _signs(method: str) -> bool:
    return method.endswith("-sig")


def _proposal(near: End, far: End) -> Proposal | None:
    """The first of ``near``'s proposals that meets one of ``far``'s, cut down to what is common."""
    for mine in _offered(near):
        for theirs in _offered(far):
            for cipher in (cipher for cipher in mine.encryption if cipher in theirs.encryption):
                aead = cipher.startswith(_AEAD)
                integrity = () if aead else _common(mine.integrity, theirs.integrity)
                prf, group = _common(mine.prf, theirs.prf), _common(mine.group, theirs.group)
                if prf and group and (aead or integrity):
                    return Proposal((cipher,), integrity, prf, group)
    return None


def _offered(end: End) -> list[Proposal]:
    places = [policy for policy in end.crypto.policies.values() if policy.fvrf in {end.fvrf, "any"}]
    policies = [policy for policy in places if not policy.addresses or str(end.local) in policy.addresses]
    if not policies:
        return [DEFAULT_PROPOSAL]
    names = [name for policy in policies for name in policy.proposals]
    return [end.crypto.proposals[name] for name in names if name in end.crypto.proposals]


def _common(mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in mine if one in theirs)


def _of_the_peer(reason: Reason | None) -> Reason | None:
    return Reason.PEER_CERTIFICATE_EXPIRED if reason is Reason.CERTIFICATE_EXPIRED else reason


def _authenticated(near: _Ready, far: _Ready, moment: float) -> Reason | None:
    """Whether ``near`` proves itself to ``far``."""
    if near.ike.local not in far.ike.remote:
        return Reason.AUTH_METHOD
    if _signs(near.ike.local):
        return _certified(near, far, moment)
    if not _matches(far.ike, near.identity):
        return Reason.IDENTITY
    mine, theirs = _key_peer(near, far), _key_peer(far, near)
    if mine is None or theirs is None or not mine.local or not theirs.remote:
        return Reason.NO_KEY
    return None if mine.local == theirs.remote else Reason.KEY


def _matches(profile: IkeProfile, identity: str) -> bool:
    kind, _, value = identity.partition(" ")
    return any(_match_one(pattern.split(), kind, value) for pattern in profile.match)


def _match_one(pattern: list[str], kind: str, value: str) -> bool:
    if pattern[:1] == ["any"]:
        return True
    if pattern[:1] != [kind] or len(pattern) < 2:
        return False
    if kind == "address":
        mask = pattern[2] if len(pattern) > 2 else "0" if pattern[1].strip("0.") == "" else "32"
        return IPv4Address(value) in _network(pattern[1], mask)
    if pattern[1] == "domain" and len(pattern) > 2:
        return value.lower().endswith("." + pattern[2].lower())
    return value.lower() == pattern[1].lower()


def _network(address: str, mask: str) -> IPv4Network:
    try:
        return IPv4Network(f"{address}/{mask}", strict=False)
    except ValueError:
        return IPv4Network("255.255.255.255/32")


def _certified(near: _Ready, far: _Ready, moment: float) -> Reason | None:
    shown, judge = near.certificate, far.end.crypto.trustpoints.get(far.ike.trustpoint)
    if shown is None or judge is None or judge.authority is None:
        return Reason.NO_CERTIFICATE
    if shown.authority != judge.authority.authority:
        return Reason.OTHER_AUTHORITY
    if moment >= min(shown.ends, near.end.ended.get(shown.serial, shown.ends)):
        return Reason.CERTIFICATE_EXPIRED
    entries = (entry for name in far.ike.maps for entry in far.end.crypto.maps.get(name, ()))
    known = any(_fits(entry, shown) for entry in entries) or _matches(far.ike, near.identity)
    return None if known else Reason.IDENTITY


def _fits(entry: Conditions, certificate: Certificate) -> bool:
    """Whether every condition of a certificate map's entry holds for a certificate."""
    names = {"subject-name": distinguished(certificate.subject), "issuer-name": distinguished(certificate.issuer)}
    return all(_holds(operator, names.get(field, ""), value) for field, operator, value in entry)


def _holds(operator: str, name: str, value: str) -> bool:
    return {"eq": name == value, "ne": name != value, "co": value in name, "nc": value not in name}.get(operator, False)


def _key_peer(near: _Ready, far: _Ready) -> KeyringPeer | None:
    """The entry of ``near``'s keyring for ``far``: the closest address, else the identity."""
    peers = near.end.crypto.keyrings.get(near.ike.keyring, ())
    fits = [(one.network.prefixlen, one) for one in peers if one.network and far.end.address in one.network]
    if fits:
        return max(fits, key=lambda item: item[0])[1]
    kind, _, value = far.identity.partition(" ")
    return next((one for one in peers if one.identity and _match_one(one.identity.split(), kind, value)), None)


def _transform(near: _Ready, far: _Ready) -> tuple[tuple[str, ...], str] | Reason:
    theirs = [far.end.crypto.transforms[name] for name in far.ipsec.transforms if name in far.end.crypto.transforms]
    mode_differs = False
    for name in near.ipsec.transforms:
        mine = near.end.crypto.transforms.get(name)
        for other in theirs:
            if mine and mine.algorithms == other.algorithms:
                if mine.mode == other.mode:
                    return mine.algorithms, mine.mode
                mode_differs = True
    return Reason.TRANSFORM_MODE if mode_differs else Reason.TRANSFORM
