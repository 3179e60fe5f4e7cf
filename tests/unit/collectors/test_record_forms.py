"""The two forms of what packs and sums up polls, plain and compiled, say the same; the sums are what they say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import collectors.record
from collectors.codec.values import COUNTER32, COUNTER64, GAUGE32
from collectors.errors import BadRecord
from collectors.record import packing, summary
from collectors.record.summary import Part, Span, Summary, lengthen, pack_spans, read_spans, shorten
from tests.unit.collectors.test_record import PAIRS

FOLDER = Path(collectors.record.__file__).parent


def plain(part: str) -> ModuleType:
    """A module from its source, whatever is compiled."""
    spec = importlib.util.spec_from_file_location(f"plain_{part}", FOLDER / f"{part}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PLAIN_PACKING, PLAIN_SUMMARY = plain("packing"), plain("summary")


def said(read: Any, *arguments: Any) -> Any:
    try:
        return read(*arguments)
    except BadRecord as error:
        return str(error)


@given(PAIRS, st.data())
def test_both_forms_pack_and_unpack_the_same(pair: Any, data: st.DataObject) -> None:
    tags, former, latter = pair
    key = packing.pack(tags, former, None)
    packed = packing.pack(tags, latter, key)
    assert PLAIN_PACKING.pack(tags, former, None) == key
    assert PLAIN_PACKING.pack(tags, latter, key) == packed
    damaged = bytearray(data.draw(st.sampled_from((key, packed))))
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    octets = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    assert said(PLAIN_PACKING.unpack, octets, key) == said(packing.unpack, octets, key)


PARTS = (
    Part(0, GAUGE32, 0, low=0, high=1000),
    Part(1, COUNTER64, 1, 64, 3),
    Part(2, COUNTER32, 2, 32),
    Part(9, GAUGE32, 3),
)
TOLD = st.lists(
    st.tuples(
        st.integers(0, 2000),
        st.integers(0, 2**64 - 1) | st.integers(2**64 - 1000, 2**64 - 1),
        st.integers(0, 2**32 - 1),
        st.sampled_from((0, 500)),
        st.floats(1, 500),
        st.sampled_from((0, 0, 0, 1)),
        st.booleans(),
    ),
    max_size=20,
)


@given(TOLD)
def test_both_forms_sum_up_the_same(told: list[Any]) -> None:
    theirs, ours, clock, life = PLAIN_SUMMARY.Summary(4), Summary(4), 0.0, 0
    kinds = bytes((GAUGE32, COUNTER64, COUNTER32, GAUGE32))
    for *values, seconds, ended, counts in told:
        clock, life = clock + seconds, life + ended
        for one in (theirs, ours):
            one.take(PARTS, kinds, list(values), clock, life, counts)
    assert theirs.spans() == ours.spans()
    for span in ours.spans():
        assert span is None or span[0] <= span[1] * (1 + 1e-9)
        assert span is None or span[1] <= span[2] * (1 + 1e-9) + 1e-9


def summed(*told: tuple[int, int], parts: tuple[Part, ...] = (Part(0, COUNTER64, 0, 64),)) -> Span | None:
    """What a counter of a device comes to; each time told with the seconds since the last."""
    found, clock = Summary(1), 0.0
    for seconds, value in told:
        clock += seconds
        found.take(parts, bytes((COUNTER64,)), [value], clock, 0, True)
    return found.spans()[0]


def test_the_mean_of_a_counter_is_by_time_and_its_wrap_costs_nothing() -> None:
    assert summed((0, 2**64 - 100), (100, 0), (300, 900)) == (1.0, 1000 / 400, 3.0)
    assert summed((0, 5)) is None


def test_a_reset_is_left_out_and_the_rest_counts() -> None:
    assert summed((0, 10**15), (100, 0), (100, 100)) == (1.0, 1.0, 1.0)


@given(
    st.lists(st.none() | st.tuples(*[st.floats(-1e9, 1e9)] * 3).map(lambda three: tuple(sorted(three))), max_size=40)
)
def test_spans_come_back_to_one_in_a_thousand(spans: list[Span | None]) -> None:
    found = read_spans(pack_spans(spans), len(spans))
    assert len(found) == len(spans)
    for one, other in zip(spans, found, strict=True):
        assert (one is None) == (other is None)
        for value, back in zip(one or (), other or (), strict=True):
            assert back == pytest.approx(value, rel=1 / 1000, abs=2**-15)


@given(st.integers(-1024, 1024))
def test_small_whole_numbers_are_kept_exactly(number: int) -> None:
    assert lengthen(shorten([number])) == [number]


@given(st.binary(max_size=60), st.integers(0, 20))
def test_any_octets_are_spans_or_refused(data: bytes, size: int) -> None:
    try:
        assert len(read_spans(data, size)) == size
    except BadRecord:
        return


def test_they_are_compiled_where_the_others_are() -> None:
    """Both or none: what is compiled is compiled by one command."""
    assert (packing.__file__ or "").endswith(".py") == (summary.__file__ or "").endswith(".py")
