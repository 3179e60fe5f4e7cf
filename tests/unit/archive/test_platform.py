"""The platform's text functions as the archive uses them, on whole golden configurations."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from agent.archive import Archive
from device_templates import recognised
from device_templates.cisco_iosxe import PLATFORM
from device_templates.cisco_iosxe.reading.lasting import as_saved, lasting

GOLDEN = sorted((Path(__file__).parents[2] / "golden").glob("*/expected/*.cfg"))


def test_comments_and_what_passes_are_left_out_but_not_from_banners() -> None:
    text = (
        "!\n! Last configuration change at 10:00\nhostname a\n\nntp clock-period 17\ncrypto ikev2 policy X \n"
        "banner motd \x03\n! not a comment \n\n\x03\n!\nend\n"
    )
    assert lasting(text) == "hostname a\ncrypto ikev2 policy X\nbanner motd \x03\n! not a comment \n\n\x03\nend\n"
    assert lasting(lasting(text)) == lasting(text)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_configuration_is_archived_whole_and_its_secrets_stay_inside(
    archive: Archive, engine: Engine, tmp_path: Path, path: Path
) -> None:
    text = path.read_text()
    planted = {word for word in text.replace(",", " ").split() if "Planted" in word}
    assert planted
    real = Archive(archive.versions, archive.cipher, recognised, archive.audit, archive.clock, archive.privileged)
    version = real.take(path.stem, lambda: text, author="olga", reason="golden")
    stored = real.load(path.stem, version.number).text
    assert lasting(stored) == lasting(PLATFORM.restorable(text))
    assert PLATFORM.is_complete(stored) is None
    assert "Planted" not in real.show(path.stem, version.number, who="mallory")
    for file in tmp_path.iterdir():
        data = file.read_bytes()
        assert not [secret for secret in planted if secret.encode() in data]


@pytest.mark.timeout(60)
def test_a_line_without_end_is_a_fault_and_not_a_long_search() -> None:
    text = GOLDEN[0].read_text().replace("\nend\n", f"\nusername {'a' * 3_000_000}\nend\n")
    assert PLATFORM.is_complete(text) == "it has a line of more than 2000 characters, which no IOS line has"


@pytest.mark.parametrize("path", GOLDEN[:1], ids=lambda path: path.stem)
def test_a_golden_configuration_cut_off_anywhere_is_not_archived(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    for kept in range(len(lines) - 1):
        assert PLATFORM.is_complete("".join(lines[:kept])), f"passes with {kept} of {len(lines)} lines"


RUNS = """\
hostname a
crypto pki certificate chain TP
 certificate self-signed 01
  30820321 30820209 A0030201
  0A
  \tquit
 certificate ca 0B
  30820321
  quit
interface GigabitEthernet0
 description FACE
end
"""
SAVED = """\
hostname a
crypto pki certificate chain TP
 certificate self-signed 01 nvram:IOS-Self-Sig#1.cer
 certificate ca 0B nvram:CA#BCA.cer
interface GigabitEthernet0
 description FACE
end
"""


def test_a_saved_certificate_is_the_one_that_runs() -> None:
    assert lasting(RUNS) != lasting(SAVED)
    assert as_saved(RUNS) == as_saved(SAVED)
    assert as_saved(RUNS.replace("ca 0B", "ca 0C")) != as_saved(SAVED)
    assert as_saved(RUNS.replace("FACE", "CAFE")) != as_saved(SAVED)
    assert "30820321" not in as_saved(RUNS)
