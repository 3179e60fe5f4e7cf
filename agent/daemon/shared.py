"""Polls that are kept and sent: a history that hands what it is given to remote write too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from agent.daemon.ports import History
from agent.monitoring.heard import Heard
from agent.remote_write import RemoteWrite

#: What may still be sent when the daemon stops, in seconds.
STOP_WITHIN_S = 3.0


@dataclass(frozen=True, slots=True)
class Both:
    """A history; ``also`` is given each batch, returns at once and raises nothing."""

    history: History
    also: Callable[[Sequence[Heard]], None]

    def add(self, batch: Sequence[Heard]) -> None:
        """Keep polls; they are sent even where they cannot be kept."""
        self.also(batch)
        self.history.add(batch)

    def roll_up(self, now: datetime) -> int:
        """The history's own."""
        return self.history.roll_up(now)

    def drop_old(self, now: datetime) -> int:
        """The history's own."""
        return self.history.drop_old(now)


@contextmanager
def running(remote: RemoteWrite | None) -> Iterator[None]:
    """Send as long as the block lasts; where nothing is to be sent, nothing."""
    if remote is not None:
        remote.start()
    try:
        yield
    finally:
        if remote is not None:
            remote.close(STOP_WITHIN_S)
