"""IKEv2 as each router counts it: associations with their short-lived numbers, and negotiations that failed."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from agent.lab.journal.attempts import FAILURES, Failure, Spell
from agent.lab.net.network import Network
from agent.lab.net.tunnels import Link, Role

#: Between whom: the initiator, the address it calls, and the IPsec profile that its tunnels share.
Pair = tuple[str, IPv4Address, str]


@dataclass(slots=True)
class Counts:
    """What one router has counted since its boot; ``closed`` are the spells of failure that are over."""

    boots: int = -1
    initiated: int = 0
    accepted: int = 0
    lost: int = 0  # peers that dead-peer detection gave up
    numbered: int = 0
    closed: list[Spell] = field(default_factory=list)


class Negotiations:
    """Kept for all routers of a lab; ``take`` brings it up to date after every change of the network."""

    def __init__(self) -> None:
        self._counts: dict[str, Counts] = {}
        self._open: dict[Pair, Spell] = {}
        self._up: dict[Pair, dict[str, int]] = {}
        self._serial = 0

    def take(self, network: Network, boots: dict[str, int], now: float) -> None:
        """Take in the present state; ``boots`` counts each router's boots, and a boot forgets everything."""
        for router, count in boots.items():
            if self._of(router).boots != count:
                first = 100 + hashlib.sha256(f"{router}/{count}".encode()).digest()[0]
                self._counts[router] = Counts(boots=count, numbered=first)
        failing: dict[Pair, Link] = {}
        up: dict[Pair, Link] = {}
        for link in network.tunnels.links.values():
            pair = _pair(network, link)
            if pair is None:
                continue
            if link.suite is not None and network.is_up(link):
                up.setdefault(pair, link)
            elif link.reason in FAILURES:
                failing.setdefault(pair, link)
        self._associations(network, up)
        self._failures(network, {pair: link for pair, link in failing.items() if pair not in up}, now)

    def _of(self, router: str) -> Counts:
        return self._counts.setdefault(router, Counts())

    def _associations(self, network: Network, up: dict[Pair, Link]) -> None:
        for pair, link in up.items():
            if pair not in self._up:
                self._up[pair] = {end: self._number(end) for end in (pair[0], link.peer) if end}
                self._of(pair[0]).initiated += 1
                if link.peer:
                    self._of(link.peer).accepted += 1
        for pair in [pair for pair in self._up if pair not in up]:
            why = next((one.reason for one in network.tunnels.links.values() if _pair(network, one) == pair), None)
            refused = why in FAILURES and FAILURES[why] is not Failure.SILENCE
            for end in self._up.pop(pair):
                gave_up = why in FAILURES or end != pair[0]  # whose own end is down does not wait for an answer
                if gave_up and not refused and network.stations[end].powered:
                    self._of(end).lost += 1

    def _number(self, router: str) -> int:
        counts = self._of(router)
        counts.numbered += 1
        return counts.numbered

    def _failures(self, network: Network, failing: dict[Pair, Link], now: float) -> None:
        for pair, spell in list(self._open.items()):
            link = failing.get(pair)
            if link is None or link.reason is not spell.reason:
                over = replace(self._open.pop(pair), until=now)
                for end in filter(None, (over.initiator, over.responder)):
                    counts = self._of(end)
                    counts.closed = [*counts.closed, over][-20:]
        for pair, link in failing.items():
            if pair not in self._open and link.reason is not None:
                silent = FAILURES[link.reason] is Failure.SILENCE
                responder = "" if silent else network.underlay.holder(pair[1]) or ""
                own = network.underlay.addresses[pair[0]]
                self._serial += 1
                ends = (pair[0], responder, str(own), str(pair[1]))
                self._open[pair] = Spell(*ends, link.reason, now, serial=self._serial)

    # --- what a router can be asked ---

    def counts(self, router: str) -> Counts:
        """What the router has counted since its boot."""
        return self._of(router)

    def number(self, router: str, link: Link, profile: str) -> int:
        """The number of the association that carries a link; it changes whenever the association is made anew."""
        for (initiator, address, name), ends in self._up.items():
            mine = initiator == router and address == link.peer_nbma and name == profile
            theirs = initiator == link.peer and router in ends and initiator != router
            if mine or theirs:
                return ends.get(router, 0)
        return 0

    def spells(self, router: str) -> list[Spell]:
        """Times of failure since the boot, in which the router was one end, the earliest first."""
        now_failing = [one for one in self._open.values() if router in {one.initiator, one.responder}]
        return sorted([*self._of(router).closed, *now_failing], key=lambda one: one.since)

    def failing(self, router: str) -> list[Spell]:
        """Negotiations of the router's own that fail at this moment."""
        return [one for one in self._open.values() if one.initiator == router]

    def failed(self, router: str, now: float) -> Counter[tuple[bool, Failure]]:
        """How many negotiations failed, by whether the router began them and how they failed."""
        found: Counter[tuple[bool, Failure]] = Counter()
        for spell in self.spells(router):
            found[spell.initiator == router, spell.failure] += spell.failed(now)
        return found

    def version(self, now: float) -> tuple[int, int]:
        """Differs when associations or failures that can be asked for have changed."""
        made = sum(counts.numbered for counts in self._counts.values())
        return made + len(self._up), sum(spell.failed(now) for spell in self._open.values())


def _pair(network: Network, link: Link) -> Pair | None:
    """Between whom a link is; None where this end does not begin: hubs wait for their spokes."""
    interface = network.stations[link.router].interface(link.interface)
    if link.role not in {Role.SERVER, Role.CENTRE} or link.peer_nbma is None or interface is None:
        return None
    profile = interface.tunnel.profile if interface.tunnel else ""
    return (link.router, link.peer_nbma, profile) if profile else None
