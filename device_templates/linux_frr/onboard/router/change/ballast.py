"""Room that is kept on the disks while a change is under way, for going back where they fill meanwhile."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from .. import files, places

SIZE = 3 * 1024 * 1024
"""More than the files of any configuration that is sensible, and the little files that tell what runs."""


def take() -> None:
    """Keep room on each disk that a change writes to; raises OSError where there is none."""
    try:
        for folder in _folders():
            files.set_aside(folder, SIZE)
    except OSError:
        release()
        raise


def release() -> None:
    """Give the room to whoever comes first, which is the way back."""
    for folder in _folders():
        with suppress(OSError):
            files.remove(folder / files.BALLAST)


def _folders() -> list[Path]:
    """One folder of ours on each disk."""
    own = (places.STATE, places.IDENTITY.parent)
    for folder in own:
        folder.mkdir(parents=True, exist_ok=True)
    return list({folder.stat().st_dev: folder for folder in own}.values())
