"""The conclusion against worlds whose fault is known: right with all evidence, never wrong with less of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.faults.conclusion import Cause, Conclusion, Place, conclude
from agent.faults.evidence import Evidence, Finding, Probe
from tests.unit.faults.worlds import AT, TOGETHER, TRUTHS, Truth, evidence_of

ALONE = [(name,) for name in TRUTHS]
OPPOSITE = {Finding.GOOD: Finding.BAD, Finding.BAD: Finding.GOOD}


def wrong(conclusion: Conclusion, faults: tuple[str, ...]) -> list[str]:
    """What of the conclusion is not true in a world with these faults."""
    truths = [TRUTHS[name] for name in faults]
    said = (conclusion, *conclusion.also)
    return [str(one) for one in said if not any(_true(one, truth) for truth in truths)]


def _true(said: Conclusion, truth: Truth) -> bool:
    if said.cause is Cause.UNDETERMINED:
        return True
    return said.cause in {truth.cause, *truth.coarser} and said.place in {truth.place, *truth.vaguer}


@pytest.mark.parametrize("fault", TRUTHS)
def test_all_evidence_names_cause_and_place(fault: str) -> None:
    said = conclude(evidence_of(fault), "leeds")
    assert (said.cause, said.place, said.also) == (TRUTHS[fault].cause, TRUTHS[fault].place, ())
    assert said.why


@pytest.mark.parametrize("faults", TOGETHER, ids=" and ".join)
def test_two_faults_at_once_are_both_named_and_not_merged(faults: tuple[str, str]) -> None:
    said = conclude(evidence_of(*faults), "leeds")
    assert not wrong(said, faults)
    named = {one.cause for one in (said, *said.also)}
    assert TRUTHS[faults[1]].cause in named
    if "ssh" not in faults:  # without a session an end's certificate cannot be read
        assert TRUTHS[faults[0]].cause in named


def test_a_silent_management_beside_a_key_mismatch_is_told_too() -> None:
    everything = evidence_of("key", "management")
    hub = [replace(one, facts={**one.facts, "auth_failed": True}) for one in everything if one.source != "leeds"]
    refused = Evidence(
        Probe.IKE_FAILURES, "hub", "leeds", AT, Finding.BAD, "", "cctv", {"far": "hub", "auth_failed": True}
    )
    said = conclude([*hub, refused], "leeds")
    assert (said.cause, [one.cause for one in said.also]) == (Cause.KEY_MISMATCH, [Cause.MANAGEMENT_TUNNEL])


def test_what_still_fails_is_told_before_a_boot_that_is_over() -> None:
    said = conclude(evidence_of("reboot", "key"), "leeds")
    assert (said.cause, [one.cause for one in said.also]) == (Cause.KEY_MISMATCH, [Cause.REBOOTED])


@given(st.sampled_from([*ALONE, *TOGETHER]), st.data())
def test_less_evidence_is_never_another_cause(faults: tuple[str, ...], data: st.DataObject) -> None:
    """At most a coarser one, a vaguer place, or undetermined."""
    everything = evidence_of(*faults)
    kept = data.draw(st.lists(st.sampled_from(range(len(everything))), unique=True))
    assert not wrong(conclude([everything[number] for number in kept], "leeds"), faults)


@pytest.mark.parametrize("fault", TRUTHS)
def test_no_single_piece_makes_another_cause_when_it_is_missing_or_unreadable(fault: str) -> None:
    everything = evidence_of(fault)
    for number, piece in enumerate(everything):
        rest = everything[:number] + everything[number + 1 :]
        assert not wrong(conclude(rest, "leeds"), (fault,)), f"without {piece.probe} of {piece.source}"
        unread = replace(piece, finding=Finding.UNREADABLE, facts={})
        assert not wrong(conclude([*rest, unread], "leeds"), (fault,)), f"unreadable {piece.probe}"


@given(st.sampled_from(ALONE), st.data())
def test_evidence_that_contradicts_itself_proves_nothing_else(faults: tuple[str, ...], data: st.DataObject) -> None:
    everything = evidence_of(*faults)
    doubted = data.draw(st.sampled_from([one for one in everything if one.finding in OPPOSITE]))
    facts = {name: not value if isinstance(value, bool) else value for name, value in doubted.facts.items()}
    opposite = replace(doubted, finding=OPPOSITE[doubted.finding], facts={**facts, "far": doubted.facts.get("far")})
    assert not wrong(conclude([*everything, opposite], "leeds"), faults)


def test_a_contradiction_on_what_decides_is_told_as_such() -> None:
    everything = evidence_of("access")
    ping = next(one for one in everything if one.probe is Probe.PING_MANAGEMENT)
    said = conclude([*everything, replace(ping, finding=Finding.GOOD)], "leeds")
    assert said.cause is Cause.UNDETERMINED
    assert "contradicts itself on ping of the management address" in said.why


FACTS = (
    "rebooted lost other_peers other_peers_up seen failing far far_is_hub proof busy losing slow stage auth_failed "
    "growing valid sent received average_ms links round_trip_ms usual_ms nat is_hub provided_by certificate"
)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-1, 60), st.floats(), st.text(max_size=3), st.just("hub"))
GARBAGE = st.builds(
    Evidence,
    probe=st.sampled_from(list(Probe)),
    source=st.sampled_from(["here", "leeds", "hub"]),
    target=st.just("leeds"),
    at=st.just(AT),
    finding=st.sampled_from(list(Finding)),
    text=st.text(max_size=5),
    item=st.sampled_from(["", "hub", "self", "access", "others", "corporate"]),
    facts=st.dictionaries(st.sampled_from(FACTS.split()), VALUES, max_size=6),
)


@given(st.lists(GARBAGE, max_size=14))
def test_any_evidence_at_all_leads_to_words_and_never_breaks(evidence: list[Evidence]) -> None:
    said = conclude(evidence, "leeds")
    assert said.why
    assert isinstance(said.place, Place)


@given(st.lists(GARBAGE.map(lambda one: replace(one, finding=Finding.NOT_REACHED, facts={})), max_size=9))
def test_what_nobody_could_tell_leads_to_no_conclusion(evidence: list[Evidence]) -> None:
    said = conclude(evidence, "leeds")
    assert (said.cause, said.place) == (Cause.UNDETERMINED, Place.UNKNOWN)
    assert said.why.startswith("not known: ")
    assert "next: " in said.why


def test_a_stale_row_of_the_hub_is_overruled_by_a_ping_that_fails() -> None:
    everything = [
        replace(one, finding=Finding.GOOD) if one.probe is Probe.DMVPN else one for one in evidence_of("access")
    ]
    assert conclude(everything, "leeds").cause is Cause.ACCESS_OR_POWER
    row_only = [one for one in everything if one.probe is not Probe.PING_TUNNEL]
    assert conclude(row_only, "leeds").cause is Cause.UNDETERMINED, "the row alone proves no working tunnel"


def test_a_modem_that_answers_for_the_router_proves_nothing_of_it() -> None:
    """Behind a translating modem an answer at the WAN address may be the modem's."""
    everything = []
    for one in evidence_of("access"):
        if one.probe is Probe.PING_WAN:
            one = replace(one, finding=Finding.GOOD, facts={**one.facts, "received": 50})
        everything.append(replace(one, facts={**one.facts, "nat": True}) if "nat" in one.facts else one)
    assert conclude(everything, "leeds").cause is Cause.UNDETERMINED
