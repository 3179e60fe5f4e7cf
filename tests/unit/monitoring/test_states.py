"""Samples to states as a table, and what wrong or missing values become."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from agent.monitoring.alarms import Alarm, AlarmKey, Kind
from agent.monitoring.deciding import decide
from agent.monitoring.sample import Answer, InterfaceReading, Sample
from agent.monitoring.states import Expected, Happened, Link, Reach, RouterState, Step, step

T0 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
WAN = "GigabitEthernet0/0/0"
UP = InterfaceReading(admin_up=True, oper_up=True)
EXPECTED, NOTHING = Expected((WAN,)), Expected(())

A, S, U, N = Answer.ANSWERED, Answer.SILENT, Answer.UNUSABLE, Answer.NOT_ASKED

#: The answers of consecutive polls, and the reach after each.
TABLE = {
    (A,): [Reach.UP],
    (S,): [Reach.SUSPECT],
    (U,): [Reach.UNKNOWN],
    (N,): [Reach.UNKNOWN],
    (A, S): [Reach.UP, Reach.SUSPECT],
    (A, S, S): [Reach.UP, Reach.SUSPECT, Reach.DOWN],
    (A, S, A, S): [Reach.UP, Reach.SUSPECT, Reach.UP, Reach.SUSPECT],
    (S, S, S, A): [Reach.SUSPECT, Reach.DOWN, Reach.DOWN, Reach.UP],
    (S, N, S): [Reach.SUSPECT, Reach.UNKNOWN, Reach.DOWN],
    (S, U, S): [Reach.SUSPECT, Reach.UNKNOWN, Reach.SUSPECT],
    (A, U, A): [Reach.UP, Reach.UNKNOWN, Reach.UP],
}


def sample(number: int, answer: Answer, **values: Any) -> Sample:
    at = T0 + timedelta(seconds=240 * number)
    if answer is A:
        values = {"uptime_s": 9000 + 240 * number, "interfaces": {WAN: UP}, **values}
    return Sample("leeds", at, answer, "" if answer is A else f"{answer}", **values)


HUB = "198.51.100.10"
OVER_IPSEC = Expected((WAN,), {"IPsec to hub": (HUB, (WAN,))})


def links(*peers: frozenset[str] | None, wan: InterfaceReading = UP) -> list[Link | None]:
    """The state of the IPsec tunnel to the hub after each poll; None: nothing is said of it."""
    state, found = None, []
    for number, told in enumerate(peers):
        given = sample(number, A, peers=told, interfaces={WAN: wan if number else UP})
        state = step(state, given, OVER_IPSEC, 2).state
        link = state.links.get("IPsec to hub")
        found.append(link.link if link else None)
    return found


def test_a_tunnel_that_died_behind_an_interface_that_is_up_is_missing() -> None:
    there, gone = frozenset({HUB, "192.0.2.1"}), frozenset({"192.0.2.1"})
    assert links(there, gone, gone, there) == [Link.UP, Link.MISSING, Link.MISSING, Link.UP]


def test_a_tunnel_that_the_router_never_told_of_is_not_called_missing() -> None:
    assert links(frozenset(), frozenset({"192.0.2.1"}), None) == [None, None, None]


def test_an_interface_that_is_down_and_a_table_that_is_not_read_leave_the_tunnel_unknown() -> None:
    assert links(frozenset({HUB}), None) == [Link.UP, Link.UNKNOWN]
    down = InterfaceReading(admin_up=True, oper_up=False)
    assert links(frozenset({HUB}), frozenset(), wan=down) == [Link.UP, Link.UNKNOWN]


def alarmed(given: Iterable[Sample], expected: Expected) -> list[set[str]]:
    """Why answers cannot be used, after each poll."""
    state, active, found = None, dict[AlarmKey, Alarm](), []
    for one in given:
        after = step(state, one, expected, 2)
        state, verdicts = after.state, decide(after, active.values(), ours=False)
        for clear in verdicts.cleared:
            del active[clear.key]
        for raised in verdicts.raised:
            active[raised.key] = Alarm(1, raised.key, raised.at, raised.first_failed_at, raised.why)
        found.append({alarm.why for key, alarm in active.items() if key.kind is Kind.ANSWER_UNUSABLE})
    return found


HALF = InterfaceReading(admin_up=True, oper_up=None)
UNTOLD = {f"its answers do not tell the state of {WAN}"}


def test_an_interface_that_no_answer_tells_of_is_an_alarm_after_three_until_one_does() -> None:
    tables = [UP, HALF, HALF, HALF, HALF, UP, HALF]
    given = [sample(number, A, interfaces={WAN: row}) for number, row in enumerate(tables)]
    assert alarmed(given, EXPECTED) == [set(), set(), set(), UNTOLD, UNTOLD, set(), set()]


def test_silence_is_no_answer_that_leaves_something_unknown() -> None:
    given = [sample(number, S) for number in range(4)]
    given += [sample(number, A, interfaces={WAN: HALF}) for number in range(4, 7)]
    assert alarmed(given, EXPECTED) == [set()] * 6 + [UNTOLD]


def test_a_tunnel_that_is_not_told_of_is_an_alarm_but_not_while_its_interface_is_down() -> None:
    down = InterfaceReading(admin_up=True, oper_up=False)
    given = [sample(0, A, peers=frozenset({HUB}))]
    given += [sample(number, A, peers=None, interfaces={WAN: down}) for number in range(1, 6)]
    given += [sample(number, A, peers=None) for number in range(6, 9)]
    told = {"its answers do not tell the state of IPsec to hub"}
    assert alarmed(given, OVER_IPSEC) == [set()] * 8 + [told]


def test_tries_that_an_outage_swallowed_are_no_packet_loss() -> None:
    """Each outage takes a few tries of the polls around it; that is no loss of a way that works."""
    state, answers = None, [A, A, S, S, A, A] * 3
    for number, answer in enumerate(answers):
        around = answer is A and number % 6 in (1, 4)
        values = {"requests": 2, "lost": 2 if around else 0} if answer is A else {}
        state = step(state, sample(number, answer, **values), EXPECTED, 2).state
    assert state is not None
    assert not state.quality.loss.bad


def play(*answers: Answer) -> list[Step]:
    steps: list[Step] = []
    for number, answer in enumerate(answers):
        before = steps[-1].state if steps else None
        steps.append(step(before, sample(number, answer), EXPECTED, 2))
    return steps


@pytest.mark.parametrize("answers", TABLE, ids=lambda answers: "-".join(answers))
def test_reach_after_each_poll(answers: tuple[Answer, ...]) -> None:
    assert [one.state.reach for one in play(*answers)] == TABLE[answers]


def test_only_a_doubt_is_asked_again_soon() -> None:
    assert [one.again for one in play(A, S, S, S, A)] == [False, True, False, False, False]


def test_since_and_the_first_failure_are_kept_while_it_lasts() -> None:
    steps = play(A, S, S, S)
    assert [one.state.first_failure for one in steps[1:]] == [T0 + timedelta(seconds=240)] * 3
    assert steps[3].state.since == steps[2].state.since == T0 + timedelta(seconds=480)
    assert steps[3].state.answered_at == T0


@given(st.lists(st.sampled_from(list(Answer)), min_size=1, max_size=12), st.integers(2, 3))
def test_up_only_on_an_answer_and_down_only_after_enough_silence(answers: list[Answer], confirm: int) -> None:
    state: RouterState | None = None
    silent = 0
    for number, answer in enumerate(answers):
        state = step(state, sample(number, answer), EXPECTED, confirm).state
        silent = silent + 1 if answer is S else silent if answer is N else 0
        assert (state.reach is Reach.UP) is (answer is A)
        if state.reach is Reach.DOWN:
            assert silent >= confirm


def test_an_answer_without_a_usable_uptime_is_unknown_with_an_alarm() -> None:
    wrong = sample(1, A, uptime_s=None, faults=("sysUpTime: expected TimeTicks, found OctetString",))
    after = step(play(A)[-1].state, wrong, EXPECTED, 2)
    assert after.state.reach is Reach.UNKNOWN
    assert after.state.links[WAN].link is Link.UNKNOWN
    (raised,) = decide(after, (), ours=False).raised
    assert raised.key.kind is Kind.ANSWER_UNUSABLE
    assert "expected TimeTicks" in raised.why


def test_one_value_of_the_wrong_type_leaves_the_rest_usable_and_raises_an_alarm() -> None:
    wrong = sample(1, A, faults=("snmpEngineBoots: expected INTEGER, found Counter64",))
    after = step(play(A)[-1].state, wrong, EXPECTED, 2)
    assert after.state.reach is Reach.UP
    assert [one.key.kind for one in decide(after, (), ours=False).raised] == [Kind.ANSWER_UNUSABLE]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (UP, Link.UP),
        (InterfaceReading(admin_up=True, oper_up=False), Link.DOWN),
        (InterfaceReading(admin_up=False, oper_up=False), Link.ADMIN_DOWN),
        (InterfaceReading(admin_up=True, oper_up=None), Link.UNKNOWN),
        (InterfaceReading(admin_up=None, oper_up=True), Link.UP),
        (None, Link.MISSING),
    ],
)
def test_interface_states(row: InterfaceReading | None, expected: Link) -> None:
    table = {} if row is None else {WAN: row}
    assert step(None, sample(0, A, interfaces=table), EXPECTED, 2).state.links[WAN].link is expected


def test_a_table_that_was_not_read_says_nothing_of_its_rows() -> None:
    after = step(play(A)[-1].state, sample(1, A, interfaces=None), EXPECTED, 2)
    assert after.state.links[WAN].link is Link.UNKNOWN
    assert decide(after, (), ours=False).raised == ()


def test_a_changed_configuration_is_noticed_once_and_a_boot_is_none() -> None:
    first = step(None, sample(0, A, config_changed_s=100.0), NOTHING, 2)
    changed = step(first.state, sample(1, A, config_changed_s=9100.0), NOTHING, 2)
    assert [one.what for one in changed.changes] == [Happened.CONFIG_CHANGED]
    assert changed.state.config_changed_at == T0 + timedelta(seconds=100)
    same = step(changed.state, sample(2, A, config_changed_s=9100.0), NOTHING, 2)
    assert same.changes == ()
    booted = step(same.state, sample(3, A, uptime_s=60.0, config_changed_s=20.0, engine_boots=4), NOTHING, 2)
    assert Happened.CONFIG_CHANGED not in [one.what for one in booted.changes]


def test_a_state_survives_its_way_through_the_store() -> None:
    adapter = TypeAdapter(RouterState)
    for one in play(A, S, U, A, N):
        assert adapter.validate_json(adapter.dump_json(one.state)) == one.state
