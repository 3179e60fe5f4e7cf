"""Packed polls: what was packed comes back, in few octets; what is damaged is told and never guessed."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.codec import ber, values
from collectors.codec.values import Flat
from collectors.errors import BadRecord
from collectors.modules import Figure, Object, modules_of
from collectors.record import Column, Layout, Role, pack, packed, unpack

Poll = tuple[bytes, list[Flat]]

COUNT = st.one_of(st.integers(0, 300), st.integers(0, 2**64 - 1), st.sampled_from((2**32 - 1, 2**63, 2**64 - 1)))
OCTETS = st.binary(max_size=300)
CONTENTS: dict[int, st.SearchStrategy[Flat]] = {
    ber.INTEGER: st.integers(-(2**31), 2**31 - 1),
    ber.OCTETS: OCTETS,
    ber.OBJECT_ID: OCTETS,
    values.IP_ADDRESS: st.binary(min_size=4, max_size=4),
    values.COUNTER32: st.integers(0, 2**32 - 1),
    values.GAUGE32: st.integers(0, 2**32 - 1),
    values.TIME_TICKS: st.integers(0, 2**32 - 1),
    values.OPAQUE: OCTETS,
    values.COUNTER64: COUNT,
    values.NO_SUCH_INSTANCE: st.none(),
    values.NO_SUCH_OBJECT: st.none(),
    values.REFUSED: st.none(),
    ber.NULL: st.none(),
}
TAGS = st.lists(st.sampled_from(tuple(CONTENTS)), max_size=60).map(bytes)


def contents(tags: bytes) -> st.SearchStrategy[list[Flat]]:
    return st.tuples(*(CONTENTS[tag] for tag in tags)).map(list)


POLLS = TAGS.flatmap(lambda tags: st.tuples(st.just(tags), contents(tags)))
PAIRS = TAGS.flatmap(lambda tags: st.tuples(st.just(tags), contents(tags), contents(tags)))


@given(POLLS)
def test_a_whole_poll_comes_back(poll: Poll) -> None:
    assert unpack(pack(*poll, None), None) == poll


@given(PAIRS)
def test_a_poll_comes_back_from_what_differs(pair: tuple[bytes, list[Flat], list[Flat]]) -> None:
    tags, former, latter = pair
    key = pack(tags, former, None)
    data = pack(bytearray(tags), latter, key)
    assert unpack(data, key) == (tags, latter)
    assert data[0] == 1


@given(POLLS, POLLS)
def test_other_tags_make_a_whole_poll(one: Poll, other: Poll) -> None:
    key = pack(*one, None)
    data = pack(*other, key)
    assert unpack(data, key) == other
    assert (data[0] == 1) == (one[0] == other[0])


@given(PAIRS, PAIRS)
def test_another_key_is_not_taken(
    pair: tuple[bytes, list[Flat], list[Flat]], other: tuple[bytes, list[Flat], list[Flat]]
) -> None:
    tags, former, latter = pair
    key, stranger = pack(tags, former, None), pack(other[0], other[1], None)
    data = pack(tags, latter, key)
    if key == stranger:
        return
    try:
        found = unpack(data, stranger)
    except BadRecord:
        return
    assert found == (tags, latter), "sixteen bits agree by chance once in 65,536: then the tags do not"


@given(st.binary(max_size=80), st.none() | st.binary(max_size=80))
def test_any_octets_are_read_or_refused(data: bytes, key: bytes | None) -> None:
    try:
        kinds, found = unpack(data, key)
    except BadRecord:
        return
    assert len(kinds) == len(found)


@given(PAIRS, st.data())
def test_a_cut_record_is_refused(pair: tuple[bytes, list[Flat], list[Flat]], data: st.DataObject) -> None:
    tags, former, latter = pair
    key = pack(tags, former, None)
    for record in (key, pack(tags, latter, key)):
        cut = record[: data.draw(st.integers(0, len(record) - 1))]
        with pytest.raises(BadRecord):
            unpack(cut, key)
        with pytest.raises(BadRecord):
            unpack(record + b"\0", key)


def test_what_counts_on_takes_few_octets() -> None:
    """A poll of four interfaces: uptime and eight counters move, the rest stays."""
    row = bytes((ber.OCTETS, ber.INTEGER, ber.INTEGER, values.TIME_TICKS, *[values.COUNTER64] * 2, values.TIME_TICKS))
    tags = bytes((values.TIME_TICKS, ber.INTEGER)) + row * 4
    values_of_row: list[Flat] = [b"GigabitEthernet0/0/0", 1, 1, 400, 10**13, 10**12, 0]
    now: list[Flat] = [5_000_000, 77, *values_of_row * 4]
    then = list(now)
    for place, value in enumerate(now):
        if tags[place] == values.COUNTER64 and isinstance(value, int):
            then[place] = value + 10**9
    then[0] = 5_024_000
    key = pack(tags, now, None)
    assert len(key) < 240
    assert len(pack(tags, then, key)) < 55


def test_a_layout_is_the_same_by_what_it_says() -> None:
    layout = example()
    again = Layout.read(layout.text)
    assert again == layout
    assert hash(again) == hash(layout)
    assert again.columns == layout.columns
    assert again.figures == layout.figures
    assert pickle.loads(pickle.dumps(layout)) == layout  # noqa: S301 - our own
    assert Layout(layout.columns[1:]) != layout


def test_columns_know_what_they_are_good_for() -> None:
    roles = {(one.table, one.name): one.role for one in example().columns}
    assert roles["", "uptime_s"] is Role.TIME
    assert roles["", "engine_id"] is Role.TEXT
    assert roles["interfaces", "oper"] is Role.STATE
    assert roles["interfaces", "in_octets"] is Role.COUNTER
    assert roles["interfaces", "discontinuity_s"] is Role.SINCE
    assert roles["enhanced_pools", "used_kb"] is Role.GAUGE, "a Counter64 with a scale is a size"


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "[[],[[1]]]", '[[["a"]],[]]', '[[["","","x","nonsense","gauge",null]],[]]']
)
def test_a_layout_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadRecord):
        Layout.read(text)


def test_packed_says_whether_it_is_whole() -> None:
    layout = Layout((Column.of(scalar("uptime_s")),))
    tags = bytes((values.TIME_TICKS,))
    whole = packed(layout, tags, [1], None)
    assert whole.whole
    assert not packed(layout, tags, [2], whole.data).whole
    assert packed(layout, bytes((values.REFUSED,)), [None], whole.data).whole


def scalar(name: str) -> Object:
    return next(one for module in modules_of("cisco") for one in module.scalars if one.name == name)


def example() -> Layout:
    """Scalars and one row of each table of an agent."""
    modules = modules_of("cisco")
    columns = [Column.of(one) for module in modules for one in module.scalars]
    for table in (table for module in modules for table in module.tables):
        columns += [Column.of(one, table, "a row") for one in table.columns]
    figures: tuple[Figure, ...] = tuple(one for module in modules for one in module.figures)
    return Layout(tuple(columns), figures)
