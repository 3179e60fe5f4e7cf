"""Pings an address by a configured command, and reads what iputils' ping prints."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Octets of output that are read; ping prints far less, and a command that prints more is not ping.
MAX_OUTPUT = 64 * 1024

#: Seconds after which a ping that does not end is killed: five echoes of two seconds, and some.
TIMEOUT_S = 20.0

_SUMMARY = re.compile(r"^(\d{1,6}) packets transmitted, (\d{1,6}) (?:packets )?received,", re.MULTILINE)
_TIMES = re.compile(r"^rtt min/avg/max/mdev = ([\d.]{1,12})/([\d.]{1,12})/([\d.]{1,12})/[\d.]{1,12} ms", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PingOutcome:
    """What a ping found; times in milliseconds, None if nothing came back.

    With a ``problem`` the ping did not run as it should: that tells nothing about the address.
    """

    sent: int
    received: int
    min_ms: float | None = None
    avg_ms: float | None = None
    max_ms: float | None = None
    problem: str = ""

    @property
    def answered(self) -> bool | None:
        """Whether anything came back; None if the ping tells nothing."""
        return None if self.problem else self.received > 0


def parse(output: str) -> PingOutcome:
    """Read iputils' summary; output without one becomes a problem."""
    summary = _SUMMARY.search(output)
    if summary is None:
        return PingOutcome(0, 0, problem="its output has no summary as iputils' ping prints it")
    sent, received = int(summary[1]), int(summary[2])
    if sent == 0 or received > sent:
        return PingOutcome(0, 0, problem=f"its summary contradicts itself: {sent} sent, {received} received")
    if received == 0:
        return PingOutcome(sent, 0)
    times = _TIMES.search(output)
    try:
        low, average, high = (float(part) for part in times.groups()) if times else (None, None, None)
    except ValueError:
        low = average = high = None
    return PingOutcome(sent, received, low, average, high)


def command(argv: Sequence[str], placeholders: Mapping[str, str]) -> list[str]:
    """``argv`` with each ``{name}`` of ``placeholders`` replaced; other braces stay as they are."""
    put_in = []
    for word in argv:
        for name, value in placeholders.items():
            word = word.replace("{" + name + "}", value)
        put_in.append(word)
    return put_in


async def ping(argv: Sequence[str], placeholders: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> PingOutcome:
    """Run the command and read its output; whatever happens, its processes have ended when this returns."""
    words = command(argv, placeholders)
    if not words:
        return PingOutcome(0, 0, problem="no ping command: set reach.ping")
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return PingOutcome(0, 0, problem=f"{words[0]!r} cannot be run ({type(error).__name__}): set reach.ping")
    try:
        async with asyncio.timeout(timeout_s):
            output, errors = await asyncio.gather(_read(process.stdout), _read(process.stderr))
            status = await process.wait()
    except TimeoutError:
        await _end(process)
        return PingOutcome(0, 0, problem=f"{words[0]} did not end within {timeout_s:g} s")
    except asyncio.CancelledError:
        await _end(process)
        raise
    return _judge(words[0], status, output, errors)


def _judge(program: str, status: int, output: str, errors: str) -> PingOutcome:
    outcome = parse(output)
    if outcome.problem:
        said = "".join(char if char.isprintable() else "?" for char in errors.strip().partition("\n")[0][:200])
        return PingOutcome(0, 0, problem=f"{program} ended with {status}, and {outcome.problem}; it says: {said}")
    return outcome


async def _read(stream: asyncio.StreamReader | None) -> str:
    """The beginning of a stream; the rest is read and dropped, so that the writer is not blocked."""
    kept = b""
    while stream is not None and (piece := await stream.read(MAX_OUTPUT)):
        kept = (kept + piece)[:MAX_OUTPUT]
    return kept.decode(errors="replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the command and its children, and collect it even if the caller is cancelled once more."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    waiting = asyncio.ensure_future(process.wait())
    try:
        await asyncio.shield(waiting)
    except asyncio.CancelledError:
        await waiting
        raise
