"""Watches this process and the agents' while they work: memory, lateness of the loop, processor time, octets."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.polling.exporter import cpu_s

#: Every so many seconds it is looked how late the loop is, and every so many of them are one moment in the report.
LOOK_S, MOMENT_S = 0.1, 5.0

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Moment:
    """A few seconds: their end since the start, memory, the latest wake of the loop, seconds of processors in all."""

    at_s: float
    rss_mib: float
    lag_ms: float
    own_cpu_s: float
    agents_cpu_s: float
    polls: int


@dataclass
class Watch:
    """``agents`` is their process; ``polls`` says how many have ended."""

    agents: int
    polls: Callable[[], int]
    moments: list[Moment] = field(default_factory=list)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Watch as long as the block lasts."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()

    async def _watch(self) -> None:
        start = looked = time.monotonic()
        latest_s = 0.0
        while True:
            await asyncio.sleep(LOOK_S)
            now = time.monotonic()
            latest_s = max(latest_s, now - looked - LOOK_S)
            looked = now
            if now - start >= MOMENT_S * (len(self.moments) + 1):
                self.moments.append(self._moment(now - start, latest_s))
                latest_s = 0.0

    def _moment(self, at_s: float, latest_s: float) -> Moment:
        return Moment(
            round(at_s, 1), round(rss_mib(), 1), round(latest_s * 1000, 1), round(time.process_time(), 2),
            round(cpu_s(self.agents), 2), self.polls(),
        )  # fmt: skip


def rss_mib(pid: int | str = "self") -> float:
    """Memory that a process has in use."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


def size_of(folder: Path) -> int:
    """Octets in the files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
