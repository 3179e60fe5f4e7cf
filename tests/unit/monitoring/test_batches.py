"""Polls that nobody could keep are asked for again, in whole: what they told may not be lost with them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import cast
from unittest import mock

from agent.monitoring.cycle import Doubt, Taken, Times, batches
from agent.monitoring.cycle.batches import Batches
from agent.monitoring.heard import Heard, told_by
from agent.monitoring.sample import Answer, Sample
from agent.monitoring.workers import messages
from agent.monitoring.workers.remote import Remote
from agent.monitoring.workers.wire import Wire
from tests.unit.monitoring.conftest import START

WHOLE = told_by(Sample("whole", START, Answer.ANSWERED))
SILENT = Heard("silent", START.timestamp(), Answer.SILENT, "no answer")
STEADY = Heard("steady", START.timestamp(), Answer.ANSWERED)
POLLS = [Taken(0.0, heard) for heard in (WHOLE, SILENT, STEADY)]


async def full(_batch: Sequence[Taken]) -> Mapping[str, Doubt]:
    raise OSError("no space")


def test_routers_whose_polls_could_not_be_kept_are_attended() -> None:
    attended: list[str] = []
    kept: list[int] = []

    async def story() -> None:
        found = Batches(full, lambda batch, _: kept.append(len(batch)), Times.real(), attended.append)
        for taken in POLLS:
            found.add(taken)
        await found.ended()

    asyncio.run(story())
    assert (attended, kept) == (["whole", "silent"], [3])


def test_routers_whose_polls_are_dropped_are_attended() -> None:
    attended: list[str] = []
    hangs: asyncio.Future[Mapping[str, Doubt]]

    async def keep(_batch: Sequence[Taken]) -> Mapping[str, Doubt]:
        return await hangs

    async def story() -> None:
        nonlocal hangs
        hangs = asyncio.get_running_loop().create_future()
        found = Batches(keep, lambda *_: None, Times.real(), attended.append)
        for taken in POLLS:  # the first one is being kept, the last one waits
            found.add(taken)
            found.flush()
            await asyncio.sleep(0)
        hangs.set_result({})
        await found.ended()

    with mock.patch.multiple(batches, MOST_WAITING=1, BATCH=1):
        asyncio.run(story())
    assert attended == ["silent"]


def test_a_worker_is_asked_for_whole_samples_where_the_daemon_could_not_keep_its_polls() -> None:
    wire = mock.Mock(spec=Wire)

    async def story() -> None:
        worker = Remote("worker", full, lambda _: None)
        worker._wire = cast(Wire, wire)
        await worker._kept(wire, 7, POLLS)

    asyncio.run(story())
    sent = [call.args[0] for call in wire.send.call_args_list]
    assert sent == [messages.Attend("whole"), messages.Attend("silent"), messages.Kept(7, {})]
