"""What requests changed, applied to a customer's data: every rule sees it, and problems name the right file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import Inventory, InventoryError, Problem, load_workspace
from inventory.intent import Edit, Entry, Intent, intent_name, sealed, written
from inventory.loading.files import MAX_BYTES, Source
from inventory.loading.overlay import read_intent
from tests.examples import examples

Copy = Callable[..., Path]
NAME = "customers/acme.requests.yaml"
LEEDS: tuple[Any, ...] = ("sites", "leeds", "lans", "corporate", {"vlan": 10}, "routes")
LONDON: tuple[Any, ...] = ("sites", "london", "lans", "corporate", {"vlan": 10}, "routes")


def entry(number: int = 1, **edit: Any) -> Entry:
    return Entry(request=f"SSR-{number:06d}", kind="some_kind", edits=(Edit(**edit),))


def loaded(root: Path, *entries: Entry) -> Inventory:
    (root / NAME).write_text(written("acme", entries))
    return load_workspace(root)


def problems(root: Path, text: str) -> tuple[Problem, ...]:
    (root / NAME).write_text(text)
    with pytest.raises(InventoryError) as caught:
        load_workspace(root)
    return caught.value.problems


def routes(inventory: Inventory, site: str) -> list[str]:
    lans = inventory.customers["acme"].sites[site].lans["corporate"]
    return [f"{route.prefix} {route.via}" for lan in lans for route in lan.routes]


@pytest.fixture
def root(copied: Copy) -> Path:
    return copied("acme")


def test_an_item_is_added_to_a_list_that_was_not_there_and_to_one_that_was(root: Path) -> None:
    one = entry(1, path=LEEDS, add={"prefix": "10.10.32.0/24", "via": "10.10.2.9"})
    two = entry(2, path=LEEDS, add={"prefix": "10.10.33.0/24", "via": "10.10.2.9"})
    assert routes(loaded(root, one, two), "leeds") == ["10.10.32.0/24 10.10.2.9", "10.10.33.0/24 10.10.2.9"]


def test_what_people_wrote_is_removed_and_set(root: Path) -> None:
    before = routes(load_workspace(root), "london")
    prefix = before[0].split()[0]
    inventory = loaded(
        root,
        entry(1, path=LONDON, remove={"prefix": prefix}),
        entry(2, path=("sites", "london", "options", "snmp_feed", "hosts"), set=["10.10.1.50"]),
    )
    assert routes(inventory, "london") == before[1:]
    feed = inventory.customers["acme"].sites["london"].options.snmp_feed
    assert feed is not None
    assert [str(host) for host in feed.hosts] == ["10.10.1.50"]


def test_a_removed_item_moves_no_line_of_the_others(root: Path) -> None:
    added = entry(1, path=LONDON, add={"prefix": "10.10.32.0/24", "via": "10.10.1.9"})
    removed = entry(2, path=LONDON, remove={"prefix": routes(load_workspace(root), "london")[0].split()[0]})
    bad = entry(3, path=LEEDS, add={"prefix": "10.10.32.0/25", "via": "10.10.2.9"})
    (problem,) = problems(root, written("acme", (added, removed, bad)))
    assert (problem.file, problem.rule) == (NAME, "INV-16")
    assert f"at {NAME}:8" in problem.message
    assert problem.line == 18


def test_the_digest_is_over_what_requests_changed_too(root: Path) -> None:
    before = load_workspace(root).digest
    one = loaded(root, entry(1, path=LEEDS, add={"prefix": "10.10.32.0/24", "via": "10.10.2.9"})).digest
    none = loaded(root).digest
    assert len({before, one, none}) == 3


def test_a_proposed_text_is_read_in_place_of_the_file(root: Path) -> None:
    text = written("acme", (entry(1, path=LEEDS, add={"prefix": "10.10.32.0/24", "via": "10.10.2.9"}),))
    proposed = load_workspace(root, {intent_name("acme"): text})
    assert not (root / NAME).exists()
    (root / NAME).write_text(text)
    assert proposed.digest == load_workspace(root).digest


def test_an_error_of_form_that_a_request_brought_points_to_its_line(root: Path) -> None:
    (problem,) = problems(
        root, written("acme", (entry(path=LEEDS, add={"prefix": "10.10.32.1/24", "via": "10.10.2.9"}),))
    )
    assert (problem.file, problem.line) == (NAME, 8)
    assert problem.field == "sites.leeds.lans.corporate.0.routes.0.prefix"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"path": ("sites", "nowhere", "access"), "set": 1}, "there is no nowhere"),
        ({"path": ("sites", "leeds", "lans", "corporate", {"vlan": 99}, "routes"), "add": 1}, "vlan 99 is not there"),
        ({"path": ("sites", {"vlan": 10}), "set": 1}, "is no key of a mapping"),
        ({"path": ("sites", "leeds", "tunnels"), "add": 1}, "is no list"),
        ({"path": LONDON, "remove": {"prefix": "1.2.3.0/24"}}, "is not there"),
        ({"path": LONDON, "remove": {}}, "is not there"),
        ({"path": ("name", "first"), "set": 1}, "is no key of a mapping"),
        ({"path": ("sites", "london", "options", "snmp_feed", "hosts"), "add": "10.10.1.50"}, "is there already"),
        ({"path": ("customer",), "set": "beta"}, "is not the file's name"),
    ],
)
def test_an_edit_that_does_not_fit_is_told_at_its_place(root: Path, edit: dict[str, Any], words: str) -> None:
    found = problems(root, written("acme", (entry(**edit),)))
    assert any(words in one.message and one.file == NAME for one in found), found


GOOD = written("acme", (entry(1, path=LEEDS, add={"prefix": "10.10.32.0/24", "via": "10.10.2.9"}),))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("- a\n", "is not a mapping"),
        (GOOD.replace("10.10.32.0", "10.10.33.0"), "changed by hand"),
        (GOOD.replace("SSR-000001", "SSR-000007"), "changed by hand"),
        (GOOD[: GOOD.index("seal")], "is missing"),
        (GOOD[: GOOD.index("requests:")], "is missing"),
        (GOOD.replace('"acme"', '"beta"'), "is not the file's name"),
        (GOOD.replace("SSR-000001", "CR-1"), "must be a request's reference"),
        (GOOD.replace("add:", "plus:"), "is not a known key"),
        (GOOD.replace("        add:", "        remove: 1\n        add:"), "exactly one of"),
        (GOOD.replace("seal:", "seal: x\nseal:"), "is there twice"),
        (GOOD + "extra: 1\n", "is not a known key"),
        (GOOD.replace('"leeds"', "*leeds"), "anchor"),
        (GOOD + "---\na: 1\n", "second document"),
        ("customer: &a [*a, *a]\n", "anchor"),
        ("requests: " + "[" * 500, "nested deeper"),
    ],
)
def test_a_file_that_is_not_as_the_agent_wrote_it_is_refused(root: Path, text: str, words: str) -> None:
    found = problems(root, text)
    assert all(one.file == NAME and one.remedy for one in found)
    assert any(words in one.message for one in found), found


def test_nobody_is_told_to_mend_the_agents_file_by_hand(root: Path) -> None:
    (problem,) = problems(root, GOOD[: GOOD.index("seal")])
    assert problem.remedy.startswith("git checkout the file;")


def test_a_request_is_there_once(root: Path) -> None:
    one = entry(1, path=LEEDS, add={"prefix": "10.10.32.0/24", "via": "10.10.2.9"})
    two = entry(1, path=LEEDS, add={"prefix": "10.10.33.0/24", "via": "10.10.2.9"})
    (problem,) = problems(root, written("acme", (one, two)))
    assert problem.message == "request SSR-000001 is there twice"


def test_a_file_of_nobody_is_refused_and_so_is_one_too_large(root: Path) -> None:
    (root / "customers" / "ghost.requests.yaml").write_text(written("ghost", ()))
    large, ghost = problems(root, "#" * (MAX_BYTES + 1))
    assert (large.file, "larger than" in large.message) == (NAME, True)
    assert "there is no customers/ghost.yaml" in ghost.message


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc-", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.lists(VALUES.filter(lambda value: value is not None), min_size=1, max_size=4))
@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_written_is_read_back_as_it_was(values: list[Any]) -> None:
    entries = tuple(entry(number, path=("sites", {"a": "b"}, "x"), set=value) for number, value in enumerate(values, 1))
    text = written("acme", entries)
    assert text == written("acme", entries)
    intent, _, found = read_intent(Source(NAME, text.encode(), text))
    assert found == ()
    assert intent == Intent(customer="acme", requests=entries, seal=sealed(entries))
    assert json.loads(intent.model_dump_json())["seal"] == sealed(entries)
