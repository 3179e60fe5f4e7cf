"""The difference between two sets of files, as a unified diff."""

from __future__ import annotations

import difflib


def difference(old: dict[str, str], new: dict[str, str]) -> str:
    """From ``old`` to ``new``, file by file; empty where they are the same."""
    lines: list[str] = []
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path, "").splitlines(), new.get(path, "").splitlines()
        lines += difflib.unified_diff(
            before, after, path if path in old else "/dev/null", path if path in new else "/dev/null", lineterm=""
        )
    return "".join(f"{line}\n" for line in lines)
