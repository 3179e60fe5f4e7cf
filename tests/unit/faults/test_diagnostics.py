"""Diagnostics on dead, hanging, refusing and healthy routers: what is kept, and what is concluded."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.faults import diagnostics
from agent.faults.evidence import Evidence, Finding, Probe
from agent.incidents.incident import Step


def found(bench: Any, probe: Probe, source: str) -> list[Evidence]:
    return [one for one in bench.incidents.evidence("INC-000001") if one.probe is probe and one.source == source]


def test_a_cut_access_is_access_or_power_at_the_customer(bench: Any) -> None:
    bench.field.cut("leeds")
    cause = bench.diagnose()
    assert cause.startswith("access or power (customer access or router power)")
    assert [one.finding for one in found(bench, Probe.PING_MANAGEMENT, "here")] == [Finding.BAD]
    assert [one.finding for one in found(bench, Probe.SESSION, "leeds")] == [Finding.BAD]
    (wan,) = found(bench, Probe.PING_WAN, "hub")
    assert "203.0.113.7: 0 of 5" in wan.text, "the dynamic address is the one that the hub learned"
    assert [one.finding for one in found(bench, Probe.PING_TUNNEL, "hub")] == [Finding.BAD]
    assert found(bench, Probe.BGP, "hub")[0].facts["state"] == "Idle"
    assert found(bench, Probe.IKE, "hub")[0].text.startswith("203.0.113.7: no security association")
    incident = bench.incidents.incident("INC-000001")
    assert incident.diagnosed_at is not None
    assert incident.timeline[-1].what is Step.CONCLUSION


def test_evidence_from_both_ends_where_both_answer(bench: Any) -> None:
    bench.diagnose()
    for probe in (Probe.DMVPN, Probe.NHRP, Probe.BGP, Probe.IKE):
        for end in ("leeds", "hub"):
            assert [one.finding for one in found(bench, probe, end)] == [Finding.GOOD], (probe, end)
    assert found(bench, Probe.UPTIME, "leeds")[0].facts["uptime_s"] == 9_000_000


def test_only_the_management_tunnel_is_told_apart(bench: Any) -> None:
    bench.field.managed.discard("leeds")
    assert bench.diagnose().startswith("management tunnel only")


def test_the_hub_side_is_told_apart_by_its_other_spokes(bench: Any) -> None:
    bench.field.up.clear()
    bench.field.managed.discard("leeds")
    assert bench.diagnose().startswith("hub side")


def test_spokes_that_do_not_answer_themselves_say_nothing_about_the_hub(bench: Any) -> None:
    bench.field.cut("leeds", "york", "hull")
    for name in ("york", "hull"):
        bench.field.states[name] = replace(bench.field.states["leeds"], router=name)
    assert bench.diagnose().startswith("access or power")


def test_a_hub_that_is_silent_itself_is_the_place(bench: Any) -> None:
    bench.field.cut("hub")
    bench.field.up.clear()
    bench.field.states["hub"] = bench.field.states["leeds"]
    bench.field.managed.discard("leeds")
    assert bench.diagnose().startswith("hub side")


def test_a_router_that_just_booted_is_called_rebooted(bench: Any) -> None:
    bench.field.uptime_s["leeds"] = 70
    assert bench.diagnose().startswith("rebooted (router): up since 2026-11-30 08:03:50Z")


def test_wan_answers_and_no_tunnel_is_the_tunnel(bench: Any) -> None:
    bench.field.cut("leeds")
    bench.field.wan.add("leeds")
    assert bench.diagnose().startswith("vpn tunnel (router)")


def test_everything_silent_is_looked_for_at_the_management_centre(bench: Any) -> None:
    bench.field.cut(*list(bench.field.managed))
    down = bench.field.states["leeds"]
    bench.field.states = {name: replace(down, router=name) for name in bench.field.states}
    assert bench.diagnose().startswith("management centre")


def test_nothing_is_guessed_where_the_hub_cannot_be_asked(bench: Any) -> None:
    bench.field.cut("leeds")
    bench.field.refuses.add("hub")
    cause = bench.diagnose()
    assert cause.startswith("undetermined (unknown): not known: a session with the hub")
    assert [one.finding for one in found(bench, Probe.SESSION, "hub")] == [Finding.REFUSED]


def test_a_secret_that_cannot_be_read_here_is_evidence_of_nothing_and_told(bench: Any) -> None:
    bench.field.without_secret |= {"hub", "leeds"}
    assert bench.diagnose().startswith("undetermined")
    sessions = [*found(bench, Probe.SESSION, "hub"), *found(bench, Probe.SESSION, "leeds")]
    assert [one.finding for one in sessions] == [Finding.NOT_KNOWN, Finding.NOT_KNOWN]
    assert all("cannot be read" in one.text for one in sessions)


def test_a_router_that_no_longer_registers_its_dynamic_address_is_cut_off_if_the_hub_works(bench: Any) -> None:
    bench.field.cut("leeds")
    bench.field.known_to_hub.discard("leeds")
    assert bench.diagnose().startswith("access or power")
    assert [one.finding for one in found(bench, Probe.PING_WAN, "hub")] == [Finding.NOT_KNOWN]


def test_a_rejected_command_costs_its_own_probe_only(bench: Any) -> None:
    bench.field.cut("leeds")
    bench.field.rejects.add("show crypto ikev2 sa")
    assert bench.diagnose().startswith("access or power")
    assert [one.finding for one in found(bench, Probe.IKE, "hub")] == [Finding.UNREADABLE]


def test_a_session_that_dies_in_the_middle_keeps_what_came_before(bench: Any) -> None:
    bench.field.cut_after["hub"] = "show bgp vpnv4 unicast all summary"
    bench.diagnose()
    assert [one.finding for one in found(bench, Probe.SESSION, "hub")] == [Finding.GOOD, Finding.NOT_REACHED]
    assert found(bench, Probe.DMVPN, "hub")
    assert not found(bench, Probe.BGP, "hub")


def test_a_hanging_router_does_not_hold_the_conclusion(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnostics, "AT_LEAST", timedelta(0))
    monkeypatch.setattr(diagnostics, "BUDGET", timedelta(seconds=1))
    bench.field.cut("leeds")
    bench.field.hangs.add("leeds")
    assert bench.diagnose().startswith("access or power")
    bench.field.released.set()
    late = _eventually(lambda: found(bench, Probe.SESSION, "leeds"))
    assert [one.late for one in late] == [True]


def test_what_comes_after_it_was_due_is_marked(bench: Any) -> None:
    bench.now[0] += timedelta(minutes=20)
    bench.diagnose()
    assert all(one.late for one in bench.incidents.evidence("INC-000001"))
    assert "(late)" in bench.incidents.incident("INC-000001").timeline[-1].text


def test_no_secret_is_kept(bench: Any) -> None:
    bench.diagnose()
    texts = " ".join(one.text for one in bench.incidents.evidence("INC-000001"))
    assert "***" in texts
    assert "planted-secret" not in texts


def test_a_hub_is_examined_from_one_of_its_spokes(bench: Any) -> None:
    bench.field.cut("hub")
    bench.diagnose("hub")
    assert found(bench, Probe.PING_WAN, "hull"), "the first spoke by name is its far end"


def test_a_router_that_left_the_inventory_is_said_so(bench: Any) -> None:
    assert "no longer in the inventory" in bench.diagnose("gone")


def _eventually(look: Any) -> Any:
    """What ``look`` gives once it gives anything; the test's own time-out ends the waiting."""
    while not (seen := look()):
        time.sleep(0.02)
    return seen
