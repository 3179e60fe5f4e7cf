"""Single faults are caught by the rules that their classes name; edits that change no behaviour are not spoken of.

A sample in the gate; the whole, at least 2,000 faults, is a soak: ``python -m tests.mutation`` prints its report.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.mutation.catalogue import CLASSES, FAULTS, HARMLESS
from tests.mutation.mutant import Fault, Router
from tests.mutation.report import report, share
from tests.mutation.run import drawn, findings_of, judged
from tests.mutation.scenes import scenes
from tests.mutation.text import Config

SAMPLE, QUIET_SAMPLE = 150, 40
WHOLE, QUIET_WHOLE = 2000, 600
CAUGHT = 0.99
#: What is said of an unharmed router where something is not proved.
UNPROVED = "proved-by-packets"


def test_the_unharmed_customers_have_no_finding() -> None:
    found = {scene.name: [one for one in findings_of(scene) if one.check != UNPROVED] for scene in scenes()}
    assert {name: its for name, its in found.items() if its} == {}


def test_faults_are_caught_and_harmless_edits_are_not() -> None:
    _prove(SAMPLE, QUIET_SAMPLE, Random(7))


@pytest.mark.soak
def test_two_thousand_faults_are_caught_and_harmless_edits_are_not() -> None:
    _prove(WHOLE, QUIET_WHOLE, Random(5))


def _prove(count: int, quiet: int, random: Random) -> None:
    faults = [judged(one) for one in drawn(FAULTS, scenes(), count, random)]
    edits = [judged(one) for one in drawn(HARMLESS, scenes(), quiet, random)]
    assert len(faults) == count
    assert share(faults) >= CAUGHT, report(faults)
    assert all(one.right for one in edits), report(edits)


def test_every_class_draws_something() -> None:
    random = Random(1)
    routers = [Router(scene, name) for scene in scenes() for name in scene.texts]
    dry = [one.name for one in CLASSES if not any(any(one.texts(router, random)) for router in routers)]
    assert dry == []


def test_every_class_has_a_name_of_its_own_an_argument_and_a_verdict() -> None:
    assert len({one.name for one in CLASSES}) == len(CLASSES)
    assert all(one.why for one in CLASSES)
    assert len(FAULTS) > 100
    assert {rule for one in FAULTS for rule in one.rules} <= {f"WV-{number}" for number in (*range(1, 18), 22)}


def _other_name(router: Router, _: Random) -> list[str]:
    return [router.config.text.replace("hostname ", "hostname x")]


def test_a_fault_that_nobody_sees_is_a_miss_and_a_harmless_edit_that_somebody_sees_is_wrong() -> None:
    scene = scenes()[0]
    blind = Fault("comment", "it is none", frozenset({"WV-3"}), lambda router, _: [f"! hello\n{router.config.text}"])
    seen = Fault("name", "it is one", frozenset(), _other_name)
    (missed,) = map(judged, drawn([blind], [scene], 1, Random(1)))
    (found,) = map(judged, drawn([seen], [scene], 1, Random(1)))
    assert not missed.right
    assert not found.right
    text = report([missed, found])
    assert "1 faults, 0 caught" in text
    assert "+! hello" in text
    assert "Found where nothing is wrong" in text


def test_a_catch_names_the_router_and_a_rule_of_the_class() -> None:
    right = Fault("right", "another router", frozenset({"WV-4"}), _other_name)
    wrong = Fault("wrong", "another router", frozenset({"WV-9"}), _other_name)
    assert [judged(one).right for one in drawn([right, wrong], scenes()[:1], 2, Random(2))] == [True, False]


def test_drawing_is_repeatable_and_gives_each_class_its_turn() -> None:
    classes, some = FAULTS[:12], [scene for scene in scenes() if scene.name == "two_vpns"]
    first, second = (drawn(classes, some, 30, Random(3)) for _ in range(2))
    assert [(one.fault.name, one.text) for one in first] == [(one.fault.name, one.text) for one in second]
    assert len({(one.router.scene.name, one.router.name, one.text) for one in first}) > 25
    assert {one.fault.name for one in first[: len(classes)]} == {one.name for one in classes}


def test_lines_know_what_they_stand_under_and_banners_are_no_lines() -> None:
    config = Config("a\n b\n  c\n!\nbanner login ^\na\n b\n^\nd\n")
    assert [(line.text, line.over) for line in config.lines] == [
        ("a", ()),
        ("b", ("a",)),
        ("c", ("a", "b")),
        ("banner login ^", ()),
        ("d", ()),
    ]
    (line, _), *_ = config.find("b", "a")
    assert config.without(line).startswith("a\n!\n")
    assert config.replaced(line, "x").startswith("a\n x\n  c\n")
    assert config.after(line, "x").startswith("a\n b\n  c\n x\n!")
