"""The network as the virtual routers ask for it: keeps track of changes, answers ping, and knows physical faults."""

from __future__ import annotations

import math
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address

from agent.lab.clock import LabClock
from agent.lab.config import ConfigTree
from agent.lab.errors import LabError
from agent.lab.faults.breakage import Breakage
from agent.lab.faults.certificates import expire, expired, prolong
from agent.lab.faults.conditions import LIVENESS_S, Conditions, Draws
from agent.lab.faults.keys import correct, mistype, mistyped
from agent.lab.faults.kinds import OF_THE_BOX, Break, Fault, asked, kind_of
from agent.lab.faults.load import Load
from agent.lab.faults.wear import Wear
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
        self.chance = Draws()
        self.routers: dict[str, VirtualRouter] = {}
        self.broken = breakage or Breakage()
        self.shortcuts: dict[tuple[str, str, IPv4Address], tuple[Link, float, float]] = {}
        self._show = show
        self._history = History()
        self._configs: dict[str, tuple[ConfigTree, RouterConfig]] = {}
        self._network: Network | None = None
        self._absent: set[IPv4Address] = set()
        self._boots_end = math.inf
        self.journal = Journal(self.routers)
        self.wear = Wear()
        for name in self.broken.having(Break.LOSS):
            self._wear(name)
        self._loads: dict[str, tuple[int, Load]] = {}
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
        router, kind = self.routers[name], asked(what, value, vpn)
        fault = Fault(kind, self.clock.now(), value, vpn, router.boots)
        if kind in OF_THE_BOX and not router.up:
            raise LabError(f"{name} has no power or is booting: {kind} needs a router that runs")
        if kind is Break.KEY:
            if self._present(name, kind):
                raise LabError(f"{name}: a key is broken already; lab repair brings the right one back")
            fault = mistype(router, fault)
        if kind is Break.CERTIFICATE:
            fault = expire(router, fault)
            self._history.cleared[name] = fault.since
        self.broken.add(name, fault)
        self._wear(name)
        self._network = None

    def mend(self, name: str, what: str = "") -> None:
        """Undo one ``damage`` of a device, or every one."""
        kinds = [kind_of(what)] if what else list(Break)
        for fault in self.broken.drop(name, kinds):
            if fault.kind is Break.KEY:
                correct(self.routers[name], fault)
            if fault.kind is Break.CERTIFICATE:
                prolong(self.routers[name], fault)
        self._wear(name)
        self._network = None

    def _wear(self, name: str) -> None:
        self.wear.change(name, self.broken.value(name, Break.LOSS), self.clock.now())

    def faults(self, name: str) -> tuple[Fault, ...]:
        """What is broken of a device; faults of the box that its last boot has ended are forgotten."""
        router = self.routers[name]
        ended = [one.kind for one in self.broken.of(name) if one.kind in OF_THE_BOX and one.boots != router.boots]
        key = self.broken.find(name, Break.KEY)
        if key is not None and Break.KEY not in ended and not mistyped(router, key):
            ended.append(Break.KEY)
        certificate = self.broken.find(name, Break.CERTIFICATE)
        if certificate is not None and not expired(router, certificate):
            ended.append(Break.CERTIFICATE)
        self.broken.drop(name, ended)
        return self.broken.of(name)

    def _present(self, name: str, kind: Break) -> bool:
        return any(fault.kind is kind for fault in self.faults(name))

    def conditions(self, router: VirtualRouter) -> Conditions:
        """What the router and its access are like now."""
        faults = {fault.kind: fault.value or 0.0 for fault in self.faults(router.name)}
        return Conditions(
            faults.get(Break.LOSS, 0.0), faults.get(Break.DELAY, 0.0), faults.get(Break.CPU, 0.0), Break.SSH in faults
        )

    def quiet(self, router: VirtualRouter) -> float:
        """Percent of the router's processor that its own work takes."""
        return 2.0 + sum(router.chassis.serial.encode()) % 9

    def load(self, router: VirtualRouter) -> Load:
        """The load of the router's processor, with its history since the boot."""
        now, quiet = self.clock.now(), self.quiet(router)
        level = max(quiet, self.conditions(router).load)
        boots, load = self._loads.get(router.name, (-1, Load(quiet, now)))
        if boots != router.boots:
            load = Load(quiet, router.booted_at, quiet, quiet)
        if load.level != level:
            fault = self.broken.find(router.name, Break.CPU)
            load = load.moved(level, fault.since if fault else now)
        self._loads[router.name] = (router.boots, load)
        return load

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
            if self.broken.having(Break.LOSS):
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
                cabled=self.broken.find(name, Break.ACCESS) is None,
                served=self.broken.find(name, Break.PROVIDER) is None,
                managed=self.broken.find(name, Break.MANAGEMENT) is None,
                heard=not self.conditions(router).silence(name, self._period),
                keys=frozenset(router.pki.keys.values()),
                ended=dict(router.pki.ended),
                absent=frozenset(self._absent),
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
        replies = tuple(None if first_lost and number == 0 else time for number in range(count))
        return PingResult(replies)

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
