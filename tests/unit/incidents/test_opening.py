"""Whether an alarm opens an incident: each reason, and that attaching is never suppressed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.incidents.incident import Status
from agent.incidents.opening import Decision, Hub, Situation, decide

PLAIN = Situation(fault=True, proactive=True, in_service=True, our_work=False, hub=Hub.NOT_CONCERNED, incident=None)


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (PLAIN, Decision.OPENED),
        (replace(PLAIN, hub=Hub.ASKED_SINCE), Decision.OPENED),
        (replace(PLAIN, proactive=False), Decision.NOT_PROACTIVE),
        (replace(PLAIN, in_service=False), Decision.NOT_IN_SERVICE),
        (replace(PLAIN, our_work=True), Decision.OUR_WORK),
        (replace(PLAIN, hub=Hub.NOT_UP), Decision.DEPENDENT),
        (replace(PLAIN, hub=Hub.NOT_ASKED_SINCE), Decision.HELD),
        (replace(PLAIN, fault=False), Decision.NOT_A_FAULT),
        (replace(PLAIN, incident=Status.OPEN, proactive=False), Decision.ATTACHED),
        (replace(PLAIN, incident=Status.CLEARED), Decision.ATTACHED),
        (replace(PLAIN, incident=Status.OPEN, fault=False), Decision.ATTACHED),
        (replace(PLAIN, incident=Status.CLEARED, fault=False), Decision.NOT_A_FAULT),
    ],
)
def test_decision(situation: Situation, expected: Decision) -> None:
    assert decide(situation) is expected


@given(st.builds(Situation, incident=st.sampled_from([None, Status.OPEN, Status.CLEARED])))
def test_opened_only_where_proactive_in_service_and_ours_is_not_the_cause(situation: Situation) -> None:
    if decide(situation) is Decision.OPENED:
        assert situation.fault
        assert situation.proactive
        assert situation.in_service
        assert not situation.our_work
        assert situation.incident is None
