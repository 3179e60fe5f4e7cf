"""No living device is missed or late beside the dead; and what a run tells is what was done."""

from __future__ import annotations

import asyncio
from pathlib import Path
from xml.etree import ElementTree

import pytest

from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from tests.bench.moonshot.ledger import Ledger
from tests.bench.moonshot.loading import Loading
from tests.bench.moonshot.report import kept, save, summary, table
from tests.bench.moonshot.run import Order, Report, run

#: A fifth.
DEAD = 200
FEW = Order(devices=150, cycles=2, period_s=1.0, dead=DEAD, timeout_s=0.5)


@pytest.fixture(scope="module")
def few() -> Report:
    return asyncio.run(run(FEW))


def hears_all_living(report: Report) -> None:
    """Every device was polled in every cycle, none late, and every living one answered."""
    for turn in report.turns:
        cycle = turn.cycle
        assert (cycle.polled, cycle.missed, cycle.silent, cycle.late) == (report.order.devices, 0, 0, 0)
        assert 0.15 < 1 - cycle.answered / cycle.polled < 0.25


def test_a_few_with_a_fifth_dead(few: Report) -> None:
    hears_all_living(few)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_ten_thousand_with_a_fifth_dead_are_polled_in_each_cycle() -> None:
    hears_all_living(asyncio.run(run(Order(devices=10_000, cycles=3, period_s=120.0, dead=DEAD))))


def test_a_run_is_told_in_numbers_and_a_drawing(few: Report, tmp_path: Path) -> None:
    found = kept(few, Loading(10, 500.0, 16.0), "two processors.")
    save(found, "few", tmp_path)
    assert len(table(found).splitlines()) == 2 + FEW.cycles
    assert "150 devices, SNMPv3 SHA-256/AES" in summary(found)
    assert all(turn.kept > 0 for turn in few.turns)
    assert (tmp_path / "few.json").exists()
    drawing = tmp_path / "few.svg"
    if few.moments:
        assert ElementTree.fromstring(drawing.read_text(encoding="utf-8")).tag.endswith("svg")  # noqa: S314 - our own


def heard(number: int, at: float, answer: Answer = Answer.ANSWERED) -> Heard:
    return Heard(f"spoke-{number}", at, answer)


def test_the_ledger_tells_late_from_missed_and_silent() -> None:
    ledger = Ledger(4, frozenset({3}), limit_s=300.0)
    for number in range(4):
        ledger.hear(heard(number, 1000.0, Answer.SILENT if number == 3 else Answer.ANSWERED))
    first = ledger.cycle()
    assert (first.polled, first.answered, first.silent, first.late, first.missed) == (4, 3, 0, 0, 0)
    ledger.hear(heard(0, 1290.0))
    ledger.hear(heard(1, 1301.0))
    ledger.hear(heard(2, 1299.0, Answer.SILENT))
    second = ledger.cycle()
    assert (second.polled, second.answered, second.silent, second.late, second.missed) == (3, 2, 1, 1, 1)
    assert second.longest_s == 301.0
