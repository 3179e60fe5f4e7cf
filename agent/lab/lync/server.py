"""One virtual Lync server: what runs on it, what is broken of it, and what its ports answer."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from zoneinfo import ZoneInfo

from agent.lab.box.records import SnmpUser
from agent.lab.config import ConfigTree
from agent.lab.errors import LabError
from agent.lab.lync import talking
from agent.lab.lync.authority import LyncAuthority
from agent.lab.lync.doors import Door, Way
from agent.lab.lync.faults import ServerBreak, asked, words
from agent.lab.lync.mib import windows_mib
from agent.lab.lync.spec import LyncServer
from agent.lab.snmp import usm
from agent.lab.snmp.agent import SnmpAgent
from agent.lab.snmp.server import SnmpSocket
from agent.lab.winrm.deployment import Deployment
from agent.lab.winrm.wsman import WsmanStub

#: Days that a certificate of the lab is good for, and how full and loaded a healthy server is.
GOOD_DAYS, USUAL_DISK, USUAL_LOAD = 700.0, 30.0, 4
#: The service behind HTTPS.
WEB = "World Wide Web Publishing Service"
SNMP, NTP, WINRM = 161, 123, 5986


class VirtualLyncServer:
    """One server; ``reachable`` tells whether the management centre reaches the site it stands at."""

    def __init__(
        self,
        spec: LyncServer,
        authority: LyncAuthority,
        reachable: Callable[[], bool],
        deployment: Deployment | None = None,
    ) -> None:
        self.spec, self._deployment = spec, deployment
        self._authority, self._reachable = authority, reachable
        self._broken: dict[ServerBreak, float] = {}
        self._started = time.monotonic()
        self.boots = 1
        self.running = ConfigTree.parse(_readers(spec))
        self._tls = self._context()
        self._doors: dict[int, Door] = {}
        self._sockets: list[SnmpSocket] = []
        self._winrm: WsmanStub | None = None

    # --- what it is now ---

    @property
    def powered(self) -> bool:
        """Whether it is switched on."""
        return ServerBreak.POWER not in self._broken

    @property
    def broken(self) -> tuple[str, ...]:
        """What is broken on purpose, for people."""
        return tuple(words(kind, value) for kind, value in sorted(self._broken.items()))

    @property
    def there(self) -> bool:
        """Whether anything that is sent to it arrives."""
        return self.powered and self._reachable()

    @property
    def services(self) -> tuple[str, ...]:
        """Display names of the services that run."""
        stopped = set()
        if ServerBreak.SERVICE in self._broken:
            stopped.add(self.spec.services[0])
        if ServerBreak.WEB in self._broken:
            stopped.add(WEB)
        return tuple(name for name in self.spec.services if name not in stopped)

    @property
    def disk_percent(self) -> float:
        return self._broken.get(ServerBreak.STORAGE, USUAL_DISK)

    @property
    def load(self) -> int:
        return int(self._broken.get(ServerBreak.CPU, USUAL_LOAD))

    @property
    def fqdn(self) -> str:
        return self.spec.fqdn

    @property
    def uptime(self) -> float:
        return time.monotonic() - self._started

    @property
    def engine_id(self) -> bytes:
        return b"\x80\x00\x01\x37\x04" + hashlib.sha256(self.spec.name.encode()).digest()[:12]

    @property
    def engine_time(self) -> int:
        return int(self.uptime)

    @property
    def snmp_users(self) -> dict[str, SnmpUser]:
        """The user of v3, if there is one."""
        reader = self.spec.snmp
        if reader is None or not reader.user:
            return {}
        user = SnmpUser(
            name=reader.user, group="READERS", auth=reader.auth and usm.word(reader.auth_protocol),
            auth_secret=reader.auth, priv=reader.priv and usm.word(reader.priv_protocol), priv_secret=reader.priv,
            engine_id=self.engine_id,
        )  # fmt: skip
        return {reader.user: user}

    def now(self) -> datetime:
        """Its clock, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._broken.get(ServerBreak.CLOCK, 0.0))

    def local_time(self) -> datetime:
        """Its wall clock, in its own zone."""
        return self.now().astimezone(ZoneInfo(self.spec.zone))

    # --- what is done to it ---

    def damage(self, what: str, value: float | None) -> None:
        """Break something; LabError where that cannot be broken, or not so."""
        kind, number = asked(what, value)
        self._broken[kind] = number
        self._changed()

    def repair(self, what: str = "") -> None:
        """Undo one fault, or everything; a server that was off has booted."""
        kinds = {asked(what, None)[0]} if what else set(self._broken)
        if ServerBreak.POWER in kinds and not self.powered:
            self._started = time.monotonic()
            self.boots += 1
        for kind in kinds:
            self._broken.pop(kind, None)
        self._changed()

    def _changed(self) -> None:
        self._tls = self._context()
        if self._winrm is not None:
            self._winrm.use(self._tls)
        self.tick()

    def tick(self) -> None:
        """Open, shut or silence the ports as things are."""
        for port, door in self._doors.items():
            door.turn(self._way(port))
        if self._winrm is not None:
            self._winrm.faults.hangs = not self.there

    def _way(self, port: int) -> Way:
        if not self.there:
            return Way.SILENT
        needed = WEB if port in self.spec.https else self.spec.services[0]
        return Way.OPEN if needed in self.services else Way.SHUT

    def _context(self) -> ssl.SSLContext:
        """TLS as Windows of that time speaks it: 1.2 at most."""
        days = self._broken.get(ServerBreak.CERTIFICATE, GOOD_DAYS)
        issued = self._authority.issue(self.spec.name, (self.spec.fqdn,), datetime.now(UTC), days)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(issued.certificate, issued.key)
        return context

    # --- its sockets ---

    def start(self, source: IPv4Address) -> None:
        """Open all ports in the running loop; LabError names the one that is taken."""
        host = str(self.spec.listen)
        talks = dict.fromkeys(self.spec.sip, self._sip) | dict.fromkeys(self.spec.https, self._http)
        for port, talk in talks.items():
            self._doors[port] = Door(host, self.spec.reached(port), lambda: self._tls, talk)
        self._winrm = self._listening(host)
        self.tick()
        answering: list[tuple[int, SnmpAgent | _Sntp]] = [(NTP, _Sntp(self.now))]
        if self.spec.snmp is not None:
            answering.append((SNMP, SnmpAgent(self, windows_mib(self), source)))
        for port, agent in answering:
            udp = SnmpSocket(agent, lambda: 0.0 if self.there else None)
            udp.open(host, self.spec.reached(port))
            self._sockets.append(udp)

    def _listening(self, host: str) -> WsmanStub | None:
        """WinRM's listener, which is a stub: what it proves is said where it is made."""
        if self._deployment is None or self.spec.winrm is None:
            return None
        logins = {self.spec.winrm.user: self.spec.winrm.password}
        port = self.spec.reached(WINRM)
        try:
            return WsmanStub(self._deployment, logins, host, port, self._tls).start()
        except OSError as problem:
            raise LabError(f"{host} port {port} cannot be used ({problem.strerror})") from None

    async def close(self) -> None:
        """Close all ports."""
        if self._winrm is not None:
            await asyncio.to_thread(self._winrm.stop)
        for udp in self._sockets:
            udp.close()
        for door in self._doors.values():
            await door.close()

    async def _sip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if ServerBreak.SIP in self._broken:
            await reader.read()  # it hears everything and says nothing
            return
        await talking.sip(reader, writer)

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await talking.http(reader, writer, self.now())


class _Sntp:
    """The time service."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def answer(self, data: bytes) -> bytes | None:
        """The datagram to send back, or None."""
        return talking.sntp(data, self._clock())


def _readers(spec: LyncServer) -> str:
    """Who may read it, in the words that the lab's agents know."""
    lines = ["snmp-server group READERS v3 priv"]
    if spec.snmp is not None and spec.snmp.community:
        lines.append(f"snmp-server community {spec.snmp.community} RO")
    return "\n".join(lines) + "\n"
