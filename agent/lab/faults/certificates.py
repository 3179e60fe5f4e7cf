"""A certificate that has run out: its end has passed, its renewal never came, and its tunnels authenticate anew."""

from __future__ import annotations

from dataclasses import replace

from agent.lab.errors import LabError
from agent.lab.faults.keys import ike_profile_of, tunnel_of
from agent.lab.faults.kinds import Fault
from agent.lab.pki.client import trustpoints
from agent.lab.router import VirtualRouter
from agent.lab.running.config import read_config

#: Lab seconds between the end of the certificate and the moment in which it is noticed.
_AGO_S = 60.0


def expire(router: VirtualRouter, fault: Fault) -> Fault:
    """End the certificate that a VPN's tunnels use; LabError where they use none."""
    config = read_config(router.running)
    interface, tunnel = tunnel_of(router, config, fault.vpn)
    profile = ike_profile_of(config, tunnel)
    trustpoint = trustpoints(router).get(profile.trustpoint) if profile else None
    if profile is None or not profile.local.endswith("-sig") or trustpoint is None or trustpoint.own is None:
        raise LabError(f"{router.name}: VPN {interface.vrf} has no certificate: its tunnels use another method")
    router.pki.ended[trustpoint.own.serial] = fault.since - _AGO_S
    return replace(fault, vpn=interface.vrf, done=(trustpoint.own.serial,))


def expired(router: VirtualRouter, fault: Fault) -> bool:
    """Whether the router still has that certificate: one that it enrols for ends the fault."""
    return any(one.own is not None and one.own.serial in fault.done for one in trustpoints(router).values())


def prolong(router: VirtualRouter, fault: Fault) -> None:
    """Give the certificate its time back."""
    for serial in fault.done:
        router.pki.ended.pop(serial, None)
