"""A customer with a hub and three spokes, and routers that answer diagnostics as told: dead, hanging, refusing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.errors import AuthenticationRefused, CommandRejected, ConfigurationProblem, DeviceTimeout, Unreachable
from agent.faults.diagnostics import Diagnostics
from agent.faults.ports import AgentAnswer, Files, IkeFailure, Instruments, Reader
from agent.faults.sharing import Readouts, SharedSessions
from agent.incidents.incident import Incident, Status
from agent.monitoring.quality import Quality
from agent.monitoring.sample import Greets
from agent.monitoring.states import Reach, RouterState
from agent.provisioning.ports import DeviceFacts, PingResult
from agent.store.base import open_store, write
from agent.store.incidents import Incidents, save
from device_templates.cisco_iosxe.shows import without_encrypted_keys
from inventory import Inventory, SiteView
from inventory.customer import Customer
from inventory.settings import Settings
from tests.settings import CENTRE
from tests.tables import create_all

NOW = datetime(2026, 11, 30, 8, 5, tzinfo=UTC)
FAILED_AT = NOW - timedelta(minutes=2)
WAN = {"hub": "198.51.100.10", "leeds": "203.0.113.7", "york": "198.51.100.20", "hull": "198.51.100.30"}
NUMBERS = {name: number for number, name in enumerate(WAN, 1)}
SECRET = "planted-secret"


def _site(name: str) -> dict[str, object]:
    address = "dhcp" if name == "leeds" else f"{WAN[name]}/24"
    access = {"provided_by": "apa", "interface": "GigabitEthernet0/0/0", "address": address}
    return {
        "orders": [{"reference": f"ORD-{name}", "status": "accepted"}],
        "access": {**access, "down_kbps": 1000, "up_kbps": 1000},
        "router": {
            "name": name,
            "platform": "cisco_iosxe",
            "release": "17.9",
            "model": "C1111-8P",
            "management": {"address": f"10.254.0.{NUMBERS[name]}", "credentials": "fleet"},
            "snmp": {"credentials": "fleet-v3"},
        },
        "tunnels": {"corporate": f"10.255.8.{NUMBERS[name]}"},
        "lans": {},
        "service_management": "enhanced",
        "options": {"proactive_monitoring": True},
    }


@pytest.fixture
def inventory() -> Inventory:
    """Hub with a static address, leeds on DHCP, york and hull static."""
    vpn = {"id": 10, "hubs": ["hub"], "tunnel_network": "10.255.8.0/21", "asn": 65010, "ike": {"psk": "k"}}
    sites = {name: _site(name) for name in WAN}
    customer = Customer.model_validate({"customer": "acme", "name": "Acme", "vpns": {"corporate": vpn}, "sites": sites})
    fleet = {"kind": "ssh", "username": "spokesman", "password": "pw"}
    settings = {"management_centre": CENTRE, "credentials": {"fleet": fleet}, "store": {"master_key": "key"}}
    return Inventory(Path("/nowhere"), Settings.model_validate(settings), {"acme": customer}, "digest")


IPSEC = """interface: Tunnel10
    Crypto map tag: Tunnel10-head-0, local addr 198.51.100.10
   current_peer {peer} port 500
    #pkts encaps: 1021, #pkts encrypt: 1021, #pkts digest: 1021
    #pkts decaps: 1019, #pkts decrypt: 1019, #pkts verify: 1019
    #send errors 0, #recv errors 0
"""
#: The command for its keys, and what it shows of itself.
KEYRINGS = "show running-config | section crypto ikev2 keyring"
EXCHANGES = "show crypto ikev2 stats exchange"
BOX = {
    "show clock": "*08:05:00.123 UTC Mon Nov 30 2026",
    "show processes cpu sorted 1min": "CPU utilization for five seconds: {cpu}%/1%; one minute: {cpu}%; five minutes: "
    "{cpu}%\n PID Runtime(ms)     Invoked      uSecs   5Sec   1Min   5Min TTY Process\n"
    " 117       41220      103213        399 61.11% 60.02% 58.90%   0 IP SNMP\n",
    "show logging": "Log Buffer (4096 bytes):\n*Nov 30 08:03:01.123: %BGP-5-ADJCHANGE: neighbor 10.255.8.1 Down",
    "show ip nhrp nhs detail": "Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic\nTunnel10:\n"
    "10.255.8.1  RE NBMA Address: 198.51.100.10 priority = 0 cluster = 0  req-sent 9  req-failed 0  repl-recv 9\n",
    "show crypto ikev2 stats": "Incoming IKEv2 Requests: 13       accepted:      13       rejected:    0\n",
    "show crypto ikev2 stats exchange": "ERROR NOTIFY\n\nAUTHENTICATION_FAILED 0 0 0 {failed}\n\nOTHER NOTIFY\n",
    "show crypto ikev2 diagnose error": "Exit Path Table - status: enable, current entry 0, deleted 0, max allow 50\n",
    "show crypto pki certificates": "Certificate\n  Status: Available\n  Subject:\n    Name: r1\n  Validity Date:\n"
    "    start date: 07:00:00 UTC Nov 1 2025\n    end   date: 07:00:00 UTC {end}\n  Associated Trustpoints: VPN\n",
}


@dataclass
class Field:
    """The network as diagnostics meet it; ``up`` are the spokes whose tunnel to the hub works."""

    up: set[str] = field(default_factory=lambda: {"leeds", "york", "hull"})
    managed: set[str] = field(default_factory=lambda: set(WAN))
    wan: set[str] = field(default_factory=lambda: set(WAN))
    known_to_hub: set[str] = field(default_factory=lambda: {"leeds", "york", "hull"})
    uptime_s: dict[str, int] = field(default_factory=dict)
    hangs: set[str] = field(default_factory=set)
    refuses: set[str] = field(default_factory=set)
    without_secret: set[str] = field(default_factory=set)
    cut_after: dict[str, str] = field(default_factory=dict)
    rejects: set[str] = field(default_factory=set)
    wrong_digest: set[str] = field(default_factory=set)
    no_snmp: set[str] = field(default_factory=set)
    greets: dict[str, Greets] = field(default_factory=dict)
    #: Keys that run instead of the intended one.
    keys: dict[str, str] = field(default_factory=dict)
    #: Spokes whose key does not match, by the ends that say so.
    wrong_key: dict[str, set[str]] = field(default_factory=dict)
    failed_ago_s: float = 20.0
    expired: set[str] = field(default_factory=set)
    cpu: dict[str, int] = field(default_factory=dict)
    lossy: dict[str, int] = field(default_factory=dict)
    slow_ms: dict[str, float] = field(default_factory=dict)
    shown: list[tuple[str, str]] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    looks: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    states: dict[str, RouterState] = field(default_factory=dict)

    @contextmanager
    def open(self, site: SiteView) -> Iterator[Reader]:
        name = site.router.name
        if name in self.hangs:
            self.released.wait(30)
            raise DeviceTimeout("no banner", where=name)
        if name not in self.managed:
            raise Unreachable("nothing answers", where=name)
        if name in self.without_secret:
            raise ConfigurationProblem("the secret cannot be read", where=name)
        if name in self.refuses:
            raise AuthenticationRefused("the login was refused", where=name)
        self.sessions.append(name)
        yield FieldRouter(name, self)

    def ping_from_here(self, site: SiteView) -> PingResult:
        return self.echoes(site.router.name, site.router.name in self.managed, 5)

    def echoes(self, name: str, answers: bool, count: int) -> PingResult:
        """A ping of a router that may lose some, in percent, or be slow."""
        if not answers:
            return PingResult(count, 0)
        lost = count * self.lossy.get(name, 0) // 100
        return PingResult(count, count - lost, self.slow_ms.get(name, 12.0))

    def agent(self, site: SiteView) -> AgentAnswer:
        name = site.router.name
        if name not in self.managed or name in self.no_snmp:
            return AgentAnswer("no answer", silent=True)
        if name in self.wrong_digest:
            return AgentAnswer("wrong authentication key or protocol")
        peers = [peer for peer in WAN if peer != name and "hub" in (peer, name)]
        failing = [peer for peer in peers if name in self.wrong_key.get(peer if name == "hub" else name, ())]
        return AgentAnswer(failures=tuple(IkeFailure(5, self.failed_ago_s, WAN[peer]) for peer in failing))

    def greeting(self, site: SiteView) -> tuple[Greets, str]:
        up = Greets.GREETED if site.router.name in self.managed else Greets.UNREACHABLE
        return self.greets.get(site.router.name, up), ""

    def pause(self, _: float) -> None:
        self.looks += 1

    def cut(self, *names: str) -> None:
        """An access is cut or a router has no power: silent everywhere."""
        for name in names:
            for group in (self.up, self.managed, self.wan):
                group.discard(name)


class FieldRouter:
    """One router's session."""

    def __init__(self, name: str, field: Field) -> None:
        self.name, self.field = name, field

    def facts(self) -> DeviceFacts:
        return DeviceFacts(self.name, "FCZ", "C1111-8P", "17.9", self.field.uptime_s.get(self.name, 9_000_000))

    def ping(self, address: str, *, vrf: str = "", source: str = "", count: int = 5) -> PingResult:
        target = next(name for name, wan in WAN.items() if address in (wan, f"10.255.8.{NUMBERS[name]}"))
        if address == WAN[target]:
            assert not vrf
            return self.field.echoes(target, target in self.field.wan, count)
        assert (vrf, source) == ("CORPORATE", "Tunnel10")
        up = target in self.field.up | {"hub"} and self.name in self.field.up | {"hub"}
        return self.field.echoes(target, up, count)

    def show(self, command: str) -> str:
        if self.field.cut_after.get(self.name) == command:
            raise DeviceTimeout("stopped answering", where=self.name)
        if command in self.field.rejects:
            raise CommandRejected(f"{command}: % Invalid input", where=self.name)
        self.field.shown.append((self.name, command))
        peers = [name for name in WAN if name != "hub"] if self.name == "hub" else ["hub"]
        if command.startswith("show crypto ipsec sa peer "):
            return IPSEC.format(peer=command.split()[-1])
        if command == KEYRINGS:
            key = self.field.keys.get(self.name, "KEY")
            return f"crypto ikev2 keyring VPN\n peer ANY\n  address 0.0.0.0\n  pre-shared-key {key}\n !\n"
        if command in BOX:
            return BOX[command].format(cpu=self.field.cpu.get(self.name, 7), end=self._end(), failed=self._failed())
        return {
            "show dmvpn": self._dmvpn,
            "show ip nhrp": self._nhrp,
            "show bgp vpnv4 unicast all summary": self._bgp,
            "show crypto ikev2 sa": self._ike,
        }[command](peers)

    def _end(self) -> str:
        return "Nov 29 2026" if self.name in self.field.expired else "Nov 29 2028"

    def _failed(self) -> int:
        """The counter grows with each look where the key does not match."""
        failing = any(self.name in ends for ends in self.field.wrong_key.values())
        return self.field.looks if failing else 0

    def _works(self, peer: str) -> bool:
        return (peer if self.name == "hub" else self.name) in self.field.up

    def _dmvpn(self, peers: list[str]) -> str:
        rows = [
            f"     1 {WAN[peer]:>15} {'10.255.8.' + str(NUMBERS[peer]):>15} {'UP' if self._works(peer) else 'NHRP':>5}"
            f" 00:12:31     D"
            for peer in peers
            if peer in self.field.known_to_hub | {"hub"}
        ]
        head = (
            "Interface: Tunnel10, IPv4 NHRP Details\nType:Hub, NHRP Peers:3,\n\n # Ent  Peer NBMA Addr Peer Tunnel Add"
        )
        return "\n".join([head, f" ----- {SECRET}", *rows])

    def _nhrp(self, peers: list[str]) -> str:
        return "\n".join(
            f"10.255.8.{NUMBERS[peer]}/32 (CORPORATE) via 10.255.8.{NUMBERS[peer]}\n   Tunnel10 created 00:12:31\n"
            f"   Type: dynamic, Flags: registered nhop\n   NBMA address: {WAN[peer]}"
            for peer in peers
            if peer in self.field.known_to_hub | {"hub"}
        )

    def _bgp(self, peers: list[str]) -> str:
        rows = [
            f"10.255.8.{NUMBERS[peer]}      4        65010      12      11        5    0    0 00:08:42        "
            f"{'3' if self._works(peer) else 'Idle'}"
            for peer in peers
        ]
        return "\n".join(
            ["Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd", *rows]
        )

    def _ike(self, peers: list[str]) -> str:
        rows = [
            f"{number}         {WAN[self.name]}/500     {WAN[peer]}/500       none/none            READY  "
            for number, peer in enumerate(peers, 1)
            if self._works(peer)
        ]
        return "\n".join(
            [" IPv4 Crypto IKEv2  SA ", "Tunnel-id Local                 Remote                fvrf/ivrf", *rows]
        )


@dataclass
class Bench:
    """Diagnostics on a field, with the real store."""

    field: Field
    incidents: Incidents
    inventory: Inventory
    now: list[datetime]
    diagnostics: Diagnostics

    def incident(self, router: str = "leeds") -> Incident:
        """An incident that opened a moment ago."""
        return Incident("INC-000001", router, f"acme/{router}", "unreachable", Status.OPEN, NOW, FAILED_AT)

    def impair(self, **quality: Any) -> None:
        """Leeds answers its polls, but not well."""
        own = self.field.states["hub"]
        losses = ((40, 9),) if quality.get("loss") else own.quality.losses
        known = replace(own.quality, losses=losses, **quality)
        self.field.states["leeds"] = replace(own, router="leeds", quality=known)

    def diagnose_again(self, router: str, first_failed_at: datetime = FAILED_AT) -> None:
        """Run for another router on the same incident."""
        incident = replace(self.incident(router), first_failed_at=first_failed_at)
        self.diagnostics(incident, self.inventory)

    def diagnose(self, router: str = "leeds") -> str:
        """Run; the conclusion in the incident."""
        self.diagnostics(self.incident(router), self.inventory)
        return self.incidents.incident("INC-000001").cause


@pytest.fixture
def bench(tmp_path: Path, inventory: Inventory) -> Iterator[Bench]:
    """An incident on leeds, everything else in order."""
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    create_all(engine)
    field, incidents, now = Field(), Incidents(engine), [NOW]
    good = Quality(losses=((2, 0),), round_trip_ms=30.0, usual_ms=30.0, usual_polls=20, cpu_percent=7)
    field.states = {name: RouterState(name, Reach.UP, NOW, "answers", NOW, quality=good) for name in WAN}
    field.states["leeds"] = RouterState("leeds", Reach.DOWN, NOW, "2 polls without an answer", NOW, quality=good)
    shared: SharedSessions[Reader] = SharedSessions()
    tools = Instruments(
        open=field.open,
        open_shared=lambda view: shared.borrow(view.router.name, lambda: field.open(view)),
        ping=field.ping_from_here,
        snmp=field.agent,
        greet=field.greeting,
        states=lambda: field.states,
        redact=lambda _view, text: without_encrypted_keys(text).replace(SECRET, "***"),
        intended_key=lambda _view, _vpn: "KEY",
        readouts=Readouts(lambda: now[0]),
        pause=field.pause,
    )
    files = Files(incidents, incidents, lambda: now[0])
    made = Bench(field, incidents, inventory, now, Diagnostics(tools, files))
    with write(engine) as connection:
        save(connection, ((None, made.incident()),))
    yield made
    field.released.set()
    engine.dispose()
