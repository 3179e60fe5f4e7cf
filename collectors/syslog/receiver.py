"""Receives syslog messages of the devices that may send them, discards what a firewall logs, and counts everything."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from collectors.errors import MalformedMessage
from collectors.hearing import Address, Allowance, Receiver
from collectors.syslog.message import READ_OCTETS, Message, parse

#: Messages that a device may send in a second on the long run, and at once.
PER_SECOND: Final = 50.0
BURST: Final = 500.0

#: Takes what a device tells: its name, and the message.
Heard = Callable[[str, Message], None]


class Fate(StrEnum):
    """What became of a datagram."""

    HEARD = "heard"
    FIREWALL = "firewall"
    UNKNOWN_SENDER = "unknown_sender"
    TOO_MANY = "too_many"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Sender:
    """A device that may send; what its packet filter says of packets is known by ``firewall``."""

    device: str
    firewall: re.Pattern[bytes]
    allowance: Allowance = field(default_factory=lambda: Allowance(PER_SECOND, BURST), compare=False)


class SyslogReceiver(Receiver):
    """Hears nobody before ``admit``; results are fates.

    A message of a firewall is discarded before it is read as a message: it is counted and leaves no other trace
    [WV-17]. It does not use up what its sender may send, so that a firewall that logs here hides nothing else.
    """

    def __init__(self, host: str, port: int, heard: Heard) -> None:
        super().__init__("syslog messages", (host, port), READ_OCTETS)
        self._heard = heard
        self._senders: dict[str, Sender] = {}

    def admit(self, devices: Mapping[str, tuple[str, re.Pattern[bytes]]]) -> None:
        """From now on only these may send: by their address, the name and what its firewall's messages are known by."""
        senders = {address: Sender(*given) for address, given in devices.items()}
        kept = {address: one for address, one in self._senders.items() if senders.get(address) == one}
        self._senders = senders | kept

    def _result(self, datagram: bytes, address: Address) -> str:
        sender = self._senders.get(address[0])
        if sender is None:
            self.stranger = address[0]
            return Fate.UNKNOWN_SENDER
        if sender.firewall.search(datagram):
            return Fate.FIREWALL
        if not sender.allowance.take(time.monotonic()):
            self.loudest = sender.device
            return Fate.TOO_MANY
        try:
            message = parse(datagram)
        except MalformedMessage:
            return Fate.MALFORMED
        self._heard(sender.device, message)
        return Fate.HEARD
