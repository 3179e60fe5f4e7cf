"""Whether management has a tunnel of its own that comes up, apart from every VPN [WV-7]."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from ipaddress import IPv4Network

from agent.verification.finding import Finding, Line
from agent.verification.ground import FIX, Ground, cite, one
from agent.verification.pairs.encryption import ike_of, ipsec_of
from agent.verification.pairs.identities import Identity, takes
from device_templates.model import At, IkeKey, Interface, RouterModel, Tunnel
from inventory import SiteView

_CENTRE = ".management_centre"
#: What nobody calls itself: addresses of documentation [RFC 5737], names of no domain [RFC 6761].
_STRANGERS = (
    Identity("address", "192.0.2.251"),
    Identity("fqdn", "stranger.example.test"),
    Identity("email", "stranger@example.test"),
)


def management_has_its_own_tunnel(ground: Ground) -> Iterator[Finding]:
    """Management has a tunnel of its own to the centre, encrypted from end to end [WV-7]."""
    peer = ground.inventory.settings.management_centre.peer
    for view, model in ground.routers:
        found = to_the_centre(model, peer)
        if not found:
            lines = _destinations(view, model)
            yield one(view, "WV-7", f"no tunnel leads to the management centre at {peer}", lines=lines, option=_CENTRE)
        for interface, tunnel in found:
            if tunnel.mode != "ipsec":
                message = f"{interface.name} is no IPsec tunnel"
                yield one(view, "WV-7", message, lines=cite(view.router.name, tunnel.at, "mode"))


def _destinations(view: SiteView, model: RouterModel) -> tuple[Line, ...]:
    ends = (tunnel for _, tunnel in model.tunnels() if tunnel.destination is not None)
    return tuple(line for tunnel in ends for line in cite(view.router.name, tunnel.at, "destination"))


def to_the_centre(model: RouterModel, peer: object) -> list[tuple[Interface, Tunnel]]:
    """The tunnels whose other end is the management centre."""
    return [(interface, tunnel) for interface, tunnel in model.tunnels() if tunnel.destination == peer]


def centre_is_taken_for_itself(ground: Ground) -> Iterator[Finding]:
    """The management tunnel takes the centre by its identity, and has a key for its address [WV-7]."""
    centre = ground.inventory.settings.management_centre
    for view, model in ground.routers:
        for _, tunnel in to_the_centre(model, centre.peer):
            profile = ike_of(model, tunnel)
            if profile is None:
                continue
            kind = "email" if "@" in centre.identity else "fqdn"
            names = (Identity(kind, centre.identity), Identity("address", str(centre.peer)))
            if not profile.maps and not any(takes(profile.remote, name) for name in names):
                message = f"IKEv2 profile {profile.name} does not take the centre, {centre.identity}"
                lines = cite(view.router.name, profile.at, "remote")
                yield one(view, "WV-7", message, lines=lines, option=f"{_CENTRE}.identity")
            keys = [key for key in model.crypto.keys if key.keyring == profile.keyring]
            if "pre-share" in profile.methods and not any(key.peer is None or centre.peer in key.peer for key in keys):
                lines = tuple(line for key in keys for line in cite(view.router.name, key.at, "peer"))
                lines = lines or cite(view.router.name, profile.at, "keyring")
                message = f"IKEv2 profile {profile.name} has no key for {centre.peer}"
                yield one(view, "WV-7", message, lines=lines, option=f"{_CENTRE}.peer")


def strangers_are_not_the_centre(ground: Ground) -> Iterator[Finding]:
    """The management tunnel takes nobody but the centre: by its name or its address, and not anybody's [WV-7]."""
    for view, model in ground.routers:
        for _, tunnel in to_the_centre(model, ground.inventory.settings.management_centre.peer):
            profile = ike_of(model, tunnel)
            if profile is not None and not profile.maps and any(takes(profile.remote, one) for one in _STRANGERS):
                message = f"IKEv2 profile {profile.name} takes anybody for the centre who has the key"
                lines = cite(view.router.name, profile.at, "remote")
                yield one(view, "WV-7", message, lines=lines, option=f"{_CENTRE}.identity")


def management_identities_are_unique(ground: Ground) -> Iterator[Finding]:
    """Each router calls itself by a name of its own towards the centre, which tells them apart by it [WV-7]."""
    owners: dict[str, list[tuple[str, At]]] = {}
    for view, model in ground.routers:
        for _, tunnel in to_the_centre(model, ground.inventory.settings.management_centre.peer):
            profile = ike_of(model, tunnel)
            if profile is not None and "pre-share" in profile.methods:
                owners.setdefault(profile.identity, []).append((view.router.name, profile.at))
                if not re.search(rf"(?<![\w-]){re.escape(view.router.name)}(?![\w-])", profile.identity):
                    said = profile.identity or "by its address"
                    message = f"it calls itself {said} towards the centre, which knows {view.router.name}"
                    lines = cite(view.router.name, profile.at, "identity")
                    yield one(view, "WV-7", message, lines=lines, option="router.name")
    for identity, found in owners.items():
        if identity and len(found) > 1:
            routers = tuple(dict.fromkeys(router for router, _ in found))
            lines = tuple(line for router, at in found[:4] for line in cite(router, at, "identity"))
            yield Finding("WV-7", routers, f"{len(found)} routers call themselves {identity}", FIX, lines=lines)


def management_is_alike(ground: Ground) -> Iterator[Finding]:
    """All routers offer the centre, which is one, the same: key, transform, forward secrecy [WV-7]."""
    peer = ground.inventory.settings.management_centre.peer
    found = ((view, model, tunnel) for view, model in ground.routers for _, tunnel in to_the_centre(model, peer)[:1])
    ends = [(view, model, tunnel) for view, model, tunnel in found if tunnel.protection]
    for what, value, at in _ALIKE:
        classes: dict[Hashable, list[tuple[SiteView, tuple[Line, ...]]]] = {}
        for view, model, tunnel in ends:
            if (said := value(model, tunnel)) is not None:
                classes.setdefault(said, []).append((view, at(view, model, tunnel)))
        ordered = sorted(classes.values(), key=len, reverse=True)
        for group in ordered[1:]:
            peers = ordered[0]
            message = f"{what} of the management tunnel is not that of {peers[0][0].router.name}"
            routers = (*(view.router.name for view, _ in group), peers[0][0].router.name)
            lines = tuple(line for _, cited in (*group[:3], peers[0]) for line in cited)
            yield Finding("WV-7", routers, message, FIX, lines=lines, option="management_centre")


def _key_of(model: RouterModel, tunnel: Tunnel) -> IkeKey | None:
    profile = ike_of(model, tunnel)
    keys = [key for key in model.crypto.keys if profile and key.keyring == profile.keyring]
    return next((key for key in keys if key.peer and tunnel.destination in key.peer), next(iter(keys), None))


def _key(model: RouterModel, tunnel: Tunnel) -> Hashable:
    key = _key_of(model, tunnel)
    return key.fingerprint if key else ""


def _key_lines(view: SiteView, model: RouterModel, tunnel: Tunnel) -> tuple[Line, ...]:
    key = _key_of(model, tunnel)
    return cite(view.router.name, key.at, "fingerprint") if key else cite(view.router.name, tunnel.at, "protection")


def _transforms(model: RouterModel, tunnel: Tunnel) -> Hashable:
    ipsec = ipsec_of(model, tunnel)
    names = ipsec.transforms if ipsec else ()
    return frozenset((one.algorithms, one.mode) for one in model.crypto.transforms if one.name in names)


def _transform_lines(view: SiteView, model: RouterModel, tunnel: Tunnel) -> tuple[Line, ...]:
    ipsec = ipsec_of(model, tunnel)
    used = [one for one in model.crypto.transforms if ipsec and one.name in ipsec.transforms]
    lines = (cite(view.router.name, one.at, field) for one in used for field in ("algorithms", "mode"))
    return tuple(dict.fromkeys(line for cited in lines for line in cited))


def _pfs(model: RouterModel, tunnel: Tunnel) -> Hashable:
    ipsec = ipsec_of(model, tunnel)
    return ipsec.pfs if ipsec else ""


def _pfs_lines(view: SiteView, model: RouterModel, tunnel: Tunnel) -> tuple[Line, ...]:
    ipsec = ipsec_of(model, tunnel)
    return cite(view.router.name, ipsec.at, "pfs") if ipsec else ()


def _methods(model: RouterModel, tunnel: Tunnel) -> Hashable:
    profile = ike_of(model, tunnel)
    return profile.methods if profile else frozenset()


def _method_lines(view: SiteView, model: RouterModel, tunnel: Tunnel) -> tuple[Line, ...]:
    profile = ike_of(model, tunnel)
    return cite(view.router.name, profile.at, "methods") if profile else ()


_Lines = Callable[[SiteView, RouterModel, Tunnel], tuple[Line, ...]]


def _proposals(model: RouterModel, tunnel: Tunnel) -> Hashable:
    """What its profile proposes; None where policies say it for all, and are judged with the VPNs."""
    profile = ike_of(model, tunnel)
    if profile is None or profile.proposals is None:
        return None
    used = (one for one in model.crypto.proposals if one.name in profile.proposals)
    return frozenset((one.encryption, one.integrity, one.prf, one.groups) for one in used)


def _proposal_lines(view: SiteView, model: RouterModel, tunnel: Tunnel) -> tuple[Line, ...]:
    profile = ike_of(model, tunnel)
    return cite(view.router.name, profile.at) if profile else cite(view.router.name, tunnel.at, "protection")


_ALIKE: tuple[tuple[str, Callable[[RouterModel, Tunnel], Hashable], _Lines], ...] = (
    ("the key", _key, _key_lines),
    ("what IKEv2 proposes", _proposals, _proposal_lines),
    ("the IPsec transform", _transforms, _transform_lines),
    ("perfect forward secrecy", _pfs, _pfs_lines),
    ("how ends prove who they are", _methods, _method_lines),
)


def association_carries_the_centre(ground: Ground) -> Iterator[Finding]:
    """The security association of management takes what the centre and the router send each other [WV-7]."""
    centre = ground.inventory.settings.management_centre
    for view, model in ground.routers:
        own = IPv4Network(view.router.management.address)
        for interface, tunnel in to_the_centre(model, centre.peer):
            if tunnel.carries is None:
                continue
            near, far = tunnel.carries
            left = [network for network in centre.networks if not any(network.subnet_of(taken) for taken in far)]
            if not any(own.subnet_of(taken) for taken in near):
                left = [own]
            if left:
                lines = cite(view.router.name, tunnel.at, "carries") or cite(view.router.name, interface.at)
                message = f"the security association of {interface.name} carries nothing of {', '.join(map(str, left))}"
                yield one(view, "WV-7", message, lines=lines, option=f"{_CENTRE}.networks")


def management_is_apart(ground: Ground) -> Iterator[Finding]:
    """The management tunnel shares VRF, IPsec profile and keys with no VPN, and holds the router's address [WV-7].

    It has a VRF of its own, or nothing is forwarded between it and what it shares its table with.
    """
    peer = ground.inventory.settings.management_centre.peer
    for view, model in ground.routers:
        customers = ground.members_of(view)
        for interface, tunnel in to_the_centre(model, peer):
            apart = interface.sealed if not interface.vrf else True
            if not apart or interface.vrf in {member.interface.vrf for member in customers}:
                lines = cite(view.router.name, interface.at, "vrf")
                yield one(view, "WV-7", f"{interface.name} is not in a VRF of its own", lines=lines)
            if tunnel.protection in {member.tunnel.protection for member in customers}:
                lines = cite(view.router.name, tunnel.at, "protection")
                yield one(view, "WV-7", f"{interface.name} has the IPsec profile of a VPN", lines=lines)
            yield from _management_address(view, model, interface)
            yield from _strangers(view, model, interface)


def _management_address(view: SiteView, model: RouterModel, tunnel: Interface) -> Iterator[Finding]:
    wanted = view.router.management.address
    having = (one for one in model.interfaces if one.address is not None and one.address.ip == wanted)
    found = [one for one in having if not one.shutdown]
    if {one.vrf for one in found} != {tunnel.vrf}:
        where = f"in VRF {tunnel.vrf}" if tunnel.vrf else f"on {tunnel.name}"
        lines = tuple(line for one in found for line in cite(view.router.name, one.at, "vrf"))
        lines = lines or cite(view.router.name, tunnel.at)
        message = f"the management address {wanted} is not {where}"
        yield one(view, "WV-7", message, lines=lines, option="router.management.address")
    elif not {tunnel.name, tunnel.unnumbered} & {one.name for one in found}:
        message = f"{tunnel.name} has not the management address {wanted}, nor lends it"
        lines = cite(view.router.name, tunnel.at, "unnumbered")
        yield one(view, "WV-7", message, lines=lines, option="router.management.address")


def _strangers(view: SiteView, model: RouterModel, tunnel: Interface) -> Iterator[Finding]:
    for interface in model.interfaces:
        own = tunnel.sealed or interface.name == tunnel.name or interface.name.startswith("Loopback")
        if interface.vrf == tunnel.vrf and not own:
            where = (
                f"the management VRF {tunnel.vrf}" if tunnel.vrf else f"the table of {tunnel.name}, and not kept apart"
            )
            message = f"{interface.name} is in {where}"
            yield one(view, "WV-7", message, lines=cite(view.router.name, interface.at, "vrf"))


def management_key_is_its_own(ground: Ground) -> Iterator[Finding]:
    """The key of the management tunnel opens no VPN [WV-7]."""
    for view, model in ground.routers:
        marks: dict[str, dict[str, At]] = {}
        for key in model.crypto.keys:
            marks.setdefault(key.fingerprint, {}).setdefault(key.keyring, key.at)
        for keyrings in marks.values():
            if len(keyrings) > 1:
                message = f"keyrings {', '.join(sorted(keyrings))} hold one key"
                lines = tuple(line for at in keyrings.values() for line in cite(view.router.name, at, "fingerprint"))
                yield one(view, "WV-7", message, "give management its own key", lines=lines, option=".vpns")


CHECKS = (
    management_has_its_own_tunnel,
    centre_is_taken_for_itself,
    strangers_are_not_the_centre,
    management_identities_are_unique,
    management_is_alike,
    association_carries_the_centre,
    management_is_apart,
    management_key_is_its_own,
)
