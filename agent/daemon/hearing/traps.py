"""SNMP traps and informs: what routers prove to be theirs, and which of it is urgent."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping

from agent.daemon.hearing.door import Door
from agent.daemon.ports import Place, Senders
from agent.monitoring.sample import Sample
from collectors.traps import DISCOVERY, Notification, Refusal, TrapKind, TrapReceiver

#: What starts a poll at once.
URGENT = frozenset({TrapKind.COLD_START, TrapKind.WARM_START, TrapKind.LINK_DOWN, TrapKind.LINK_UP})


class TrapWatch:
    """Receives traps where ``place`` says so; ``told`` is called with a router's name and what is urgent, in words."""

    def __init__(self, place: Place, told: Callable[[str, str], None]) -> None:
        self._told = told
        self._receiver: TrapReceiver | None = None
        self.door: Door | None = None
        if place.traps is not None:
            host, port = place.traps
            self._receiver = TrapReceiver(host, port, f"{socket.gethostname()} {place.lock}", self._heard)
            self.door = Door(self._receiver, host, "traps", "traps")

    @property
    def counts(self) -> Mapping[str, int]:
        """Datagrams since the start by what became of them; empty where none are received."""
        return {} if self.door is None else self.door.counts((*TrapKind, DISCOVERY, *Refusal))

    def admit(self, senders: Senders) -> None:
        """From now on only these routers are believed."""
        if self._receiver is not None and self.door is not None:
            self._receiver.admit(senders)
            self.door.complain(Refusal)

    def learn(self, sample: Sample) -> None:
        """A poll has told a router's engine and its clock."""
        engine = (sample.engine_id, sample.engine_boots, sample.engine_time_s)
        if self._receiver is not None and engine[0] and engine[1] is not None and engine[2] is not None:
            self._receiver.learn(sample.router, bytes.fromhex(engine[0]), engine[1], engine[2])

    def _heard(self, router: str, notification: Notification) -> None:
        if notification.kind in URGENT:
            interface = "" if notification.interface is None else f" of interface {notification.interface}"
            self._told(router, f"{notification.kind}{interface}")
