"""The live table on a real terminal: ends as it should, however narrow, dumb or colourless that is."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.scaffold import create

ROOT = Path(__file__).parents[3]
SHOW, HIDE = "\x1b[?25h", "\x1b[?25l"
#: Colours but not bold, dim and none.
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m")
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def shown(routers: int, columns: int, **environment: str) -> str:
    """All that the process writes to a terminal of that width."""
    code, told = run(("tests.unit.cli.showing", str(routers)), columns, environment)
    assert code == 0, told
    return told


def run(
    words: tuple[str, ...], columns: int, environment: Mapping[str, str], interrupt: bytes = b""
) -> tuple[int, str]:
    """A module on a terminal of that width: its exit code and all that it writes; interrupted once it wrote that."""
    own, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    cleared = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES", "CI")}
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT, stdin=other, stdout=other, stderr=other,
        env={**cleared, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    os.close(other)
    told = b""
    while True:
        try:
            part = os.read(own, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        told += part
        if interrupt and interrupt in told:
            process.send_signal(signal.SIGINT)
            interrupt = b""
    os.close(own)
    return process.wait(30), told.decode()


def rows(told: str) -> list[str]:
    """What stays on the screen, line by line."""
    return [SEQUENCE.sub("", line.rsplit("\x1b[2K", 1)[-1]).rstrip("\r") for line in told.split("\n")]


def test_rows_stay_and_the_progress_goes() -> None:
    told = shown(6, 120)
    assert told.count(HIDE) == told.count(SHOW) == 1
    assert told.rindex(SHOW) < told.index("all answered")
    found = [row for row in rows(told) if row.startswith("acme-r")]
    assert [row.split()[0] for row in found] == [f"acme-r{number}" for number in range(6)]
    assert "6/6 after" in told
    assert COLOUR.search(told)


def test_a_devices_words_do_not_act_on_the_terminal() -> None:
    told = shown(6, 200)
    assert "\x1b]" not in told
    assert "\x1b[2J" not in told
    assert "\u202e" not in told
    (row,) = [row for row in rows(told) if row.startswith("acme-r3")]
    assert r"\x1b]0;owned\x07\x1b[2J line\u202e one and two" in row


@pytest.mark.parametrize(
    ("columns", "gone"), [(120, ()), (90, ("round trip",)), (44, ("site", "uptime", "round trip"))]
)
def test_a_narrow_terminal_has_fewer_columns_and_no_folded_line(columns: int, gone: tuple[str, ...]) -> None:
    found = rows(shown(6, columns))
    assert all(len(row) <= columns for row in found)
    (head,) = [row for row in found if row.startswith("router")]
    assert [name for name in ("site", "uptime", "round trip") if name not in head] == list(gone)
    assert "reach" in head


def test_no_color_has_none() -> None:
    assert not COLOUR.search(shown(6, 120, NO_COLOR="1"))


def test_a_dumb_terminal_gets_lines() -> None:
    told = shown(6, 120, TERM="dumb")
    assert "\x1b" not in told
    assert len([row for row in told.splitlines() if row.startswith("acme-r")]) == 6


def test_of_many_only_what_is_wrong_has_a_row() -> None:
    found = [row for row in rows(shown(60, 120)) if row.startswith("acme-r")]
    assert [row.split()[0] for row in found] == ["acme-r3"]


def test_an_interrupted_poll_says_what_is_missing_and_ends_with_130(tmp_path: Path) -> None:
    create(tmp_path / "workspace", "virtual")
    words = ("agent.cli", "--workspace", str(tmp_path / "workspace"), "poll", "acme-lon-r1", "acme-lee-r1")
    code, told = run(words, 100, {}, interrupt=b"0/2 after 1 s")
    assert code == 130
    assert told.count(SHOW) == told.count(HIDE) == 1
    assert "interrupted: 2 not heard of" in told
    assert "Traceback" not in told
