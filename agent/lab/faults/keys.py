"""Another pre-shared key for a VPN, typed at the console: from then on the peer's key does not match."""

from __future__ import annotations

import hashlib

from agent.lab.errors import LabError
from agent.lab.faults.kinds import Fault
from agent.lab.router import VirtualRouter
from agent.lab.running.config import Interface, RouterConfig, Tunnel, read_config
from agent.lab.running.crypto import IkeProfile


def tunnel_of(router: VirtualRouter, config: RouterConfig, vpn: str) -> tuple[Interface, Tunnel]:
    """The DMVPN tunnel of a VPN, named by its VRF in any case; of the first VPN where none is named."""
    tunnels = [(one, two) for one, two in config.tunnels() if two.multipoint and two.profile]
    found = next((pair for pair in tunnels if not vpn or pair[0].vrf.lower() == vpn.lower()), None)
    if found is None:
        known = ", ".join(sorted({one.vrf for one, _ in tunnels if one.vrf}))
        has = f"its VPNs are {known}" if known else "it has no protected VPN tunnel"
        raise LabError(f"{router.name} has no VPN {vpn}: {has}" if vpn and known else f"{router.name}: {has}")
    return found


def ike_profile_of(config: RouterConfig, tunnel: Tunnel) -> IkeProfile | None:
    """The IKEv2 profile that protects a tunnel."""
    protection = config.crypto.ipsec_profiles.get(tunnel.profile)
    return config.crypto.ike_profiles.get(protection.ike_profile) if protection else None


def mistype(router: VirtualRouter, fault: Fault) -> Fault:
    """Change the key; the fault, with what mends it. LabError where the VPN has no pre-shared key."""
    config = read_config(router.running)
    interface, tunnel = tunnel_of(router, config, fault.vpn)
    profile = ike_profile_of(config, tunnel)
    keyring = f"crypto ikev2 keyring {profile.keyring}" if profile else ""
    section = router.running.section(keyring)
    if profile is None or profile.local != "pre-share" or section is None:
        raise LabError(f"{router.name}: VPN {interface.vrf} has no pre-shared key: its tunnels use another method")
    undo, done = [keyring], [keyring]
    for peer in section.children("peer"):
        for line in peer.children("pre-shared-key"):
            words = line.words[1:]
            side = [word for word in words[:1] if word in {"local", "remote"} and len(words) > 1]
            undo += [f" {peer.text}", f"  {line.text}"]
            done += [f" {peer.text}", f"  {' '.join(['pre-shared-key', *side, _other(router, words[-1])])}"]
    if len(undo) == 1:
        raise LabError(f"{router.name}: VPN {interface.vrf} has no pre-shared key that could be changed")
    _type(router, done)
    return Fault(fault.kind, fault.since, None, interface.vrf, fault.boots, tuple(undo), tuple(done))


def mistyped(router: VirtualRouter, fault: Fault) -> bool:
    """Whether the changed key is still there: a reload or a configuration of our own brings the right one back."""
    section = router.running.section(fault.done[0])
    if section is None:
        return False
    held = {line.text for peer in section.children("peer") for line in peer.lines}
    return all(row.strip() in held for row in fault.done[2::2])


def correct(router: VirtualRouter, fault: Fault) -> None:
    """Type the right key again, where the wrong one is still there."""
    if mistyped(router, fault):
        _type(router, list(fault.undo))


def _type(router: VirtualRouter, lines: list[str]) -> None:
    complaint = router.merge("\n".join(lines) + "\n")
    if complaint:
        raise LabError(f"{router.name} does not take the key: {complaint.strip().splitlines()[-1]}")
    router.settle("console")


def _other(router: VirtualRouter, key: str) -> str:
    """Another key, always the same for the same one, that says nothing of it."""
    return "mistyped-" + hashlib.sha256(f"{router.chassis.serial}/{key}".encode()).hexdigest()[:16]
