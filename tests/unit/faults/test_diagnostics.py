"""Diagnostics on dead, hanging, refusing and healthy routers: what is kept, and what is concluded."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.faults import diagnostics, evidence
from agent.faults.evidence import Evidence, Finding, Probe
from agent.faults.probes import commands
from agent.faults.probes.commands import Asked
from agent.incidents.incident import Step
from agent.monitoring.levels import Level
from agent.monitoring.sample import Greets
from device_templates.cisco_iosxe.shows import SHOWS
from tests.unit.faults.conftest import EXCHANGES, KEYRINGS, NOW


def found(bench: Any, probe: Probe, source: str) -> list[Evidence]:
    return [one for one in bench.incidents.evidence("INC-000001") if one.probe is probe and one.source == source]


def test_a_cut_access_is_access_or_power_at_the_customer(bench: Any) -> None:
    bench.field.cut("leeds")
    cause = bench.diagnose()
    assert cause.startswith("access or power (the access)")
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
    assert bench.diagnose().startswith("hub side (the hub): corporate: the hub hub does not answer itself")


def test_a_silent_hub_does_not_explain_a_router_that_is_silent_in_management(bench: Any) -> None:
    bench.field.cut("hub", "leeds")
    bench.field.up.clear()
    bench.field.states["hub"] = bench.field.states["leeds"]
    assert bench.diagnose().startswith("undetermined (unknown): not known: the tunnel of corporate to hub")


def test_a_router_that_just_booted_is_called_rebooted(bench: Any) -> None:
    bench.field.uptime_s["leeds"] = 70
    assert bench.diagnose().startswith("rebooted (this router): up since 2026-11-30 08:03:50Z")


def test_wan_answers_and_no_tunnel_is_the_tunnel(bench: Any) -> None:
    bench.field.cut("leeds")
    bench.field.wan.add("leeds")
    assert bench.diagnose().startswith("vpn tunnel (this router)")


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


def test_of_endless_output_only_the_beginning_is_kept_and_all_of_it_judged(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST_TEXT", 40)
    bench.field.cut("leeds")
    assert bench.diagnose().startswith("access or power")
    (told,) = found(bench, Probe.DMVPN, "hub")
    beginning, _, rest = told.text.rpartition("\n… ")
    assert len(beginning) == 40
    assert rest.endswith("more characters were not kept")


def test_a_hub_is_examined_from_one_of_its_spokes(bench: Any) -> None:
    bench.field.cut("hub")
    bench.diagnose("hub")
    assert found(bench, Probe.PING_WAN, "hull"), "the first spoke by name is its far end"


def test_a_key_mismatch_is_told_apart_from_a_cut_access_and_lies_at_the_one_spoke_that_fails(bench: Any) -> None:
    bench.field.up.discard("leeds")
    bench.field.wrong_key["leeds"] = {"leeds"}
    bench.field.rejects.add(KEYRINGS)
    cause = bench.diagnose()
    assert cause.startswith("key mismatch (this router): corporate: IKE with hub is answered")
    assert "2 of 2 other routers have their tunnel to hub" in cause
    failures = found(bench, Probe.IKE_FAILURES, "leeds")
    assert [one.facts["reason"] for one in failures] == [5]
    assert found(bench, Probe.IKE_ERRORS, "leeds")[-1].facts["growing"] is True


def test_a_key_that_no_spoke_has_lies_at_the_hub(bench: Any) -> None:
    bench.field.up.clear()
    bench.field.wrong_key = {name: {"hub", name} for name in ("leeds", "york", "hull")}
    bench.field.rejects.add(KEYRINGS)
    assert bench.diagnose().startswith("key mismatch (the hub)")


KEYS = [
    (
        {"leeds": "other"},
        "key mismatch (this router)",
        "this router does not run the intended pre-shared key, hub does",
    ),
    ({"hub": "other"}, "key mismatch (the hub)", "hub does not run the intended pre-shared key, this router does"),
    (
        {"hub": "one", "leeds": "two"},
        "key mismatch (both of the tunnel's ends)",
        "neither this router nor hub runs the intended key",
    ),
    ({"leeds": "other", "hub": "6 GBJ"}, "key mismatch (this router)", "what hub runs is not known"),
    ({}, "vpn tunnel (one of the tunnel's two ends)", "both ends run the intended pre-shared key now"),
]


@pytest.mark.parametrize(("running", "says", "why"), KEYS)
@pytest.mark.parametrize("others_fail", [False, True])
def test_the_end_whose_key_is_not_the_intended_one_is_named_whatever_other_routers_do(
    bench: Any, running: dict[str, str], says: str, why: str, others_fail: bool
) -> None:
    """Two spokes with mistyped keys of their own are no fault of the hub."""
    bench.field.up -= {"leeds", "york", "hull"} if others_fail else {"leeds"}
    bench.field.wrong_key["leeds"] = {"leeds"}
    bench.field.keys = running
    cause = bench.diagnose()
    assert cause.startswith(says)
    assert why in cause
    assert "GBJ" not in str(bench.incidents.evidence("INC-000001"))


def test_a_hub_that_has_lost_the_routers_dynamic_address_shows_its_keys_all_the_same(bench: Any) -> None:
    bench.field.up.discard("leeds")
    bench.field.known_to_hub.discard("leeds")
    bench.field.wrong_key["leeds"] = {"leeds"}
    bench.field.keys["leeds"] = "other"
    assert bench.diagnose().endswith("this router does not run the intended pre-shared key, hub does")


def test_a_hub_that_runs_the_intended_key_is_not_blamed_though_no_spoke_has_its_tunnel(bench: Any) -> None:
    bench.field.up.clear()
    bench.field.managed.discard("york")
    bench.field.wrong_key["york"] = {"hub"}
    cause = bench.diagnose("york")
    assert cause.startswith("key mismatch (one of the tunnel's two ends)")
    assert "hub runs the intended pre-shared key, what this router runs is not known" in cause


def test_keys_that_differ_are_a_mismatch_also_where_no_failure_was_counted(bench: Any) -> None:
    bench.field.up.discard("leeds")
    bench.field.keys["leeds"] = "other"
    assert bench.diagnose().startswith("key mismatch (this router): corporate: there is no IKE association with hub")


def test_counters_that_do_not_grow_prove_no_key_mismatch(bench: Any) -> None:
    bench.field.up.discard("leeds")
    bench.field.no_snmp |= {"leeds", "hub"}
    bench.field.looks = 3
    bench.field.wrong_key["leeds"] = {"york"}
    assert bench.diagnose().startswith("vpn tunnel (this router)")


def test_packet_loss_lies_at_the_access_where_the_hub_sees_it_too(bench: Any) -> None:
    bench.impair(loss=Level(bad=True))
    bench.field.lossy["leeds"] = 20
    assert bench.diagnose().startswith("packet loss (the access): 9 of 40 requests")
    assert found(bench, Probe.PING_WAN, "hub")[0].facts["sent"] == 50


def test_packet_loss_that_the_hub_does_not_see_lies_on_our_own_way(bench: Any) -> None:
    bench.impair(loss=Level(bad=True))
    assert bench.diagnose().startswith("packet loss (the management path)")


def test_slow_answers_are_compared_with_the_way_from_the_hub(bench: Any) -> None:
    bench.impair(slow=Level(bad=True), round_trip_ms=430.0)
    bench.field.slow_ms["leeds"] = 410.0
    assert bench.diagnose().startswith("slow path (the access): answers take 400 ms more than usual")


def test_a_loaded_processor_explains_slow_answers(bench: Any) -> None:
    bench.impair(slow=Level(bad=True), round_trip_ms=430.0, cpu=Level(bad=True), cpu_percent=96)
    bench.field.cpu["leeds"] = 96
    cause = bench.diagnose()
    assert cause.startswith("cpu load (this router): the processor's load is 96 % over a minute")
    assert "most: IP SNMP 60 %; slow answers may follow from it" in cause
    assert "slow path" not in cause


def test_load_that_is_over_when_we_look_is_not_called_load(bench: Any) -> None:
    bench.impair(cpu=Level(bad=True), cpu_percent=96)
    assert "contradicts itself on the load of the processor" in bench.diagnose()


@pytest.mark.parametrize(("stage", "place"), [(Greets.NO_BANNER, "this router"), (Greets.UNREACHABLE, "unknown")])
def test_ssh_that_hangs_is_told_apart_from_a_silent_router(bench: Any, stage: Greets, place: str) -> None:
    bench.impair()
    bench.field.hangs.add("leeds")
    bench.field.released.set()
    bench.field.greets["leeds"] = stage
    assert bench.diagnose().startswith(f"session hangs ({place})")


PKI = """Certificate
  Status: Available
  Validity Date:
    start date: 07:00:00 UTC Nov 1 2015
    end   date: 07:00:00 UTC {}
  Associated Trustpoints: {}
"""


def test_only_the_certificate_of_the_vpns_own_authority_counts() -> None:
    """A maker's certificate that has expired breaks no tunnel."""
    shown = PKI.format("Nov 1 2025", "CISCO_IDEVID_SUDI") + PKI.format("Nov 1 2027", "ACME-CA")
    show = {"show crypto pki certificates": shown, "show clock": ""}

    def judged(*authorities: str) -> tuple[Finding, str]:
        finding, text, _ = commands.certificates(Asked(SHOWS, show.__getitem__), "leeds", frozenset(authorities), NOW)
        return finding, text.partition("\n")[0]

    assert judged("acme-ca") == (Finding.GOOD, "the certificates hold until 2027-11-01 07:00:00Z")
    assert judged("other") == (Finding.NOT_KNOWN, "leeds shows no certificate of its own from other")
    assert judged("cisco_idevid_sudi") == (
        Finding.BAD, "leeds's certificate from CISCO_IDEVID_SUDI expired at 2025-11-01 07:00:00Z"
    )  # fmt: skip


def test_a_failure_that_nothing_followed_is_no_key_mismatch_of_now(bench: Any) -> None:
    bench.field.up.discard("leeds")
    bench.field.wrong_key["leeds"] = {"leeds"}
    bench.field.failed_ago_s = 400.0
    bench.field.rejects |= {KEYRINGS, EXCHANGES}
    assert bench.diagnose().startswith("vpn tunnel (this router): corporate: no tunnel with hub is up")


def test_loss_so_heavy_that_polls_fall_silent_is_measured_by_pings_and_called_loss(bench: Any) -> None:
    bench.field.lossy["leeds"] = 60
    assert bench.diagnose().startswith("packet loss (the access): ping 10.254.0.2: 10 of 25 answered")
    assert found(bench, Probe.PING_WAN, "hub")[0].facts["sent"] == 50


def test_an_uptime_that_no_calendar_holds_costs_its_own_probe_alone(bench: Any) -> None:
    bench.field.uptime_s["leeds"] = 10**15
    bench.diagnose()
    assert [one.finding for one in found(bench, Probe.UPTIME, "leeds")] == [Finding.UNREADABLE]
    assert found(bench, Probe.LOG, "leeds"), "the rest is asked all the same"


def test_two_faults_are_both_told(bench: Any) -> None:
    bench.impair(cpu=Level(bad=True), cpu_percent=96)
    bench.field.cpu["leeds"] = 96
    bench.field.up.discard("leeds")
    bench.field.wrong_key["leeds"] = {"leeds"}
    bench.field.keys["leeds"] = "other"
    cause = bench.diagnose()
    assert cause.startswith("key mismatch (this router)")
    assert "; also cpu load (this router)" in cause


def test_snmp_alone_is_told_only_when_everything_else_was_seen_to_work(bench: Any) -> None:
    bench.field.no_snmp.add("leeds")
    assert bench.diagnose().startswith("snmp only (this router)")


def test_an_agent_that_refuses_is_not_silence(bench: Any) -> None:
    bench.field.hangs.add("leeds")
    bench.field.released.set()
    bench.field.wrong_digest.add("leeds")
    bench.field.cut("leeds")
    bench.field.managed.add("leeds")
    bench.diagnose()
    assert [one.finding for one in found(bench, Probe.SNMP, "here")] == [Finding.UNREADABLE]


def test_what_is_over_is_called_over(bench: Any) -> None:
    assert bench.diagnose().startswith("recovered (this router)")


def test_incidents_share_what_the_hub_showed_and_say_when(bench: Any) -> None:
    bench.field.cut("leeds", "york", "hull")
    for name in ("leeds", "york", "hull"):
        bench.diagnose_again(name)
    assert bench.field.shown.count(("hub", "show dmvpn")) == 1
    bench.now[0] += timedelta(seconds=31)
    bench.diagnose_again("leeds")
    assert bench.field.shown.count(("hub", "show dmvpn")) == 2
    seen = found(bench, Probe.DMVPN, "hub")
    assert seen[0].at == seen[2].at
    assert seen[-1].at == bench.now[0]


def test_what_the_hub_showed_before_the_fault_is_read_again(bench: Any) -> None:
    bench.diagnose_again("york")
    bench.diagnose_again("leeds", bench.now[0] + timedelta(seconds=1))
    assert bench.field.shown.count(("hub", "show dmvpn")) == 2


def test_a_router_that_left_the_inventory_is_said_so(bench: Any) -> None:
    assert "no longer in the inventory" in bench.diagnose("gone")


def _eventually(look: Any) -> Any:
    """What ``look`` gives once it gives anything; the test's own time-out ends the waiting."""
    while not (seen := look()):
        time.sleep(0.02)
    return seen


def test_diagnostics_that_end_after_the_fault_recurred_are_noted_and_conclude_nothing(bench: Any) -> None:
    begun = bench.incident()
    again = replace(begun, first_failed_at=begun.first_failed_at + timedelta(minutes=1))
    bench.incidents.change("INC-000001", lambda _: again)
    assert not bench.diagnose()
    incident = bench.incidents.incident("INC-000001")
    assert incident.diagnosed_at is None
    assert incident.timeline[-1].what is Step.CONCLUSION
