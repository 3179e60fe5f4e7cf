"""The lab as judge of the same mutants: which tunnels are up, and which packets arrive, asked without the verifier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

from agent.lab.errors import LabError
from agent.lab.judge import Judge, Judged, Primary, surroundings
from agent.verification import Finding
from inventory import SiteView
from tests.mutation.mutant import Mutant, Scene

#: A host of the internet, and the ports of what breakout allows everywhere and nowhere.
INTERNET = IPv4Address("8.8.8.8")
WEB, MAIL = 443, 25
#: Which of a LAN's addresses its host has.
_HOST = 77
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}
#: How a step of a way says by which interface.
_ARRIVES, _LEAVES = re.compile(r"it arrives by (\S+)"), re.compile(r"it leaves by ([^\s,]+)")
#: How a step begins that is not the packet's own.
_ANSWER = "its answer: "


@dataclass(frozen=True, slots=True)
class Question:
    """A packet, and whether the service promises that it arrives and is answered, or that it never arrives."""

    router: str
    source: IPv4Address
    destination: IPv4Address
    promised: bool
    port: int = WEB

    def is_kept(self, judged: Judged) -> bool:
        """Whether the lab's network keeps the promise."""
        try:
            verdict = judged.reaches(self.router, self.source, self.destination, "tcp", self.port)
        except LabError:
            return not self.promised  # the router has no such LAN any more
        return verdict.works if self.promised else not verdict.arrives

    def __str__(self) -> str:
        word = "is to reach" if self.promised else "is not to reach"
        return f"{self.source} at {self.router} {word} {self.destination}:{self.port}"


@dataclass(frozen=True)
class Seen:
    """What the lab saw of a mutant: tunnels that are not up any more, and promises that are not kept."""

    lost: frozenset[tuple[str, str, str]]
    broken: tuple[Question, ...]
    refused: bool

    @property
    def bad(self) -> bool:
        return bool(self.lost or self.broken)


def seen(mutant: Mutant) -> Seen:
    """What the lab makes of a mutant in its customer."""
    scene = mutant.router.scene
    before, after = _judge(scene)[1], _after(mutant)
    broken = tuple(one for one in questions(scene) if not one.is_kept(after))
    return Seen(before.up() - after.up(), broken, bool(after.refused))


def follows(mutant: Mutant, finding: Finding) -> bool | None:
    """Whether the lab's packet takes the way that a finding shows, out of the mutated router or into nothing.

    None where the lab cannot be asked: without a packet and the interface that it comes in by, where the way rests on
    routes that BGP might learn from somebody, and where it is that of a state which the lab is not in: tunnels down, or
    up where the mutant has lost one.
    """
    flow, name = finding.flow, mutant.router.name
    steps = [hop.what for hop in finding.path if hop.router == name and not hop.what.startswith(_ANSWER)]
    arrives = _ARRIVES.match(steps[0]) if steps else None
    lost = _judge(mutant.router.scene)[1].up() - _after(mutant).up()
    state = "tunnels up" if lost else "tunnels down"
    assumed = any(state in step or "learned by BGP" in step for step in steps)
    if flow is None or arrives is None or assumed or finding.path[0].router != name:
        return None
    verdict = _after(mutant).reaches(
        name, flow.source, flow.destination, _PROTOCOLS.get(flow.protocol, "ip"), flow.destination_port,
        dscp=flow.dscp, source_port=flow.source_port, interface=arrives[1],
    )  # fmt: skip
    if any("drop" in step for step in steps):
        return not verdict.arrives
    leaves = [found[1] for step in steps if (found := _LEAVES.search(step))]
    return not leaves or next((hop.leaves for hop in verdict.path if hop.router == name), "") == leaves[-1]


@lru_cache(maxsize=2)
def _after(mutant: Mutant) -> Judged:
    scene = mutant.router.scene
    return _judge(scene)[0].look({**scene.texts, mutant.router.name: mutant.text})


@lru_cache(maxsize=64)
def reference(scene: Scene) -> Seen:
    """What the lab makes of the unharmed customer: nothing may be bad."""
    _, judged = _judge(scene)
    lost = frozenset((one.vrf, one.router, one.peer) for one in judged.tunnels() if not one.up)
    return Seen(lost, tuple(one for one in questions(scene) if not one.is_kept(judged)), bool(judged.refused))


@lru_cache(maxsize=64)
def _judge(scene: Scene) -> tuple[Judge, Judged]:
    views = {name: scene.inventory.router(name) for name in scene.texts}
    releases = {name: view.router.release for name, view in views.items()}
    spec = surroundings(
        scene.texts,
        translated={name for name, view in views.items() if view.site.access.nat},
        primaries={place: primary for view in views.values() for place, primary in _primaries(scene, view)},
        releases=releases,
    )
    judge = Judge(spec, scene.texts, releases)
    return judge, judge.look(scene.texts)


def _primaries(scene: Scene, view: SiteView) -> Iterator[tuple[tuple[str, str], Primary]]:
    """The routers beside ours: each leads to the tracked destination and to the VPN's other LANs."""
    resilience = view.site.resilience
    for vpn, group in resilience.hsrp.items() if resilience else ():
        lan = next(lan for lan in view.site.lans[vpn] if group.primary_address in lan.address.network)
        others = (one for one in scene.inventory.members(view.customer, vpn) if one.name != view.name)
        networks = [lan.address.network for one in others for lan in one.site.lans[vpn]]
        tracked = IPv4Network((resilience.primary.track, 32)) if resilience else IPv4Network("192.0.2.0/32")
        primary = Primary(address=group.primary_address, group=group.group, networks=(tracked, *networks))
        yield (view.router.name, f"Vlan{lan.vlan}"), primary


@lru_cache(maxsize=64)
def questions(scene: Scene) -> tuple[Question, ...]:
    """What the service promises between LANs, guests and the internet of a customer."""
    views = [scene.inventory.router(name) for name in scene.texts]
    return tuple(question for view in views for question in (*_between_lans(scene, view), *_outward(view)))


def _between_lans(scene: Scene, view: SiteView) -> Iterator[Question]:
    """Every LAN reaches the same VPN's at every other site, and no other VPN's."""
    for vpn, own in _hosts(view):
        for other in scene.inventory.members(view.customer, vpn):
            for name, there in _hosts(other):
                if name == vpn and other.name != view.name:
                    yield Question(view.router.name, own, there, promised=True)
                elif name != vpn:
                    yield Question(view.router.name, own, there, promised=False)


def _outward(view: SiteView) -> Iterator[Question]:
    """The internet is reached by breakout and guests, and by nobody else; guests reach no LAN."""
    router, options = view.router.name, view.site.options
    for vpn, host in _hosts(view):
        allowed = options.internet_breakout is not None and options.internet_breakout.vpn == vpn
        yield Question(router, host, INTERNET, allowed)
        yield Question(router, host, INTERNET, promised=False, port=MAIL)
    if options.ilan:
        guest = options.ilan.address.network[_HOST]
        yield Question(router, guest, INTERNET, promised=True)
        yield from (Question(router, guest, host, promised=False) for _, host in _hosts(view))


def _hosts(view: SiteView) -> Iterator[tuple[str, IPv4Address]]:
    for vpn, lans in view.site.lans.items():
        yield from ((vpn, lan.address.network[_HOST]) for lan in lans)
