"""Replacing the running configuration, and the timer that takes a change back."""

from __future__ import annotations

from agent.lab.config import ConfigTree
from agent.lab.ios.files import Outcome, read
from agent.lab.ios.moments import moment
from agent.lab.lines import replace as replacing
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


def configure_replace(router: VirtualRouter, user: str, command: str, confirmed: str | None) -> Outcome:
    """``configure replace FILE …``."""
    words = command.split()
    name, options = words[2], words[3:]
    if confirmed is None and "force" not in options:
        return Outcome(question=_REPLACE_WARNING)
    if confirmed is not None and not confirmed.strip().lower().startswith("y"):
        return Outcome()
    minutes = int(options[options.index("timer") + 1]) if "timer" in options else 0
    if not _archiving(router):
        return Outcome(_NO_ARCHIVE)
    data = read(router, name)
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


def confirm(router: VirtualRouter, _: str, __: str, ___: str | None) -> Outcome:
    """``configure confirm``."""
    if router.revert is None:
        return Outcome("%No Rollback Confirmed Change pending\n")
    router.revert = None
    return Outcome()


def revert(router: VirtualRouter, user: str, command: str, _: str | None) -> Outcome:
    """``configure revert now|timer N``."""
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
