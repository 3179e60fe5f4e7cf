"""The daemon's end of a worker process: it is started, given its shard, and started again when it dies."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Self

from agent.monitoring.cycle.pace import CycleReport, Pace
from agent.monitoring.cycle.ports import Doubt, Keep, Reason, Refused, Taken, Trouble, Troubled
from agent.monitoring.cycle.times import steady
from agent.monitoring.snmp import RouterOrder
from agent.monitoring.workers import messages
from agent.monitoring.workers.messages import Unpacking
from agent.monitoring.workers.wire import Wire

log = logging.getLogger(__name__)

#: A worker that says nothing for so many looks, a second apart, is killed; looks and not seconds, because whoever looks
#: may have stood still himself.
SILENT_LOOKS, LOOK_S = 15, 1.0
#: Looks that it has more until its first word: it has to start.
START_LOOKS = 60
#: Between the death of a worker and the next start, in seconds: at first, and at most where one dies after the other.
AGAIN_S, MOST_S = 0.2, 10.0
#: A worker that lived so long did not die of its start.
LIVED_S = 60.0
#: What a process has to end when nobody talks to it, in seconds.
END_S = 2.0
#: What a worker process is given of the environment: it needs no more, and secrets may be in the rest.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")


class Remote:
    """A worker process, alive as long as its ``async with`` block; the interface is that of a ``Cycle``."""

    def __init__(self, name: str, keep: Keep, troubled: Troubled) -> None:
        self._name, self._keep, self._troubled = name, keep, troubled
        self._orders: dict[str, RouterOrder | Refused] = {}
        self._last: dict[str, float] = {}
        self._pace = Pace.of(240.0, 2.0, 2)
        self._wire: Wire | None = None
        self._start: float | None = None
        self._done: asyncio.Future[CycleReport] | None = None
        self._stopped: asyncio.Future[int] | None = None
        self._silent = 0
        #: What there is no process to be told of.
        self._untold: dict[messages.AtOnce | messages.Attend, None] = {}
        #: The process's number; None while there is none.
        self.pid: int | None = None

    async def __aenter__(self) -> Self:
        self._living = asyncio.create_task(self._live(), name=self._name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stopped is not None:
            await asyncio.wait({self._living}, timeout=2 * END_S)
        self._living.cancel()
        await asyncio.gather(self._living, return_exceptions=True)

    def change(
        self,
        orders: Mapping[str, RouterOrder | Refused],
        gone: Collection[str] = (),
        last: Mapping[str, float] | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Orders that are new or changed, and routers that are gone."""
        for router in gone:
            self._orders.pop(router, None)
            self._last.pop(router, None)
        self._orders.update(orders)
        self._last.update(last or {})
        self._pace = pace or self._pace
        self._send(messages.Change(orders, tuple(gone), last or {}, self._pace))

    async def run(self, start: float) -> CycleReport:
        """The cycle that began at ``start``, in as many processes as it takes."""
        done: asyncio.Future[CycleReport] = asyncio.get_running_loop().create_future()
        self._start, self._done = start, done
        self._send(messages.Run(start))
        try:
            return await done
        finally:
            self._start = self._done = None

    def at_once(self, router: str) -> None:
        """Poll a router out of its turn."""
        self._tell(messages.AtOnce(router))

    def attend(self, router: str) -> None:
        """Bring whole samples of a router."""
        self._tell(messages.Attend(router))

    async def stop(self, within_s: float) -> int:
        """Begin nothing more; how many polls were abandoned."""
        stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._stopped = stopped
        if self._wire is None:
            return 0
        self._send(messages.Stop(within_s))
        await asyncio.wait({stopped}, timeout=within_s + 1)
        return stopped.result() if stopped.done() else 0

    def _tell(self, message: messages.AtOnce | messages.Attend) -> None:
        """Tell it now, or the process that is to come."""
        if self._wire is not None:
            self._wire.send(message)
        else:
            self._untold[message] = None

    def _send(self, message: object) -> None:
        if self._wire is not None:
            self._wire.send(message)

    async def _live(self) -> None:
        """One process after the other, until this is cancelled or stopped."""
        again_s, died = AGAIN_S, None
        while True:
            began = steady()
            try:
                await self._life(died)
            except Exception as error:  # noqa: BLE001 - whatever it is, its routers are to be polled
                log.error("%s: %s: %s", self._name, type(error).__name__, error)
            died = steady()
            if self._stopped is not None:
                return
            again_s = AGAIN_S if died - began > LIVED_S else min(2 * again_s, MOST_S)
            log.error("%s ended: its routers are polled by a new process", self._name)
            await asyncio.sleep(again_s)

    async def _life(self, died: float | None) -> None:
        """One process from its start to its end; raises OSError where none can be started."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-P", "-m", "agent.monitoring.workers.child", str(theirs.fileno())),  # nothing of where it is started
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
            )
        self.pid, self._silent = process.pid, -START_LOOKS
        watching: asyncio.Task[None] | None = None
        try:
            wire = self._wire = await Wire.on(ours)
            watching = asyncio.create_task(self._watch(process))
            wire.send(messages.Change(self._orders, (), self._last, self._pace))
            if self._start is not None:
                wire.send(messages.Run(self._start))
            for message in self._untold:
                wire.send(message)
            self._untold.clear()
            await self._hear(wire, died)
        finally:
            if self._wire is not None:
                self._wire.close()
            self._wire = self.pid = None
            if watching is not None:
                watching.cancel()
            await _ended(process)

    async def _hear(self, wire: Wire, died: float | None) -> None:
        """Take what the process says until it says no more."""
        unpacking, keeping = Unpacking(), set[asyncio.Task[None]]()
        while True:
            message = await wire.receive()
            if died is not None:
                self._troubled(Trouble(Reason.WORKER_DIED, died, steady()))
                died = None
            self._silent = 0
            match message:
                case messages.Batch():
                    keeping.add(task := asyncio.create_task(self._kept(wire, message.number, unpacking.polls(message))))
                    task.add_done_callback(keeping.discard)
                case messages.Done(report):
                    if self._done is not None and not self._done.done():
                        self._done.set_result(report)
                case messages.Troubled(trouble):
                    self._troubled(trouble)
                case messages.Logged(source, level, text):
                    logging.getLogger(source).log(level, "%s: %s", self._name, text)
                case messages.Stopped(abandoned):
                    if self._stopped is not None and not self._stopped.done():
                        self._stopped.set_result(abandoned)
                    return

    async def _kept(self, wire: Wire, number: int, polls: list[Taken]) -> None:
        for began, heard in polls:
            self._last[heard.router] = began
        doubts: Mapping[str, Doubt] = {}
        try:
            doubts = await self._keep(polls)
        except Exception as error:  # noqa: BLE001 - whatever it is, polling goes on, and the log has it
            who = f"{len(polls)} routers" if len(polls) != 1 else polls[0].heard.router
            log.error("what %s answered could not be kept: %s: %s", who, type(error).__name__, error)
            for _, heard in polls:
                if heard.tells:
                    self.attend(heard.router)
        wire.send(messages.Kept(number, doubts))

    async def _watch(self, process: Process) -> None:
        """Kill a process that says nothing."""
        while self._silent < SILENT_LOOKS:
            await asyncio.sleep(LOOK_S)
            self._silent += 1
        log.error("%s says nothing any more: it is killed", self._name)
        process.kill()


async def _ended(process: Process) -> None:
    """A process that nobody talks to ends by itself, or is killed."""
    waiting = asyncio.ensure_future(process.wait())
    try:
        await asyncio.wait({waiting}, timeout=END_S)
    finally:
        if not waiting.done():
            process.kill()
    await waiting


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
