"""What a poll becomes: names and units as Prometheus has them, labels that are bounded, and every message readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.remote_write import Counts, Queue
from agent.remote_write.encoding import frame, label, series
from agent.remote_write.names import named
from agent.remote_write.samples import LONGEST, Encoded, Samples
from collectors.codec import ber
from collectors.modules import Type
from collectors.record import Column, Layout, Role, packed
from tests.unit.history.fleet import PORT, Router
from tests.unit.remote_write.receiver import Sample, read


def encoded(heard: Heard, most: int = 1000, key: bytes | None = None) -> Encoded:
    return Samples(lambda router: f"acme/{router}", most).of(heard, key)


def by_name(found: list[Sample]) -> dict[str, Sample]:
    return {one.name: one for one in found}


def test_a_poll_has_the_series_that_prometheus_would_give_it() -> None:
    heard = Router("r1", octets=0, errors=0).poll(3)
    made = encoded(heard)
    found = read(made.data)
    assert made.series == len(found) == 13
    assert {one.at_ms for one in found} == {round(heard.at * 1000)}
    assert all(dict(one.labels)["router"] == "r1" and dict(one.labels)["site"] == "acme/r1" for one in found)
    values = {
        (one.name, *(value for key, value in one.labels if key in ("interface", "item"))): one.value for one in found
    }
    assert values == {
        ("spokesman_poll_answered",): 1.0,
        ("spokesman_poll_requests",): 2.0,
        ("spokesman_poll_lost_requests",): 0.0,
        ("spokesman_poll_round_trip_seconds",): 0.0045,
        ("spokesman_router_uptime_seconds",): 1240.0,
        ("spokesman_router_cpu_ratio",): 0.1,
        ("spokesman_uptime_seconds",): 1240.0,
        ("spokesman_engine_boots",): 3.0,
        ("spokesman_processors_load_5_min_ratio", "1"): 0.1,
        ("spokesman_processors_load_5_min_ratio", "2"): 0.05,
        ("spokesman_interfaces_oper", PORT): 1.0,
        ("spokesman_interfaces_in_bytes_total", PORT): 240_000.0,
        ("spokesman_interfaces_in_errors_total", PORT): 12.0,
    }


def test_a_poll_that_nobody_answered_says_so_and_nothing_else() -> None:
    found = by_name(read(encoded(Router("r1").miss(0)).data))
    assert {name: one.value for name, one in found.items()} == {
        "spokesman_poll_answered": 0.0,
        "spokesman_poll_requests": 0.0,
        "spokesman_poll_lost_requests": 3.0,
    }


def test_what_differs_is_read_with_the_whole_poll_that_it_differs_from() -> None:
    router, queue = Router("r1", octets=0, larger_every=3), Queue(1000, Counts())
    polls = [router.poll(cycle) for cycle in range(20)]
    queue.put(polls)
    assert sum(poll.record is not None and not poll.record.whole for poll in polls) > 10
    for cycle, (heard, key) in enumerate(queue.take(20, 0)):
        made = encoded(heard, key=key)
        found = by_name(read(made.data))
        assert found["spokesman_interfaces_in_bytes_total"].value == 240_000 * (cycle + 1)
        assert ("spokesman_temperature" in found) == (cycle % 3 == 0)
        assert made.left_out == 0


def test_a_record_without_the_poll_that_it_differs_from_is_left_out_and_counted() -> None:
    router = Router("r1")
    router.poll(0)
    made = encoded(router.poll(1))
    assert made.left_out == 7
    assert set(by_name(read(made.data))) >= {"spokesman_poll_answered"}
    assert made.series == 6


def table(*rows: str) -> Heard:
    layout = Layout(tuple(Column("interfaces", row, "oper", Type.INTEGER, Role.STATE) for row in rows))
    record = packed(layout, bytes((ber.INTEGER,)) * len(rows), list(range(len(rows))), None)
    return Heard("r1", 1_800_000_000.0, Answer.ANSWERED, record=record)


def test_a_device_chooses_neither_how_many_series_there_are_nor_how_long_their_labels() -> None:
    made = encoded(table(*(f"eth{number}" for number in range(500))), most=100)
    assert (made.series, made.left_out) == (103, 400)
    found = [one for one in read(encoded(table("a" * 100_000, "b")).data) if one.name == "spokesman_interfaces_oper"]
    assert max(len(value) for one in found for _, value in one.labels) == LONGEST


def test_no_two_series_of_a_poll_are_the_same() -> None:
    rows = ("a" * LONGEST + "1", "a" * LONGEST + "2", "\ud800", "\ud801", "eth0")
    found = read(encoded(table(*rows)).data)
    assert len({one.labels for one in found}) == len(found) == 3 + 3


def test_a_router_that_left_the_inventory_is_not_sent() -> None:
    assert Samples(lambda _: None, 100).of(Router("r1").poll(0), None) == Encoded(b"", 0)


@pytest.mark.parametrize(
    ("column", "metric", "factor"),
    [
        (Column("", "", "memory_kb", Type.INTEGER, Role.GAUGE), "spokesman_memory_bytes", 1024.0),
        (Column("pools", "x", "used_kb", Type.GAUGE32, Role.GAUGE), "spokesman_pools_used_bytes", 1024.0),
        (Column("", "", "config_changed_s", Type.TICKS, Role.TIME), "spokesman_config_changed_seconds", 0.01),
        (
            Column("probes", "1", "round_trip_ms", Type.GAUGE32, Role.GAUGE),
            "spokesman_probes_round_trip_seconds",
            0.001,
        ),
        (Column("temperatures", "a", "celsius", Type.GAUGE32, Role.GAUGE), "spokesman_temperatures_celsius", 1.0),
    ],
)
def test_units_are_those_of_prometheus(column: Column, metric: str, factor: float) -> None:
    found = named(column)
    assert found is not None
    assert (found.metric, found.factor) == (metric, factor)


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=100), st.floats(allow_nan=False), st.floats(0, 4e9)),
        max_size=20,
    )
)
def test_every_message_is_read_as_it_was_meant(rows: list[tuple[str, float, float]]) -> None:
    message = b"".join(
        series(label("__name__", "m") + label("item", text), value, frame(label("router", "r"), at))
        for text, value, at in rows
    )
    clean = [text.encode("utf-8", "replace").decode() for text, _, _ in rows]
    assert [(dict(one.labels)["item"], one.value, one.at_ms) for one in read(message)] == [
        (text, value, round(at * 1000)) for text, (_, value, at) in zip(clean, rows, strict=True)
    ]
