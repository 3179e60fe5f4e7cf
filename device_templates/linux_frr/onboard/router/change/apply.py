"""Applying a set of files: part by part, only what differs, each part recorded when it runs."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from .. import files, places
from ..errors import Refused, Rejected, RouterError
from ..log import note
from ..network.settings import FILE as NETWORK
from ..network.settings import read_settings
from ..services.daemons import Daemon, last_words, running, settle, works
from ..system import find
from .document import digest
from .parts import Files, Part, handler, parts, vpn_of, write


def check_set(among: Files) -> None:
    """What must be true of a set as a whole; raises Refused."""
    if NETWORK not in among:
        raise Refused(f"the document has no {NETWORK}; applied it would cut the router off")
    settings = read_settings(among[NETWORK])
    for path in among:
        name = vpn_of(path)
        if name and name not in settings.places:
            raise Refused(f"{path}: {NETWORK} has no VPN {name!r}")


def precheck(among: Files) -> None:
    """Have every part that would change judged by the program that reads it; touches nothing.

    Raises Rejected, and RouterError where a disk has no room for the way there and back.
    """
    for folder in (places.STATE, places.ROOT / "etc"):
        if not files.has_room(folder, 2 * sum(len(text) for text in among.values())):
            raise RouterError("there is not enough space on the router's disk; nothing was changed")
    for part in parts(among):
        if _runs_already(part):
            continue
        handled = handler(part.key)
        for daemon in handled.daemons(part):
            if not find(daemon.program):
                raise Rejected(f"{part.key}: {daemon.program} is not installed on this router")
        handled.check(part)


def apply_set(among: Files, *, keep_going: bool = False, anew: bool = False) -> None:
    """Make this set run. Raises Rejected and OSError.

    ``keep_going`` applies what it can and raises after it, so that a router that comes up has all it can have;
    ``anew`` starts daemons again instead of reloading them, where a part does not run yet.
    """
    wanted = parts(among)
    keep = {part.key for part in wanted}
    work = [partial(_remove, key) for key in reversed(recorded()) if key not in keep]
    work += [partial(bring, part, anew=anew) for part in wanted]
    work += [partial(settle, daemons(among))]
    work += [partial(_works, part) for part in wanted]
    failures: list[Exception] = []
    for step in work:
        try:
            step()
        except Exception as error:  # whatever a part stumbles over, the others are not to be kept from running
            if not keep_going:
                raise
            failures.append(error)
    if failures:
        raise Rejected("; ".join(str(error) or type(error).__name__ for error in failures))


def bring(part: Part, *, anew: bool) -> None:
    """Apply a part that does not run; interfaces are compared with the kernel itself, so they are always looked at."""
    heal(part)
    if part.key == NETWORK or not _runs_already(part):
        _apply(part, anew)


def _works(part: Part) -> None:
    for daemon in handler(part.key).daemons(part):
        if not works(daemon):
            state = "does not listen" if running(daemon.name) else "ended"
            raise Rejected(f"{part.key}: {daemon.program} {state}: {last_words(daemon.name)}")


def heal(part: Part) -> None:
    """Start what died of a part that was applied as it is wanted; a part that was not is left to its application."""
    record = _record(part.key)
    if record is None or record.get("digest") != digest(part.whole):
        return
    handled = handler(part.key)
    for daemon in handled.daemons(part):
        if not running(daemon.name):
            note(f"starting {daemon.name}")
            handled.revive(part, daemon)


def revive(name: str, among: Files) -> None:
    """Start a daemon of this set again. Raises Rejected."""
    for part in parts(among):
        if any(daemon.name == name for daemon in handler(part.key).daemons(part)):
            heal(part)


def daemons(among: Files) -> list[Daemon]:
    """All daemons that this set wants."""
    return [daemon for part in parts(among) for daemon in handler(part.key).daemons(part)]


def recorded() -> list[str]:
    """The keys of the parts that run, in the order in which they are applied."""
    keys = [path.name.replace(":", "/") for path in places.APPLIED.iterdir() if not path.name.startswith(".")]
    return [part.key for part in parts(dict.fromkeys(keys, ""))]


def applied_as(path: str) -> str:
    """What the program that took ``path`` made of it then; empty where that is not known."""
    return str((_record(path) or {}).get("runs") or "")


def words_of(path: str) -> str | None:
    """What the program that took ``path`` runs now, in its own words; None where nobody is asked about such files."""
    runs = handler(path).runs
    return runs(path) if runs else None


def _apply(part: Part, anew: bool) -> None:
    note(f"applying {part.key}")
    place = _place(part.key)
    files.remove(place)
    handled = handler(part.key)
    if handled.from_text:
        handled.apply(part, anew)
        write(part)
    else:
        write(part)
        handled.apply(part, anew)
    record = {"digest": digest(part.whole), "runs": handled.runs(part.key) if handled.runs else None}
    files.write(place, json.dumps(record))


def _remove(key: str) -> None:
    note(f"removing {key}")
    handler(key).remove(key)
    gone = places.ROOT / key
    for place in [gone] if not key.endswith("/") else sorted(gone.rglob("*")):
        if not place.is_dir():
            files.remove(place)
    files.remove(_place(key))


def _runs_already(part: Part) -> bool:
    record = _record(part.key)
    if record is None or record.get("digest") != digest(part.whole):
        return False
    handled = handler(part.key)
    if any(files.read(places.ROOT / path) != content for path, content in part.files.items()):
        return False
    if not all(running(daemon.name) for daemon in handled.daemons(part)):
        return False
    return handled.runs is None or record.get("runs") == handled.runs(part.key)


def _record(key: str) -> dict[str, Any] | None:
    try:
        read = json.loads(files.read(_place(key)) or "null")
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _place(key: str) -> Path:
    return places.APPLIED / key.replace("/", ":")
