"""Results as they come: order, failures, and leaving early."""

from __future__ import annotations

import asyncio

import pytest

from collectors.stream import as_they_come


async def after(seconds: float, value: int) -> int:
    await asyncio.sleep(seconds)
    if value < 0:
        raise ValueError(value)
    return value


def test_results_come_in_order_of_completion() -> None:
    async def scenario() -> list[int]:
        return [value async for value in as_they_come([after(0.2, 2), after(0, 1), after(0.1, 0)])]

    assert asyncio.run(scenario()) == [1, 0, 2]


def test_nothing_gives_nothing() -> None:
    async def scenario() -> list[int]:
        return [value async for value in as_they_come(after(0, n) for n in range(0))]

    assert asyncio.run(scenario()) == []


def test_a_failure_is_raised_and_the_rest_cancelled() -> None:
    async def scenario() -> int:
        with pytest.raises(ValueError, match="-1"):
            async for _ in as_they_come([after(60, 2), after(0, -1)]):
                pass
        return len(asyncio.all_tasks())

    assert asyncio.run(scenario()) == 1
