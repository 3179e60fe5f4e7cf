"""Faults as timelines, through the real cycle, states, alarms, incidents and store, in virtual time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from agent.incidents.incident import Status, Step, still_broken
from agent.monitoring.alarms import Kind
from agent.monitoring.sample import Greets
from agent.monitoring.states import Link, Reach


def test_a_silent_router_is_tried_again_before_it_is_called_down(story: Any) -> None:
    story.at(300).fails("leeds")
    story.run(600)
    assert story.state("leeds").reach is Reach.DOWN
    silent = story.between(300, 600).polls("leeds")
    alarm = story.alarm("leeds", Kind.ROUTER_UNREACHABLE)
    assert alarm.first_failed_at == story.moment(silent[0])
    assert 15 <= silent[1] - silent[0] <= 30, "asked again soon, not at its next turn"
    assert story.between(silent[1], silent[1] + 10).raised("leeds", Kind.ROUTER_UNREACHABLE)


def test_one_lost_poll_is_no_alarm(story: Any) -> None:
    turn = _turns(story, "leeds", 480)[1]
    story.at(turn - 1).fails("leeds")
    story.at(turn + 8).recovers("leeds")
    story.run(700)
    assert len(story.between(turn - 1, turn + 30).polls("leeds")) == 2, "it was asked again"
    assert story.state("leeds").reach is Reach.UP
    assert story.alarm("leeds", Kind.ROUTER_UNREACHABLE) is None


def test_the_alarm_opens_an_incident_where_proactive_monitoring_is_ordered(story: Any) -> None:
    story.at(300).fails("leeds")
    story.run(600)
    incident = story.incident("leeds")
    assert incident.status is Status.OPEN
    assert incident.first_failed_at == story.alarm("leeds", Kind.ROUTER_UNREACHABLE).first_failed_at
    assert story.alarm("leeds", Kind.ROUTER_UNREACHABLE).incident == incident.reference == "INC-000001"


def test_without_proactive_monitoring_the_state_is_shown_and_no_incident_opened_WV_10(make_story: Any) -> None:
    story = make_story(not_proactive=frozenset({"leeds"}))
    story.at(300).fails("leeds")
    story.run(900)
    assert story.state("leeds").reach is Reach.DOWN
    assert story.incident("leeds") is None
    assert "WV-10" in story.alarm("leeds", Kind.ROUTER_UNREACHABLE).decision


def test_a_site_that_is_not_in_service_opens_none_until_it_is(story: Any) -> None:
    story.not_in_service.add("acme/leeds")
    story.at(300).fails("leeds")
    story.run(600)
    assert story.incident("leeds") is None
    assert "not in service" in story.alarm("leeds", Kind.ROUTER_UNREACHABLE).decision
    story.not_in_service.clear()
    story.run(1200)
    assert story.incident("leeds").status is Status.OPEN


def test_our_own_work_opens_none_while_it_runs(story: Any) -> None:
    story.at_work.add("leeds")
    story.at(300).fails("leeds")
    story.run(600)
    assert story.incident("leeds") is None
    story.at_work.clear()
    story.run(1200)
    assert story.incident("leeds") is not None, "a router that our work left dead is an incident"


def test_recovery_clears_and_waits_for_confirmation_OP_2(story: Any) -> None:
    story.at(300).fails("leeds")
    story.at(900).recovers("leeds")
    story.run(1200)
    assert story.between(900, 1200).cleared("leeds", Kind.ROUTER_UNREACHABLE)
    incident = story.incident("leeds")
    assert incident.status is Status.CLEARED
    assert [entry.what for entry in incident.timeline] == [Step.OPENED, Step.CLEARED]


def test_the_same_fault_again_before_confirmation_is_the_same_incident(story: Any) -> None:
    story.at(300).fails("leeds")
    story.at(900).recovers("leeds")
    story.at(1500).fails("leeds")
    story.run(2000)
    incident = story.incident("leeds")
    assert incident.reference == "INC-000001"
    assert incident.status is Status.OPEN
    assert incident.timeline[-1].what is Step.RECURRED
    assert incident.diagnosed_at is None
    assert incident.first_failed_at == story.alarm("leeds", Kind.ROUTER_UNREACHABLE).first_failed_at


def test_a_reboot_is_called_so_and_cleared_when_the_router_is_steady(story: Any) -> None:
    story.at(300).fails("leeds")
    story.at(500).reboots("leeds")
    story.run(1000)
    alarm = story.alarm("leeds", Kind.ROUTER_REBOOTED)
    assert "boots went from 3 to 4" in alarm.why
    assert alarm.cleared_at is None
    story.run(1800)
    assert story.between(1400, 1800).cleared("leeds", Kind.ROUTER_REBOOTED)
    assert story.incident("leeds") is None or story.incident("leeds").status is Status.CLEARED


def test_a_refused_user_is_unknown_not_up_and_not_down(story: Any) -> None:
    story.at(300).refuses("leeds")
    story.run(600)
    assert story.state("leeds").reach is Reach.UNKNOWN
    assert story.between(300, 600).raised("leeds", Kind.ANSWER_UNUSABLE)
    assert story.incident("leeds") is None


def test_unknown_does_not_clear_what_was_down(story: Any) -> None:
    story.at(300).fails("leeds")
    story.at(700).refuses("leeds")
    story.run(1100)
    assert story.state("leeds").reach is Reach.UNKNOWN
    assert story.alarm("leeds", Kind.ROUTER_UNREACHABLE).cleared_at is None
    assert story.incident("leeds").status is Status.OPEN


def test_a_missing_tunnel_row_is_down_and_asked_again_first(story: Any) -> None:
    story.at(300).interface("leeds", "Tunnel10", up=None)
    story.run(1000)
    assert story.state("leeds").links["Tunnel10"].link is Link.MISSING
    polls = story.between(300, 1000).polls("leeds")
    assert 10 <= polls[1] - polls[0] <= 20
    assert story.between(polls[1], polls[1] + 1).raised("leeds", Kind.INTERFACE_DOWN)
    assert story.incident("leeds").status is Status.OPEN, "the hub was asked since and is up"


def test_when_the_hub_fails_its_spokes_open_no_incidents(story: Any) -> None:
    story.at(300).fails("hub")
    for spoke in ("leeds", "york"):
        story.at(300).interface(spoke, "Tunnel10", up=False)
    story.run(900)
    assert story.incident("hub").status is Status.OPEN
    for spoke in ("leeds", "york"):
        assert story.state(spoke).reach is Reach.UP
        assert story.incident(spoke) is None
        assert "hub" in story.alarm(spoke, Kind.INTERFACE_DOWN).decision


def test_a_tunnel_that_stays_down_after_the_hub_is_back_opens_one(story: Any) -> None:
    story.at(300).fails("hub")
    story.at(300).interface("leeds", "Tunnel10", up=False)
    story.at(1000).recovers("hub")
    story.run(1700)
    assert story.incident("leeds").status is Status.OPEN


@pytest.mark.parametrize(
    ("kind", "bad", "good"),
    [
        (Kind.PACKET_LOSS, {"requests": 2, "lost": 1}, {"requests": 2}),
        (Kind.SLOW_ANSWERS, {"round_trip_ms": 900.0}, {"round_trip_ms": 30.0}),
        (
            Kind.CPU_LOAD,
            {"counters": {"cpu_1_min_percent": 97.0, "cpu_5_min_percent": 95.0}},
            {"counters": {"cpu_1_min_percent": 9.0, "cpu_5_min_percent": 60.0}},
        ),
        (Kind.SESSION_HANGS, {"greets": Greets.NO_BANNER}, {"greets": Greets.GREETED}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_impaired_router_opens_an_incident_and_clears_when_it_is_well_for_a_while(
    story: Any, kind: Kind, bad: dict[str, Any], good: dict[str, Any]
) -> None:
    story.at(0).brings("leeds", **good)
    story.at(2000).brings("leeds", **bad)
    story.at(3500).brings("leeds", **good)
    story.run(3400)
    assert story.state("leeds").reach is Reach.UP
    assert story.between(2000, 3400).raised("leeds", kind)
    assert story.incident("leeds").status is Status.OPEN
    assert story.alarm("york", kind) is None
    story.run(6000)
    assert story.between(3500, 6000).cleared("leeds", kind)
    assert story.incident("leeds").status is Status.CLEARED


def test_a_doubt_is_asked_after_soon_and_one_bad_answer_is_no_alarm(story: Any) -> None:
    story.at(0).brings("leeds", round_trip_ms=30.0, requests=2)
    turn = _turns(story, "leeds", 1680)[6]
    story.at(turn - 1).brings("leeds", round_trip_ms=900.0, requests=2, lost=1, greets=Greets.NO_BANNER)
    story.at(turn + 1).brings("leeds", round_trip_ms=30.0, requests=2, greets=Greets.GREETED)
    story.run(turn + 230)
    assert len(story.between(turn - 1, turn + 60).polls("leeds")) == 2, "asked again, and no more often than needed"
    assert not [one for one in story.states.active_alarms() if one.key.subject == "leeds"]


def test_an_impaired_router_without_proactive_monitoring_opens_none_WV_10(make_story: Any) -> None:
    story = make_story(not_proactive=frozenset({"leeds"}))
    story.at(0).brings("leeds", requests=2, lost=1)
    story.run(1500)
    assert story.alarm("leeds", Kind.PACKET_LOSS).decision
    assert story.incident("leeds") is None


def test_a_change_outside_of_us_is_shown_and_ours_is_not(story: Any) -> None:
    for router in ("leeds", "york"):
        story.routers[router].config_changed = story.routers[router].booted
    story.at(300).reconfigured("leeds")
    story.at(300).we_change("york")
    story.run(600)
    assert story.between(300, 600).raised("leeds", Kind.CONFIG_CHANGED_OUTSIDE)
    assert story.alarm("york", Kind.CONFIG_CHANGED_OUTSIDE) is None
    assert story.incident("leeds") is None


def test_a_dead_a_hung_and_a_lying_router_delay_no_other(make_story: Any) -> None:
    story = make_story(spokes=("leeds", "york", "hull", "bath"))
    calm = make_story(spokes=("leeds", "york", "hull", "bath"))
    story.at(1).hangs("leeds")
    story.at(1).breaks_the_decoder("york")
    story.at(1).fails("hull")
    calm.run(1500)
    for name in calm.states.states():
        calm.states.forget((name,), calm.time.now)
    story.run(1500)
    assert story.between(0, 1500).polls("bath") == calm.between(0, 1500).polls("bath")
    assert story.state("leeds").reach is Reach.UNKNOWN
    assert "given up" in story.state("leeds").reason
    assert story.state("york").reach is Reach.UNKNOWN
    assert "a decoder that failed" in story.state("york").reason
    assert story.state("hull").reach is Reach.DOWN


def test_no_two_polls_of_a_router_are_more_than_300_s_apart_over_a_restart(story: Any) -> None:
    story.run(1000)
    story.run(2000)
    for name in story.routers:
        polls = story.between(0, 2000).polls(name)
        assert max(later - earlier for earlier, later in pairwise(polls)) <= 300


def test_it_is_not_cleared_while_a_tunnel_is_still_down(story: Any) -> None:
    story.at(300).fails("leeds")
    story.at(899).interface("leeds", "Tunnel10", up=False)
    story.at(900).recovers("leeds")
    story.at(1400).interface("leeds", "Tunnel10", up=True)
    story.run(1399)
    assert story.state("leeds").reach is Reach.UP
    assert story.incident("leeds").status is Status.OPEN
    story.run(1700)
    incident = story.incident("leeds")
    assert incident.status is Status.CLEARED
    assert Step.RECURRED not in [entry.what for entry in incident.timeline]


def test_what_the_customer_calls_still_broken_is_not_cleared_by_silence_of_alarms(story: Any) -> None:
    story.at(300).fails("leeds")
    story.at(600).recovers("leeds")
    story.run(900)
    words = "still no telephone"
    story.incidents.change("INC-000001", lambda one: still_broken(one, story.time.now, "anna", words))
    story.run(2000)
    assert story.incident("leeds").status is Status.OPEN
    story.at(2100).fails("leeds")
    story.at(2500).recovers("leeds")
    story.run(3000)
    assert story.incident("leeds").status is Status.CLEARED


def _turns(story: Any, router: str, until: float) -> list[float]:
    """When ``router`` is polled while nothing happens."""
    story.run(until)
    return [moment + 240 for moment in story.between(0, until).polls(router)]
