"""The network as the virtual routers ask for it: keeps track of changes, answers ping, and knows physical faults."""

from __future__ import annotations

import math
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address

from agent.lab.clock import LabClock
from agent.lab.config import ConfigTree
from agent.lab.faults.breakage import Breakage
from agent.lab.faults.conditions import LIVENESS_S, Conditions
from agent.lab.faults.kinds import Break, Fault
from agent.lab.faults.trouble import Trouble
from agent.lab.journal.journal import Journal
from agent.lab.net.network import SSH, History, Network
from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.net.tunnels import Link, Role
from agent.lab.pki.reach import authority_at
from agent.lab.router import VirtualRouter
from agent.lab.routing.sessions import Table
from agent.lab.running.config import RouterConfig, read_config
from agent.lab.running.crypto import Trustpoint
from agent.lab.spec import Authority, LabSpec
from agent.lab.world import InterfaceStatus, PingResult

#: Lab seconds that an unused shortcut between two spokes stays.
SHORTCUT_SECONDS = 600.0
_LAN_MS, _HOP_MS = 0.6, 11.0

Show = Callable[["LabWorld", VirtualRouter, list[str]], str | None]


class LabWorld:
    """Implements ``agent.lab.world.World``. Not thread safe: everything happens in the lab's event loop."""

    def __init__(
        self, spec: LabSpec, clock: LabClock, show: Show | None = None, breakage: Breakage | None = None
    ) -> None:
        self.spec = spec
        self.clock = clock
        self.routers: dict[str, VirtualRouter] = {}
        self.trouble = Trouble(self.routers, clock, breakage or Breakage())
        self.shortcuts: dict[tuple[str, str, IPv4Address], tuple[Link, float, float]] = {}
        self._show = show
        self._history = History()
        self._configs: dict[str, tuple[ConfigTree, RouterConfig]] = {}
        self._network: Network | None = None
        self._absent: set[IPv4Address] = set()
        self._boots_end = math.inf
        self.journal = Journal(self.routers)
        self._period = 0

    def attach(self, router: VirtualRouter) -> None:
        """Put a router into the network, in place of another of its name."""
        self.routers[router.name] = router
        router.world = self
        router.watchers.append(self._forget)
        self._network = None

    def _forget(self, router: VirtualRouter) -> None:
        self.journal.configured(router, self.spec.centre.source)
        self._network = None

    def damage(self, name: str, what: str, value: float | None = None, vpn: str = "") -> None:
        """Break something of a device; LabError where it cannot be broken so."""
        fault = self.trouble.damage(name, what, value, vpn)
        if fault.kind is Break.CERTIFICATE:
            self._history.cleared[name] = fault.since
        self._network = None

    def mend(self, name: str, what: str = "") -> None:
        """Undo one ``damage`` of a device, or every one."""
        self.trouble.mend(name, what)
        self._network = None

    def faults(self, name: str) -> tuple[Fault, ...]:
        """What is broken of a device."""
        return self.trouble.of(name)

    def conditions(self, router: VirtualRouter) -> Conditions:
        """What the router and its access are like now."""
        return self.trouble.conditions(router)

    def switch(self, host: IPv4Address, *, on: bool) -> None:
        """Switch a host in a LAN on or off."""
        if on:
            self._absent.discard(host)
        else:
            self._absent.add(host)
        self._network = None

    def network(self) -> Network:
        """The state now; it is derived anew after a change, or when a router has booted."""
        now = self.clock.now()
        period = int(now // LIVENESS_S)
        if period != self._period:
            self._period = period
            if self.trouble.broken.having(Break.LOSS):
                self._network = None
        if self._network is None or now >= self._boots_end:
            self._boots_end = min(
                (one.ready_at for one in self.routers.values() if one.ready_at > now), default=math.inf
            )
            self._network = Network(self.spec, self._stations(), self._history, now)
            self._network.settle(now)
            self.journal.take(self._network, now)
        elif now >= self._history.due:
            self._network.settle(now)
            self.journal.take(self._network, now)
        return self._network

    def _stations(self) -> dict[str, Station]:
        return {
            name: Station(
                device=self.spec.device(name),
                config=self._config(router),
                powered=router.up,
                cabled=self.trouble.broken.find(name, Break.ACCESS) is None,
                served=self.trouble.broken.find(name, Break.PROVIDER) is None,
                managed=self.trouble.broken.find(name, Break.MANAGEMENT) is None,
                heard=not self.conditions(router).silence(name, self._period),
                keys=frozenset(router.pki.keys.values()),
                ended=dict(router.pki.ended),
                absent=frozenset(self._absent),
                primary_up=self.trouble.broken.find(name, Break.PRIMARY) is None,
                primary_reaches=self.trouble.broken.find(name, Break.PRIMARY_ACCESS) is None,
            )
            for name, router in self.routers.items()
        }

    def _config(self, router: VirtualRouter) -> RouterConfig:
        known = self._configs.get(router.name)
        if known is None or known[0] is not router.running:
            known = (router.running, read_config(router.running))
            self._configs[router.name] = known
        return known[1]

    def authority(self, router: VirtualRouter, trustpoint: Trustpoint) -> Authority | None:
        """The certificate authority that answers a router at a trustpoint's URL now."""
        return authority_at(self.network(), router.name, trustpoint)

    def interface_status(self, router: VirtualRouter, name: str) -> InterfaceStatus:
        """State of one interface."""
        network = self.network()
        station = network.stations[router.name]
        interface = station.interface(name)
        if interface is None:
            return InterfaceStatus(False, False, False)
        address = station.address(interface)
        up = network.protocol_up(station, interface)
        admin = not interface.shutdown
        line = up or (admin and name.startswith("Tunnel"))
        return InterfaceStatus(admin, line, up, str(address) if address else None)

    def management_reachable(self, router: VirtualRouter) -> bool:
        """Whether SSH from the management centre reaches the router."""
        return self.network().management_reason(router.name, "tcp", SSH) is None

    def show(self, router: VirtualRouter, command: str) -> str | None:
        """Output of a show command that depends on the network."""
        return self._show(self, router, command.split()) if self._show else None

    def ping(self, router: VirtualRouter, address: str, vrf: str | None, source: str | None, count: int) -> PingResult:
        """Ping from a router, by its routing tables and those on the way back."""
        network = self.network()
        station = network.stations[router.name]
        table = (router.name, vrf or "")
        if vrf and vrf not in station.config.vrfs:
            return PingResult(error=f"VRF {vrf} does not exist")
        try:
            destination = IPv4Address(address)
        except AddressValueError:
            return PingResult(error="Unrecognized host or address, or protocol not running.")
        own = self._source(network, station, table, source) if source else None
        if isinstance(own, str):
            return PingResult(error=own)
        own = own or network.forwarding.source(table, destination)
        if own is None:
            return PingResult((None,) * count)
        found = network.forwarding.round_trip(table, own, destination)
        if isinstance(found, Reason):
            return PingResult((None,) * count)
        first_lost = self._use_shortcuts(network, found.links)
        time = _LAN_MS + _HOP_MS * (len(found.links) + found.internet)
        ends = {end for link in found.links for end in (link.router, link.peer) if end}
        if found.internet:
            ends |= {router.name, network.underlay.holder(destination) or router.name}
        crossed = [self.conditions(self.routers[end]) for end in ends]
        time += sum(access.delay_ms for access in crossed)
        chance = self.trouble.chance
        arrived = [all(access.round_trip(chance) for access in crossed) for _ in range(count)]
        lost = 0 if first_lost else -1
        return PingResult(tuple(time if good and at != lost else None for at, good in enumerate(arrived)))

    def _source(self, network: Network, station: Station, table: Table, source: str) -> IPv4Address | str:
        interface = station.interface(source)
        if interface is not None:
            own = station.address(interface)
            if own is None or not network.protocol_up(station, interface):
                return "Invalid source interface - Interface is down or has no IP address"
            if interface.vrf != table[1]:
                return "Invalid source interface - Not in the VRF"
            return own.ip
        try:
            address = IPv4Address(source)
        except AddressValueError:
            return "Invalid source"
        if not network.forwarding.owns(table, address):
            return "Invalid source address- IP address not on any of our up interfaces"
        return address

    def _use_shortcuts(self, network: Network, links: tuple[Link, ...]) -> bool:
        """Traffic from spoke to spoke makes a shortcut; whether a new one was made, which costs the first packet."""
        now = self.clock.now()
        self.shortcuts = {key: one for key, one in self.shortcuts.items() if self._valid(network, one, now)}
        if len(links) != 2 or links[0].role is not Role.SERVER or links[1].role is not Role.CLIENT:
            return False
        made = False
        there = network.stations[links[1].peer].interface(links[1].peer_interface)
        here = network.stations[links[0].router].interface(links[0].interface)
        own = network.stations[links[0].router].address(here) if here else None
        if there is None or own is None:
            return False
        for router, interface, peer in (
            (links[0].router, links[0].interface, links[1].peer_tunnel),
            (links[1].peer, links[1].peer_interface, own.ip),
        ):
            key = (router, interface, peer)
            link = network.tunnels.shortcut(*key)
            if link is not None:
                made = made or key not in self.shortcuts
                since = self.shortcuts[key][1] if key in self.shortcuts else now
                self.shortcuts[key] = (link, since, now)
        return made

    def _valid(self, network: Network, shortcut: tuple[Link, float, float], now: float) -> bool:
        link, _, used = shortcut
        return now - used < SHORTCUT_SECONDS and network.tunnels.shortcut(*link.key) is not None
