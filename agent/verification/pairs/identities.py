"""Whether peers are taken for who they are: IKEv2 identities, and the keys that prove them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv4Network

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, Member, VpnGround, cite, front_of
from agent.verification.pairs.agreement import between, first, grouped
from agent.verification.pairs.encryption import SIGNATURE, ike_of, ike_profile_of
from device_templates.model import IkeKey, IkeProfile

_ANYBODY = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a router calls itself: ``value`` is None for an address that is not known before it is leased."""

    kind: str
    value: str | None

    def __str__(self) -> str:
        if self.kind == "dn":
            return "by the name in its certificate"
        return f"{self.kind} {self.value or 'that it is leased'}"


def identity_of(profile: IkeProfile, address: IPv4Address | None) -> Identity:
    """What a router with a profile calls itself; without a word of it, its address, or the name in its certificate."""
    kind, _, value = profile.identity.partition(" ")
    signs = any(method.endswith(SIGNATURE) for method in profile.methods)
    if kind == "dn" or (not kind and signs):
        return Identity("dn", None)
    if not kind or (kind == "address" and value.startswith(str(_ANYBODY.network_address))):
        return Identity("address", str(address) if address else None)
    return Identity(kind, value)


def takes(remote: Sequence[str], identity: Identity) -> bool:
    """Whether one of the lines ``match identity remote`` fits what a peer calls itself."""
    return any(_fits(line.split(), identity) for line in remote)


def _fits(words: list[str], identity: Identity) -> bool:
    kind, rest = (words[0], words[1:]) if words else ("", [])
    if kind == "any":
        return True
    if kind != identity.kind or not rest:
        return False
    if kind == "address":
        network = _network(rest)
        return network == _ANYBODY or (
            network is not None and identity.value is not None and IPv4Address(identity.value) in network
        )
    value = (identity.value or "").lower()
    if rest[0] == "domain" and len(rest) > 1:
        return value.endswith((f".{rest[1].lower()}", f"@{rest[1].lower()}"))
    return value == rest[0].lower()


def _network(words: list[str]) -> IPv4Network | None:
    anybody = words[0] == str(_ANYBODY.network_address)
    mask = words[1] if len(words) > 1 else "0" if anybody else "32"
    try:
        return IPv4Network(f"{words[0]}/{mask}", strict=False)
    except ValueError:
        return None


def address_of(member: Member) -> IPv4Address | None:
    """The internet address of a router, None where it is leased or translated."""
    source = front_of(member.model, member.tunnel)
    fixed = source is not None and source.address is not None and not member.view.site.access.nat
    return source.address.ip if source and source.address and fixed else None


def identities_fit(ground: Ground) -> Iterator[Finding]:
    """Both ends of a tunnel take what the other one calls itself [WV-3]."""
    for vpn in ground.vpns:
        for judges in _judges(vpn):
            judge = first(judges)
            profile = ike_profile_of(judge)
            if profile is None or profile.maps or not profile.remote:
                continue
            strangers = [one for one in vpn.members if one is not judge and not _known(profile, one)]
            if strangers:
                yield _stranger(vpn, judge, strangers)
        yield from _hubs_are_known(vpn)


def _judges(vpn: VpnGround) -> Iterator[list[Member]]:
    """Each hub, and of the others those that take alike and are most: what is true of one is true of all."""
    for hub in vpn.hubs:
        yield [hub]
    spokes = [member for member in vpn.members if not member.hub]
    if spokes:
        yield grouped(spokes, _remote)[0][1]


def _remote(member: Member) -> tuple[str, ...]:
    profile = ike_profile_of(member)
    return (*profile.remote, *profile.maps, *map(str, profile.peers)) if profile else ()


def _known(profile: IkeProfile, member: Member) -> bool:
    theirs = ike_profile_of(member)
    if theirs is None:
        return True
    wanted = dict(profile.peers).get(address) if (address := address_of(member)) else None
    return takes((wanted,) if wanted else profile.remote, identity_of(theirs, _own_address(member)))


def _own_address(member: Member) -> IPv4Address | None:
    """The address that it calls itself by: its own, also where it is translated."""
    source = front_of(member.model, member.tunnel)
    return source.address.ip if source and source.address else None


def _hubs_are_known(vpn: VpnGround) -> Iterator[Finding]:
    for remote, group in grouped([one for one in vpn.members if not one.hub], _remote)[1:]:
        profile = ike_profile_of(group[0])
        if profile is None or profile.maps or not remote:
            continue
        for hub in (hub for hub in vpn.hubs if not _known(profile, hub)):
            yield _stranger(vpn, group[0], [hub])


def _stranger(vpn: VpnGround, judge: Member, strangers: list[Member]) -> Finding:
    theirs = ike_profile_of(strangers[0])
    called = identity_of(theirs, _own_address(strangers[0])) if theirs else ""
    message = f"VPN {vpn.name}: {judge.router} does not take {strangers[0].router}, which calls itself {called}"
    return between(strangers, judge, "WV-3", message, lambda one: _lines(one, "remote" if one is judge else "identity"))


def _lines(member: Member, field: str) -> tuple[Line, ...]:
    profile = ike_profile_of(member)
    return cite(member.router, profile.at, field) if profile else ()


def identities_are_kept_apart(ground: Ground) -> Iterator[Finding]:
    """No two routers call themselves alike where a hub keeps one association for each identity [WV-3]."""
    for vpn in ground.vpns:
        hub = next((one for one in vpn.hubs if (profile := ike_profile_of(one)) and profile.single), None)
        for identity, group in grouped(vpn.members, _named) if hub else ():
            if identity is not None and identity.value and len(group) > 1:
                message = f"VPN {vpn.name}: {group[0].router} calls itself {identity}, as does {group[1].router}"
                text = f"{message}: a hub keeps one association for both"
                yield between(group[1:], group[0], "WV-3", text, lambda one: _lines(one, "identity"))


def _named(member: Member) -> Identity | None:
    profile = ike_profile_of(member)
    return identity_of(profile, _own_address(member)) if profile else None


class Keyring:
    """The keys of one profile by the peer that they open to: the closest network first."""

    def __init__(self, member: Member) -> None:
        profile = ike_profile_of(member)
        keys = [key for key in member.model.crypto.keys if profile and key.keyring == profile.keyring]
        self._hosts = {key.peer: key for key in keys if key.peer and key.peer.prefixlen == 32}
        wide = [(key.peer, key) for key in keys if key.peer and key.peer.prefixlen < 32]
        self._wide = sorted(wide, key=lambda item: -item[0].prefixlen)
        self._named = next((key for key in keys if key.peer is None), None)

    def key(self, address: IPv4Address | None) -> IkeKey | None:
        """The key for a peer; of one whose address is not known, that for everybody, or by name."""
        if address is not None and (found := self._hosts.get(IPv4Network(address))):
            return found
        wide = (
            (network, key) for network, key in self._wide if network == _ANYBODY or (address and address in network)
        )
        return next((key for _, key in wide), self._named)


#: So many of the classes of routers with other profiles are held against all routers, the rest against hubs alone: cost
#: grows with routers, also where each router has profiles of its own.
_CLASSES = 8
#: A profile beside that of a VPN: its name, and the peers that it takes.
Rival = tuple[str, tuple[str, ...]]


def peers_meet_one_profile(ground: Ground) -> Iterator[Finding]:
    """What routers of a VPN call themselves fits no other profile: a peer may be led by any that it fits [WV-6]."""
    for vpn in ground.vpns:
        for at, (rivals, judges) in enumerate(grouped(vpn.members, _rivals)):
            heard = vpn.members if at < _CLASSES or first(judges).hub else vpn.hubs
            for name, remote in rivals:
                peer = next((one for one in heard if one is not judges[0] and _calls(one, remote)), None)
                if peer is not None:
                    yield _ambiguous(vpn, name, judges, peer)


def _rivals(member: Member) -> tuple[Rival, ...]:
    """The other profiles that a peer in the same front table may meet."""
    own = ike_profile_of(member)
    others = [one for one in member.model.crypto.profiles if own is not None and one.name != own.name and one.remote]
    tables = {own.front_vrf} if own else set()
    return tuple((one.name, one.remote) for one in others if None in tables or one.front_vrf in {None, *tables})


def _calls(member: Member, remote: tuple[str, ...]) -> bool:
    """Whether a router calls itself something that is taken."""
    profile = ike_profile_of(member)
    return profile is not None and takes(remote, identity_of(profile, _own_address(member)))


def _ambiguous(vpn: VpnGround, name: str, judges: list[Member], peer: Member) -> Finding:
    def lines(member: Member) -> tuple[Line, ...]:
        rivals = [one for one in member.model.crypto.profiles if one.name == name] if member in judges else []
        called = _lines(member, "identity") if member is peer else ()
        return (*(line for one in rivals for line in cite(member.router, one.at, "remote")), *called)

    protecting = {
        ike.name
        for _, tunnel in judges[0].model.tunnels()
        if tunnel.destination
        if (ike := ike_of(judges[0].model, tunnel))
    }
    message = f"VPN {vpn.name}: IKEv2 profile {name}, which is not for it, takes {peer.router} as well"
    return between(judges, peer, "WV-7" if name in protecting else "WV-6", message, lines)


def keys_are_equal(ground: Ground) -> Iterator[Finding]:
    """Two ends that prove themselves by a key have the same one for each other; so have spokes [WV-3]."""
    for vpn in ground.vpns:
        keyed = [member for member in vpn.members if _by_key(member)]
        rings = {member.router: Keyring(member) for member in keyed}
        told: set[str] = set()
        for hub in (hub for hub in keyed if hub.hub):
            others = [one for one in keyed if one is not hub and one.router not in told]
            odd = [one for one in others if not _equal(rings, one, hub)]
            if odd:
                told.update(one.router for one in odd)
                yield _key_finding(vpn, odd, hub, rings)
        rest = [one for one in keyed if not one.hub and one.router not in told]
        spokes = grouped(rest, partial(_mark_of, rings))
        if spokes and not spokes[0][0]:
            yield from _strange_to_each_other(vpn, spokes[0][1], rings)
        for _, group in spokes[1:]:
            yield _key_finding(vpn, group, first(spokes[0][1]), rings)


def _strange_to_each_other(vpn: VpnGround, spokes: list[Member], rings: dict[str, Keyring]) -> Iterator[Finding]:
    """Spokes with keys for certain peers alone, where the first spoke is none of these."""
    odd = [one for one in spokes[1:] if not _equal(rings, one, spokes[0])]
    if odd:
        message = (
            f"VPN {vpn.name}: it has no key for spokes such as {spokes[0].router}, so none reaches another directly"
        )
        yield between(odd, spokes[0], "WV-3", message, _peer_lines, vpn.option("ike.psk"))


def _peer_lines(member: Member) -> tuple[Line, ...]:
    profile = ike_profile_of(member)
    keys = [key for key in member.model.crypto.keys if profile and key.keyring == profile.keyring]
    return tuple(line for key in keys for line in cite(member.router, key.at, "peer"))


def _by_key(member: Member) -> bool:
    profile = ike_profile_of(member)
    return profile is not None and "pre-share" in profile.methods


def _equal(rings: dict[str, Keyring], one: Member, hub: Member) -> bool:
    mine, theirs = rings[one.router].key(address_of(hub)), rings[hub.router].key(address_of(one))
    return mine is not None and theirs is not None and mine.fingerprint == theirs.fingerprint


def _mark_of(rings: dict[str, Keyring], member: Member) -> str:
    """The key for peers whose address is not known, as that of another spoke is."""
    key = rings[member.router].key(None)
    return key.fingerprint if key else ""


def _key_finding(vpn: VpnGround, odd: list[Member], peer: Member, rings: dict[str, Keyring]) -> Finding:
    def lines(member: Member) -> tuple[Line, ...]:
        other = address_of(odd[0] if member is peer else peer)
        key = rings[member.router].key(other)
        return cite(member.router, key.at, "fingerprint") if key else _lines(member, "keyring")

    message = f"VPN {vpn.name}: the IKE key is not that of {peer.router}"
    return between(odd, peer, "WV-3", message, lines, vpn.option("ike.psk"))


CHECKS = (identities_fit, identities_are_kept_apart, peers_meet_one_profile, keys_are_equal)
