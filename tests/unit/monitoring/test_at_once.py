"""Polls out of turn, which traps start: they find faults sooner, and alone they open nothing."""

from __future__ import annotations

from typing import Any

from agent.incidents.incident import Status, Step
from agent.monitoring.alarms import Kind
from agent.monitoring.states import Link, Reach
from agent.monitoring.told import Told

WAN = "GigabitEthernet0/0/0"


def quiet(story: Any, router: str) -> float:
    """A moment after the first poll of a router that is far from its turns."""
    story.run(240)
    (turn,) = story.between(0, 240).polls(router)
    return float(turn) + 300


def test_a_trap_starts_a_poll_and_opens_nothing_where_all_is_well(story: Any) -> None:
    moment = quiet(story, "leeds")
    story.at(moment).traps("leeds")
    story.run(moment + 60)
    assert story.between(moment - 1, moment + 60).polls("leeds") == [moment]
    assert story.alarm("leeds", Kind.INTERFACE_DOWN) is None
    assert story.incident("leeds") is None


def test_a_fault_that_a_trap_tells_is_an_incident_when_two_polls_have_seen_it(story: Any) -> None:
    moment = quiet(story, "leeds")
    story.at(moment).interface("leeds", WAN, up=False)
    story.at(moment + 2).traps("leeds")
    story.run(moment + 60)
    assert story.between(moment, moment + 60).polls("leeds") == [moment + 2, moment + 2.5]
    assert story.alarm("leeds", Kind.INTERFACE_DOWN).first_failed_at == story.moment(moment + 2)
    assert story.incident("leeds").opened_at == story.moment(moment + 2.5), "not when one poll had seen it"
    assert story.state("leeds").links[WAN].link is Link.DOWN


def test_what_a_router_told_stands_once_in_the_timeline_of_what_was_found(story: Any) -> None:
    moment = quiet(story, "leeds")
    story.at(moment).interface("leeds", WAN, up=False)
    story.at(moment + 2).traps("leeds")
    story.told["leeds"] = (Told(story.moment(moment + 1.5), "syslog", f"link {WAN} down"),)
    story.run(moment + 10)
    story.at(moment + 11).interface("leeds", "Tunnel10", up=False)
    story.at(moment + 12).traps("leeds")
    story.run(moment + 20)
    entries = story.incident("leeds").timeline
    assert [entry.what for entry in entries] == [Step.OPENED, Step.TOLD, Step.ALARM_ATTACHED]
    told = entries[1]
    assert (told.at, told.who, told.text) == (story.moment(moment + 1.5), "leeds", f"link {WAN} down (syslog)")


def test_a_fault_that_ends_before_it_is_confirmed_raises_nothing(story: Any) -> None:
    moment = quiet(story, "leeds")
    story.at(moment).interface("leeds", WAN, up=False)
    story.at(moment + 2).traps("leeds")
    story.at(moment + 2.4).interface("leeds", WAN, up=True)
    story.run(moment + 60)
    assert story.between(moment, moment + 60).polls("leeds") == [moment + 2, moment + 2.5]
    assert story.alarm("leeds", Kind.INTERFACE_DOWN) is None


def test_a_router_that_tells_and_is_then_silent_is_asked_as_any_other(story: Any) -> None:
    moment = quiet(story, "leeds")
    story.at(moment).fails("leeds")
    story.at(moment + 1).traps("leeds")
    story.run(moment + 60)
    assert story.between(moment, moment + 60).polls("leeds")[:2] == [moment + 1, moment + 22]


def test_the_trap_of_a_link_that_came_back_ends_the_alarm(story: Any) -> None:
    moment = quiet(story, "leeds")
    story.at(moment).interface("leeds", WAN, up=False)
    story.at(moment + 1).traps("leeds")
    story.at(moment + 40).interface("leeds", WAN, up=True)
    story.at(moment + 41).traps("leeds")
    story.run(moment + 45)
    assert story.between(moment + 41, moment + 42).cleared("leeds", Kind.INTERFACE_DOWN)
    assert story.incident("leeds").status is Status.CLEARED


def test_a_trap_cuts_the_wait_for_the_second_look_short(story: Any) -> None:
    (turn,) = (story.run(240), story.between(0, 240).polls("leeds"))[1]
    story.at(turn + 239).interface("leeds", WAN, up=False)
    story.at(turn + 243).traps("leeds")
    story.run(turn + 300)
    assert story.between(turn + 239, turn + 300).polls("leeds") == [turn + 240, turn + 243]


def test_a_trap_during_a_poll_starts_another_when_it_has_ended(story: Any) -> None:
    moment = quiet(story, "leeds")
    story.at(moment).fails("leeds")
    story.at(moment + 1).traps("leeds")
    for after in (2, 3, 4):
        story.at(moment + after).traps("leeds")
    story.at(moment + 5).recovers("leeds")
    story.run(moment + 30)
    polls = story.between(moment, moment + 30).polls("leeds")
    assert polls == [moment + 1, moment + 7], "the silent poll took 6 seconds; three traps make one poll"
    assert story.state("leeds").reach is Reach.UP


def test_the_trap_of_a_router_that_started_again_shows_the_reboot_at_once(story: Any) -> None:
    moment = quiet(story, "leeds")
    story.at(moment).reboots("leeds")
    story.at(moment + 30).traps("leeds")
    story.run(moment + 31)
    assert story.between(moment + 30, moment + 31).raised("leeds", Kind.ROUTER_REBOOTED)
