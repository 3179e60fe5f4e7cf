"""Files that are whole or not there: written beside their place, synced, and renamed into it."""

from __future__ import annotations

import os
from pathlib import Path

SPARE_BYTES = 8 * 1024 * 1024
"""What must stay free on a disk beside what is written, so that the way back always has room."""


def write(path: Path, content: str, *, mode: int = 0o600, owner: tuple[int, int] | None = None) -> None:
    """Replace ``path`` by ``content`` in one step that no power failure halves; where it raises, the old stays."""
    beside = path.with_name(f".{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        data = memoryview(content.encode())
        while data:
            data = data[os.write(handle, data) :]
        os.fchmod(handle, mode)
        if owner is not None:
            os.fchown(handle, *owner)
        os.fsync(handle)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
    beside.rename(path)
    sync(path.parent)


def remove(path: Path) -> None:
    """Remove ``path``, if it is there, for good."""
    try:
        path.unlink()
    except FileNotFoundError:
        return
    sync(path.parent)


def sync(folder: Path) -> None:
    """Wait until the names in ``folder`` are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: Path) -> str:
    """The content of ``path``; an absent file reads as empty."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def has_room(folder: Path, size: int) -> bool:
    """Whether the disk under ``folder`` takes ``size`` bytes and keeps its spare."""
    seen = os.statvfs(folder)
    return seen.f_bavail * seen.f_frsize >= size + SPARE_BYTES and (seen.f_files == 0 or seen.f_favail > 64)
