"""A lab at work: its routers with their sockets, the network between them, and what may be done to them."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from agent.lab.clock import LabClock
from agent.lab.console import type_lines
from agent.lab.errors import LabError, LabStateError
from agent.lab.faults.breakage import Breakage
from agent.lab.faults.kinds import MOMENTARY, OF_THE_BOX, Break, asked
from agent.lab.lync.authority import LyncAuthority
from agent.lab.lync.server import VirtualLyncServer
from agent.lab.models import Chassis
from agent.lab.net.network import SSH, Network
from agent.lab.net.tunnels import Role
from agent.lab.net.world import LabWorld
from agent.lab.router import VirtualRouter
from agent.lab.shows import show
from agent.lab.snmp.agent import SnmpAgent
from agent.lab.snmp.mib import RouterMib
from agent.lab.snmp.server import SnmpSocket
from agent.lab.spec import SERIAL, Device, LabSpec
from agent.lab.ssh.server import SshServer
from agent.lab.winrm.deployment import Deployment

STATE = "state"
CLOCK = "clock.json"
FAULTS = "faults.json"
#: Milliseconds from the management centre to a device.
CENTRE_MS = 12.4
#: Milliseconds that a ping's answer waits for each second that a process of a busy router waits: it goes before others.
PUNT_MS = 20.0
MOST_PINGS = 1000
#: Real seconds between two looks whether a booting router reads its console.
CONSOLE_LOOK_S = 0.1
LONGEST_JUMP_S = 10 * 365 * 86_400


class Lab:
    """Everything of one lab. Not thread safe: it lives in one event loop."""

    def __init__(self, directory: Path, spec: LabSpec) -> None:
        self.spec = spec
        self._state = directory / STATE
        self._state.mkdir(mode=0o700, exist_ok=True)
        self.clock = _clock(self._state / CLOCK, spec.speed)
        self.world = LabWorld(spec, self.clock, show, Breakage(self._state / FAULTS))
        self._sockets: list[SnmpSocket] = []
        self._servers: list[SshServer] = []
        for device in spec.devices:
            self._make(device)
        self.servers = self._lync_servers(directory)

    def _lync_servers(self, directory: Path) -> dict[str, VirtualLyncServer]:
        """The Lync servers, each behind its site's router, with certificates of the lab's own authority."""
        if not self.spec.servers:
            return {}
        authority = LyncAuthority(directory, self._state)
        pools = self._lync_pools()
        return {
            server.name: VirtualLyncServer(
                server,
                authority,
                partial(self._carries, server.behind),
                pools.get(server.winrm.pool if server.winrm else ""),
            )
            for server in self.spec.servers
        }

    def _lync_pools(self) -> dict[str, Deployment]:
        """What cmdlets read and change, a deployment for each pool; it is forgotten when the lab ends."""
        doors = {server.fqdn: server.winrm for server in self.spec.servers if server.winrm is not None}
        return {
            door.pool: Deployment(
                door.release, (door.pool,), tuple(name for name, one in doors.items() if one.pool == door.pool)
            )
            for door in doors.values()
        }

    def _carries(self, router: str) -> bool:
        """Whether what the management centre sends through a router arrives behind it."""
        return self.world.network().management_reason(router, "icmp", None) is None

    def _make(self, device: Device) -> None:
        """A router as it was left, or a new one: it has booted already when the lab starts."""
        chassis = Chassis(device.model, device.serial, device.release)
        router = VirtualRouter(device.name, chassis, clock=self.clock, directory=self._state)
        for port in (device.access.interface, *(one.interface for one in device.lan)):
            if port not in router.ports:
                raise LabError(f"{device.name}: a {device.model} has no port {port}; it has {', '.join(router.ports)}")
        self.world.attach(router)
        if router.boots == 0:
            router.startup = _of_boot(device.initial)
            router.reload("PowerOn", seconds=0)
            if device.initial is not None:
                self._begin(router, device.initial)

    def _begin(self, router: VirtualRouter, text: str) -> None:
        """Give a router the configuration that its specification says; it must take every line."""
        complaint = router.merge(text).strip().splitlines()
        if complaint:
            raise LabError(f"{router.name}: the router does not take its initial configuration: {complaint[0]}")
        router.settle("initial")
        router.save("initial")

    async def start(self) -> None:
        """Open all sockets; LabError names the one that is taken."""
        for device in self.spec.devices:
            router = self.world.routers[device.name]
            mib = RouterMib(router, self.world)
            agent = SnmpAgent(router, mib.now, self.spec.centre.source)
            udp = SnmpSocket(agent, partial(self._answers, device.name))
            udp.open(str(device.listen), device.snmp_port)
            self._sockets.append(udp)
            server = SshServer(router, str(device.listen), device.ssh_port)
            await server.start()
            self._servers.append(server)
        for lync in self.servers.values():
            lync.start(self.spec.centre.source)
        self.tick()

    def _answers(self, name: str) -> float | None:
        """Real seconds until an SNMP answer is there, None where none comes: the way there, back, and the processor."""
        if self.world.network().management_reason(name, "udp", 161) is not None:
            return None
        conditions = self.world.conditions(self.world.routers[name])
        arrives = conditions.round_trip(self.world.trouble.chance)
        return conditions.delay_ms / 1000 + conditions.turn_s if arrives else None

    async def close(self) -> None:
        """Close all sockets."""
        for udp in self._sockets:
            udp.close()
        for server in self._servers:
            await server.close()
        for lync in self.servers.values():
            await lync.close()
        for router in self.world.routers.values():
            router.keep()

    def tick(self) -> None:
        """What is due: revert timers, boots, links and sessions that come up."""
        for router in self.world.routers.values():
            router.tick()
            router.keep()
        self.world.network()
        for lync in self.servers.values():
            lync.tick()

    def router(self, name: str) -> VirtualRouter:
        """The device's router; LabError when there is no such device."""
        return self.world.routers[self.spec.device(name).name]

    def damage(self, name: str, what: str, value: float | None = None, vpn: str = "") -> None:
        """Break something of a device; LabError where that cannot be broken, or not so."""
        if name in self.servers:
            self.servers[name].damage(what, value)
            self._switched(self.servers[name])
            return
        router, kind = self.router(name), asked(what, value, vpn)
        if kind is Break.POWER:
            router.power_off()
        elif kind is Break.RELOAD:
            router.reload("Reload Command")
        else:
            self.world.damage(name, what, value, vpn)

    def repair(self, name: str, what: str = "") -> None:
        """Undo one fault, or everything that was broken; a device without power is switched on."""
        if name in self.servers:
            self.servers[name].repair(what)
            self._switched(self.servers[name])
            return
        router = self.router(name)
        self.world.mend(name, what)
        if not what or what in MOMENTARY:
            router.power_on()

    def _switched(self, server: VirtualLyncServer) -> None:
        self.world.switch(server.spec.address, on=server.powered)

    def replace(self, name: str, serial: str) -> None:
        """Put a blank router of the same model in the device's place."""
        if not re.fullmatch(SERIAL, serial):
            raise LabError(f"{serial!r} is no serial number: 8 to 14 capital letters and digits")
        if any(router.chassis.serial == serial for router in self.world.routers.values()):
            raise LabError(f"serial {serial} is in use in this lab: a replacement has its own")
        self.router(name).replace_by_blank(serial)
        self.world.trouble.broken.drop(name, OF_THE_BOX)

    async def paste(self, name: str, text: str) -> dict[str, Any]:
        """Type text at the console, once the router has booted; transcript and rejected lines."""
        router = self.router(name)
        while router.powered and not router.up:
            await asyncio.sleep(CONSOLE_LOOK_S)
        return asdict(await type_lines(router, text))

    def ping(self, address: str, count: int) -> list[float | None]:
        """Round trips in milliseconds from the management centre to where this machine reaches a device."""
        if not 1 <= count <= MOST_PINGS:
            raise LabError(f"{count} packets: send 1 to {MOST_PINGS}")
        target = IPv4Address(address)
        name = self._reached_by(target)
        if name is None or self.world.network().management_reason(name, "icmp", None) is not None:
            return [None] * count
        conditions = self.world.conditions(self.world.routers[name])
        base = CENTRE_MS + conditions.delay_ms + conditions.turn_s * PUNT_MS
        return [
            round(base + (number * 7919 % 13) / 10, 3) if conditions.round_trip(self.world.trouble.chance) else None
            for number in range(count)
        ]

    def _reached_by(self, target: IPv4Address) -> str | None:
        """The router that carries pings to an address; None where nobody has it, or who has it is switched off."""
        for device in self.spec.devices:
            if target in {device.listen, device.management}:
                return device.name
        for lync in self.servers.values():
            if target in {lync.spec.listen, lync.spec.address} and lync.powered:
                return lync.spec.behind
        return None

    def advance(self, seconds: float) -> None:
        """Let lab time jump ahead; revert timers that fall due fire."""
        if not 0 <= seconds <= LONGEST_JUMP_S:
            raise LabError("lab time does not go backwards, nor more than ten years ahead at once")
        self.clock.advance(seconds)
        _keep_clock(self._state / CLOCK, self.clock)
        self.tick()

    def status(self) -> list[dict[str, Any]]:
        """One row a device, for people and tests."""
        network = self.world.network()
        return [self._status(network, device) for device in self.spec.devices]

    def server_status(self) -> list[dict[str, Any]]:
        """One row a Lync server, for people and tests."""
        return [
            {
                "name": lync.spec.name,
                "fqdn": lync.spec.fqdn,
                "powered": lync.powered,
                "reachable": lync.there,
                "broken": list(lync.broken),
                "services": list(lync.services),
                "listen": str(lync.spec.listen),
            }
            for lync in self.servers.values()
        ]

    def _status(self, network: Network, device: Device) -> dict[str, Any]:
        router = self.world.routers[device.name]
        links = [link for link in network.links_of(device.name) if link.role is not Role.CENTRE]
        reason = network.management_reason(device.name, "tcp", SSH)
        return {
            "name": device.name,
            "hostname": router.hostname,
            "model": router.chassis.model,
            "serial": router.chassis.serial,
            "powered": router.powered,
            "up": router.up,
            "broken": [str(fault) for fault in self.world.faults(device.name)],
            "management": "reachable" if reason is None else str(reason),
            "tunnels": [
                {
                    "interface": link.interface,
                    "peer": str(link.peer_tunnel),
                    "up": network.is_up(link),
                    "reason": str(link.reason or network.link_state(link).reason or ""),
                }
                for link in links
            ],
            "ssh": f"{device.listen}:{device.ssh_port}",
            "snmp": f"{device.listen}:{device.snmp_port}",
        }


def _of_boot(text: str | None) -> str | None:
    """The lines of a configuration that count when a router boots; it takes the others afterwards, once."""
    if text is None:
        return None
    return "\n".join(line for line in text.splitlines() if line.startswith("license "))


def _clock(path: Path, speed: float) -> LabClock:
    """The lab's time goes on where it was when the process ended, or starts now."""
    if path.exists():
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            clock = LabClock(float(kept["speed"]), float(kept["origin"]), ahead=float(kept["ahead"]))
        except (ValueError, KeyError, TypeError) as problem:
            raise LabStateError(f"{path}: not a lab's clock; remove it to start anew") from problem
        if clock.speed == speed:
            return clock
        moment = clock.now()
        clock = LabClock(speed)
        clock.advance(moment - clock.now())
    else:
        clock = LabClock(speed)
    _keep_clock(path, clock)
    return clock


def _keep_clock(path: Path, clock: LabClock) -> None:
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"origin": clock.origin, "ahead": clock.ahead, "speed": clock.speed}), encoding="utf-8")
    new.replace(path)
