"""Every two values of an order's parameters stand together in a row that renders, is read whole and has no finding."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest

from tests.pairwise.covering import covering, pairs_of, possible
from tests.pairwise.ordering import PARAMETERS, allowed
from tests.pairwise.report import result
from tests.pairwise.workspace import rows

#: As many as there are: to find them takes a second of each process that collects tests.
ROWS = 22


@pytest.mark.parametrize("number", range(1, ROWS + 1))
def test_a_row_renders_is_read_whole_and_has_no_finding(number: int) -> None:
    found = result(number)
    assert found.refusal == ""
    assert found.unread == ()
    assert [str(one) for one in found.findings] == []


def test_the_rows_hold_every_pair_that_the_rules_allow() -> None:
    wanted = possible(PARAMETERS, allowed)
    assert wanted <= set().union(*map(pairs_of, rows()))
    assert all(allowed(row) for row in rows())
    assert len(rows()) == ROWS


def test_what_the_rules_exclude_is_in_no_row_and_everything_else_is_possible() -> None:
    everything = sum(len(one) * len(two) for one, two in combinations(PARAMETERS.values(), 2))
    excluded = everything - len(possible(PARAMETERS, allowed))
    # A hub that is dynamic (2 accesses), or beside a primary (2 standbys, 3 offloads); an offload (3) without standby;
    # offload by marks where traffic is prioritised (2 kinds).
    assert excluded == 2 + 2 + 3 + 3 + 2


def test_a_covering_array_of_two_parameters_is_every_pair() -> None:
    found = covering({"a": ("1", "2"), "b": ("1", "2", "3")}, lambda _: True, Random(1))
    assert sorted(tuple(row.values()) for row in found) == [(a, b) for a in "12" for b in "123"]
