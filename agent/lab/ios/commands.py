"""Exec commands by how they begin: each reads or changes the router and gives its output."""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.lab.config import ConfigTree
from agent.lab.errors import ConfigTextError
from agent.lab.ios import files, rollback
from agent.lab.ios.files import Outcome, read
from agent.lab.ios.shows import SHOWS
from agent.lab.lines import replace as replacing
from agent.lab.pki.shows import pki
from agent.lab.router import VirtualRouter


def run(router: VirtualRouter, user: str, command: str, *, confirmed: str | None = None) -> Outcome:
    """Run a command given in full; ``confirmed`` is what was typed to its question (None: not asked yet)."""
    for lead, handler in _HANDLERS:
        if command == lead or command.startswith(lead + " "):
            return handler(router, user, command, confirmed)
    return Outcome()


def _show(router: VirtualRouter, user: str, command: str, __: str | None) -> Outcome:
    said = router.world.show(router, command)
    if said is not None:
        return Outcome(said)
    if command.startswith("show crypto pki ") and (shown := pki(router, command.split())) is not None:
        return Outcome(shown)
    own = SHOWS.get(command)
    if own:
        return Outcome(own(router))
    if command.startswith("show running-config"):
        return Outcome(_show_running(router, command))
    if command.startswith("show archive config"):
        return Outcome(_show_archive(router, command))
    if command == "show users":
        return Outcome(
            f"    Line       User       Host(s)              Idle       Location\n*  1 vty 0     {user:<10} idle\n"
        )
    return Outcome(f"{' ' * (len(router.hostname) + len('#show '))}^\n% Invalid input detected at '^' marker.\n\n")


def _show_running(router: VirtualRouter, command: str) -> str:
    words = command.split()
    if words[2:3] == ["interface"]:
        section = router.running.section(f"interface {words[3]}")
        if section is None:
            return f"% Invalid interface {words[3]}\n"
        body = ConfigTree((section,)).render()
        return f"Building configuration...\n\nCurrent configuration : {len(body)} bytes\n!\n{body}\n"
    return SHOWS["show running-config"](router)


def _show_archive(router: VirtualRouter, command: str) -> str:
    words = command.split()
    if words[3] == "incremental-diffs":
        data = read(router, words[4])
        if data is None:
            return f"%Error opening {words[4]} (No such file or directory)\n"
        try:
            return replacing.incremental(router, data, router.grammar)
        except ConfigTextError:
            return "% Parse error in the file: error code 5\n"
    first = words[4] if len(words) > 4 else "system:running-config"
    second = words[5] if len(words) > 5 else "nvram:startup-config"
    trees = []
    for name in (first, second):
        data = read(router, name)
        if data is None:
            return f"%Error opening {name} (No such file or directory)\n"
        try:
            trees.append(ConfigTree.parse(data))
        except ConfigTextError:
            return f"%Error: {name} is not a valid config file\n"
    return replacing.contextual(*trees)


def _ping(router: VirtualRouter, _: str, command: str, __: str | None) -> Outcome:
    words = command.split()[1:]
    vrf = words[1] if words[0] == "vrf" else None
    words = words[2:] if vrf else words
    words = words[1:] if words[0] == "ip" else words
    address, rest = words[0], " ".join(words[1:])
    source = re.search(r"source (\S+)", rest)
    count = int((re.search(r"repeat (\d+)", rest) or [0, 5])[1])
    size = int((re.search(r"size (\d+)", rest) or [0, 100])[1])
    timeout = int((re.search(r"timeout (\d+)", rest) or [0, 2])[1])
    if vrf and not router.running.has(f"vrf definition {vrf}"):
        return Outcome(f"% VRF {vrf} does not exist\n")
    result = router.world.ping(router, address, vrf, source.group(1) if source else None, count)
    if result.error:
        return Outcome(f"% {result.error}\n")
    good = [reply for reply in result.replies if reply is not None]
    shown = "".join("." if reply is None else "!" for reply in result.replies)
    times = (
        f", round-trip min/avg/max = {_ms(min(good))}/{_ms(sum(good) / len(good))}/{_ms(max(good))} ms" if good else ""
    )
    rate = 100 * len(good) // max(1, len(result.replies))
    head = "Packet sent with a source address of " + source.group(1) + " \n" if source else ""
    return Outcome(
        "Type escape sequence to abort.\n"
        f"Sending {count}, {size}-byte ICMP Echos to {address}, timeout is {timeout} seconds:\n{head}{shown}\n"
        f"Success rate is {rate} percent ({len(good)}/{len(result.replies)}){times}\n",
        pause=router.clock.real_seconds(timeout * result.replies.count(None)),
    )


def _ms(value: float) -> int:
    return max(1, round(value))


_Handler = Callable[[VirtualRouter, str, str, str | None], Outcome]
_HANDLERS: tuple[tuple[str, _Handler], ...] = (
    ("show", _show),
    ("copy", files.copy),
    ("write", files.write),
    ("erase", files.erase),
    ("delete", files.delete),
    ("dir", files.directory),
    ("more", files.more),
    ("verify", files.verify),
    ("configure replace", rollback.configure_replace),
    ("configure confirm", rollback.confirm),
    ("configure revert", rollback.revert),
    ("ping", _ping),
)
