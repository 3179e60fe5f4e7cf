"""What routers tell by themselves: a trap starts a poll, and nothing but a poll decides anything."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from agent.daemon.ports import Place, Senders
from agent.errors import ConfigurationProblem
from agent.monitoring.sample import Sample
from collectors.errors import SocketUnavailable
from collectors.traps import Notification, Refusal, TrapKind, TrapReceiver

log = logging.getLogger(__name__)

#: What starts a poll at once.
URGENT = frozenset({TrapKind.COLD_START, TrapKind.WARM_START, TrapKind.LINK_DOWN, TrapKind.LINK_UP})
#: At least this many seconds lie between two polls of a router that its traps start; what comes meanwhile waits.
APART_S = 3.0


class TrapWatch:
    """Receives traps while its ``async with`` block lasts; ``poll`` starts a poll of a router of that name."""

    def __init__(self, place: Place, poll: Callable[[str], None]) -> None:
        self._poll = poll
        self._receiver: TrapReceiver | None = None
        self._place = place
        self._polled: dict[str, float] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}

    async def __aenter__(self) -> Self:
        """Raises ConfigurationProblem where it cannot listen; does nothing where it is not to."""
        if self._place.traps is None:
            return self
        host, port = self._place.traps
        receiver = TrapReceiver(host, port, f"{socket.gethostname()} {self._place.lock}", self._heard)
        try:
            self._receiver = await receiver.__aenter__()
        except SocketUnavailable as error:
            raise ConfigurationProblem(
                str(error), where="spokesman.toml: traps",
                remedy="set listen and port to what is free here; a port below 1024 needs CAP_NET_BIND_SERVICE",
            ) from error  # fmt: skip
        log.info("the daemon receives traps on %s:%d", host, receiver.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for timer in self._waiting.values():
            timer.cancel()
        if self._receiver is not None:
            await self._receiver.__aexit__(kind, error, trace)

    @property
    def port(self) -> int | None:
        """Where traps are received; None: nowhere."""
        return None if self._receiver is None else self._receiver.port

    @property
    def counts(self) -> Mapping[str, int]:
        """Datagrams since the start by what became of them; empty where none are received."""
        if self._receiver is None:
            return {}
        return {str(what): self._receiver.counts[what] for what in (*TrapKind, *Refusal)}

    def admit(self, senders: Senders) -> None:
        """From now on only these routers are believed."""
        if self._receiver is not None:
            self._receiver.admit(senders)
        names = {name for name, _ in senders.values()}
        for name in self._polled.keys() - names:
            del self._polled[name]

    def learn(self, sample: Sample) -> None:
        """A poll has told a router's engine and its clock."""
        engine = (sample.engine_id, sample.engine_boots, sample.engine_time_s)
        if self._receiver is not None and engine[0] and engine[1] is not None and engine[2] is not None:
            self._receiver.learn(sample.router, bytes.fromhex(engine[0]), engine[1], engine[2])

    def _heard(self, router: str, notification: Notification) -> None:
        if notification.kind not in URGENT or router in self._waiting:
            return
        loop = asyncio.get_running_loop()
        interface = "" if notification.interface is None else f" of interface {notification.interface}"
        wait_s = self._polled.get(router, loop.time() - APART_S) + APART_S - loop.time()
        log.info("%s tells %s%s: it is polled at once", router, notification.kind, interface)
        if wait_s <= 0:
            self._start(router)
        else:
            self._waiting[router] = loop.call_later(wait_s, self._start, router)

    def _start(self, router: str) -> None:
        self._waiting.pop(router, None)
        self._polled[router] = asyncio.get_running_loop().time()
        self._poll(router)
