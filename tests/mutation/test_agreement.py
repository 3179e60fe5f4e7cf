"""The lab, which shares no code with parser and verifier, agrees with the verdicts on tunnels and packets."""

from __future__ import annotations

from random import Random

import pytest

from tests.mutation.agreement import CLASSES, compared, summary
from tests.mutation.lab import questions, reference
from tests.mutation.run import drawn
from tests.mutation.scenes import lab_scenes

SAMPLE, WHOLE = 40, 1500


def test_the_unharmed_customers_keep_every_promise_in_the_lab() -> None:
    for scene in lab_scenes():
        seen = reference(scene)
        assert not seen.refused, scene.name
        assert not seen.bad, (scene.name, sorted(seen.lost), [str(one) for one in seen.broken])
        assert {one.promised for one in questions(scene)} == {True, False}


def test_verification_and_lab_agree() -> None:
    _prove(SAMPLE, 7)


@pytest.mark.soak
def test_verification_and_lab_agree_on_many() -> None:
    _prove(WHOLE, 5)


def _prove(count: int, seed: int) -> None:
    comparisons = compared(drawn(CLASSES, lab_scenes(), count, Random(seed)))
    assert sum(bool(one.lab.lost) for one in comparisons) > count // 5
    assert sum(bool(one.lab.broken) for one in comparisons) > count // 5
    assert not any(one.disagreement for one in comparisons), summary(comparisons)
