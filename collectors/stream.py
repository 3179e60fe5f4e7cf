"""Runs many coroutines at once and gives their results as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterable
from typing import TypeVar

T = TypeVar("T")


async def as_they_come(coroutines: Iterable[Coroutine[object, object, T]]) -> AsyncGenerator[T, None]:
    """Results in order of completion; leaving early cancels what still runs, and waits until it has ended."""
    done: asyncio.Queue[asyncio.Task[T]] = asyncio.Queue()
    tasks = {asyncio.ensure_future(coroutine) for coroutine in coroutines}
    for task in tasks:
        task.add_done_callback(done.put_nowait)
    try:
        for _ in range(len(tasks)):
            task = await done.get()
            tasks.discard(task)
            yield task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
