"""The sets of files that the router keeps: confirmed, on trial and staged, each as one document in one file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from .. import files, places
from ..errors import Pending, Refused, RouterError
from ..system import side_by_side
from . import journal
from .apply import applied_as, check_set, words_of
from .compare import unified
from .document import build, digest, parse
from .parts import vpn_of

Files = dict[str, str]
T = TypeVar("T")
_PATIENCE_S = 8.0
_MOVING = "a change is being made or taken back; what runs can be told when that is done"


def confirmed() -> Files:
    """What a reboot applies; empty before the first confirmation."""
    text = files.read(places.CONFIRMED)
    try:
        return parse(text) if text else {}
    except Refused as error:
        raise RouterError(
            f"{places.CONFIRMED} is damaged, and what runs is left as it is; load a whole configuration with"
            f" mode=replace, commit it and confirm it ({error})"
        ) from None


def is_confirmed(known: str) -> bool:
    """Whether the confirmed set is the one of this digest."""
    try:
        return digest(files.read(places.CONFIRMED)) == known
    except Refused:
        return False


def active() -> Files:
    """What is meant to run now: the set on trial, or the confirmed one."""
    change = journal.read()
    if change is not None and change.state is journal.State.ON_TRIAL:
        return parse(files.read(places.TRIAL))
    return confirmed()


def running(meant: Mapping[str, str] | None = None) -> Files:
    """What runs: files as they are on the disk, FRR as it writes itself, and rules that were changed by hand.

    Raises RouterError where it cannot be told as a whole.
    """
    return _running(told(active() if meant is None else meant))


@dataclass(frozen=True)
class Told:
    """What the programs that rewrite their files tell now, in their own words; None for files of no such program."""

    words: Mapping[str, str | None]

    def drifted(self, path: str) -> bool:
        """Whether the program that took ``path`` has something else now; files that nobody is asked about have not."""
        words = self.words[path]
        return words is not None and applied_as(path) not in ("", words)


def told(meant: Mapping[str, str]) -> Told:
    """Ask each program once, for asking is what takes long, and all at the same time."""
    return Told(side_by_side(words_of, meant))


def _running(now: Told) -> Files:
    found: Files = {}
    for path, words in now.words.items():
        if path.startswith("etc/frr/"):
            if not words:
                raise RouterError(f"the FRR of {vpn_of(path)} does not answer: what it runs cannot be told")
            found[path] = words
        elif words is not None and now.drifted(path):
            found[path] = words
        else:
            found[path] = files.tell(places.ROOT / path)
    return found


def _effective(now: Told, runs: Files, meant: Files) -> Files:
    """What runs, in the words in which it was given wherever a program has rewritten them and nobody changed them."""
    return {
        path: meant[path] if now.words[path] is not None and not now.drifted(path) else text
        for path, text in runs.items()
    }


def at_rest(ask: Callable[[], T]) -> T:
    """What ``ask`` tells of what runs; raises Pending where a change was being made meanwhile: it is a mixture then."""
    before = _rest()
    try:
        told = ask()
    except RouterError:
        if _rest() != before:
            raise Pending(_MOVING) from None
        raise
    if _rest() != before:
        raise Pending(_MOVING)
    return told


def _rest() -> tuple[journal.Change | None, int]:
    """What tells one state of rest from another; waits a little for one."""
    until = time.monotonic() + _PATIENCE_S
    while (change := journal.read()) is not None and change.state is not journal.State.ON_TRIAL:
        if time.monotonic() > until:
            raise Pending(_MOVING)
        time.sleep(0.1)
    return change, places.CONFIRMED.stat().st_ino if places.CONFIRMED.exists() else 0


def difference() -> str:
    """From what runs to what is staged, as a unified diff; empty where nothing would change."""
    return at_rest(_difference)


def _difference() -> str:
    new, meant = staged(), active()
    asked = told(meant)
    runs = _running(asked)
    now = _effective(asked, runs, meant)
    pairs: list[tuple[str, str | None, str | None]] = []
    for path in sorted(now.keys() | new.keys()):
        if path in runs and new.get(path) == runs[path]:
            continue  # what was read from here comes back
        if path in now and asked.words[path] is not None and now[path] != meant[path]:
            # Both in the program's words, so that only what was changed by hand shows; then what is new.
            pairs.append((path, now[path], applied_as(path)))
            pairs.append((path, meant[path], new.get(path)))
        else:
            pairs.append((path, now.get(path), new.get(path)))
    return unified(pairs)


def load(text: str, mode: str) -> str:
    """Stage a document, alone or merged into what runs; tells its digest. Raises Refused or RouterError."""
    if mode not in ("replace", "merge"):
        raise Refused(f"mode {mode!r} is neither replace nor merge")
    new = parse(text)
    if mode == "merge":
        new = _merged(at_rest(_runs_as_given), new)
    check_set(new)
    staged = build(new)
    if not files.has_room(places.STATE, 4 * len(staged.encode())):
        raise RouterError("there is not enough space on the router's disk for this configuration; nothing was changed")
    files.write(places.STAGED, staged)
    files.write(places.STAGED_MODE, mode)
    return digest(staged)


def _runs_as_given() -> Files:
    meant = active()
    asked = told(meant)
    return _effective(asked, _running(asked), meant)


def staged(known: str = "") -> Files:
    """What was loaded; raises Refused where nothing was, or something else than what has this digest."""
    text = files.read(places.STAGED)
    if not text:
        raise Refused("nothing is loaded")
    if known not in ("", digest(text)):
        raise Refused("somebody else loaded another configuration meanwhile; load yours again and look at what differs")
    return parse(text)


def discard(known: str = "") -> None:
    """Forget what was loaded; where a digest is given, only what has it, for it may be another's already."""
    if known not in ("", digest(files.read(places.STAGED))):
        return
    files.remove(places.STAGED)
    files.remove(places.STAGED_MODE)


def _merged(old: Files, new: Files) -> Files:
    merged = {**old, **new}
    for path in new:
        if path.startswith("etc/frr/") and path in old:
            merged[path] = old[path] + new[path]
    return merged
