"""What a field engineer does at a device's console: text is pasted, the router answers, rejected lines stand out."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from agent.lab.ios.shell import Reply, Shell
from agent.lab.router import VirtualRouter

#: What a router says to a line that it did not take; other lines with % only inform.
_REJECTED = re.compile(
    r"^\s*% ?(Invalid|Incomplete|Ambiguous|Unrecognized|Unknown|Bad |Error|Failed|Cannot|Please|SNMPv3 passwords"
    r"|No password"
    r"|.*(does not exist|not supported|not allowed|not configured|must be|overlaps|already (in use|assigned)))",
    re.MULTILINE,
)
_LONGEST_PAUSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Rejection:
    """One pasted line that the router did not take; ``number`` counts pasted lines from 1."""

    number: int
    line: str
    answer: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the terminal shows after a paste, and the lines that were rejected."""

    text: str
    rejected: tuple[Rejection, ...]
    restarting: bool = False


async def type_lines(router: VirtualRouter, text: str) -> Transcript:
    """Type ``text`` line by line at the console, which asks for no login; it begins at ``Router>``."""
    shell = Shell(router, "console", 1)
    shown: list[str] = []
    rejected: list[Rejection] = []
    boots = router.boots
    for number, line in enumerate(text.replace("\r\n", "\n").rstrip("\n").split("\n"), 1):
        if not router.up:
            rejected.append(Rejection(number, line, "nothing reads the console: the router has no power or is booting"))
            break
        reply = _type(shell, line, shown)
        if _REJECTED.search(reply.text):
            rejected.append(Rejection(number, line, reply.text.strip()))
        if router.boots != boots:
            break
        if reply.pause:
            await asyncio.sleep(min(reply.pause, _LONGEST_PAUSE_S))
        if reply.closed:
            shell = Shell(router, "console", 1)
    shown.append(shell.prompt)
    return Transcript("".join(shown), tuple(rejected), router.boots != boots)


def _type(shell: Shell, line: str, shown: list[str]) -> Reply:
    """One line, and what a person in a hurry answers to questions that it raises: Enter, ``no`` to saving."""
    shown.append(f"{shell.prompt}{line}\n")
    reply = shell.feed(line)
    shown.append(reply.text)
    while shell.question and not reply.closed:
        answer = "no" if "[yes/no]" in shell.prompt else ""
        shown.append(f"{shell.prompt}{answer}\n")
        reply = shell.feed(answer)
        shown.append(reply.text)
    return reply
