"""How many examples hypothesis makes: a sample in the gate, all of them in ``make soak``."""

from __future__ import annotations

from hypothesis import settings

#: Of a hundred examples, so many are the gate's.
SAMPLE = 25


def examples(whole: int) -> int:
    """So many in the soak; in the gate the same share of them as of any property's."""
    return max(1, whole * settings().max_examples // 100)
