"""What the router's own program tells: lines as values, lines that say nothing, and load over five minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import oids
from collectors.profiles import load, told
from collectors.profiles.load import Idle
from collectors.sample import AdminStatus, InterfaceSample, OperStatus, RouterSample
from collectors.snmp import Answer, Failure, Target
from tests.unit.collectors.agents import COMMUNITY

AT = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
TARGET = Target("127.0.0.1", 161, COMMUNITY)
WAN = InterfaceSample(AdminStatus.UP, OperStatus.UP, 1.0, 1, 2, 0.0)
BARE = RouterSample("r1", AT, uptime_s=1000.0, interfaces={"eth0": WAN}, requests=1)
WANTED = frozenset({"eth0", "gre10"})
LINES = (
    "watch 1 997",
    "config 500 400",
    "interface gre10 up up 12 34",
    "interface gre20 up down 0 0",
    "peer 192.0.2.1",
)


def after(*lines: str, failure: Failure | None = None, sample: RouterSample = BARE) -> RouterSample:
    values = {(*oids.TOLD_LINES, number): line.encode() for number, line in enumerate(lines, 1)}
    return told.with_told(sample, oids.TOLD_LINES, Answer(TARGET, values, failure, requests=1), WANTED)


def test_the_lines_tell_tunnels_far_ends_and_the_times_of_the_configuration() -> None:
    sample = after(*LINES)
    assert sample.interfaces["gre10"] == InterfaceSample(AdminStatus.UP, OperStatus.UP, None, 12, 34, None)
    assert set(sample.interfaces) == WANTED
    assert (sample.peers, sample.config_changed_s, sample.startup_changed_s) == (frozenset({"192.0.2.1"}), 500.0, 400.0)
    assert (sample.problems, sample.requests) == ((), 2)


def test_a_tunnel_without_a_line_is_missing_and_no_peer_line_means_no_tunnel() -> None:
    sample = after("watch 1 997")
    assert set(sample.interfaces) == {"eth0"}
    assert sample.peers == frozenset()
    assert sample.config_changed_s is None


def test_who_cannot_ask_for_far_ends_says_so() -> None:
    assert after("watch 1 997", "peers unknown").peers is None
    assert after("watch 1 997", "peer 192.0.2.1", "peers unknown").peers is None
    assert after("watch 1 997", "peers unknown", "peer 192.0.2.1").peers is None


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        pytest.param((), "nothing", id="no lines"),
        pytest.param(("cat: /run/spokesman/watch: No such file",), "a first line of another form", id="no file"),
        pytest.param(("watch 2 997",), "a first line of another form", id="another format"),
        pytest.param(("watch 1 900",), "some that are 100 s old", id="old"),
        pytest.param(("watch 1 2000",), "some that are", id="from the future"),
        pytest.param(("watch 1 997", "interface gre10 up"), "a line 'interface' of another form", id="cut short"),
        pytest.param(("watch 1 997", "peer 192.0.2"), "a line 'peer' of another form", id="no address"),
        pytest.param(("watch 1 997", "interface gre10 dormant up 1 1"), "a line 'interface'", id="another state"),
    ],
)
def test_lines_that_cannot_be_used_make_tunnels_unknown_and_are_a_fault(lines: tuple[str, ...], why: str) -> None:
    sample = after(*lines)
    assert sample.interfaces["gre10"] == InterfaceSample(None, None, None, None, None, None)
    assert sample.interfaces["eth0"] == WAN
    assert sample.peers is None
    (problem,) = sample.problems
    assert why in str(problem)


def test_lines_that_did_not_come_make_tunnels_unknown_and_are_no_fault() -> None:
    sample = after(failure=Failure.TIMEOUT)
    assert sample.interfaces["gre10"].oper is None
    assert (sample.problems, sample.peers) == ((), None)


def test_the_age_of_lines_survives_the_wrap_of_uptime() -> None:
    wrapped = replace(BARE, uptime_s=5.0)
    assert after(f"watch 1 {2**32 // 100 + 3}", sample=wrapped).peers == frozenset()
    assert after(f"watch 1 {2**32 // 100 - 2}", sample=wrapped).peers == frozenset()


def test_later_formats_may_add_lines() -> None:
    assert after("watch 1 997", "weather fine", "").peers == frozenset()


@given(st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60), max_size=8))
def test_any_lines_make_values_or_a_reason(lines: list[str]) -> None:
    for given_lines in (lines, ["watch 1 7", *lines]):
        found = told.read(given_lines)
        assert isinstance(found, str) or all(len(name) <= 15 for name in found.interfaces)


def idle(uptime_s: float, ticks: int, processors: int = 2) -> RouterSample:
    return RouterSample("r1", AT, uptime_s=uptime_s, idle_ticks=ticks, processors=processors)


def test_load_over_five_minutes_is_what_was_not_idle() -> None:
    history = load.remembered((), idle(1000, 50_000))
    assert load.averaged(history, idle(1239, 60_000)).cpu_5_min_percent is None
    assert load.averaged(history, idle(1300, 50_000 + 300 * 200 // 4)).cpu_5_min_percent == 75
    assert load.averaged(history, idle(1300, 50_000 + 300 * 201)).cpu_5_min_percent == 0
    assert load.averaged(history, idle(1601, 50_000)).cpu_5_min_percent is None


def test_idle_time_wraps_and_a_boot_forgets_it() -> None:
    history = load.remembered((), idle(1000, 2**32 - 10_000))
    assert load.averaged(history, idle(1250, 15_000)).cpu_5_min_percent == 50
    assert load.averaged(history, idle(300, 15_000)).cpu_5_min_percent is None
    assert load.remembered(history, idle(300, 15_000)) == (Idle(300, 15_000),)


def test_frequent_polls_fill_no_memory() -> None:
    history: tuple[Idle, ...] = ()
    for second in range(0, 3600, 2):
        history = load.remembered(history, idle(1000 + second, second * 100))
    assert len(history) <= load.MOST_S / load.APART_S + 1
    assert load.averaged(history, idle(4600, 360_000)).cpu_5_min_percent == 50


def test_what_an_agent_tells_itself_is_not_replaced() -> None:
    own = replace(idle(1300, 0), cpu_5_min_percent=9)
    assert load.averaged((Idle(1000, 0),), own) is own
