"""A device that is broken, whatever way, is told of by what is wrong, and harms no other one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.bench.faults.__main__ import page
from tests.bench.faults.cases import CASES, Case
from tests.bench.faults.trial import AFTER, BEFORE, HEALTHY, tried

#: What goes wrong at once, of each kind one.
SAMPLE = tuple(case for case in CASES if case.name in ("wrong authentication key", "half tables", "refusing", "forged"))


def are_told(cases: Sequence[Case], before: int, after: int) -> None:
    trial = asyncio.run(tried(cases, before, after))
    assert trial.unheard == []
    for verdict in trial.verdicts:
        for words in verdict.case.said:
            assert words in verdict.words, f"{verdict.case.name}: {verdict.words}"
        if verdict.case.said == ("up",):
            assert (verdict.alarms, verdict.broken, verdict.faults) == ([], (), ()), verdict.case.name
    assert f"all {HEALTHY} healthy devices were polled and answered" in page(trial)


def test_a_few_faults_at_once() -> None:
    are_told(SAMPLE, before=2, after=2)


@pytest.mark.soak
def test_all_faults_at_once() -> None:
    are_told(CASES, BEFORE, AFTER)
