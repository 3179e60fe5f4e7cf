"""The PowerShell of each Lync case is what is expected, and does on a strict stub what was ordered, once and again."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from copy import deepcopy
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.lab.winrm.deployment import Deployment
from agent.lab.winrm.errors import PowerShellError
from agent.lab.winrm.reader import read
from agent.lab.winrm.runner import Runspace
from agent.lab.winrm.syntax import Literal, Pipeline
from device_templates import NotRenderable
from device_templates.lync import (
    DONE,
    FEATURES,
    NOUNS,
    after,
    difference,
    literal,
    script_of,
    undo_of,
    undo_script,
    wanted,
)
from inventory.customer import Customer
from inventory.lync import Features, Lync, Release
from tests.examples import examples


def _regenerate() -> Any:
    spec = importlib.util.spec_from_file_location("regenerate_lync", Path(__file__).with_name("regenerate_lync.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


GOLDEN = _regenerate()
CASES = GOLDEN.lync_cases()
NEW = [case for case in CASES if not (case.folder / "state.json").exists()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
def test_scripts_are_what_is_expected(case: Any) -> None:
    expected = {path.name: path.read_text(encoding="utf-8") for path in case.folder.glob("*.ps1")}
    assert case.files() == expected, "if this is meant: python tests/golden/lync/regenerate_lync.py, and read the diff"


def test_every_partial_is_rendered_by_some_case() -> None:
    folder = resources.files("device_templates.lync").joinpath("templates")
    partials = {path.name.removesuffix(".j2") for path in folder.iterdir()} - {"undo"}
    assert partials == {feature.name for feature in FEATURES} == set(Features.model_fields)
    used = {one.feature for case in CASES for one in wanted(case.customer, GOLDEN.POOL, case.state)}
    assert used == partials


@pytest.mark.parametrize("case", NEW, ids=lambda case: case.folder.name)
def test_a_script_brings_a_new_deployment_there_and_changes_nothing_twice(case: Any) -> None:
    deployment = Deployment(case.pool.version.value, ("pool.acme.example",))
    before = deepcopy(deployment.objects)
    scripts = case.files()
    assert list(Runspace(deployment).script(scripts["apply.ps1"])) == [DONE]
    state = GOLDEN.state_of(deployment)
    assert difference(state, wanted(case.customer, GOLDEN.POOL, state)) == ()
    deployment.changes.clear()
    assert list(Runspace(deployment).script(scripts["apply.ps1"])) == [DONE]
    assert deployment.changes == []
    assert list(Runspace(deployment).script(scripts["undo.ps1"])) == [DONE]
    assert deployment.objects == before
    deployment.changes.clear()
    assert list(Runspace(deployment).script(scripts["undo.ps1"])) == [DONE]
    assert deployment.changes == []


def test_what_is_withdrawn_goes_and_comes_back() -> None:
    """The region of a dial plan changes too: the number that comes back needs the former one."""
    case = next(case for case in CASES if case.folder.name == "withdrawn_2013")
    deployment = Deployment("2013", ("pool.acme.example",))
    for (noun, name), values in case.state.items():
        named = {"Identity": name, NOUNS[noun].named_by: name, "Domain": name}
        rows = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
        deployment.objects[noun, name.casefold()] = {**deployment.objects.get((noun, name), {}), **named, **rows}
    before = GOLDEN.state_of(deployment)
    scripts = case.files()
    assert list(Runspace(deployment).script(scripts["apply.ps1"])) == [DONE]
    state = GOLDEN.state_of(deployment)
    assert difference(state, wanted(case.customer, GOLDEN.POOL, state)) == ()
    assert {name for noun, name in state if noun == "CsAllowedDomain"} == {"kept.example", "theirs.example"}
    assert list(Runspace(deployment).script(scripts["undo.ps1"])) == [DONE]
    assert GOLDEN.state_of(deployment) == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
def test_the_undo_of_any_part_of_a_change_leads_back(case: Any) -> None:
    changes = case.changes
    assert changes
    for count in range(len(changes) + 1):
        part = changes[:count]
        assert after(after(case.state, part), undo_of(part)) == case.state


@pytest.mark.parametrize("case", NEW, ids=lambda case: case.folder.name)
def test_a_script_that_stopped_anywhere_is_finished_by_the_same_script_or_undone(case: Any) -> None:
    scripts = case.files()
    whole = Deployment(case.pool.version.value, ("pool.acme.example",))
    start = deepcopy(whole.objects)
    list(Runspace(whole).script(scripts["apply.ps1"]))
    for place in range(1, len(whole.changes) + 1):
        for end, wanted_objects in (("apply.ps1", whole.objects), ("undo.ps1", start)):
            deployment = Deployment(case.pool.version.value, ("pool.acme.example",))
            deployment.before = _stopping_at(place)
            with pytest.raises(PowerShellError):
                list(Runspace(deployment).script(scripts["apply.ps1"]))
            deployment.before = lambda _name: None
            assert list(Runspace(deployment).script(scripts[end])) == [DONE]
            assert deployment.objects == wanted_objects


def _stopping_at(place: int) -> Callable[[str], None]:
    """What lets the ``place``-th cmdlet that changes something fail."""
    left = iter(range(place - 1))

    def stop(_name: str) -> None:
        if next(left, None) is None:
            raise PowerShellError("stopped", "stopped")

    return stop


def test_2010_is_given_nothing_that_came_with_2013() -> None:
    deployment = Deployment("2010", ("pool.acme.example",))
    newer = next(case for case in NEW if case.pool.version is Release.LYNC_2013)
    with pytest.raises(PowerShellError, match="parameter name 'AllowMultiView'"):
        list(Runspace(deployment).script(newer.files()["apply.ps1"]))


@given(st.text())
def test_no_text_gets_out_of_its_literal(text: str) -> None:
    """Either it is refused, or PowerShell reads back exactly that text, as one literal and nothing beside it."""
    try:
        written = literal(text)
    except NotRenderable:
        assert not text.isprintable()
        return
    assert read(written) == (Pipeline(expression=Literal(text)),)


@settings(max_examples=examples(50))
@given(st.text(alphabet="'\u2018\u2019\u201a\u201b`$(){};|&\"#@, \\-a"), st.sampled_from(Release))
def test_hostile_names_stay_data(text: str, release: Release) -> None:
    """A region that tries to break out ends up as the region, and nothing else happens."""
    case = next(case for case in NEW if case.pool.version is release)
    pool = case.pool
    order = pool.features.dial_in_conferencing.model_copy(update={"region": text or "x"})
    features = Features().model_copy(update={"dial_in_conferencing": order})
    pools = {GOLDEN.POOL: pool.model_copy(update={"features": features})}
    customer = Customer.model_construct(customer="acme", lync=Lync.model_construct(pools=pools))
    deployment = Deployment(release.value, ("pool.acme.example",))
    before = deepcopy(deployment.objects)
    asked = wanted(customer, GOLDEN.POOL, case.state)
    changes = difference(case.state, asked)
    assert list(Runspace(deployment).script(script_of(release, asked))) == [DONE]
    assert deployment.objects["CsDialPlan", "spokesman-fe-pool-1"]["DialinConferencingRegion"] == (text or "x")
    assert set(deployment.changes) == {
        "Set-CsConferencingPolicy", "New-CsDialPlan", "New-CsDialInConferencingAccessNumber",
    }  # fmt: skip
    assert list(Runspace(deployment).script(undo_script(undo_of(changes)))) == [DONE]
    assert deployment.objects == before
