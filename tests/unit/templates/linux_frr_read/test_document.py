"""The document: whole, or told to be not; read and written again it is the same text, whatever it holds."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_templates.errors import NotParsable
from device_templates.linux_frr.reading.complete import is_complete, restorable
from device_templates.linux_frr.reading.document import LARGEST, Document, File, parse, recognises, write
from tests.unit.templates.linux_frr_read.samples import HUB, HUB_RUNNING, NETWORK, with_files

PATHS = ("etc/frr/a/frr.conf", "etc/nftables/front-door.nft", "etc/spokesman/users", "etc/ssh/sshd_config")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=200)
LINES = st.lists(
    st.sampled_from(["", "%", "%%", "%% end", "%% file etc/rsyslog.conf", "%%% x", "line", "\x0b", "\u2028"])
)


def sealed(body: str, count: int) -> str:
    return f"{body}%% end {count} {hashlib.sha256(body.encode()).hexdigest()}\n"


def content(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


@given(st.dictionaries(st.sampled_from(PATHS), LINES.map(content) | TEXTS.map(lambda text: f"{text}\n")))
def test_what_is_written_is_read_again(files: dict[str, str]) -> None:
    document = Document(tuple(File(path, files[path]) for path in sorted(files)))
    text = write(document)
    assert parse(text) == document
    assert write(parse(text)) == text


@given(st.integers(0, len(HUB) - 1))
def test_no_part_passes_for_the_whole(length: int) -> None:
    assert is_complete(HUB[:length]) is not None


@given(st.integers(0, len(HUB) - 1), st.characters(exclude_categories=["Cs"]))
def test_no_changed_character_passes(place: int, character: str) -> None:
    changed = HUB[:place] + character + HUB[place + 1 :]
    assert changed == HUB or is_complete(changed) is not None


@given(TEXTS | st.text(), TEXTS)
def test_whatever_comes_is_told_in_words(text: str, body: str) -> None:
    for one in (text, f"%% spokesman linux_frr 1\n{text}", sealed(f"%% spokesman linux_frr 1\n{body}\n", 1)):
        restorable(one)
        recognises(one)
        is_complete(one)
        with contextlib.suppress(NotParsable):
            parse(one)


@pytest.mark.parametrize(
    ("body", "count", "words"),
    [
        ("%% file etc/passwd\n", 1, "no file of this platform"),
        ("%% file etc/frr/../../etc/shadow/frr.conf\n", 1, "no file of this platform"),
        ("%% file /etc/ssh/sshd_config\n", 1, "no file of this platform"),
        ("%% file etc/ssh/sshd_config \n", 1, "no file of this platform"),
        ("%% file etc/ssh/sshd_config\n%% file etc/ssh/sshd_config\n", 1, "does not come after"),
        ("%% file etc/ssh/sshd_config\n%% file etc/rsyslog.conf\n", 2, "does not come after"),
        ("%% file etc/ssh/sshd_config\nPort 22\n", 2, "holds 1 files, and its last line says 2"),
        ("a line\n", 0, "before the first file"),
        ("%% file etc/ssh/sshd_config\n%% nothing\n", 1, "is no marker"),
        ("%% file etc/ssh/sshd_config\n%%nothing\n", 1, "is no marker"),
    ],
)
def test_what_is_no_document_is_refused(body: str, count: int, words: str) -> None:
    with pytest.raises(NotParsable, match=words):
        parse(sealed(f"%% spokesman linux_frr 1\n{body}", count))


@pytest.mark.parametrize("text", [f"{HUB}more\n", HUB * 2, f" {HUB}", HUB.replace("\n", "\r\n"), f"{HUB}\x00", ""])
def test_what_stands_around_it_is_refused(text: str) -> None:
    assert is_complete(text) is not None


def test_a_huge_text_is_refused_at_once() -> None:
    with pytest.raises(NotParsable, match="characters"):
        parse("%% spokesman linux_frr 1\n" + "x" * LARGEST)


def test_lone_surrogates_are_told() -> None:
    body = "%% spokesman linux_frr 1\n%% file etc/ssh/sshd_config\n\ud800\n"
    with pytest.raises(NotParsable, match="UTF-8"):
        parse(f"{body}%% end 1 {'0' * 64}\n")


def test_a_whole_configuration_passes() -> None:
    assert is_complete(HUB) is None
    assert is_complete(HUB_RUNNING) is None
    assert recognises(HUB)
    assert not recognises("hostname acme-lon-r1\nend\n")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"etc/spokesman/network.toml": None}, "it has no etc/spokesman/network.toml"),
        ({"etc/ssh/sshd_config": None}, "it has no etc/ssh/sshd_config"),
        ({"etc/spokesman/network.toml": "hostname = \n"}, "is not TOML"),
        ({"etc/spokesman/network.toml": "mtu = 1\n"}, "has no hostname"),
        ({"etc/spokesman/network.toml": 'hostname = "x"\nvpn = 3\n'}, "the routing of a VPN"),
        ({"etc/frr/corporate/frr.conf": None}, "it has no etc/frr/corporate/frr.conf"),
        ({"etc/ssh/sshd_config": "x" * 5000}, "more than 4000 characters"),
        ({"etc/spokesman/network.toml": "a = " + "[" * 5000 + "\n"}, "."),
        ({"etc/spokesman/network.toml": "\n".join(["a = " + "[" * 900] * 2) + "\n"}, "is not TOML"),
    ],
)
def test_a_configuration_that_lacks_something_does_not_pass(changed: dict[str, str | None], words: str) -> None:
    fault = is_complete(with_files(changed))
    assert fault is not None
    assert words in fault


def test_what_a_terminal_added_is_taken_off() -> None:
    assert restorable(f"junk\n{HUB}\n\n") == HUB
    assert restorable(HUB.replace("\n", "\r\n")) == HUB
    assert restorable(HUB) == HUB


@settings(max_examples=20)
@given(st.sampled_from(["[", "{", "%%", '"', "#", "\t", "é"]), st.integers(1, 2000))
def test_hostile_settings_are_told(piece: str, times: int) -> None:
    is_complete(with_files({"etc/spokesman/network.toml": NETWORK + piece * times + "\n"}))
