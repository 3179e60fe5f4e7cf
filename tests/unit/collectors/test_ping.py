"""The ping command: what iputils prints, what others print, and processes that do not end."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.ping import PingOutcome, command, parse, ping
from tests import leaping

ANSWERED = """\
PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.031 ms
64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=0.045 ms

--- 127.0.0.1 ping statistics ---
5 packets transmitted, 2 received, 60% packet loss, time 818ms
rtt min/avg/max/mdev = 0.031/0.038/0.045/0.007 ms
"""

SILENT = """\
PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.

--- 192.0.2.1 ping statistics ---
5 packets transmitted, 0 received, +3 errors, 100% packet loss, time 4080ms
pipe 4
"""


def run(*argv: str, timeout_s: float = 20, **placeholders: str) -> PingOutcome:
    return asyncio.run(ping(argv, placeholders, timeout_s))


def python(code: str) -> tuple[str, str, str]:
    return sys.executable, "-c", code


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ends(pid: int) -> bool:
    """Whether a process has ended soon; an orphan is collected by init in its own time."""
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def assert_gone(pids: str) -> None:
    """The command has been collected, and its child has ended."""
    command_pid, child_pid = map(int, pids.split())
    with pytest.raises(ChildProcessError):
        os.waitpid(command_pid, os.WNOHANG)
    assert ends(child_pid)


def test_answers_are_counted_and_timed() -> None:
    assert parse(ANSWERED) == PingOutcome(5, 2, 0.031, 0.038, 0.045)
    assert parse(ANSWERED).answered is True


def test_silence_is_an_outcome() -> None:
    assert parse(SILENT) == PingOutcome(5, 0)
    assert parse(SILENT).answered is False


@pytest.mark.parametrize(
    "output",
    [
        "",
        "nonsense",
        "5 packets transmitted",
        "0 packets transmitted, 0 received, 0% packet loss",
        "2 packets transmitted, 3 received, 0% packet loss",
        "99999999999999999999 packets transmitted, 1 received, 0% packet loss",
        "-1 packets transmitted, 1 received, 0% packet loss",
    ],
)
def test_output_that_makes_no_sense_is_a_problem_and_tells_nothing(output: str) -> None:
    outcome = parse(output)
    assert outcome.problem
    assert outcome.answered is None
    assert (outcome.sent, outcome.received) == (0, 0)


@pytest.mark.parametrize("times", ["", "rtt min/avg/max/mdev = ./../.../. ms", "rtt min/avg/max/mdev = 1.1.1/2/3/4 ms"])
def test_times_that_make_no_sense_are_left_out(times: str) -> None:
    assert parse(f"1 packets transmitted, 1 received, 0% packet loss, time 0ms\n{times}\n") == PingOutcome(1, 1)


@given(st.text() | st.lists(st.sampled_from(ANSWERED.splitlines() + SILENT.splitlines())).map("\n".join))
def test_any_output_gives_an_outcome(output: str) -> None:
    outcome = parse(output)
    assert bool(outcome.problem) == (outcome.answered is None)
    assert 0 <= outcome.received <= outcome.sent


def test_the_real_ping_of_this_machine() -> None:
    outcome = run("ping", "-n", "-c", "2", "-i", "0.2", "-W", "2", "{address}", address="127.0.0.1")
    assert (outcome.sent, outcome.received, outcome.problem) == (2, 2, "")
    assert outcome.min_ms is not None
    assert outcome.avg_ms is not None
    assert outcome.max_ms is not None
    assert 0 < outcome.min_ms <= outcome.avg_ms <= outcome.max_ms


def test_placeholders_are_put_in_and_other_braces_kept() -> None:
    argv = command(
        ("{python}", "-m", "x", "--lab={workspace}/lab", "{address}", "{other}", "{"),
        {
            "python": "/usr/bin/python3",
            "workspace": "/srv/w",
            "address": "10.0.0.1",
        },
    )
    assert argv == ["/usr/bin/python3", "-m", "x", "--lab=/srv/w/lab", "10.0.0.1", "{other}", "{"]


def test_nothing_is_given_to_a_shell(tmp_path: Path) -> None:
    run("echo", "{address}", address=f"; touch {tmp_path}/owned")
    assert not list(tmp_path.iterdir())


def test_a_command_that_does_not_exist_is_a_problem() -> None:
    for argv in (("no-such-ping-here", "{address}"), (), ("/",), ("a\0b",)):
        outcome = run(*argv, address="127.0.0.1")
        assert outcome.answered is None
        assert "set reach.ping" in outcome.problem


def test_a_command_that_fails_says_why_in_one_printable_line() -> None:
    outcome = run(*python("import sys; sys.stderr.write('ping: \\x1b[31mbad\\nsecond line'); sys.exit(2)"))
    assert "ended with 2" in outcome.problem
    assert "ping: ?[31mbad" in outcome.problem
    assert outcome.problem.isprintable()
    assert "second" not in outcome.problem


def test_a_command_that_floods_is_read_to_its_end_and_kept_small() -> None:
    assert run(*python("import sys; [sys.stdout.write('x' * 100000) for _ in range(50)]")).problem
    summary = "1 packets transmitted, 1 received, 0% packet loss"
    assert run(*python(f"import os; os.write(1, b'{summary}\\n' + b'\\xff' * 100000)")).received == 1


HANGS = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
open(sys.argv[1], 'w').write(f'{os.getpid()} {child.pid}\\n')
time.sleep(600)
"""


def running(written: Path) -> bool:
    """Whether the command that hangs, and its child, have written down who they are."""
    return written.exists() and written.read_text().endswith("\n")


def test_a_command_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    written = tmp_path / "pid"
    outcome = leaping.run(ping((*python(HANGS), str(written)), {}), lambda: running(written))
    assert "did not end within 20 s" in outcome.problem
    assert_gone(written.read_text())


def test_a_cancelled_ping_leaves_no_process(tmp_path: Path) -> None:
    written = tmp_path / "pid"

    async def scenario() -> None:
        task = asyncio.ensure_future(ping((*python(HANGS), str(written)), {}))
        while not running(written):
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert_gone(written.read_text())
