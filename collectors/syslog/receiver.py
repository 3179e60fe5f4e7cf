"""Receives syslog messages of the devices that may send them, discards what a firewall logs, and counts everything."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

from collectors.errors import MalformedMessage
from collectors.hearing import Allowance, Listener
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


class SyslogReceiver:
    """One UDP socket that lives as long as its ``async with`` block; it hears nobody before ``admit``.

    A message of a firewall is discarded before it is read as a message: it is counted and leaves no other trace
    [WV-17]. It does not use up what its sender may send, so that a firewall that logs here hides nothing else.
    ``counts`` are datagrams since it was opened; ``stranger`` and ``loudest`` say who was refused last as unknown and
    as sending too many, "" for nobody.
    """

    def __init__(self, host: str, port: int, heard: Heard) -> None:
        self._listener = Listener("syslog messages", (host, port), READ_OCTETS, self._take)
        self._heard = heard
        self._senders: dict[str, Sender] = {}
        self.counts: Counter[str] = Counter()
        self.stranger = self.loudest = ""

    async def __aenter__(self) -> Self:
        """Raises SocketUnavailable where the place cannot be had."""
        self._listener.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    @property
    def port(self) -> int:
        """The port in use; 0 was asked for: the one the system gave."""
        return self._listener.port

    @property
    def lost(self) -> int:
        """Datagrams that came faster than they could be read."""
        return self._listener.lost

    def admit(self, devices: Mapping[str, tuple[str, re.Pattern[bytes]]]) -> None:
        """From now on only these may send: by their address, the name and what its firewall's messages are known by."""
        senders = {address: Sender(*given) for address, given in devices.items()}
        kept = {address: one for address, one in self._senders.items() if senders.get(address) == one}
        self._senders = senders | kept

    def _take(self, datagram: bytes, address: tuple[str, int]) -> None:
        self.counts[self._judge(datagram, address[0])] += 1

    def _judge(self, datagram: bytes, address: str) -> Fate:
        sender = self._senders.get(address)
        if sender is None:
            self.stranger = address
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
