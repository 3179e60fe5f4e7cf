"""Whatever lies in a workspace, loading it ends soon with an inventory or with InventoryError, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import InventoryError, Problem, load_workspace
from inventory.loading import toml_source, yaml_source
from inventory.loading.files import MAX_BYTES
from inventory.loading.words import MAX_TOLD
from tests.examples import examples

WORKSPACES = Path(__file__).parent / "workspaces"
ACME = "customers/acme.yaml"
Copy = Callable[..., Path]


def problems(root: Path) -> tuple[Problem, ...]:
    with pytest.raises(InventoryError) as caught:
        load_workspace(root)
    return caught.value.problems


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)

HOSTILE = [
    ("anchors", LAUGHS, 1, "anchor"),
    ("an alias alone", "customer: *other\n", 1, "alias"),
    ("merge keys", "sites:\n  leeds:\n    <<: {a: 1}\n", 3, "merge key"),
    ("a tag", "customer: !!python/object/apply:os.system [id]\n", 1, "tag"),
    ("a local tag", "customer: acme\nname: !secret x\n", 2, "tag"),
    ("a directive", "%YAML 1.1\n---\ncustomer: acme\n", 1, "directive"),
    ("a second document", "customer: acme\n---\ncustomer: beta\n", 2, "second document"),
    ("nothing", "", 1, "empty"),
    ("a comment only", "# later\n", 1, "empty"),
    ("a list", "- customer: acme\n", 1, "mapping"),
    ("a word", "acme\n", 1, "mapping"),
    ("a number as key", "vpns:\n  10: {}\n", 2, "as a key"),
    ("a boolean as key", "vpns:\n  true: {}\n", 2, "as a key"),
    ("null as key", "vpns:\n  ~: {}\n", 2, "as a key"),
    ("a list as key", "vpns:\n  [a, b]: {}\n", 2, "as a key"),
    ("a tab", "vpns:\n\tcorporate: {}\n", 2, "tab"),
    ("brackets without end", "vpns: " + "[" * 5000, 1, "nested deeper"),
    ("braces without end", "vpns: " + "{a: " * 5000, 1, "nested deeper"),
    ("blocks without end", "".join(" " * n + "a:\n" for n in range(200)), 21, "nested deeper"),
    ("an open quote", 'customer: acme\nname: "Acme\n', 3, "not YAML"),
    ("an open bracket", "customer: acme\nvpns: {a: [1, 2}\n", 2, "not YAML"),
    ("a control character", "customer: acme\nname: Ac\x07me\n", 2, "control character U+0007"),
    ("a line separator", "customer: acme\nname: Ac\u2028me\n", 2, "control character U+2028"),
]


@pytest.mark.parametrize(("text", "line", "words"), [one[1:] for one in HOSTILE], ids=[one[0] for one in HOSTILE])
def test_yaml_that_nobody_writes_by_hand_is_refused_with_its_line(
    copied: Copy, text: str, line: int, words: str
) -> None:
    root = copied("acme")
    (root / ACME).write_text(text)
    (problem,) = problems(root)
    assert (problem.file, problem.line) == (ACME, line)
    assert words in problem.message
    assert problem.remedy


def test_each_duplicate_key_is_told_with_both_lines_beside_other_errors(copied: Copy) -> None:
    root = copied(
        "acme",
        (ACME, "name: Acme Ltd\n", "name: Acme Ltd\nname: Acme plc\n"),
        (
            ACME,
            "      gateway: 198.51.100.9\n",
            "      gateway: 198.51.100.9\n      gateway: 198.51.100.14\n      gatway: x\n",
        ),
    )
    first, second, third = problems(root)
    assert (first.line, first.message) == (3, "the key 'name' is there twice; the first is in line 2")
    assert second.message.endswith(f"the first is in line {second.line - 1}")
    assert (third.line, third.remedy) == (second.line + 1, "did you mean gateway?")


@pytest.mark.parametrize("file", [ACME, "spokesman.toml"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfec\x00u\x00s\x00", "UTF-8"),
        (b"customer: caf\xe9\n", "UTF-8"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "control character U+007F"),
        (b"#" * (MAX_BYTES + 1), "larger than"),
    ],
)
def test_files_that_are_no_text_are_refused(copied: Copy, file: str, content: bytes, words: str) -> None:
    root = copied("acme")
    (root / file).write_bytes(content)
    found = [problem for problem in problems(root) if problem.file == file]
    assert words in found[0].message


def test_of_a_file_full_of_errors_the_first_are_told(copied: Copy) -> None:
    root = copied("acme")
    with (root / ACME).open("a") as file:
        file.writelines(f"k{number}: 1\n" for number in range(1000))
    found = problems(root)
    assert len(found) == MAX_TOLD + 1
    assert found[0].message == f"holds {1000 - MAX_TOLD} more errors"


def test_a_file_of_duplicates_is_given_up(copied: Copy) -> None:
    root = copied("acme")
    (root / ACME).write_text("customer: acme\n" * 1000)
    assert "too many duplicate keys" in problems(root)[-1].message


def test_a_line_of_settings_without_end_is_refused(copied: Copy) -> None:
    root = copied("acme")
    (root / "spokesman.toml").write_text("a" + ".a" * 20000 + " = 1\n")
    (problem,) = problems(root)
    assert (problem.line, "2000 characters" in problem.message) == (1, True)


def test_names_reach_no_terminal_as_control_characters(copied: Copy) -> None:
    root = copied("acme", (ACME, "name: Acme Ltd", 'name: Acme Ltd\n"\\e[31mred": 1'))
    (root / "customers" / "be\x1bta.yaml").write_text("customer: beta\n")
    text = "\n".join(str(problem) for problem in problems(root))
    assert "?[31mred: is not a known key" in text
    assert "customers/be\\x1bta.yaml: is not read because of its name" in text
    assert text.replace("\n", "").isprintable()


def test_links_that_lead_out_of_the_workspace_are_refused(copied: Copy, tmp_path: Path) -> None:
    root = copied("acme")
    outside = tmp_path / "outside.yaml"
    (root / ACME).rename(outside)
    (root / ACME).symlink_to(outside)
    (problem,) = problems(root)
    assert problem.message == "leads out of the workspace"


def test_links_within_the_workspace_are_followed(copied: Copy) -> None:
    root = copied("acme")
    (root / ACME).rename(root / "acme-data")
    (root / ACME).symlink_to("../acme-data")
    assert load_workspace(root).site("leeds")


@pytest.mark.parametrize("kind", ["circle", "dangling", "pipe", "folder"])
def test_what_is_no_file_is_refused_and_not_waited_for(copied: Copy, kind: str) -> None:
    root = copied("acme")
    path = root / ACME
    path.unlink()
    {
        "circle": lambda: path.symlink_to(path),
        "dangling": lambda: path.symlink_to(root / "nowhere"),
        "pipe": lambda: os.mkfifo(path),
        "folder": lambda: path.mkdir(),
    }[kind]()
    (problem,) = problems(root)
    assert problem.file == ACME
    assert problem.remedy


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("beta.requests.yaml", "there is no customers/beta.yaml"),
        ("beta.yml", "because of its name"),
        ("beta.YAML", "because of its name"),
    ],
)
def test_files_that_would_be_passed_over_in_silence_are_refused(copied: Copy, name: str, words: str) -> None:
    root = copied("acme")
    (root / "customers" / name).write_text("customer: beta\n")
    (problem,) = problems(root)
    assert (problem.file, words in problem.message) == (f"customers/{name}", True)


def test_other_files_are_told_of_and_editors_files_are_not(copied: Copy) -> None:
    root = copied("acme")
    for name in (".acme.yaml.swp", "acme.yaml~", "#acme.yaml#", ".gitkeep"):
        (root / "customers" / name).write_text("x")
    assert load_workspace(root).warnings == ()
    (root / "customers" / "notes.txt").write_text("x")
    (warning,) = load_workspace(root).warnings
    assert warning.file == "customers/notes.txt"


def test_a_workspace_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert {problem.file for problem in problems(tmp_path / "nowhere")} == {"customers/", "spokesman.toml"}


@given(st.binary(max_size=300))
def test_any_bytes_end_in_an_inventory_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    root = tmp_path_factory.mktemp("bytes")
    (root / "customers").mkdir()
    (root / ACME).write_bytes(content)
    (root / "spokesman.toml").write_bytes(content)
    assert problems(root)


@given(st.text(st.sampled_from("ab:-[]{}#&*!|>'\"%@`,?~ \n0.<=\\"), max_size=60))
def test_any_yaml_is_read_or_refused(text: str) -> None:
    data, found = yaml_source.parse("x.yaml", text)
    assert data is not None or found


@given(st.text(st.sampled_from("ab=[]{}#'\".,\n01-:tT \\"), max_size=60))
def test_any_toml_is_read_or_refused(text: str) -> None:
    data, found = toml_source.parse("x.toml", text)
    assert (data is None) == bool(found)
    assert all(line >= 1 for line in toml_source.lines(text).values())


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["10.0.0.1/8", "dhcp", "london"]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def _paths(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path] * bool(path) + [one for key, value in items for one in _paths(value, (*path, key))]


def _full() -> Any:
    data, _ = yaml_source.parse("acme.yaml", (WORKSPACES / "full" / ACME).read_text())
    return yaml.safe_load(yaml.safe_dump(_plain(data)))


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list) else data


PATHS = _paths(_full())


@settings(max_examples=examples(120), suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PATHS), VALUES), min_size=1, max_size=3))
def test_any_value_anywhere_is_accepted_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[tuple[str | int, ...], Any]]
) -> None:
    data = _full()
    for path, value in changes:
        at = data
        try:
            for part in path[:-1]:
                at = at[part]
            at[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    root = tmp_path_factory.mktemp("values")
    (root / "customers").mkdir()
    (root / "spokesman.toml").write_text((WORKSPACES / "full" / "spokesman.toml").read_text())
    (root / ACME).write_text(yaml.safe_dump(data, allow_unicode=True))
    with suppress(InventoryError):
        load_workspace(root)
