"""How long a device is waited for, and how much it is asked at once: tables of round trips, losses and limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.engine import Device
from collectors.engine.learned import Learned
from collectors.engine.patience import LEAST_S, Estimate
from collectors.snmp import Target
from collectors.snmp.reading import packets
from tests.unit.collectors.agents import COMMUNITY

TARGET = Target("192.0.2.1", 161, COMMUNITY, 2.0, 2)
SECONDS = st.floats(0.0001, 10)


@pytest.mark.parametrize(
    ("round_trips", "patience"),
    [
        ([], (2.0, 2.0, 2.0)),
        ([0.001] * 20, (LEAST_S, 4.0 - LEAST_S, 2.0)),
        ([0.2], (0.6, 3.4, 2.0)),
        ([1.5] * 40, (1.5, 2.5, 2.0)),
    ],
)
def test_a_quick_device_is_soon_asked_again_and_a_slow_one_waited_for(
    round_trips: list[float], patience: tuple[float, ...]
) -> None:
    device = Device("r1", TARGET)
    for seconds in round_trips:
        device.answered(seconds, 0)
    assert device.patience() == pytest.approx(patience, abs=0.11)


@given(st.lists(SECONDS, max_size=30), st.floats(0.1, 60), st.integers(0, 10))
def test_patience_is_the_targets_and_the_last_try_comes_when_it_would_and_has_the_whole_time_out(
    round_trips: list[float], timeout_s: float, retries: int
) -> None:
    device = Device("r1", Target("192.0.2.1", 161, COMMUNITY, timeout_s, retries))
    for seconds in round_trips:
        device.answered(seconds, 0)
    patience = device.patience()
    assert len(patience) == retries + 1
    assert patience[-1] == timeout_s
    assert sum(patience) == pytest.approx(timeout_s * (retries + 1))
    assert all(seconds > 0 for seconds in patience)


@given(SECONDS, st.lists(SECONDS, max_size=50))
def test_the_estimate_stays_between_the_round_trips(first: float, others: list[float]) -> None:
    estimate = Estimate.first(first)
    for seconds in others:
        estimate.heard(seconds)
    assert min(first, *others, 10) - 1e-9 <= estimate.mean_s <= max(first, *others, 0) + 1e-9
    assert estimate.deviation_s >= 0


def test_silence_forgets_the_speed_and_no_try() -> None:
    device = Device("r1", TARGET)
    device.answered(0.01, 0)
    device.silent()
    assert device.patience() == (2.0, 2.0, 2.0)


def test_a_lossy_link_has_few_rows_at_once() -> None:
    device = Device("r1", TARGET)
    assert device.repetitions(8) == 8
    device.answered(0.1, 2)
    assert device.repetitions(8) == 2
    for _ in range(50):
        device.answered(0.1, 0)
    assert device.repetitions(8) == 8


@given(st.integers(1, 40), st.integers(1, 20), st.sets(st.integers(0, 39)))
def test_what_is_learned_leaves_out_only_what_is_refused(objects: int, most: int, refused: set[int]) -> None:
    asked = packets(tuple((1, 3, 6, n) for n in range(objects)))
    learned = Learned()
    learned.too_big(2 * most)
    learned.refuses(frozenset((1, 3, 6, n) for n in refused))
    cut = learned.cut(asked)
    assert [oid[3] for packet in cut for oid in packet.oids] == [n for n in range(objects) if n not in refused]
    assert all(0 < len(packet.oids) <= most for packet in cut)
    assert learned.cut(asked) is cut
