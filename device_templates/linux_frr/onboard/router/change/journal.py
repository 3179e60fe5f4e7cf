"""The journal of a change: what must be known after a crash or a reboot, on the disk before anything is touched."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from .. import files, places


class State(StrEnum):
    """How far a change is; no journal at all means that none is under way."""

    APPLYING = "applying"
    ON_TRIAL = "on trial"
    REVERTING = "reverting"


@dataclass(frozen=True)
class Change:
    """A change under way; ``deadline_s`` is on the clock of the boot that ``boot`` names."""

    state: State
    user: str
    boot: str
    deadline_s: float
    revert_in_s: float
    digest: str
    reason: str = ""


def read() -> Change | None:
    """The change under way; None where none is. What cannot be read is a change to take back."""
    text = files.read(places.JOURNAL)
    if not text:
        return None
    try:
        values = json.loads(text)
        return Change(**{**values, "state": State(values["state"])})
    except (ValueError, TypeError, KeyError):
        return Change(State.REVERTING, "", "", 0, 0, "", "the journal could not be read")


def write(change: Change) -> None:
    """Put a change on the disk, in one step."""
    files.write(places.JOURNAL, json.dumps(asdict(change)))


def clear() -> None:
    """No change is under way any more."""
    files.remove(places.JOURNAL)
