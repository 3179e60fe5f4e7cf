"""Worlds with known faults and all the evidence that they give: leeds in two VPNs, its hub, other routers in one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent.faults.conclusion import Cause, Place
from agent.faults.evidence import HERE, Evidence, Fact, Finding, Probe

AT = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
GOOD, BAD = Finding.GOOD, Finding.BAD


@dataclass(frozen=True)
class Truth:
    """What is wrong where, and what may be said of it by somebody who knows less."""

    cause: Cause
    place: Place
    coarser: frozenset[Cause] = frozenset()
    vaguer: frozenset[Place] = frozenset({Place.EITHER_END, Place.UNKNOWN})


#: The VPNs of leeds, both over one association with the hub, and how many other routers each has there.
VPNS = {"corporate": 2, "cctv": 0}

_TUNNEL = frozenset({Cause.VPN_TUNNEL})
_HUB = frozenset({Cause.VPN_TUNNEL, Cause.HUB_SIDE})

#: Each fault alone.
TRUTHS = {
    "access": Truth(Cause.ACCESS_OR_POWER, Place.CUSTOMER, vaguer=frozenset({Place.ACCESS})),
    "lapsed": Truth(Cause.ACCESS_OR_POWER, Place.CUSTOMER, vaguer=frozenset({Place.ACCESS})),
    "management": Truth(
        Cause.MANAGEMENT_TUNNEL_ONLY, Place.MANAGEMENT_PATH, coarser=frozenset({Cause.MANAGEMENT_TUNNEL})
    ),
    "centre": Truth(Cause.MANAGEMENT_CENTRE, Place.MANAGEMENT_PATH),
    "reboot": Truth(Cause.REBOOTED, Place.THIS_ROUTER),
    "key": Truth(Cause.KEY_MISMATCH, Place.THIS_ROUTER, _TUNNEL),
    "hub key": Truth(Cause.KEY_MISMATCH, Place.HUB, _HUB),
    "certificate": Truth(Cause.CERTIFICATE_EXPIRED, Place.THIS_ROUTER, _TUNNEL),
    "hub certificate": Truth(Cause.CERTIFICATE_EXPIRED, Place.HUB, _HUB),
    "hub silent": Truth(Cause.HUB_SIDE, Place.HUB, _TUNNEL),
    "hub tunnels": Truth(Cause.HUB_SIDE, Place.HUB, _TUNNEL),
    "filter": Truth(Cause.VPN_TUNNEL, Place.THIS_ROUTER),
    "cpu": Truth(Cause.CPU_LOAD, Place.THIS_ROUTER),
    "ssh": Truth(Cause.SESSION_HANGS, Place.THIS_ROUTER),
    "loss": Truth(Cause.PACKET_LOSS, Place.CUSTOMER, vaguer=frozenset({Place.ACCESS, Place.UNKNOWN})),
    "our loss": Truth(Cause.PACKET_LOSS, Place.MANAGEMENT_PATH),
    "delay": Truth(Cause.SLOW_PATH, Place.CUSTOMER, vaguer=frozenset({Place.ACCESS, Place.UNKNOWN})),
    "our delay": Truth(Cause.SLOW_PATH, Place.MANAGEMENT_PATH),
    "snmp": Truth(Cause.SNMP_ONLY, Place.THIS_ROUTER),
    "nothing": Truth(Cause.RECOVERED, Place.THIS_ROUTER),
}
#: Faults that can be seen beside each other.
TOGETHER = [
    (tunnel, beside)
    for tunnel in ("key", "hub key", "certificate", "hub certificate", "hub tunnels", "filter")
    for beside in ("cpu", "loss", "our loss", "delay", "our delay", "ssh")
] + [("reboot", beside) for beside in ("cpu", "loss", "delay", "key")]

_NO_TUNNEL = {"key", "hub key", "certificate", "hub certificate", "hub silent", "hub tunnels", "filter"}
_AUTH = {"key", "hub key", "certificate", "hub certificate"}
_ALL_SPOKES = {"hub key", "hub certificate", "hub tunnels"}
_SILENT = {"access", "lapsed", "management", "centre"}


@dataclass
class _World:
    faults: frozenset[str]
    given: list[Evidence] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        return bool(self.faults & set(names))

    def say(self, probe: Probe, source: str, finding: Finding, item: str = "", text: str = "", **facts: Fact) -> None:
        self.given.append(Evidence(probe, source, "leeds", AT, finding, text, item, facts))


def evidence_of(*faults: str) -> list[Evidence]:
    """Everything that is to be seen of these faults together."""
    world = _World(frozenset(faults))
    _known(world)
    _here(world)
    if not world.has(*_SILENT) and not world.has("ssh"):
        _inside(world)
    _hub(world)
    return world.given


def proof_of(world: _World) -> str:
    return "certificates" if world.has("certificate", "hub certificate") else "psk"


def _known(world: _World) -> None:
    proof = proof_of(world)
    world.say(Probe.INVENTORY, HERE, GOOD, "access", provided_by="cpa", nat=False, links=len(VPNS), is_hub=False)
    for vpn in VPNS:
        world.say(Probe.INVENTORY, HERE, GOOD, vpn, far="hub", far_is_hub=True, proof=proof, key="acme-key")
    slow = world.has("delay", "our delay")
    up = not world.has(*_SILENT, "snmp")
    world.say(
        Probe.WATCHED, HERE, GOOD if up else BAD, "self", losing=world.has("loss", "our loss"), slow=slow,
        busy=world.has("cpu"), round_trip_ms=430.0 if slow else 30.0, usual_ms=30.0,
    )  # fmt: skip
    hub_up = not world.has("centre", "hub silent")
    world.say(Probe.WATCHED, HERE, GOOD if hub_up else BAD, "hub", far="hub", losing=False, slow=False, busy=False)
    world.say(Probe.WATCHED, HERE, GOOD, "others", seen=3, failing=3 if world.has("centre") else 0)


def _here(world: _World) -> None:
    silent = world.has(*_SILENT)
    world.say(Probe.PING_MANAGEMENT, HERE, BAD if silent else GOOD)
    world.say(Probe.SNMP, HERE, BAD if silent or world.has("snmp") else GOOD)
    stage = "no banner" if world.has("ssh") else "unreachable" if silent else "greeted"
    world.say(Probe.GREETING, HERE, GOOD if stage == "greeted" else BAD, stage=stage)
    world.say(Probe.SESSION, "leeds", BAD if silent or world.has("ssh") else GOOD)
    if not silent:
        for vpn in VPNS:
            world.say(Probe.IKE_FAILURES, "leeds", GOOD, vpn, far="hub", auth_failed=world.has(*_AUTH))


def _inside(world: _World) -> None:
    """What leeds itself shows."""
    down = BAD if world.has(*_NO_TUNNEL) else GOOD
    world.say(Probe.UPTIME, "leeds", GOOD, text="up since 07:59", rebooted=world.has("reboot"))
    world.say(Probe.PROCESSOR, "leeds", BAD if world.has("cpu") else GOOD, text="95 %", busy=world.has("cpu"))
    for vpn in VPNS:
        world.say(Probe.DMVPN, "leeds", down, vpn, far="hub", other_peers=0, other_peers_up=0)
        world.say(Probe.IKE, "leeds", down, vpn, far="hub")
        world.say(Probe.REGISTRATION, "leeds", down, vpn, far="hub")
        if down is BAD and proof_of(world) == "psk":
            world.say(Probe.KEYS, "leeds", BAD if world.has("key") else GOOD, vpn, far="hub")
    world.say(Probe.IKE_ERRORS, "leeds", BAD if world.has(*_AUTH) else GOOD, growing=world.has(*_AUTH))
    if world.has("certificate", "hub certificate"):
        valid = not world.has("certificate")
        world.say(Probe.CERTIFICATES, "leeds", GOOD if valid else BAD, text="own certificate", valid=valid)


def _hub(world: _World) -> None:
    """What the hub shows."""
    if world.has("centre", "hub silent"):
        world.say(Probe.SESSION, "hub", BAD)
        return
    world.say(Probe.SESSION, "hub", GOOD)
    down = BAD if world.has(*_NO_TUNNEL, "access", "lapsed") else GOOD
    for vpn, others in VPNS.items():
        up = 0 if world.has(*_ALL_SPOKES) else others
        world.say(Probe.DMVPN, "hub", down, vpn, far="hub", other_peers=others, other_peers_up=up)
        world.say(Probe.IKE, "hub", down, vpn, far="hub")
        if down is BAD and proof_of(world) == "psk":
            world.say(Probe.KEYS, "hub", BAD if world.has("hub key") else GOOD, vpn, far="hub")
        world.say(Probe.PING_TUNNEL, "hub", down, vpn, far="hub", sent=5, received=0 if down is BAD else 5)
        if world.has("lapsed"):
            world.say(Probe.PING_WAN, "hub", Finding.NOT_KNOWN, vpn, far="hub", lost=True)
            continue
        received = 0 if world.has("access") else 40 if world.has("loss") else 50
        took = 410.0 if world.has("delay") else 25.0
        found = GOOD if received else BAD
        world.say(Probe.PING_WAN, "hub", found, vpn, far="hub", sent=50, received=received, average_ms=took)
    if world.has("certificate", "hub certificate"):
        valid = not world.has("hub certificate")
        world.say(Probe.CERTIFICATES, "hub", GOOD if valid else BAD, text="hub's certificate", valid=valid)
