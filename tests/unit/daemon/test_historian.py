"""A history that fails is told; one that fails for long fails the daemon's health, as the store does at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from agent.daemon.historian import PASSES_WITHIN_S, Historian
from agent.errors import ConfigurationProblem
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer

BATCH = [Heard("r1", 1.0, Answer.ANSWERED)]


class History:
    """Fails at what it is told to; has two steps of each kind of work."""

    def __init__(self) -> None:
        self.damaged: set[str] = set()
        self.done: list[str] = []

    def add(self, batch: Sequence[Heard]) -> None:
        self._do("add")

    def roll_up(self, now: datetime) -> int:
        return self._do("roll_up")

    def drop_old(self, now: datetime) -> int:
        return self._do("drop_old")

    def _do(self, what: str) -> int:
        if what in self.damaged:
            raise ConfigurationProblem("the database cannot be used: database disk image is malformed")
        self.done.append(what)
        return self.done.count(what) % 3


@pytest.mark.parametrize("what", ["add", "roll_up", "drop_old"])
def test_what_fails_is_told_and_what_fails_for_long_is_no_more_than_told(what: str) -> None:
    history, now = History(), [0.0]

    async def once(historian: Historian) -> tuple[str, bool]:
        await historian.backlog.put(BATCH)
        try:
            await historian.work()
        except ConfigurationProblem:
            assert what != "add"
        return historian.trouble()

    async def story() -> None:
        historian = Historian(history, lambda: datetime(2026, 11, 2, tzinfo=UTC), lambda: now[0])
        assert await once(historian) == ("", False)
        history.damaged.add(what)
        told, lasts = await once(historian)
        assert (told.endswith(": see the log"), lasts) == (True, False)
        now[0] = PASSES_WITHIN_S + 1
        assert await once(historian) == (told, True)
        history.damaged.clear()
        assert await once(historian) == ("", False)
        historian.close()

    asyncio.run(story())
    assert history.done[:7] == ["add", "roll_up", "roll_up", "roll_up", "drop_old", "drop_old", "drop_old"]
