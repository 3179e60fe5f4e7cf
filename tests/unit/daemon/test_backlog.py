"""A history that is slow or cannot be written costs polls of its own, which are counted, and no memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from threading import Event
from unittest import mock

import pytest

from agent.daemon import backlog
from agent.daemon.backlog import Backlog
from agent.daemon.threads import Threads
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer

BATCHES = [[Heard(f"r{number}", float(at), Answer.ANSWERED) for number in range(10)] for at in range(10)]


class History:
    """Is slow until it is let go; raises for as long as it is full."""

    def __init__(self) -> None:
        self.go, self.full = Event(), False
        self.added: list[int] = []

    def add(self, batch: Sequence[Heard]) -> None:
        self.go.wait(10)
        self.added.append(len(batch))
        if self.full:
            raise OSError("no space")


def test_what_waits_is_bounded_counted_and_kept_in_few_batches(caplog: pytest.LogCaptureFixture) -> None:
    history = History()

    async def story() -> Backlog:
        found = Backlog(history.add, Threads(1), lambda: 7.0)
        puts = []
        for batch in BATCHES:  # the first one is being added, and ninety polls come meanwhile
            puts.append(asyncio.create_task(found.put(batch)))
            await asyncio.sleep(0)
        assert (found.lost, found.failing_since) == (90 - 30, 7)
        history.go.set()
        await asyncio.gather(*puts)
        return found

    with mock.patch.multiple(backlog, MOST_WAITING=30, AT_ONCE=20), caplog.at_level(logging.ERROR):
        found = asyncio.run(story())
    assert history.added == [10, 20, 10]
    assert (found.lost, found.failing_since) == (60, None)
    assert caplog.messages == ["polls are not kept in the history: it is too slow"]


def test_what_cannot_be_written_is_counted_and_the_next_is_tried(caplog: pytest.LogCaptureFixture) -> None:
    history = History()
    history.go.set()

    async def story() -> None:
        found = Backlog(history.add, Threads(1), lambda: 7.0)
        history.full = True
        await found.put(BATCHES[0])
        assert (found.lost, found.failing_since) == (10, 7)
        await found.put(BATCHES[0])
        history.full = False
        await found.put(BATCHES[1])
        assert (found.lost, found.failing_since) == (20, None)

    with caplog.at_level(logging.ERROR):
        asyncio.run(story())
    assert caplog.messages == ["polls are not kept in the history: OSError: no space"]
