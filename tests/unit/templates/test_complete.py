"""Only whole configurations pass; what passes can be brought into the form that is loaded back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_templates.cisco_iosxe.comparing.compare import compare
from device_templates.cisco_iosxe.reading.complete import is_complete, restorable
from tests.examples import examples

RUNNING = Path(__file__).with_name("running.cfg").read_text(encoding="utf-8")


def test_a_whole_configuration_passes() -> None:
    assert is_complete(RUNNING) is None
    assert is_complete(RUNNING.replace("\n", "\r\n")) is None
    assert is_complete(RUNNING + "\n\n") is None


@settings(max_examples=examples(600), deadline=None)
@given(st.integers(min_value=0, max_value=len(RUNNING.rstrip("\n")) - 1))
def test_no_truncated_configuration_passes(length: int) -> None:
    assert is_complete(RUNNING[:length]) is not None


def test_a_truncation_at_each_line_is_found() -> None:
    lines = RUNNING.rstrip("\n").split("\n")
    for count in range(len(lines)):
        assert is_complete("\n".join(lines[:count])) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not end"),
        ("end\n", "no hostname"),
        ("hostname x\nend\n", "only 1 lines"),
        ("% Invalid input detected at '^' marker.\nend\n", "no hostname"),
        (RUNNING.replace("hostname r1\n", "% Ambiguous command\nhostname r1\n"), "a message of the device"),
        (RUNNING.replace("\nend\n", "\nend\nr1#\n"), "does not end"),
        (RUNNING.replace("\nline con 0", "\nend\nline con 0"), "goes on after"),
        (RUNNING.replace("hostname r1\n", ""), "no hostname"),
        (
            RUNNING.replace("  \tquit\n", "", 1).replace("\ncrypto pki certificate chain B", "\n  zz"),
            "certificate has no end",
        ),
        (RUNNING.replace("900 bytes", "90000 bytes"), "where the device says 90000"),
    ],
)
def test_what_is_not_whole_is_told(text: str, said: str) -> None:
    assert said in (is_complete(text) or "")


def test_the_prompt_inside_a_banner_is_no_end() -> None:
    """The trap that made a common driver return 90 bytes of 32 kB: a banner that holds what looks like the prompt."""
    trap = RUNNING.replace("Hello\n", "r1#\nend\n")
    assert is_complete(trap) is None
    assert is_complete(trap[: trap.index("r1#\nend\n") + 8]) is not None


def test_the_restorable_form_has_real_delimiters_and_no_preamble() -> None:
    text = restorable(RUNNING)
    assert text.startswith("!\n! Last configuration change")
    assert "banner login \x03\nHello\n\x03\n" in text
    assert "^C" not in text
    assert text.count("\n  quit\n") == 2
    assert text.endswith("\nend\n")
    assert restorable(text) == text
    assert is_complete(text) is None
    assert compare(RUNNING, text).equal


def test_a_certificate_gets_its_quit_back() -> None:
    text = restorable(RUNNING.replace("  \tquit\n", "", 1))
    assert text.count("\n  quit\n") == 2
    assert compare(RUNNING, text).equal


@pytest.mark.parametrize("banner", ["banner motd ^CHello^C", "banner exec #Hello#", "banner login \x03Hello\x03"])
def test_a_banner_on_one_line(banner: str) -> None:
    text = RUNNING.replace("line con 0", f"{banner}\nline con 0")
    assert is_complete(text) is None
    assert f"{banner.split()[0]} {banner.split()[1]} \x03Hello\x03\n" in restorable(text)


@settings(max_examples=examples(400), deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=300), max_size=300))
def test_anything_may_be_asked(text: str) -> None:
    is_complete(text)
    restorable(text)
