"""Exec commands that read or change the router: files, saving, replacing, reverting, showing, pinging."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from agent.lab.box.flash import FlashFullError, flash_name
from agent.lab.config import ConfigTree
from agent.lab.errors import ConfigTextError
from agent.lab.ios.shows import SHOWS, moment
from agent.lab.lines import replace as replacing
from agent.lab.lines.grammar import iosxe
from agent.lab.router import VirtualRouter, valid_configuration

_NO_ARCHIVE = "%Please turn config archive on before using this command\n"
_PENDING = "%Rollback Confirmed Change is already in progress\n"
_REPLACE_WARNING = (
    "This will apply all necessary additions and deletions\n"
    "to replace the current running configuration with the\n"
    "contents of the specified configuration file, which is\n"
    "assumed to be a complete configuration, not a partial\n"
    "configuration. Enter Y if you are sure you want to proceed. ? [no]: "
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Output of a command; ``question`` is asked before it is done at all."""

    text: str = ""
    question: str = ""
    pause: float = 0.0
    ok: bool = True


def run(router: VirtualRouter, user: str, command: str, *, confirmed: str | None = None) -> Outcome:
    """Run a command given in full; ``confirmed`` is what was typed to its question (None: not asked yet)."""
    for lead, handler in _HANDLERS:
        if command == lead or command.startswith(lead + " "):
            return handler(router, user, command, confirmed)
    return Outcome()


def arm(router: VirtualRouter, user: str, minutes: int, *, idle: bool = False) -> Outcome:
    """Start a revert timer."""
    if not _archiving(router):
        return Outcome(_NO_ARCHIVE, ok=False)
    if router.revert:
        return Outcome(_PENDING, ok=False)
    router.arm_revert(user, minutes, idle=idle)
    return Outcome(f"Rollback Confirmed Change: Backing up current running config to {_archive_path(router)}\n\n")


def _archive_path(router: VirtualRouter) -> str:
    section = router.running.section("archive")
    return (section.value("path") if section else None) or ""


def _archiving(router: VirtualRouter) -> bool:
    section = router.running.section("archive")
    return section is not None and section.has("path")


def _quiet(router: VirtualRouter) -> bool:
    return router.running.value("file prompt") == "quiet"


def _show(router: VirtualRouter, user: str, command: str, __: str | None) -> Outcome:
    said = router.world.show(router, command)
    if said is not None:
        return Outcome(said)
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
        data = _read(router, words[4])
        if data is None:
            return f"%Error opening {words[4]} (No such file or directory)\n"
        try:
            return replacing.incremental(router, data, iosxe())
        except ConfigTextError:
            return "% Parse error in the file: error code 5\n"
    first = words[4] if len(words) > 4 else "system:running-config"
    second = words[5] if len(words) > 5 else "nvram:startup-config"
    trees = []
    for name in (first, second):
        data = _read(router, name)
        if data is None:
            return f"%Error opening {name} (No such file or directory)\n"
        try:
            trees.append(ConfigTree.parse(data))
        except ConfigTextError:
            return f"%Error: {name} is not a valid config file\n"
    return replacing.contextual(*trees)


def _read(router: VirtualRouter, name: str) -> str | None:
    if name in {"running-config", "system:running-config", "system:/running-config"}:
        return router.running.render()
    if name in {"startup-config", "nvram:startup-config", "nvram:/startup-config"}:
        return router.startup
    data = router.flash.files.get(flash_name(name) or "")
    return None if data is None else data.decode("utf-8", errors="replace")


def _copy(router: VirtualRouter, user: str, command: str, confirmed: str | None) -> Outcome:
    source, target = command.split()[1:3]
    if confirmed is None and not _quiet(router):
        name = target if target.endswith("-config") else (flash_name(target) or target)
        return Outcome(question=f"Destination filename [{name}]? ")
    data = "" if source == "null:" else _read(router, source)
    if data is None:
        return Outcome(f"%Error opening {source} (No such file or directory)\n")
    if target in {"running-config", "system:running-config"}:
        said = router.merge(data, tuple(router.faults.reject))
        router.settle(user)
        return Outcome(f"{said}{len(data)} bytes copied in 0.131 secs ({len(data) * 7} bytes/sec)\n\n")
    if target in {"startup-config", "nvram:startup-config"}:
        return _to_startup(router, user, source, data)
    file = flash_name(target)
    if not file:
        return Outcome(f"%Error opening {target} (Invalid argument)\n")
    try:
        router.flash.write(file, data.encode(), router.clock.now())
    except FlashFullError:
        return Outcome(f"%Error writing {target} (No space left on device)\n")
    return Outcome(f"{len(data)} bytes copied in 0.131 secs ({len(data) * 7} bytes/sec)\n\n")


def _to_startup(router: VirtualRouter, user: str, source: str, data: str) -> Outcome:
    if source.endswith("running-config"):
        return _write(router, user, "write memory", None)
    tree = valid_configuration(data)
    if tree is None:
        return Outcome(f"%Error: {source} is not a valid config file\n")
    router.startup = tree.render()
    router.startup_changed = router.clock.now()
    return Outcome(f"{len(data)} bytes copied in 0.131 secs\n")


def _write(router: VirtualRouter, user: str, command: str, confirmed: str | None) -> Outcome:
    if command == "write erase":
        return _erase(router, user, command, confirmed)
    if command == "write terminal":
        return Outcome(SHOWS["show running-config"](router))
    router.save(user)
    return Outcome("Building configuration...\n[OK]\n")


def _erase(router: VirtualRouter, _: str, __: str, confirmed: str | None) -> Outcome:
    if confirmed is None:
        return Outcome(question="Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]")
    router.erase_startup()
    return Outcome("[OK]\nErase of nvram: complete\n")


def _delete(router: VirtualRouter, _: str, command: str, confirmed: str | None) -> Outcome:
    words = command.split()
    if confirmed is None and "/force" not in words and not _quiet(router):
        return Outcome(question=f"Delete filename [{flash_name(words[-1]) or words[-1]}]? ")
    if router.flash.delete(flash_name(words[-1]) or ""):
        return Outcome()
    return Outcome(f"%Error deleting {words[-1]} (No such file or directory)\n")


def _dir(router: VirtualRouter, _: str, command: str, __: str | None) -> Outcome:
    words = command.split()
    asked = words[-1] if len(words) > 1 and words[-1] != "/all" else ""
    return Outcome(router.flash.directory(asked))


def _more(router: VirtualRouter, _: str, command: str, __: str | None) -> Outcome:
    name = command.split()[1]
    data = _read(router, name)
    if data is None:
        return Outcome(f"%Error opening {name} (No such file or directory)\n")
    return Outcome(data if data.endswith("\n") else data + "\n")


def _verify(router: VirtualRouter, _: str, command: str, __: str | None) -> Outcome:
    return Outcome(router.flash.verify(command.split()[-1]))


def _configure_replace(router: VirtualRouter, user: str, command: str, confirmed: str | None) -> Outcome:
    words = command.split()
    name, options = words[2], words[3:]
    if confirmed is None and "force" not in options:
        return Outcome(question=_REPLACE_WARNING)
    if confirmed is not None and not confirmed.strip().lower().startswith("y"):
        return Outcome()
    minutes = int(options[options.index("timer") + 1]) if "timer" in options else 0
    if not _archiving(router):
        return Outcome(_NO_ARCHIVE)
    data = _read(router, name)
    if data is None:
        return Outcome(f"%Error opening {name} (No such file or directory)\n")
    target = valid_configuration(data)
    if target is None:
        return Outcome("%The input file is not a valid config file.\n")
    said = ""
    if minutes:
        armed = arm(router, user, minutes)
        if not armed.ok:
            return armed
        said = armed.text
    return _replaced(router, target, said, trigger="trigger" in options)


def _replaced(router: VirtualRouter, target: ConfigTree, said: str, *, trigger: bool) -> Outcome:
    before = router.running
    outcome = replacing.replace(router, target, reject=tuple(router.faults.reject), stop=trigger)
    if outcome.equal:
        return Outcome(f"{said}Total number of passes: {outcome.passes}\nRollback Done\n\n")
    if trigger and outcome.failed:
        router.running = before
        router.revert = None
        backup = f"{_archive_path(router)}{moment(router.clock.now()).replace(' ', '-').replace(':', '-')}-0"
        return Outcome(
            f"{said}Failed to apply command {outcome.failed[0][0]}\nAborting Rollback.\n\n"
            f"Rollback failed.Reverting back to the original configuration: {backup} ...\n\n"
            "Total number of passes: 1\nRollback Done\n\n"
            "The original configuration has been successfully restored.\n\n"
        )
    return Outcome(said + _aborted(outcome))


def _aborted(outcome: replacing.Outcome) -> str:
    refused = [command for command, _ in outcome.failed]
    last = "\n".join(refused or outcome.last)
    words = "\n".join(refused)
    failing = (
        f"The following commands are failed to apply to the IOS image.\n********\n{words}\n********\n"
        if refused
        else ""
    )
    return (
        "The rollback configlet from the last pass is listed below:\n********\n"
        f"!List of Rollback Commands:\n{last}\nend\n********\n\n\n"
        f"Rollback aborted after {replacing.PASSES} passes\n{failing}\n"
    )


def _confirm(router: VirtualRouter, _: str, __: str, ___: str | None) -> Outcome:
    if router.revert is None:
        return Outcome("%No Rollback Confirmed Change pending\n")
    router.revert = None
    return Outcome()


def _revert(router: VirtualRouter, user: str, command: str, _: str | None) -> Outcome:
    if router.revert is None:
        return Outcome("%No Rollback Confirmed Change pending\n")
    words = command.split()
    if words[2] == "now":
        target = ConfigTree.parse(router.revert.target)
        router.revert = None
        return _replaced(router, target, "", trigger=False)
    old = router.revert
    router.revert = type(old)(
        old.user, router.clock.now() + int(words[-1]) * 60, int(words[-1]), router.clock.now(), old.target
    )
    return Outcome(f"Rollback Confirmed Change: rollback will begin at {moment(router.revert.deadline)} ({user})\n")


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
    ("copy", _copy),
    ("write", _write),
    ("erase", _erase),
    ("delete", _delete),
    ("dir", _dir),
    ("more", _more),
    ("verify", _verify),
    ("configure replace", _configure_replace),
    ("configure confirm", _confirm),
    ("configure revert", _revert),
    ("ping", _ping),
)
