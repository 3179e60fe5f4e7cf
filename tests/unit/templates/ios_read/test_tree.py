"""A configuration is kept to the byte, and every line of its tree knows where it stood."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_templates.cisco_iosxe.reading.complete import restorable
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.reading.tree import parse, shown, write
from device_templates.errors import NotParsable

GOLDEN = Path(__file__).parents[3] / "golden"
TEXTS = {path.stem: path.read_bytes().decode() for path in sorted(GOLDEN.glob("*/expected/*.cfg"))}
RUNNING = (Path(__file__).parents[1] / "running.cfg").read_text()


@pytest.mark.parametrize("text", [*TEXTS.values(), RUNNING], ids=[*TEXTS, "running"])
def test_parse_then_print_is_identity(text: str) -> None:
    assert shown(parse(text)) == text
    assert shown(parse(text.replace("\n", "\r\n"))) == text.replace("\n", "\r\n")


@given(st.text(alphabet="ab !\n\r\t^\x0b\x85\u2028", max_size=60))
def test_whatever_a_text_holds_is_kept(text: str) -> None:
    assert shown(parse(text)) == text


@given(
    st.lists(
        st.sampled_from(
            [
                "banner login ^C",
                "macro name A",
                "@",
                " certificate 01",
                "  30820330",
                " quit",
                "^C",
                "!",
                "end",
                " x",
                "hostname r",
            ]
        )
    )
)
def test_bodies_are_kept_or_refused(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        tree = parse(text)
    except NotParsable:
        return
    assert shown(tree) == text


@pytest.mark.parametrize("text", [*TEXTS.values(), RUNNING], ids=[*TEXTS, "running"])
def test_every_line_of_the_tree_is_where_it_says(text: str) -> None:
    lines = text.split("\n")
    for _, node in parse(text).walk():
        assert lines[node.line - 1].strip().startswith(node.text)


def test_lines_that_say_something_are_counted_and_structure_is_not() -> None:
    tree = parse(
        "Building configuration...\n!\nhostname r\n!\nvrf definition A\n !\n address-family ipv4\n"
        " exit-address-family\nend\n"
    )
    assert (tree.said, tree.end) == (3, 9)
    assert [node.line for _, node in tree.walk()] == [3, 5, 7]


def test_a_section_that_is_opened_again_keeps_its_first_line_and_the_numbers_of_all() -> None:
    (node,) = parse("interface A\n mtu 1\ninterface A\n shutdown\n").nodes
    assert (node.line, [child.line for child in node.children]) == (1, [2, 4])


#: Texts that a device keeps, with lines in them that would be of the configuration elsewhere.
KEPT = [
    "macro name PORT\ninterface Tunnel10\n tunnel key 12\nbanner login ^C\nend\n@\n",
    "menu M title ^C\ninterface Tunnel10\n tunnel key 12\nend\n^C\n",
    "aaa authentication banner ^C\ninterface Tunnel10\nend\n^C\n",
    "aaa authentication fail-message ^C\nno ip routing\nend\n^C\n",
    "line con 0\n vacant-message ^C\ninterface Tunnel10\nend\n^C\n",
]


@pytest.mark.parametrize("kept", KEPT, ids=[one.split("^C")[0].strip().replace("\n", " ") for one in KEPT])
def test_a_kept_text_is_one_element_and_none_of_its_lines_is_configuration(kept: str) -> None:
    text = f"hostname r\n{kept}ntp server 10.0.0.1\nend\n"
    tree = parse(text)
    assert shown(tree) == text
    assert [node.text for node in tree.nodes][-1] == "ntp server 10.0.0.1"
    assert not any("Tunnel10" in node.text or "routing" in node.text for _, node in tree.walk())
    assert any(node.body for _, node in tree.walk())
    assert read_model(text).unread == ()
    assert write(parse(write(tree))) == write(tree)
    assert parse(restorable(text)) == tree
    assert restorable(restorable(text)) == restorable(text)


@pytest.mark.parametrize("text", ["macro name PORT\nend\n", "menu M title ^C\nend\n"])
def test_a_kept_text_without_its_end_is_refused(text: str) -> None:
    with pytest.raises(NotParsable, match="has no end"):
        parse(text)


def test_a_kept_text_hides_no_line_that_is_lacking() -> None:
    whole = next(text for text in TEXTS.values() if "\ninterface Tunnel10\n" in text)
    at = whole.index("\ninterface Tunnel10\n")
    end = whole.index("\n!", at)
    hidden = f"{whole[:at]}\nmacro name PORT{whole[at:end]}\n@{whole[end:]}"
    assert "Tunnel10" in {one.name for one in read_model(whole).interfaces}
    assert "Tunnel10" not in {one.name for one in read_model(hidden).interfaces}
    assert read_model(hidden).unread == ()
