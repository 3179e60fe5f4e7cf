"""The first conclusion: it needs its evidence, whatever else is there."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from agent.faults.conclusion import Cause, Place, conclude
from agent.faults.evidence import Evidence, Finding, Probe

AT = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)

BAD_LIKE = st.sampled_from(list(Finding))
EVIDENCE = st.builds(
    Evidence,
    probe=st.sampled_from(list(Probe)),
    source=st.sampled_from(["here", "leeds", "hub"]),
    target=st.just("leeds"),
    at=st.just(AT),
    finding=BAD_LIKE,
    text=st.just(""),
    item=st.sampled_from(["", "hub", "corporate"]),
    facts=st.dictionaries(
        st.sampled_from(["rebooted", "lost", "other_peers", "other_peers_up", "seen", "failing"]),
        st.integers(0, 3),
        max_size=3,
    ),
)


def _far(evidence: list[Evidence], probe: Probe) -> set[Finding]:
    return {one.finding for one in evidence if one.probe is probe and one.source != "leeds"}


@given(st.lists(EVIDENCE, max_size=12))
def test_access_or_power_is_only_said_when_nothing_speaks_against_it(evidence: list[Evidence]) -> None:
    conclusion = conclude(evidence, "leeds")
    if conclusion.cause is Cause.ACCESS_OR_POWER:
        managed = {one.finding for one in evidence if one.probe is Probe.PING_MANAGEMENT}
        assert Finding.BAD in managed
        assert Finding.GOOD not in managed
        assert Finding.BAD in _far(evidence, Probe.PING_TUNNEL) | _far(evidence, Probe.DMVPN)
        assert Finding.GOOD not in _far(evidence, Probe.PING_TUNNEL) | _far(evidence, Probe.PING_WAN)
    assert conclusion.why


@given(
    st.lists(
        EVIDENCE.map(lambda one: Evidence(one.probe, one.source, "leeds", AT, Finding.NOT_REACHED, "")), max_size=9
    )
)
def test_what_nobody_could_tell_leads_to_no_conclusion(evidence: list[Evidence]) -> None:
    conclusion = conclude(evidence, "leeds")
    assert (conclusion.cause, conclusion.place) == (Cause.UNDETERMINED, Place.UNKNOWN)
    assert conclusion.why.startswith("not known: ")


def test_no_evidence_at_all_names_what_is_missing() -> None:
    assert "ping of the management address" in conclude((), "leeds").why


def test_a_stale_row_of_the_hub_is_overruled_by_a_ping_that_fails() -> None:
    def one(probe: Probe, source: str, finding: Finding) -> Evidence:
        return Evidence(probe, source, "leeds", AT, finding, "")

    evidence = [
        one(Probe.PING_MANAGEMENT, "here", Finding.BAD),
        one(Probe.DMVPN, "hub", Finding.GOOD),
        one(Probe.PING_TUNNEL, "hub", Finding.BAD),
        one(Probe.PING_WAN, "hub", Finding.BAD),
    ]
    assert conclude(evidence, "leeds").cause is Cause.ACCESS_OR_POWER
    assert conclude(evidence[:2], "leeds").cause is Cause.UNDETERMINED, "the row alone proves no working tunnel"
