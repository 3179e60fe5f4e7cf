"""What a router tells of its services becomes alarms: on two readings, and never by what was not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.monitoring import deciding
from agent.monitoring.alarms import Alarm, AlarmKey, Cleared, Kind
from agent.monitoring.conditions import Conditions, Item, Watched
from agent.monitoring.sample import Answer, InterfaceReading, Sample
from agent.monitoring.services import conditions
from agent.monitoring.states import Expected, RouterState, Step, step
from agent.monitoring.watch import expected_groups, registers_with
from collectors.reading import Reading, Row
from inventory.loader import load_workspace
from tests.unit.monitoring.conftest import second

GOLDEN_OPTIONS = Path(__file__).parents[2] / "golden" / "options_iosxe" / "workspace"
HUB, TUNNEL, ADDRESS = "lon", "Tunnel10", "10.255.8.1"
EXPECTED = Expected((TUNNEL,), {}, {ADDRESS: (HUB, TUNNEL)})
UP, DOWN = InterfaceReading(admin_up=True, oper_up=True), InterfaceReading(admin_up=True, oper_up=False)


def table(name: str, key: str, **row: Any) -> Reading:
    return Reading(tables={name: {key: row}})


@pytest.mark.parametrize(
    ("told", "kind", "item", "bad", "words"),
    [
        (table("nhrp_servers", ADDRESS, in_use="no"), Watched.REGISTRATION, ADDRESS, True, "not in use"),
        (table("nhrp_servers", ADDRESS, in_use="yes"), Watched.REGISTRATION, ADDRESS, False, "in use"),
        (table("nhrp_servers", ADDRESS), Watched.REGISTRATION, ADDRESS, None, ""),
        (table("standby", "Vlan10 10", state="standby"), Watched.STANDBY, "Vlan10 10", False, "standby"),
        (table("standby", "Vlan10 10", state="active"), Watched.STANDS_IN, "Vlan10 10", True, "active"),
        (table("standby", "Vlan10 10", state="active"), Watched.STANDBY, "Vlan10 10", False, "active"),
        (table("standby", "Vlan10 10", state="initial"), Watched.STANDBY, "Vlan10 10", True, "initial"),
        (table("standby", "Vlan10 10"), Watched.STANDBY, "Vlan10 10", None, ""),
        (table("probes", "11", sense="timeout"), Watched.PROBE, "probe 11", True, "timeout"),
        (table("probes", "11", sense="ok"), Watched.PROBE, "probe 11", False, "ok"),
        (table("probes", "11", sense="busy"), Watched.PROBE, "probe 11", None, "busy"),
        (table("supplies", "A", state="not present"), Watched.ENVIRONMENT, "A", False, "A is not present"),
        (table("temperatures", "T", state="critical", celsius=91), Watched.ENVIRONMENT, "T", True, "at 91 °C"),
        (table("power_units", "P", state="on: fan failed"), Watched.ENVIRONMENT, "P", True, "on: fan failed"),
        (table("fan_trays", "F", state="unknown"), Watched.ENVIRONMENT, "F", None, "unknown"),
        (table("sensors", "S", value=9, status="not operational"), Watched.ENVIRONMENT, "S", True, "does not work"),
        (table("sensors", "S", value=9, status="unavailable"), Watched.ENVIRONMENT, "S", None, "nothing"),
    ],
)
def test_what_a_row_says(told: Reading, kind: Watched, item: str, bad: bool | None, words: str) -> None:
    found = conditions(told)[kind][item]
    assert found.bad is bad
    assert words in found.text


@pytest.mark.parametrize(
    ("value", "severity", "relation", "bad"),
    [
        (80, "critical", ">=", True),
        (79, "critical", ">=", False),
        (80, "minor", ">=", False),
        (80, "major", ">", False),
        (10, "critical", "<=", False),
    ],
)
def test_a_sensor_over_a_severe_limit_is_bad(value: int, severity: str, relation: str, bad: bool) -> None:
    limit: Row = {"severity": severity, "relation": relation, "limit": 80}
    told = Reading(tables={"sensors": {"Temp 1": {"value": value}}, "sensor_limits": {"Temp 1 2": limit}})
    assert conditions(told)[Watched.ENVIRONMENT]["Temp 1"].bad is bad


def test_a_row_that_is_expected_and_missing_is_bad_where_the_table_has_others() -> None:
    told = Reading(
        tables={"nhrp_servers": {ADDRESS: {"in_use": "yes"}}, "standby": {}},
        missing={"nhrp_servers": frozenset({"10.255.8.9"}), "standby": frozenset({"Vlan10 10"})},
    )
    found = conditions(told)
    assert found[Watched.REGISTRATION]["10.255.8.9"].bad
    assert found[Watched.STANDBY]["Vlan10 10"].bad
    empty = Reading(tables={"nhrp_servers": {}}, missing={"nhrp_servers": frozenset({ADDRESS})})
    assert Watched.REGISTRATION not in conditions(empty), "an agent without the table says nothing"


class Story:
    """One router, poll by poll."""

    def __init__(self) -> None:
        self.state: RouterState | None = None
        self.active: dict[AlarmKey, Alarm] = {}
        self.cleared: list[Cleared] = []
        self.seconds = 0.0
        self.last: Step | None = None

    def poll(self, told: Conditions, interface: InterfaceReading = UP, answer: Answer = Answer.ANSWERED) -> set[Kind]:
        self.seconds += 240
        uptime = 1e5 + self.seconds if answer is Answer.ANSWERED else None
        rows = {TUNNEL: interface}
        sample = Sample("r1", second(self.seconds), answer, uptime_s=uptime, interfaces=rows, conditions=told)
        self.last = step(self.state, sample, EXPECTED, 2)
        self.state = self.last.state
        verdicts = deciding.decide(self.last, self.active.values(), ours=False)
        for one in verdicts.raised:
            self.active.setdefault(one.key, Alarm(1, one.key, one.at, one.first_failed_at, one.why))
        for clear in verdicts.cleared:
            self.cleared.append(clear.reason)
            del self.active[clear.key]
        return {key.kind for key in self.active}


def registered(bad: bool | None) -> Conditions:
    return {Watched.REGISTRATION: {ADDRESS: Item(bad, "words")}}


def test_two_readings_raise_and_two_clear_and_the_first_is_asked_again() -> None:
    story = Story()
    assert story.poll(registered(False)) == set()
    assert story.poll(registered(True)) == set()
    assert story.last is not None
    assert story.last.again
    assert story.poll(registered(True)) == {Kind.REGISTRATION_LOST}
    (alarm,) = story.active.values()
    assert (alarm.key.item, alarm.first_failed_at) == ("Tunnel10 lon", second(480))
    assert story.poll(registered(False)) == {Kind.REGISTRATION_LOST}
    assert story.poll(registered(False)) == set()
    assert story.cleared == [Cleared.RECOVERED]


def test_what_was_not_read_moves_nothing() -> None:
    story = Story()
    for told in (registered(True), {}, registered(None), registered(True)):
        kinds = story.poll(told)
    assert kinds == {Kind.REGISTRATION_LOST}
    assert story.poll({}) == {Kind.REGISTRATION_LOST}
    assert Kind.REGISTRATION_LOST in story.poll({}, answer=Answer.SILENT)


def test_a_registration_over_a_tunnel_that_is_down_is_the_tunnels_alarm() -> None:
    story = Story()
    story.poll(registered(False))
    for _ in range(4):
        kinds = story.poll(registered(True), DOWN)
    assert kinds == {Kind.INTERFACE_DOWN}


def test_an_item_that_is_gone_is_over() -> None:
    story = Story()
    for _ in range(2):
        story.poll({Watched.PROBE: {"probe 11": Item(True, "timeout")}})
    assert story.poll({Watched.PROBE: {"probe 12": Item(False, "ok")}}) == set()
    assert story.cleared == [Cleared.NO_LONGER_EXPECTED]


@given(st.lists(st.sampled_from([True, False, None]), max_size=30))
def test_alarms_follow_two_readings_in_a_row_that_say_something(readings: list[bool | None]) -> None:
    story, told, raised = Story(), [], False
    for bad in readings:
        kinds = story.poll({Watched.STANDS_IN: {"Vlan10 10": Item(bad, "")}})
        told += [] if bad is None else [bad]
        if told[-2:] in ([True, True], [False, False]):
            raised = told[-1]
        assert (Kind.STANDS_IN in kinds) is raised


def test_the_inventory_says_what_is_expected() -> None:
    inventory = load_workspace(GOLDEN_OPTIONS)
    leeds, london = inventory.router("acme-lee-r1"), inventory.router("acme-lon-r1")
    assert expected_groups(leeds) == ("Vlan10 10", "Vlan20 20")
    assert registers_with(leeds) == {
        "10.255.8.1": ("acme-lon-r1", "Tunnel10"),
        "10.255.16.1": ("acme-lon-r1", "Tunnel20"),
    }
    assert (expected_groups(london), registers_with(london)) == ((), {})
