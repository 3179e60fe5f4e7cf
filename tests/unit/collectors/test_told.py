"""What the router's own program tells: lines as values, lines that say nothing, and load over five minutes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import idle, told
from collectors.reading import Reading, Row

WAN: Row = {"admin": "up", "oper": "up", "in_octets": 1, "out_octets": 2}
BARE = Reading({"uptime_s": 1000.0}, {"interfaces": {"eth0": WAN}})
WANTED = frozenset({"eth0", "gre10"})
LINES = (
    "watch 1 997",
    "config 500 400",
    "interface gre10 up up 12 34",
    "interface gre20 up down 0 0",
    "peer 192.0.2.1",
)


def after(*lines: str, reading: Reading = BARE) -> Reading:
    rows: dict[str, Row] = {str(number): {told.LINE: line} for number, line in enumerate(lines, 1)}
    return told.with_told(replace(reading, tables={**reading.tables, told.TABLE: rows}), WANTED)


def peers(reading: Reading) -> set[str] | None:
    return set(reading.tables["ipsec"]) if "ipsec" in reading.tables else None


def test_the_lines_tell_tunnels_far_ends_and_the_times_of_the_configuration() -> None:
    found = after(*LINES)
    assert found.tables["interfaces"]["gre10"] == {"admin": "up", "oper": "up", "in_octets": 12, "out_octets": 34}
    assert set(found.tables["interfaces"]) == WANTED
    assert peers(found) == {"192.0.2.1"}
    assert (found.seconds("config_changed_s"), found.seconds("startup_changed_s")) == (500.0, 400.0)
    assert (found.problems, found.missing["interfaces"], told.TABLE in found.tables) == ((), frozenset(), False)


def test_a_tunnel_without_a_line_is_missing_and_no_peer_line_means_no_tunnel() -> None:
    found = after("watch 1 997")
    assert set(found.tables["interfaces"]) == {"eth0"}
    assert found.missing["interfaces"] == {"gre10"}
    assert peers(found) == set()
    assert found.seconds("config_changed_s") is None


def test_who_cannot_ask_for_far_ends_says_so() -> None:
    assert peers(after("watch 1 997", "peers unknown")) is None
    assert peers(after("watch 1 997", "peer 192.0.2.1", "peers unknown")) is None
    assert peers(after("watch 1 997", "peers unknown", "peer 192.0.2.1")) is None


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
    found = after(*lines)
    assert found.tables["interfaces"] == {"eth0": WAN, "gre10": {}}
    assert (peers(found), found.missing["interfaces"]) == (None, frozenset())
    (problem,) = found.problems
    assert why in str(problem)


def test_lines_that_did_not_come_make_tunnels_unknown_and_are_no_fault() -> None:
    found = told.with_told(BARE, WANTED)
    assert found.tables["interfaces"]["gre10"] == {}
    assert (found.problems, peers(found)) == ((), None)


def test_the_age_of_lines_survives_the_wrap_of_uptime() -> None:
    wrapped = replace(BARE, scalars={"uptime_s": 5.0})
    assert peers(after(f"watch 1 {2**32 // 100 + 3}", reading=wrapped)) == set()
    assert peers(after(f"watch 1 {2**32 // 100 - 2}", reading=wrapped)) == set()


def test_later_formats_may_add_lines() -> None:
    assert peers(after("watch 1 997", "weather fine", "")) == set()


@given(st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60), max_size=8))
def test_any_lines_make_values_or_a_reason(lines: list[str]) -> None:
    for given_lines in (lines, ["watch 1 7", *lines]):
        found = told.read(given_lines)
        assert isinstance(found, str) or all(len(name) <= 15 for name in found.interfaces)


def idling(uptime_s: float, ticks: int, processors: int = 2) -> Reading:
    rows: dict[str, Row] = {str(number): {} for number in range(processors)}
    return Reading({"uptime_s": uptime_s, "idle_ticks": ticks}, {"processors": rows})


def remembered(history: bytes, reading: Reading) -> bytes:
    return idle.remembered(history, reading.seconds("uptime_s"), reading.number("idle_ticks"))


def load(history: bytes, reading: Reading) -> float | None:
    return idle.averaged(history, reading).figures.get(idle.LOAD)


def test_load_over_five_minutes_is_what_was_not_idle() -> None:
    history = remembered(b"", idling(1000, 50_000))
    assert load(history, idling(1239, 60_000)) is None
    assert load(history, idling(1300, 50_000 + 300 * 200 // 4)) == 75
    assert load(history, idling(1300, 50_000 + 300 * 201)) == 0
    assert load(history, idling(1601, 50_000)) is None


def test_idle_time_wraps_and_a_boot_forgets_it() -> None:
    history = remembered(b"", idling(1000, 2**32 - 10_000))
    assert load(history, idling(1250, 15_000)) == 50
    assert load(history, idling(300, 15_000)) is None
    assert remembered(history, idling(300, 15_000)) == remembered(b"", idling(300, 15_000))


def test_idle_time_that_is_not_measured_yet_is_no_load() -> None:
    assert remembered(b"", idling(1000, 0)) == b""


def test_frequent_polls_fill_no_memory() -> None:
    history = b""
    for second in range(0, 3600, 2):
        history = remembered(history, idling(1000 + second, 1 + second * 100))
    assert len(history) <= 12 * (idle.MOST_S / idle.APART_S + 1)
    assert load(history, idling(4600, 360_001)) == 50


def test_what_an_agent_tells_itself_is_not_replaced() -> None:
    own = replace(idling(1300, 1), figures={idle.LOAD: 9})
    assert idle.averaged(remembered(b"", idling(1000, 1)), own) is own
