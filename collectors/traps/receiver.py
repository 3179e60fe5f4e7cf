"""Receives traps and informs of the devices that may send them, counts the rest, and never waits for anybody."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from collectors.errors import SocketUnavailable
from collectors.snmp import Community, V3User
from collectors.snmp.usm import KeyChain
from collectors.snmp.v3message import Engine
from collectors.traps.judge import Judge, Refusal
from collectors.traps.notification import Notification, TrapKind
from collectors.traps.own_engine import OwnEngine
from collectors.traps.sender import Sender

#: Takes what a device tells: its name, and the notification.
Heard = Callable[[str, Notification], None]


class TrapReceiver:
    """One UDP socket that lives as long as its ``async with`` block; it hears nobody before ``admit``.

    ``counts`` are datagrams since it was opened, by the kind of trap and by the reason of refusal.
    """

    def __init__(self, host: str, port: int, installation: str, heard: Heard) -> None:
        self._place = host, port
        self._heard = heard
        self._senders: dict[str, Sender] = {}
        self._by_device: dict[str, Sender] = {}
        self._chain = KeyChain(secrets.randbits(64))
        self._judge = Judge(OwnEngine.of(installation, time.time(), time.monotonic()), self._chain, time.monotonic)
        self._transport: asyncio.DatagramTransport | None = None
        self.counts: Counter[TrapKind | Refusal] = Counter()

    async def __aenter__(self) -> Self:
        """Raises SocketUnavailable where the place cannot be had."""
        host, port = self._place
        try:
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Socket(self._take), local_addr=self._place
            )
        except OSError as error:
            raise SocketUnavailable(f"cannot receive traps on {host}:{port}: {error.strerror or error}") from error
        self._transport = transport
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    @property
    def port(self) -> int:
        """The port in use; 0 was asked for: the one the system gave."""
        if self._transport is None:
            return self._place[1]
        return int(self._transport.get_extra_info("sockname")[1])

    def admit(self, devices: Mapping[str, tuple[str, Community | V3User]]) -> None:
        """From now on only these may send: by the address that their datagrams come from, name and credentials."""
        senders: dict[str, Sender] = {}
        for address, (device, credentials) in devices.items():
            before = self._senders.get(address)
            same = before is not None and (before.device, before.credentials) == (device, credentials)
            senders[address] = before if before is not None and same else Sender(device, credentials)
        self._senders, self._by_device = senders, {sender.device: sender for sender in senders.values()}

    def learn(self, device: str, engine_id: bytes, boots: int, engine_time_s: int) -> None:
        """What a poll of a device has told of its engine; traps older than that are refused from then on."""
        sender = self._by_device.get(device)
        if sender is not None:
            sender.learn(Engine(engine_id, boots, engine_time_s), self._chain, time.monotonic())

    def _take(self, datagram: bytes, address: tuple[str, int]) -> None:
        sender = self._senders.get(address[0])
        if sender is None:
            self.counts[Refusal.UNKNOWN_SENDER] += 1
            return
        if not sender.may_send(time.monotonic()):
            self.counts[Refusal.TOO_MANY] += 1
            return
        verdict = self._judge(sender, datagram)
        if verdict.reply and self._transport is not None:
            self._transport.sendto(verdict.reply, address)
        if verdict.refusal is not None:
            self.counts[verdict.refusal] += 1
        elif verdict.notification is not None:
            self.counts[verdict.notification.kind] += 1
            self._heard(sender.device, verdict.notification)


class _Socket(asyncio.DatagramProtocol):
    """Hands on one datagram at each turn of the loop, so that a flood holds nobody else up."""

    def __init__(self, take: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._take(data, addr)
