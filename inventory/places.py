"""Where a workspace's inventory is written, and whether its files are what they were: light, for what reads no more."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

#: Both relative to the workspace.
SETTINGS_FILE = PurePosixPath("spokesman.toml")
CUSTOMERS = "customers"

#: Names, sizes and times of files.
Stamp = tuple[tuple[str, int, int], ...]


def stamp_of(root: Path) -> Stamp:
    """Names, sizes and times of the inventory's files: the same for the same content, at a glance."""
    found = []
    for path in (root / SETTINGS_FILE, *sorted((root / CUSTOMERS).glob("*"))):
        try:
            status = path.stat()
        except OSError:  # gone, or unreadable: reading it will say so
            found.append((path.name, -1, -1))
        else:
            found.append((path.name, status.st_size, status.st_mtime_ns))
    return tuple(found)
