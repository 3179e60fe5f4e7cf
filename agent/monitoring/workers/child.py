"""A worker process: polls its shard and tells the daemon what it heard; ends when the daemon does.

Started by the daemon with the number of its end of the sockets, and nothing else: all it knows comes through them.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Mapping, Sequence

from agent.monitoring.cycle.attention import Attention
from agent.monitoring.cycle.cycle import Cycle
from agent.monitoring.cycle.ports import Doubt, Taken, Trouble
from agent.monitoring.cycle.times import OrderedTime, Times
from agent.monitoring.snmp import RouterOrder, snmp_poller
from agent.monitoring.workers import messages
from agent.monitoring.workers.messages import Packing
from agent.monitoring.workers.wire import Wire

#: How often it says that it lives, in seconds.
ALIVE_S = 1.0


class Child:
    """The worker at its end of ``wire``."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._packing = Packing()
        self._number = 0
        self._keeping: dict[int, asyncio.Future[Mapping[str, Doubt]]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Work until it is told to stop, or nobody is there to tell it."""
        times = Times.real()
        async with snmp_poller(OrderedTime()) as poller:
            cycle = Cycle[RouterOrder](poller, self._keep, times, self._troubled)
            async with Attention(times, self._troubled, cycle.reconsider):
                alive = asyncio.create_task(self._live())
                try:
                    await self._obey(cycle)
                except EOFError:
                    pass  # the daemon is gone: whatever is under way is of no use
                finally:
                    alive.cancel()

    async def _obey(self, cycle: Cycle[RouterOrder]) -> None:
        while True:
            match await self._wire.receive():
                case messages.Change(orders, gone, last, pace):
                    cycle.change(orders, gone, last, pace)
                case messages.Run(start):
                    self._running.add(task := asyncio.create_task(self._run(cycle, start)))
                    task.add_done_callback(self._running.discard)
                case messages.AtOnce(router):
                    cycle.at_once(router)
                case messages.Attend(router):
                    cycle.attend(router)
                case messages.Kept(number, doubts):
                    self._keeping.pop(number).set_result(doubts)
                case messages.Stop(within_s):
                    stopping = asyncio.create_task(self._stop(cycle, within_s))
                    stopping.add_done_callback(self._running.discard)
                    self._running.add(stopping)

    async def _run(self, cycle: Cycle[RouterOrder], start: float) -> None:
        self._wire.send(messages.Done(await cycle.run(start)))

    async def _stop(self, cycle: Cycle[RouterOrder], within_s: float) -> None:
        self._wire.send(messages.Stopped(await cycle.stop(within_s)))

    async def _keep(self, batch: Sequence[Taken]) -> Mapping[str, Doubt]:
        self._number += 1
        kept: asyncio.Future[Mapping[str, Doubt]] = asyncio.get_running_loop().create_future()
        self._keeping[self._number] = kept
        self._wire.send(self._packing.batch(self._number, batch))
        return await kept

    def _troubled(self, trouble: Trouble) -> None:
        self._wire.send(messages.Troubled(trouble))

    async def _live(self) -> None:
        while True:
            self._wire.send(messages.Alive())
            await asyncio.sleep(ALIVE_S)


class Logs(logging.Handler):
    """Sends the process's log to the daemon's."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(logging.INFO)
        self._wire = wire

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            text = f"{text}: {record.exc_info[0].__name__}: {record.exc_info[1]}"
        self._wire.send(messages.Logged(record.name, record.levelno, text))


async def _serve(end: socket.socket) -> None:
    wire = await Wire.on(end)
    root = logging.getLogger()
    root.handlers[:] = [Logs(wire)]
    root.setLevel(logging.WARNING)
    logging.getLogger("agent").setLevel(logging.INFO)
    await Child(wire).serve()


def main() -> None:
    """Signals that are for the whole group of processes are the daemon's to obey: it tells its workers."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    asyncio.run(_serve(socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":
    main()
