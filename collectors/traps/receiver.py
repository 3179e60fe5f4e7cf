"""Receives traps and informs of the devices that may send them, counts the rest, and never waits for anybody."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping

from collectors.hearing import Address, Receiver
from collectors.security.usm import KeyChain
from collectors.security.v3message import Engine
from collectors.snmp import Community, V3User
from collectors.traps.judge import DISCOVERY, MAX_OCTETS, Judge, Refusal
from collectors.traps.notification import Notification
from collectors.traps.own_engine import OwnEngine
from collectors.traps.sender import Sender

#: Takes what a device tells: its name, and the notification.
Heard = Callable[[str, Notification], None]


class TrapReceiver(Receiver):
    """Hears nobody before ``admit``. Results are kinds of traps, reasons of refusal, and ``DISCOVERY`` where a datagram
    only asked who we are."""

    def __init__(self, host: str, port: int, installation: str, heard: Heard) -> None:
        super().__init__("traps", (host, port), MAX_OCTETS + 1)
        self._heard = heard
        self._senders: dict[str, Sender] = {}
        self._by_device: dict[str, Sender] = {}
        self._chain = KeyChain(secrets.randbits(64))
        self._judge = Judge(OwnEngine.of(installation, time.time(), time.monotonic()), self._chain, time.monotonic)

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

    def _result(self, datagram: bytes, address: Address) -> str:
        """What is not believed costs its sender nothing of what is."""
        sender, now = self._senders.get(address[0]), time.monotonic()
        if sender is None:
            self.stranger = address[0]
            return Refusal.UNKNOWN_SENDER
        verdict = self._judge(sender, datagram) if sender.judged.take(now) else None
        if verdict is None or (verdict.notification is not None and not sender.believed.take(now)):
            self.loudest = sender.device
            return Refusal.TOO_MANY
        if verdict.reply:
            self._listener.send(verdict.reply, address)
        if verdict.notification is not None:
            self._heard(sender.device, verdict.notification)
            return verdict.notification.kind
        return verdict.refusal or DISCOVERY
