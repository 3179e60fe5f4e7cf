"""From samples to the state of a server: confirmation, bands, and what is unknown rather than down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.monitoring.alarms import Alarm, AlarmKey, Kind
from agent.monitoring.sample import Answer
from agent.monitoring.servers import alarms
from agent.monitoring.servers.judging import Verdict
from agent.monitoring.servers.sample import ClockReading, ServerSample
from agent.monitoring.servers.states import ServerState, step
from agent.monitoring.servers.views import reach_now
from agent.monitoring.states import Reach
from tests.unit.servers.samples import EXPECTED, FRONT_END, START, certificate, good, port, silent, without


def after(samples: Iterable[ServerSample]) -> ServerState:
    state: ServerState | None = None
    for sample in samples:
        state = step(state, sample, EXPECTED).state
    assert state is not None
    return state


def raised(state: ServerState) -> set[tuple[Kind, str]]:
    return {(one.key.kind, one.key.item) for one in alarms.decide(state, (), EXPECTED).raised}


def verdict(state: ServerState, kind: Kind, name: str = "") -> Verdict:
    item = state.item(kind, name)
    assert item is not None
    return item.verdict


def test_a_good_server_raises_nothing() -> None:
    state = after([good(), good(1)])
    assert state.reach is Reach.UP
    assert {item.verdict for item in state.items} == {Verdict.GOOD}
    assert raised(state) == set()


@pytest.mark.parametrize(
    ("hours", "why"), [(2, "looked at 7200 s ago"), (-2, "looked at 7200 s in the future: a clock")]
)
def test_what_was_seen_long_ago_or_lies_ahead_is_unknown(hours: int, why: str) -> None:
    reach, reason = reach_now(after([good()]), START + timedelta(hours=hours))
    assert reach is Reach.UNKNOWN
    assert reason.startswith(why)
    assert reason.endswith("; it was up then")


def test_a_missing_row_is_down_once_it_is_confirmed() -> None:
    first = step(after([good()]), without(good(1), FRONT_END), EXPECTED)
    assert first.again, "it is looked at again soon"
    assert raised(first.state) == set()
    state = step(first.state, without(good(2), FRONT_END), EXPECTED).state
    assert raised(state) == {(Kind.SERVICE_DOWN, FRONT_END)}


@pytest.mark.parametrize("services", [None])
def test_a_table_that_is_not_read_makes_services_unknown_not_down(services: None) -> None:
    unread = replace(good(1), services=services, unread={"services": "the table is empty"})
    state = after([good(), unread, replace(unread, at=START + timedelta(minutes=2))])
    assert verdict(state, Kind.SERVICE_DOWN, FRONT_END) is Verdict.UNKNOWN
    assert raised(state) == {(Kind.ANSWER_UNUSABLE, "SNMP")}


def test_a_paused_service_is_down_and_one_that_cannot_be_read_is_unknown() -> None:
    paused = replace(good(), services={**(good().services or {}), FRONT_END: False})
    odd = replace(good(), services={**(good().services or {}), FRONT_END: None})
    assert verdict(after([paused]), Kind.SERVICE_DOWN, FRONT_END) is Verdict.BAD
    assert verdict(after([odd]), Kind.SERVICE_DOWN, FRONT_END) is Verdict.UNKNOWN


def test_silence_is_suspect_then_down_and_says_nothing_of_services() -> None:
    first = step(after([good()]), silent(1), EXPECTED)
    assert (first.state.reach, first.again) == (Reach.SUSPECT, True)
    assert raised(first.state) == set()
    second = step(first.state, silent(2), EXPECTED)
    assert (second.state.reach, second.again) == (Reach.DOWN, False)
    assert raised(second.state) == {(Kind.SERVER_UNREACHABLE, "")}
    assert {item.verdict for item in second.state.items} == {Verdict.UNKNOWN}
    assert second.state.first_failure == START + timedelta(minutes=1)


def test_what_could_not_be_asked_is_unknown() -> None:
    state = after([good(), ServerSample("fe1", START, None, "no secret", Answer.NOT_ASKED)])
    assert state.reach is Reach.UNKNOWN
    assert raised(state) == set()


def test_a_full_disk_is_told_at_once_and_clears_only_well_below() -> None:
    def full(percent: float, minute: float) -> ServerSample:
        return replace(good(minute), volumes={"C:": percent})

    state = after([full(89, 0), full(91, 1)])
    assert raised(state) == {(Kind.STORAGE_FULL, "C:")}
    assert verdict(after([full(91, 0), full(87, 1)]), Kind.STORAGE_FULL, "C:") is Verdict.BAD
    assert verdict(after([full(87, 0)]), Kind.STORAGE_FULL, "C:") is Verdict.GOOD
    assert verdict(after([full(91, 0), full(80, 1)]), Kind.STORAGE_FULL, "C:") is Verdict.GOOD


def test_volumes_that_are_not_read_stay_known_by_name() -> None:
    state = after([replace(good(), volumes={"C:": 95.0}), replace(good(1), volumes=None)])
    assert verdict(state, Kind.STORAGE_FULL, "C:") is Verdict.UNKNOWN


def test_a_burst_of_load_is_no_fault() -> None:
    busy = [replace(good(minute), cpu_percent=99.0) for minute in range(3)]
    assert raised(after(busy[:2])) == set()
    assert raised(after(busy)) == {(Kind.CPU_LOAD, "")}


@pytest.mark.parametrize(
    ("days", "found", "urgent"), [(-1, True, True), (5, True, True), (20, True, False), (31, False, True)]
)
def test_a_certificate_raises_before_it_ends(days: float, found: bool, urgent: bool) -> None:
    state = after([replace(good(), sip={5061: port(days=days)})])
    assert ((Kind.CERTIFICATE_EXPIRES, "SIP 5061") in raised(state)) is found
    item = state.item(Kind.CERTIFICATE_EXPIRES, "SIP 5061")
    assert item is not None
    assert item.urgent is urgent


def test_a_name_that_does_not_fit_is_shown_and_raises_nothing() -> None:
    wrong = replace(certificate(), mismatch=True, untrusted="self-signed certificate")
    state = after([replace(good(), sip={5061: replace(port(), certificate=wrong)})])
    item = state.item(Kind.CERTIFICATE_EXPIRES, "SIP 5061")
    assert item is not None
    assert item.verdict is Verdict.WARNING
    assert "not for fe1.acme.example" in item.text
    assert "self-signed" in item.text
    assert raised(state) == set()


@pytest.mark.parametrize(
    ("off", "within", "expected"), [(42, 0.1, True), (6, 2, False), (-7.5, 2, True), (4, 0.1, False)]
)
def test_a_clock_is_off_only_where_that_is_sure(off: float, within: float, expected: bool) -> None:
    clock = ClockReading(off, within, "SNTP", "ours")
    state = after([replace(good(minute), clock=clock) for minute in range(2)])
    assert ((Kind.TIME_OFFSET, "") in raised(state)) is expected


def test_unknown_clears_nothing() -> None:
    down = after([without(good(minute), FRONT_END) for minute in range(2)])
    active = [_alarm(one.key) for one in alarms.decide(down, (), EXPECTED).raised]
    unread = step(down, replace(good(3), services=None, unread={"services": "x"}), EXPECTED).state
    gone = step(down, silent(3), EXPECTED).state
    assert alarms.decide(unread, active, EXPECTED).cleared == ()
    assert alarms.decide(gone, active, EXPECTED).cleared == ()
    back = step(unread, good(4), EXPECTED).state
    (cleared,) = alarms.decide(back, active, EXPECTED).cleared
    assert cleared.why == f"{FRONT_END} runs"


def _alarm(key: AlarmKey) -> Alarm:
    return Alarm(1, key, START, START, "why")


SAMPLES = st.lists(
    st.sampled_from([good(), silent(), without(good(), FRONT_END), replace(good(), snmp=Answer.SILENT, services=None)]),
    min_size=1,
    max_size=12,
)


@given(SAMPLES)
def test_in_any_order_an_alarm_needs_its_proof(samples: list[ServerSample]) -> None:
    """Down means two silent looks in a row, a stopped service two looks at its missing row in a row."""
    state: ServerState | None = None
    heard: list[ServerSample] = []
    for minute, one in enumerate(samples):
        sample = replace(one, at=START + timedelta(minutes=minute))
        state = step(state, sample, EXPECTED).state
        heard.append(sample)
        last = heard[-2:]
        told = raised(state)
        if (Kind.SERVER_UNREACHABLE, "") in told:
            assert not any(each.heard for each in last)
        if (Kind.SERVICE_DOWN, FRONT_END) in told:
            assert all(each.services is not None and FRONT_END not in each.services for each in last)
