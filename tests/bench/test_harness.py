"""The harness refuses unequal work, and its ratios say which side is cheaper."""

from __future__ import annotations

import pytest

from tests.bench.harness import HEAD, Row, UnequalWork, compare, markdown


def spin(turns: int) -> int:
    """Work that costs processor time in proportion."""
    return len([turn for turn in range(turns) if turn < 0])


def test_the_dearer_peer_has_a_ratio_above_one() -> None:
    row = compare("spinning", lambda: spin(20_000), lambda: spin(2_000_000), 5, "a slow one")
    assert row.cpu > 1
    assert row.spread[0] <= row.cpu <= row.spread[1]
    back = compare("spinning", lambda: spin(2_000_000), lambda: spin(20_000), 5, "a quick one")
    assert back.cpu < 1


def test_unequal_work_is_refused() -> None:
    with pytest.raises(UnequalWork, match="one did 2, the other 1"):
        compare("counting", lambda: 1, lambda: 2, 1)


def test_work_that_becomes_unequal_later_is_refused() -> None:
    done = iter([3, 3, 3, 3, 3, 4])
    with pytest.raises(UnequalWork):
        compare("counting", lambda: next(done), lambda: next(done), 5)


def test_the_table_is_markdown() -> None:
    text = markdown([HEAD, Row("x", "y", 3, 2.0, 4.0, (3.0, 5.0)).cells()])
    assert text.splitlines()[-1] == "| x | y | 3 | 2.0 | 4.0 | 3.0–5.0 |"
    assert len({line.count("|") for line in text.splitlines()}) == 1
