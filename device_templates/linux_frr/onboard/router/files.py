"""Files that are whole or not there: written beside their place, synced, and renamed into it."""

from __future__ import annotations

import os
from pathlib import Path

SPARE_BYTES = 8 * 1024 * 1024
"""What must stay free on a disk beside what is written, so that the way back always has room."""
BALLAST = ".ballast"
"""The name of a file that only takes room, for as long as that room may be needed in a hurry."""


def write(path: Path, content: str, *, mode: int = 0o600, owner: tuple[int, int] | None = None) -> None:
    """Replace ``path`` by ``content`` in one step that no power failure halves; where it raises, the old stays."""
    beside = path.with_name(f".{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        data = memoryview(content.encode(errors="surrogateescape"))
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
    """The content of ``path``; an absent file reads as empty.

    Bytes that are not UTF-8 become what `write` makes the same bytes of, and what no text of a document equals.
    """
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return ""


def tell(path: Path) -> str:
    """The content of ``path`` as a document can hold it, with a sign for each byte that it cannot hold."""
    text = read(path).encode(errors="surrogateescape").decode(errors="replace")
    return text.replace("\0", "\ufffd").replace("\r", "\ufffd")


def set_aside(folder: Path, size: int) -> None:
    """Take ``size`` bytes of the disk under ``folder`` with `BALLAST`; raises OSError where it has not that much."""
    handle = os.open(folder / BALLAST, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(handle, 0, size)
    finally:
        os.close(handle)


def has_room(folder: Path, size: int) -> bool:
    """Whether the disk under ``folder`` takes ``size`` bytes and keeps its spare."""
    seen = os.statvfs(folder)
    return seen.f_bavail * seen.f_frsize >= size + SPARE_BYTES and (seen.f_files == 0 or seen.f_favail > 64)
