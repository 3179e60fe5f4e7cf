"""Commands on files and on the saved configuration."""

from __future__ import annotations

from dataclasses import dataclass

from agent.lab.box.flash import FlashFullError, flash_name
from agent.lab.ios.shows import SHOWS
from agent.lab.router import VirtualRouter, valid_configuration


@dataclass(frozen=True, slots=True)
class Outcome:
    """Output of a command; ``question`` is asked before it is done at all."""

    text: str = ""
    question: str = ""
    pause: float = 0.0
    ok: bool = True


def read(router: VirtualRouter, name: str) -> str | None:
    """The text of a file, of the running or of the startup configuration; None where there is none."""
    if name in {"running-config", "system:running-config", "system:/running-config"}:
        return router.shown()
    if name in {"startup-config", "nvram:startup-config", "nvram:/startup-config"}:
        return router.startup
    data = router.flash.files.get(flash_name(name) or "")
    return None if data is None else data.decode("utf-8", errors="replace")


def _quiet(router: VirtualRouter) -> bool:
    return router.running.value("file prompt") == "quiet"


def copy(router: VirtualRouter, user: str, command: str, confirmed: str | None) -> Outcome:
    """``copy FROM TO``."""
    source, target = command.split()[1:3]
    if confirmed is None and not _quiet(router):
        name = target if target.endswith("-config") else (flash_name(target) or target)
        return Outcome(question=f"Destination filename [{name}]? ")
    data = "" if source == "null:" else read(router, source)
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
        return write(router, user, "write memory", None)
    tree = valid_configuration(data)
    if tree is None:
        return Outcome(f"%Error: {source} is not a valid config file\n")
    router.startup = tree.render()
    router.startup_changed = router.clock.now()
    return Outcome(f"{len(data)} bytes copied in 0.131 secs\n")


def write(router: VirtualRouter, user: str, command: str, confirmed: str | None) -> Outcome:
    """``write memory|erase|terminal``."""
    if command == "write erase":
        return erase(router, user, command, confirmed)
    if command == "write terminal":
        return Outcome(SHOWS["show running-config"](router))
    router.save(user)
    return Outcome("Building configuration...\n[OK]\n")


def erase(router: VirtualRouter, _: str, __: str, confirmed: str | None) -> Outcome:
    """``erase startup-config``."""
    if confirmed is None:
        return Outcome(question="Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]")
    router.erase_startup()
    return Outcome("[OK]\nErase of nvram: complete\n")


def delete(router: VirtualRouter, _: str, command: str, confirmed: str | None) -> Outcome:
    """``delete FILE``."""
    words = command.split()
    if confirmed is None and "/force" not in words and not _quiet(router):
        return Outcome(question=f"Delete filename [{flash_name(words[-1]) or words[-1]}]? ")
    if router.flash.delete(flash_name(words[-1]) or ""):
        return Outcome()
    return Outcome(f"%Error deleting {words[-1]} (No such file or directory)\n")


def directory(router: VirtualRouter, _: str, command: str, __: str | None) -> Outcome:
    """``dir``."""
    words = command.split()
    asked = words[-1] if len(words) > 1 and words[-1] != "/all" else ""
    return Outcome(router.flash.directory(asked))


def more(router: VirtualRouter, _: str, command: str, __: str | None) -> Outcome:
    """``more FILE``."""
    name = command.split()[1]
    data = read(router, name)
    if data is None:
        return Outcome(f"%Error opening {name} (No such file or directory)\n")
    return Outcome(data if data.endswith("\n") else data + "\n")


def verify(router: VirtualRouter, _: str, command: str, __: str | None) -> Outcome:
    """``verify /md5 FILE``."""
    return Outcome(router.flash.verify(command.split()[-1]))
