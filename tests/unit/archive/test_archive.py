"""The archive's use cases over a real database: proved, sealed, kept, shown, checked, restored."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from agent.archive import Archive, Cipher, Pin, new_master_key
from agent.errors import ArchiveDamaged, ConfigurationProblem, IncompleteOutput, Refused, Unreachable
from agent.events import Result
from agent.store.archive import ArchiveStore, archive_versions
from agent.store.audit import AuditStore
from agent.store.base import open_store, write
from inventory import Secret
from tests.examples import examples
from tests.tables import create_all

NAME = "acme-lee-r1"


def configuration(*lines: str, name: str = NAME, psk: str = "Planted-Psk-1") -> str:
    """A whole configuration of a router in service, with further lines."""
    extra = "".join(f"{line}\n" for line in lines)
    body = f"hostname {name}\ncrypto ikev2 keyring ACME\n peer ANY\n  pre-shared-key {psk}\n"
    return f"! Last configuration change at 10:00\n{body}interface Tunnel10\n tunnel mode gre multipoint\n{extra}end\n"


BY: dict[str, Any] = {"author": "olga", "reason": "daily backup"}


def take(archive: Archive, *lines: str, **how: Any) -> int:
    return archive.take(NAME, lambda: configuration(*lines, **how), **BY).number


def numbers(archive: Archive) -> list[int]:
    return [version.number for version in archive.list(NAME)]


def test_the_three_most_recent_distinct_configurations_are_kept(archive: Archive) -> None:
    assert [take(archive, f"ntp server 10.0.0.{n}") for n in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert numbers(archive) == [4, 3, 2]
    assert take(archive, "ntp server 10.0.0.2") == 2
    assert numbers(archive) == [2, 4, 3]
    assert archive.load(NAME, 2).text == configuration("ntp server 10.0.0.2")


def test_volatile_lines_do_not_make_a_version(archive: Archive) -> None:
    first = archive.take(NAME, configuration, **BY)
    again = archive.take(NAME, lambda: configuration().replace("10:00", "11:30"), author="daemon", reason="later")
    assert (again.number, again.taken_at, again.reason, again.author) == (1, first.taken_at, "daily backup", "olga")
    assert again.seen_at > first.seen_at


def test_the_form_that_restores_is_kept(archive: Archive) -> None:
    archive.take(NAME, lambda: configuration("banner login ^Chello^C"), **BY)
    assert "banner login \x03hello\x03\n" in archive.load(NAME, 1).text


def test_a_version_carries_what_a_person_wants_to_know(archive: Archive) -> None:
    version = archive.take(NAME, configuration, **BY)
    assert (version.size, len(version.digest), version.ranked, version.pins) == (
        len(configuration()),
        64,
        True,
        frozenset(),
    )


@pytest.mark.parametrize("text", ["", "hostname acme-lee-r1\n", configuration()[:-5], configuration() + "more\n"])
def test_what_is_not_whole_is_not_archived(archive: Archive, text: str) -> None:
    with pytest.raises(IncompleteOutput, match="nothing was archived"):
        archive.take(NAME, lambda: text, **BY)
    assert numbers(archive) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (configuration(name="Router"), "host name is Router"),
        (configuration(name="acme-lon-r1"), "host name is acme-lon-r1"),
        ("end\n", "host name is not set"),
        (
            configuration("x" * 500).replace("interface Tunnel10\n tunnel mode gre multipoint\n", ""),
            "no tunnel of a VPN",
        ),
        # Day zero: the management tunnel alone, however long the text.
        (configuration("x" * 500).replace("gre multipoint", "ipsec ipv4"), "no tunnel of a VPN"),
        (configuration(), "bytes, and the last good one had"),
    ],
)
def test_a_failed_or_blank_router_never_evicts_a_good_backup(archive: Archive, text: str, why: str) -> None:
    good = [take(archive, f"ntp server 10.0.0.{n}", *["access-list 1 permit any"] * 40) for n in (1, 2, 3)]
    with pytest.raises(Refused, match=why) as caught:
        archive.take(NAME, lambda: text, **BY)
    assert caught.value.rule == "WV-23"
    assert sorted(numbers(archive)) == good


def test_a_large_change_that_was_just_proved_is_no_doubt(archive: Archive) -> None:
    take(archive, *["access-list 1 permit any"] * 100)
    assert archive.take(NAME, configuration, proved=True, **BY).number == 2


def test_the_copy_before_a_change_stands_outside_the_three(archive: Archive) -> None:
    for n in (1, 2, 3):
        take(archive, f"ntp server 10.0.0.{n}")
    pinned = archive.take_before_change(NAME, lambda: configuration("drift 1"), **BY)
    assert (pinned.ranked, pinned.pins) == (False, frozenset({Pin.BEFORE_CHANGE}))
    take(archive, "ntp server 10.0.0.4")
    assert numbers(archive) == [5, 3, 2, 4]
    archive.take_before_change(NAME, lambda: configuration("drift 2"), **BY)
    assert numbers(archive) == [5, 3, 2, 6]


def test_the_copy_of_a_blank_router_does_not_replace_the_last_good_copy(archive: Archive) -> None:
    take(archive)
    good = archive.take_before_change(NAME, lambda: configuration("drift"), **BY)
    blank = archive.take_before_change(NAME, lambda: f"hostname {NAME}\nend\n", **BY)
    assert blank.pins == {Pin.BEFORE_REPAIR}
    assert {good.number, blank.number} < set(numbers(archive))


def test_what_is_put_back_is_not_evicted_by_the_copy_from_before(archive: Archive) -> None:
    for n in (1, 2, 3):
        take(archive, f"ntp server 10.0.0.{n}")
    drifted = archive.take_before_change(NAME, lambda: configuration("drift"), **BY)
    archive.take_before_change(NAME, lambda: configuration("changed"), taking_back=True, **BY)
    assert drifted.number in numbers(archive)


def test_what_is_being_restored_is_never_evicted(archive: Archive) -> None:
    take(archive, "ntp server 10.0.0.1")
    with archive.restoring(NAME, 1) as archived:
        for n in range(2, 7):
            take(archive, f"ntp server 10.0.0.{n}")
        assert archived.text == archive.load(NAME, 1).text
        assert numbers(archive) == [6, 5, 4, 1]
        assert take(archive, "ntp server 10.0.0.1") == 1
    assert numbers(archive) == [1, 6, 5]


def test_a_restore_that_fails_lets_go_of_its_version(archive: Archive) -> None:
    take(archive, "ntp server 10.0.0.1")
    with pytest.raises(Refused), archive.restoring(NAME, 1):
        take(archive, name="Router")
    for n in range(2, 5):
        take(archive, f"ntp server 10.0.0.{n}")
    assert numbers(archive) == [4, 3, 2]


def test_a_version_that_is_not_there_is_refused_with_those_that_are(archive: Archive) -> None:
    take(archive)
    with pytest.raises(Refused, match=r"no version 7.*kept: 1"):
        archive.load(NAME, 7)
    with pytest.raises(Refused, match="kept: none"), archive.restoring("other-r1", 1):
        pass


def test_every_attempt_is_audited(archive: Archive, engine: Engine) -> None:
    def unreachable() -> str:
        raise Unreachable("nothing answers", where=NAME)

    take(archive)
    with pytest.raises(Unreachable):
        archive.take(NAME, unreachable, **BY)
    with pytest.raises(Refused):
        take(archive, name="Router")
    with pytest.raises(Refused):
        archive.show(NAME, 1, who="mallory", reveal=True)
    archive.show(NAME, 1, who="olga", reveal=True)
    events = AuditStore(engine).events(subject=NAME)
    assert [(event.action, event.who, event.result) for event in events] == [
        ("archive.take", "olga", Result.DONE),
        ("archive.take", "olga", Result.FAILED),
        ("archive.take", "olga", Result.REFUSED),
        ("archive.reveal", "mallory", Result.REFUSED),
        ("archive.reveal", "olga", Result.DONE),
    ]


def test_secrets_are_hidden_unless_somebody_allowed_asks(archive: Archive) -> None:
    take(archive)
    assert "Planted" not in archive.show(NAME, 1, who="mallory")
    assert "Planted" not in archive.show(NAME, 1, who="olga")
    with pytest.raises(Refused, match=r"access\.show_secrets"):
        archive.show(NAME, 1, who="mallory", reveal=True)
    assert "Planted-Psk-1" in archive.show(NAME, 1, who="olga", reveal=True)
    assert "Planted" not in repr(archive.load(NAME, 1))


def test_a_text_does_not_act_on_the_terminal_that_shows_it(archive: Archive) -> None:
    take(archive, "banner motd ^C\x1b[2Jhel\x9blo^C")
    assert "\x03" in archive.load(NAME, 1).text
    for shown in (archive.show(NAME, 1, who="olga"), archive.show(NAME, 1, who="olga", reveal=True)):
        assert "banner motd ^C^[[2Jhel?lo^C\n" in shown


def test_a_diff_shows_that_a_secret_changed_and_not_what_it_is(archive: Archive) -> None:
    take(archive)
    take(archive, psk="Planted-Psk-2")
    take(archive, "ntp server 10.0.0.9", psk="Planted-Psk-2")
    changed = archive.diff(NAME, 1, 2)
    assert "-  pre-shared-key <" in changed
    assert "+  pre-shared-key <" in changed
    assert "Planted" not in changed
    assert [line for line in archive.diff(NAME, 2, 3).splitlines() if line.startswith(("+", "-"))][2:] == [
        "+ntp server 10.0.0.9"
    ]
    assert archive.diff(NAME, 1, 1) == ""


def test_check_finds_what_was_tampered_with(archive: Archive, engine: Engine) -> None:
    take(archive, "ntp server 10.0.0.1")
    take(archive, "ntp server 10.0.0.2")
    assert [(checked.version.number, checked.fault) for checked in archive.check()] == [(2, ""), (1, "")]
    with write(engine) as connection:
        text = archive_versions.c
        connection.execute(update(archive_versions).where(text.number == 1).values(ciphertext=b"x" * 99))
    faults = {checked.version.number: checked.fault for checked in archive.check(NAME)}
    assert faults[2] == ""
    assert "not what was stored" in faults[1]
    with pytest.raises(ArchiveDamaged):
        archive.load(NAME, 1)


def test_another_master_key_is_one_clear_message(archive: Archive) -> None:
    take(archive)
    other = replace(archive, cipher=Cipher(Secret(new_master_key())))
    with pytest.raises(ConfigurationProblem, match=r"store\.master_key"):
        other.load(NAME, 1)
    assert "master key" in other.check()[0].fault
    for take_more in (other.take, other.take_before_change):
        with pytest.raises(ConfigurationProblem, match=r"store\.master_key"):
            take_more(NAME, lambda: configuration("ntp server 10.0.0.1"), **BY)
    assert numbers(archive) == [1]


def test_a_damaged_version_does_not_stop_the_next_backup_nor_its_judgement(archive: Archive, engine: Engine) -> None:
    take(archive, "ntp server 10.0.0.1")
    take(archive, "ntp server 10.0.0.2")
    with write(engine) as connection:
        number = archive_versions.c.number
        connection.execute(update(archive_versions).where(number == 2).values(ciphertext=b"x" * 99))
    with pytest.raises(Refused, match="no tunnel"):
        archive.take(NAME, lambda: configuration().replace(" tunnel mode gre multipoint\n", ""), **BY)
    assert take(archive, "ntp server 10.0.0.3") == 3


def test_an_export_is_for_its_owner_and_for_somebody_allowed(archive: Archive, tmp_path: Path) -> None:
    take(archive)
    path = tmp_path / "acme-lee-r1.cfg"
    with pytest.raises(Refused):
        archive.export(NAME, 1, path, who="mallory")
    assert not path.exists()
    archive.export(NAME, 1, path, who="olga")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == configuration()
    with pytest.raises(Refused, match="File exists"):
        archive.export(NAME, 1, path, who="olga")


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(psk=st.text("ABCDEFGHabcdefgh23456789", min_size=12, max_size=40))
def test_no_secret_is_ever_in_the_files_of_the_database(
    archive: Archive, engine: Engine, tmp_path: Path, psk: str
) -> None:
    number = take(archive, psk=psk)
    assert psk in archive.load(NAME, number).text
    assert {path.name for path in tmp_path.iterdir()} >= {"history.db", "history.db-wal"}
    assert all(psk.encode() not in path.read_bytes() for path in tmp_path.iterdir())


KILLED = """
import os, sys
from agent.archive import retention
from agent.store import archive as store
from agent.store.base import open_store
keep = store._arrange
def die(connection, router, shelf):
    keep(connection, router, shelf)
    os._exit(9)
store._arrange = die
from agent.archive.cipher import Sealed
from agent.archive.ports import Capture
from datetime import UTC, datetime
capture = Capture("acme-lee-r1", "d" * 64, datetime.now(UTC), "r", "a", 1, Sealed("k", b"n", b"c"))
store.ArchiveStore(open_store(sys.argv[1])).record(capture, lambda shelf: retention.seen(shelf, "d" * 64))
"""


def test_a_kill_in_the_middle_keeps_what_was_there(archive: Archive, tmp_path: Path) -> None:
    for n in (1, 2, 3):
        take(archive, f"ntp server 10.0.0.{n}")
    command = [sys.executable, "-c", KILLED, f"sqlite:///{tmp_path}/history.db"]
    done = subprocess.run(command, check=False, timeout=60, env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    assert done.returncode == 9
    assert numbers(archive) == [3, 2, 1]
    assert all(not checked.fault for checked in archive.check())
    assert take(archive, "ntp server 10.0.0.4") == 4


def test_two_processes_with_one_archive_number_their_versions_apart(
    archive: Archive, master_key: Secret, tmp_path: Path
) -> None:
    engine = open_store(f"sqlite:///{tmp_path}/history.db")
    create_all(engine)
    other = replace(archive, versions=ArchiveStore(engine), cipher=Cipher(master_key))
    found = [take(each, f"ntp server 10.0.0.{n}") for n, each in enumerate((archive, other, archive, other))]
    assert found == [1, 2, 3, 4]
    assert numbers(archive) == numbers(other) == [4, 3, 2]


def of_the_other_platform(*lines: str) -> str:
    return f"%%\n{configuration(*lines)}"


def test_a_router_that_shows_another_platforms_text_never_evicts_a_good_backup_unless_it_was_proved(
    archive: Archive,
) -> None:
    take(archive)
    with pytest.raises(Refused, match="it is of the platform other, and the last good one was of small"):
        archive.take(NAME, of_the_other_platform, **BY)
    assert archive.take(NAME, of_the_other_platform, proved=True, **BY).number == 2
    with pytest.raises(Refused, match="it is of the platform small, and the last good one was of other"):
        take(archive)


def test_what_ran_before_the_platform_changed_can_still_be_shown_and_compared(archive: Archive) -> None:
    take(archive)
    archive.take(NAME, of_the_other_platform, proved=True, **BY)
    assert all(not checked.fault for checked in archive.check())
    for number in (1, 2):
        assert "Planted" not in archive.show(NAME, number, who="mallory")
    assert "+%%" in archive.diff(NAME, 1, 2)


def test_a_text_of_no_known_platform_is_not_archived(archive: Archive) -> None:
    with pytest.raises(IncompleteOutput, match="it is a configuration of no known platform"):
        archive.take(NAME, lambda: f"??\n{configuration()}", **BY)
    assert numbers(archive) == []


def test_a_version_whose_platform_is_not_known_any_more_is_told_and_not_shown(archive: Archive) -> None:
    take(archive)
    later = replace(archive, recognised=lambda _: None)
    assert [checked.fault for checked in later.check()] == ["version 1 is a configuration of no known platform"]
    with pytest.raises(ArchiveDamaged, match="of no known platform"):
        later.show(NAME, 1, who="olga", reveal=True)


def test_known_secrets_are_hidden_wherever_they_stand(archive: Archive) -> None:
    take(archive, "remark Planted-Word-9")
    knowing = replace(archive, known_secrets=frozenset({"Planted-Word-9"}))
    assert "Planted-Word-9" in archive.show(NAME, 1, who="mallory")
    assert "Planted-Word-9" not in knowing.show(NAME, 1, who="mallory")
