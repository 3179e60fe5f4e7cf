"""The poll engine: one socket, callbacks, no task and no future for a device; as many at once as answers find room."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Self

from collectors.engine.device import Device
from collectors.engine.poll import Poll
from collectors.engine.polled import AnyScript, Found, Polled, Script
from collectors.errors import CollectorError
from collectors.security.session import Session
from collectors.security.v2c import V2cSession
from collectors.security.v3 import V3Session
from collectors.snmp import Community
from collectors.snmp.asker import Asker
from collectors.snmp.station import RECEIVE_BUFFER, Station

#: Requests under way at once, if they find room.
IN_FLIGHT = 2000

#: Polls that are begun before answers are heard again: a burst of the whole window would overflow the receive buffer.
BURST = 64

#: Devices whose poll has begun and not ended, for each place in the window: the dead wait outside of it.
ALIVE_PER_PLACE = 8


class Errand(NamedTuple):
    """Read of ``device`` what ``script`` asks, not before ``at`` on the loop's clock."""

    device: Device
    script: AnyScript
    at: float = 0.0


class Engine(Station):
    """Polls devices as long as its ``async with`` block; what SNMPv3 learns of them stays with each ``Device``.

    ``clock`` gives Unix time. ``traffic`` counts datagrams, also those that were refused.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        receive_buffer: int = RECEIVE_BUFFER,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        super().__init__(receive_buffer, in_flight)
        self._clock = clock
        self._communities: dict[Community, Session] = {}
        self._rounds: list[_Round] = []

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._asker.vacant = self._vacant
        return self

    async def poll(self, errands: Iterable[Errand], told: Callable[[Polled[Any]], None]) -> None:
        """Run all errands, which come in the order of their ``at``; each is taken when there is room for it.

        ``told`` hears of each device as its poll ends, whatever the network does. A script may not raise. What ``told``
        or ``errands`` raise first is raised here when all polls are over: other devices do not suffer from it.
        Who cancels this drops what is under way, and hears no more. Another round may begin meanwhile: the first one is
        served first.
        """
        if self._port is None:
            raise CollectorError("the engine is not open: use it in an `async with` block")
        running = _Round(self, self._asker, errands, told)
        self._rounds.append(running)
        try:
            running.pull()
            await running.over
        finally:
            self._rounds.remove(running)
            running.drop()

    async def read(self, device: Device, script: Script[Found]) -> Polled[Found]:
        """Poll one device now, beside a round and other devices; what ``script`` raises is raised here."""
        if self._port is None:
            raise CollectorError("the engine is not open: use it in an `async with` block")
        over: asyncio.Future[Polled[Any]] = asyncio.get_running_loop().create_future()

        def ended(_: Poll, polled: Polled[Any]) -> None:
            if not over.done():
                over.set_result(polled)

        poll = self.begin(Errand(device, _guarded(script, over)), ended)
        poll.begin()
        try:
            return await over
        finally:
            poll.drop()

    def begin(self, errand: Errand, told: Callable[[Poll, Polled[Any]], None]) -> Poll:
        """The poll of one device, not yet under way."""
        device = errand.device
        session = device.session
        if session is None:
            session = device.session = self._session(device)
        return Poll(self._asker, device, session, errand.script, self._clock(), told)

    def _session(self, device: Device) -> Session:
        credentials = device.target.credentials
        if not isinstance(credentials, Community):
            return V3Session(credentials, self._keys, time.monotonic)
        if credentials not in self._communities:
            self._communities[credentials] = V2cSession(credentials)
        return self._communities[credentials]

    def reconsider(self) -> None:
        """Of each round, give back the errand that waits for its time, and ask its errands for the next anew."""
        for running in self._rounds:
            running.reconsider()

    def _vacant(self) -> None:
        for running in self._rounds:
            running.pull()


def _guarded(script: Script[Found], over: asyncio.Future[Polled[Any]]) -> Script[Found | None]:
    """``script``; an error of its own is for who waits, and not for the socket's reader that came upon it."""
    try:
        return (yield from script)
    except Exception as error:  # noqa: BLE001 - whatever it is, who waits hears of it
        if not over.done():
            over.set_exception(error)
        return None


class _Round:
    """One call's errands: those not begun, and those under way."""

    def __init__(
        self, engine: Engine, asker: Asker, errands: Iterable[Errand], told: Callable[[Polled[Any]], None]
    ) -> None:
        self._engine, self._asker, self._told = engine, asker, told
        self._errands = iter(errands)
        self._next = next(self._errands, None)
        self._alive: set[Poll] = set()
        self._error: Exception | None = None
        self._pulling = False
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[None] = self._loop.create_future()

    def pull(self) -> None:
        """Begin as many errands as there is room for, and time."""
        if self._pulling or self._timer is not None:
            return
        self._pulling = True
        try:
            self._begin()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for who waits for the round
            self._fail(error)
            self._timer = self._loop.call_later(0, self._wake)
        finally:
            self._pulling = False
        self._end()

    def _begin(self) -> None:
        most = ALIVE_PER_PLACE * self._asker.limit
        now, begun = self._loop.time(), 0
        while (errand := self._next) is not None and self._asker.free > 0 and len(self._alive) < most:
            if errand.at > now:
                self._timer = self._loop.call_at(errand.at, self._wake)
                break
            if begun == BURST:
                self._timer = self._loop.call_later(0, self._wake)
                break
            begun += 1
            self._next = None  # where there is none because it cannot be told, there is no further one
            self._next = next(self._errands, None)
            poll = self._engine.begin(errand, self._ended)
            self._alive.add(poll)
            poll.begin()

    def reconsider(self) -> None:
        """Ask for the next errand anew, in place of the one that is not yet begun."""
        if self._next is None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._next = next(self._errands, None)
        self.pull()

    def drop(self) -> None:
        """End all that is under way without a word."""
        if self._timer is not None:
            self._timer.cancel()
        self._next = None
        for poll in self._alive:
            poll.drop()
        self._alive.clear()

    def _wake(self) -> None:
        self._timer = None
        self.pull()

    def _ended(self, poll: Poll, polled: Polled[Any]) -> None:
        self._alive.discard(poll)
        try:
            self._told(polled)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for who waits, and not for other devices
            self._fail(error)
        self.pull()

    def _fail(self, error: Exception) -> None:
        if self._error is None:
            self._error = error

    def _end(self) -> None:
        if self._next is not None or self._alive or self.over.done():
            return
        if self._error is None:
            self.over.set_result(None)
        else:
            self.over.set_exception(self._error)
